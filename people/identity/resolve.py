"""Resolution: which records are one person. Pure; a store is reached through an ``Index``.

``resolve`` takes all records at once. ``resolve_changes`` takes what changed and loads only the components
that this touches; for them it decides as ``resolve`` would.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from people.identity.all_pairs import Whole
from people.identity.changed_pairs import Candidates, Source
from people.identity.cluster import Clusters, Edge, best_first, cluster
from people.identity.ids import Assignment, assign
from people.identity.index import Index, MemoryIndex
from people.identity.overrides import Overrides, RecordPair, pair
from people.identity.record import Record
from people.identity.result import Event, Pair, Resolution, Told
from people.identity.scoring import Score
from people.parallel import gc_paused

_ALWAYS = float("-inf")
NO_OVERRIDES = Overrides()
_Union = tuple[str, str, RecordPair]
"""A person, the one merged into it or nothing, and the records that tied them."""


def resolve(
    records: Iterable[Record],
    *,
    people: Mapping[str, str] | None = None,
    aliases: Mapping[str, str] | None = None,
    born: Mapping[str, int] | None = None,
    overrides: Overrides = NO_OVERRIDES,
    released: Collection[RecordPair] = (),
) -> Resolution:
    """Resolve all records; neither their order nor that of any mapping matters.

    ``people`` is each record's person so far, ``aliases`` old ids to surviving ones, ``born`` the run in
    which each id was first given. ``released`` are ``always`` pairs that the user has taken back: what
    they joined is judged afresh.
    """
    index = MemoryIndex((), people, aliases, born)
    by_key = {record.key: record for record in records}
    with gc_paused():
        run = _Run(index, Whole(by_key), overrides, released)
        return run.resolve({*by_key, *index.people})


def resolve_changes(
    before: Mapping[str, Collection[str]],
    index: Index,
    overrides: Overrides = NO_OVERRIDES,
    released: Collection[RecordPair] = (),
) -> Resolution:
    """Resolve what a change touches.

    ``before`` names each record that was added, edited or deleted, and those whose decisions changed, with
    the block keys that it had before (none for a new one). ``index`` shows the store after the change.
    """
    candidates = Candidates(index)
    run = _Run(index, candidates, overrides, released)
    found = run.resolve({*before, *candidates.disturbed(before)})
    # The index lasts only as long as its connection, so everything is put into words now.
    return replace(found, open_pairs=tuple(found.open_pairs), events=tuple(found.events))


class _Run:
    """One resolution: the records it has touched, their edges and open questions."""

    def __init__(
        self, index: Index, candidates: Source, overrides: Overrides, released: Collection[RecordPair]
    ) -> None:
        self.index = index
        self.candidates = candidates
        self.overrides = overrides
        self.previous: dict[str, str] = {}
        self.partners: dict[str, list[str]] = {}
        for one, other in overrides.always:
            self.partners.setdefault(one, []).append(other)
            self.partners.setdefault(other, []).append(one)
        # What the user said of A and B, and of B and C, holds for A and C, however unlike they are.
        self.decided = cluster(
            ((_ALWAYS, *two) for two in overrides.always),
            lambda one, other: pair(one, other) in overrides.never,
        )
        self.touched: set[str] = set()
        self.edges: set[Edge] = set()
        self.automatic: set[RecordPair] = set()
        # Of a large book there are millions: one may stand here twice, and equal ranks are one object.
        self.asked: list[Edge] = []
        self.ranks: dict[float, float] = {}
        self.reasons: dict[Edge, str] = {}
        self.released = set(index.people_of([key for two in released for key in two]).values())

    def resolve(self, wave: set[str]) -> Resolution:
        """Take in ``wave`` and all that hangs on it, and decide."""
        while wave:
            wave = self._spread(wave)
        records = sorted(self.candidates.known(self.touched))
        clusters = cluster(self.edges, self._clash)
        assignment = assign(clusters.groups(records), self.previous, self.index.born, self.index.taken)
        return Resolution(
            people=assignment.people,
            touched=frozenset(self.touched),
            aliases=assignment.merged,
            fresh=tuple(assignment.fresh),
            open_pairs=Told(list(self._open_pairs(clusters, assignment.people)), self._pair),
            events=Told([*self._unions(clusters.made, assignment), *self._splits(assignment)], self._event),
            problems=tuple(self.candidates.problems()),
        )

    def _spread(self, wave: set[str]) -> set[str]:
        """Take in a wave of records; returns those that its edges and earlier merges reach beyond it."""
        self.touched |= wave
        people = self.index.people_of(wave)
        self.previous.update(people)
        reached = set(self.index.records_of(set(people.values())))
        for scored in self.candidates.pairs(wave):
            outside = {key for a, b, _ in scored for key in (a, b) if key not in self.touched}
            self.previous.update(self.index.people_of(outside))
            for a, b, result in scored:
                if self._judge((a, b), result):
                    reached.update((a, b))
        decided = {key for key in wave if key in self.partners}
        partners = {partner for key in decided for partner in self.partners[key]}
        known = self.candidates.known(decided | partners)
        for key in decided & known:
            for partner in known.intersection(self.partners[key]):
                self.edges.add((_ALWAYS, *pair(key, partner)))
        return (reached | partners) - self.touched

    def _judge(self, two: RecordPair, result: Score) -> bool:
        """Note a scored pair as an edge or a question; True for an edge."""
        if two in self.overrides.always or two in self.overrides.never:
            return False
        rank = -result.bits
        edge = (self.ranks.setdefault(rank, rank), *two)
        if result.band == "auto":
            self.automatic.add(two)
            self.edges.add(edge)
            return True
        if result.band == "review":
            self.asked.append(edge)
        if self.previous and result.keeps and self._were_one(two):
            self.edges.add(edge)
            return True
        return False

    def _were_one(self, two: RecordPair) -> bool:
        person = self.previous.get(two[0])
        return person is not None and person == self.previous.get(two[1]) and person not in self.released

    def _clash(self, one: str, other: str) -> bool:
        two = (one, other) if one <= other else (other, one)
        if two in self.overrides.never:
            return True
        if two in self.automatic:
            return False
        decided = self.decided.held.get(other)
        if decided and one in decided:
            return False
        return self.candidates.clash(one, other)

    def _open_pairs(self, clusters: Clusters, people: Mapping[str, str]) -> Iterator[Edge]:
        """The questions left: the best pair of each two people, unless a decision or a clash parts them."""
        refused = set(clusters.refused)
        held = clusters.held
        seen: set[RecordPair] = set()
        asked, self.asked = [*self.asked, *clusters.refused], []
        self._read_clusters({key for _, a, b in asked for key in (a, b) if key not in people})
        ordered = best_first(asked)
        del asked
        for edge in ordered:
            _, a, b = edge
            if a not in held and b not in held and a in people and b in people:
                yield edge
                continue
            one = people.get(a) or self.previous.get(a, "")
            other = people.get(b) or self.previous.get(b, "")
            if one == other or not one or not other:
                continue
            persons = pair(one, other)
            if persons in seen:
                continue
            groups = (
                clusters.of(a) if a in people else self._cluster_of(one),
                clusters.of(b) if b in people else self._cluster_of(other),
            )
            reason = self._parted((a, b), *groups)
            if reason == "never" or (reason and edge not in refused):
                continue
            seen.add(persons)
            if reason:
                self.reasons[edge] = reason
            yield edge

    def _pair(self, edge: Edge) -> Pair:
        _, a, b = edge
        result = self.candidates.score(a, b)
        return Pair(a, b, result.bits, tuple(result.lines()), self.reasons.get(edge, ""))

    def _read_clusters(self, records: Collection[str]) -> None:
        """Read all at once what ``_cluster_of`` will ask for one by one."""
        people = {person for key in records if (person := self.previous.get(key))}
        if people:
            self.candidates.known(self.index.records_of(people))

    def _cluster_of(self, person: str) -> Collection[str]:
        return self.candidates.known(self.index.records_of([person]))

    def _parted(self, two: RecordPair, ones: Collection[str], others: Collection[str]) -> str:
        """Why the people of two records cannot be one: *never*, other records that clash, or nothing."""
        if len(ones) == len(others) == 1:
            return ""
        pairs = [(x, y) if x <= y else (y, x) for x in ones for y in others]
        if self.overrides.never and any(both in self.overrides.never for both in pairs):
            return "never"
        clashing = [both for both in pairs if both != two and self._clash(*both)]
        return "{} and {} cannot be one person".format(*min(clashing)) if clashing else ""

    def _unions(self, made: Iterable[Edge], assignment: Assignment) -> Iterator[_Union]:
        """What this run joined and merged."""
        for edge in sorted(made):
            _, a, b = edge
            before = [self.previous.get(key) for key in (a, b)]
            if before[0] is not None and before[0] == before[1]:
                continue
            person = assignment.people[a]
            merged = sorted({p for p in before if p and assignment.merged.get(p) == person})
            for other in merged:
                yield person, other, (a, b)
            if not merged:
                yield person, "", (a, b)

    def _event(self, fact: Event | _Union) -> Event:
        if isinstance(fact, Event):
            return fact
        person, other, records = fact
        kind: Literal["joined", "merged"] = "merged" if other else "joined"
        return Event(kind, person, other, records, tuple(self._evidence(records)))

    def _evidence(self, records: RecordPair) -> list[str]:
        if records in self.overrides.always:
            return ["you decided: always {} {}".format(*records)]
        return self.candidates.score(*records).lines()

    def _splits(self, assignment: Assignment) -> Iterator[Event]:
        """What this run parted, with the grounds."""
        if not assignment.split:
            return
        held: dict[str, list[str]] = {}
        for key, person in sorted(assignment.people.items()):
            held.setdefault(person, []).append(key)
        for person, other in sorted(assignment.split.items()):
            moved = held[person]
            yield Event(
                "split", person, other, tuple(moved), tuple(self._grounds(moved, held.get(other, [])))
            )

    def _grounds(self, moved: Collection[str], left: Collection[str]) -> list[str]:
        """Why records left a person: a decision, a clash, or too little that still joins them."""
        pairs = [pair(x, y) for x in moved for y in left]
        decided = [two for two in pairs if two in self.overrides.never]
        if decided:
            return [f"you decided: never {' '.join(two)}" for two in decided]
        if not pairs:
            return []
        scored = {two: self.candidates.score(*two) for two in pairs}
        clashing = [two for two in pairs if scored[two].clashes]
        best = min(clashing) if clashing else max(pairs, key=lambda two: (scored[two].bits, two))
        return [" and ".join(best), *scored[best].lines()]
