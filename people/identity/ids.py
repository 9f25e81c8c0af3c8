"""Person ids: opaque, lasting, and the same for the same input in whatever order it comes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field


def follow(aliases: Mapping[str, str], person: str) -> str:
    """The id under which a person lives on, after all merges."""
    seen = {person}
    while (onward := aliases.get(person)) is not None and onward not in seen:
        seen.add(onward)
        person = onward
    return person


def new_id(founder: str, taken: Callable[[str], bool]) -> str:
    """An id from the founding record's key; the next free one when a split has left that with others."""
    attempt = 0
    while True:
        text = f"{founder}#{attempt}" if attempt else founder
        person = "p" + hashlib.sha256(text.encode()).hexdigest()[:12]
        if not taken(person):
            return person
        attempt += 1


@dataclass(slots=True)
class Assignment:
    """Ids for clusters: ``people`` by record key, ``merged`` old id to surviving, ``fresh`` new ids.

    ``split`` maps a new id to the id that its records had before.
    """

    people: dict[str, str] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)
    split: dict[str, str] = field(default_factory=dict)


def assign(
    clusters: Iterable[Collection[str]],
    previous: Mapping[str, str],
    born: Callable[[str], int],
    taken: Callable[[str], bool],
) -> Assignment:
    """Give each cluster its id.

    ``previous`` is each record's person so far, aliases followed; ``born`` the run in which an id was
    first given. Of several parts that shared an id the one with most records keeps it, on a tie the one
    with the smallest record key. Of several ids that meet in one cluster the oldest survives.
    """
    ordered = sorted((sorted(group) for group in clusters), key=lambda group: group[0])
    counts = [Counter(previous[key] for key in group if key in previous) for group in ordered]
    keeper: dict[str, int] = {}
    for at, held in enumerate(counts):
        for person, size in held.items():
            best = keeper.get(person)
            if best is None or size > counts[best][person]:
                keeper[person] = at
    result = Assignment()
    given: set[str] = set()
    for at, group in enumerate(ordered):
        claims = sorted((born(person), person) for person in counts[at] if keeper[person] == at)
        if claims:
            person = claims[0][1]
            result.merged.update({other: person for _, other in claims[1:]})
        else:
            person = new_id(group[0], lambda text: taken(text) or text in given)
            result.fresh.append(person)
            if counts[at]:
                result.split[person] = max(counts[at].items(), key=lambda item: (item[1], item[0]))[0]
        given.add(person)
        result.people.update(dict.fromkeys(group, person))
    return result
