"""Person ids: opaque and lasting. The same records get the same ids in any order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field


def follow(aliases: Mapping[str, str], person: str) -> str:
    """The id that a person has after all merges."""
    seen = {person}
    while (onward := aliases.get(person)) is not None and onward not in seen:
        seen.add(onward)
        person = onward
    return person


def new_id(founder: str, taken: Callable[[str], bool]) -> str:
    """Derive an id from the founding record's key; after a split that id may be taken, so try the next."""
    attempt = 0
    while True:
        text = f"{founder}#{attempt}" if attempt else founder
        person = "p" + hashlib.sha256(text.encode()).hexdigest()[:12]
        if not taken(person):
            return person
        attempt += 1


@dataclass(slots=True)
class Assignment:
    """The ids of clusters.

    ``people`` maps record keys to ids, ``merged`` old ids to surviving ones, ``split`` a new id to the id
    that its records had before. ``fresh`` lists the new ids.
    """

    people: dict[str, str] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)
    split: dict[str, str] = field(default_factory=dict)


def assign(
    clusters: Iterable[list[str]],
    previous: Mapping[str, str],
    born: Callable[[str], int],
    taken: Callable[[str], bool],
) -> Assignment:
    """Give each cluster an id; ``clusters`` are sorted by their first record.

    ``previous`` is each record's person so far, with aliases followed; ``born`` returns the run in which an
    id was first given. If several clusters hold parts of one person, the part with most records keeps the id;
    on a tie, the one with the smallest record key. If several ids meet in one cluster, the oldest survives.
    """
    result = Assignment()
    no_counts: dict[str, int] = {}
    counted = [(group, _count(group, previous) if previous else no_counts) for group in clusters]
    keeper = _keepers(counts for _, counts in counted)
    given: set[str] = set()
    for at, (group, counts) in enumerate(counted):
        claims = [person for person in counts if keeper[person] == at]
        if len(claims) > 1:
            claims.sort(key=lambda claim: (born(claim), claim))
        if claims:
            person = claims[0]
            result.merged.update(dict.fromkeys(claims[1:], person))
        else:
            person = new_id(group[0], lambda text: text in given or taken(text))
            result.fresh.append(person)
            if counts:
                result.split[person] = max(counts.items(), key=lambda item: (item[1], item[0]))[0]
        given.add(person)
        for key in group:
            result.people[key] = person
    return result


def _count(group: Iterable[str], previous: Mapping[str, str]) -> dict[str, int]:
    """The number of records of a cluster that belonged to each earlier person."""
    counts: dict[str, int] = {}
    for key in group:
        person = previous.get(key)
        if person is not None:
            counts[person] = counts.get(person, 0) + 1
    return counts


def _keepers(counted: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """For each earlier person, the position of the cluster that keeps the id."""
    best: dict[str, tuple[int, int]] = {}
    for at, counts in enumerate(counted):
        for person, size in counts.items():
            if person not in best or size > best[person][0]:
                best[person] = (size, at)
    return {person: at for person, (_, at) in best.items()}
