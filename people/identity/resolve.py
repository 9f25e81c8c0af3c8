"""Resolution: which records are one person. Pure; a store is reached through an ``Index``.

``resolve`` takes all records at once. ``resolve_changes`` takes what changed and loads only the components
that this touches; for them it decides as ``resolve`` would.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from people.identity.candidates import Candidates
from people.identity.cluster import Edge, cluster
from people.identity.ids import Assignment, assign
from people.identity.index import Index, MemoryIndex
from people.identity.overrides import Overrides, RecordPair, pair
from people.identity.record import Record
from people.identity.result import Event, Pair, Resolution
from people.identity.evidence import Score

_ALWAYS = float("inf")
NO_OVERRIDES = Overrides()


def resolve(
    records: Iterable[Record],
    *,
    people: Mapping[str, str] | None = None,
    aliases: Mapping[str, str] | None = None,
    born: Mapping[str, int] | None = None,
    overrides: Overrides = NO_OVERRIDES,
    released: Collection[RecordPair] = (),
) -> Resolution:
    """Resolve all records.

    ``people`` is each record's person so far, ``aliases`` old ids to surviving ones, ``born`` the run in
    which each id was first given. ``released`` are ``always`` pairs that the user has taken back: what
    they joined is judged afresh.
    """
    index = MemoryIndex(records, people, aliases, born)
    return _Run(index, overrides, released).resolve({*index.by_key, *index.people})


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
    run = _Run(index, overrides, released)
    return run.resolve({*before, *run.candidates.disturbed(before)})


class _Run:
    """One resolution: the records it has touched, their edges and open questions."""

    def __init__(self, index: Index, overrides: Overrides, released: Collection[RecordPair]) -> None:
        self.index = index
        self.overrides = overrides
        self.candidates = Candidates(index)
        self.previous: dict[str, str] = {}
        self.partners: dict[str, list[str]] = {}
        for one, other in overrides.always:
            self.partners.setdefault(one, []).append(other)
            self.partners.setdefault(other, []).append(one)
        self.touched: set[str] = set()
        self.edges: dict[RecordPair, Edge] = {}
        self.asked: dict[RecordPair, Score] = {}
        self.released = set(index.people_of([key for two in released for key in two]).values())

    def resolve(self, wave: set[str]) -> Resolution:
        while wave:
            wave = self._spread(wave)
        records = sorted(self.candidates.known(self.touched))
        clusters, made, refused = cluster(records, self.edges.values(), self._clash)
        assignment = assign(set(clusters.values()), self.previous, self.index.born, self.index.taken)
        return Resolution(
            people=assignment.people,
            touched=frozenset(self.touched),
            aliases=assignment.merged,
            fresh=tuple(assignment.fresh),
            open_pairs=tuple(self._open_pairs(clusters, assignment.people, refused)),
            events=tuple(self._events(assignment, made)),
            problems=tuple(self.candidates.problems()),
        )

    def _spread(self, wave: set[str]) -> set[str]:
        """Take in a wave of records; returns those that its edges and earlier merges reach beyond it."""
        self.touched |= wave
        people = self.index.people_of(wave)
        self.previous.update(people)
        reached = set(self.index.records_of(set(people.values())))
        reached.update(partner for key in wave for partner in self.partners.get(key, ()))
        scored = self.candidates.pairs(wave)
        others = {key for two in scored for key in two} - self.previous.keys()
        self.previous.update(self.index.people_of(others))
        for two, result in scored.items():
            if self._judge(two, result):
                reached.update(two)
        known = self.candidates.known(reached | wave)
        for key in wave & known:
            for partner in self.partners.get(key, ()):
                if partner in known:
                    self.edges[pair(key, partner)] = Edge.of(key, partner, _ALWAYS)
        return reached - self.touched

    def _judge(self, two: RecordPair, result: Score) -> bool:
        """Note a scored pair as an edge or a question; True for an edge."""
        if two in self.overrides.always:
            return True
        if two in self.overrides.never:
            return False
        if result.band == "auto" or (result.keeps and self._were_one(two)):
            self.edges[two] = Edge.of(*two, result.bits)
        if result.band != "separate":
            self.asked[two] = result
        return two in self.edges

    def _were_one(self, two: RecordPair) -> bool:
        person = self.previous.get(two[0])
        return person is not None and person == self.previous.get(two[1]) and person not in self.released

    def _clash(self, one: str, other: str) -> bool:
        two = pair(one, other)
        if two in self.overrides.never:
            return True
        return two not in self.overrides.always and self.candidates.clash(one, other)

    def _open_pairs(
        self, clusters: Mapping[str, frozenset[str]], people: Mapping[str, str], refused: Iterable[Edge]
    ) -> list[Pair]:
        """The questions left: the best pair of each two people, unless a decision or a clash parts them."""
        kept_apart = {(edge.a, edge.b) for edge in refused}
        groups: dict[str, Collection[str]] = {people[key]: group for key, group in clusters.items()}
        found: dict[RecordPair, Pair] = {}
        for two, result in sorted(self.asked.items(), key=lambda item: (-item[1].bits, item[0])):
            one, other = (people.get(key) or self.previous.get(key, "") for key in two)
            persons = pair(one, other)
            if one == other or persons in found or not one or not other:
                continue
            for person in persons:
                if person not in groups:
                    groups[person] = self.candidates.known(self.index.records_of([person]))
            reason = self._parted(groups[one], groups[other])
            if reason == "never" or (reason and two not in kept_apart):
                continue
            found[persons] = Pair(*two, result.bits, tuple(result.lines()), reason)
        return list(found.values())

    def _parted(self, ones: Collection[str], others: Collection[str]) -> str:
        """Why two people cannot be one: *never*, another record's clash, or nothing."""
        pairs = [(x, y) for x in sorted(ones) for y in sorted(others)]
        if any(pair(x, y) in self.overrides.never for x, y in pairs):
            return "never"
        return next((f"{x} and {y} cannot be one person" for x, y in pairs if self._clash(x, y)), "")

    def _events(self, assignment: Assignment, made: Iterable[Edge]) -> Iterable[Event]:
        """What this run merged and split, with the evidence."""
        best = sorted(made)
        for other, person in sorted(assignment.merged.items()):
            moved = tuple(
                sorted(
                    k for k, p in self.previous.items() if p == other and assignment.people.get(k) == person
                )
            )
            joins = [e for e in best if (e.a in moved) != (e.b in moved) and assignment.people[e.a] == person]
            yield Event("merged", person, other, moved, tuple(self._evidence(joins)))
        for person, other in sorted(assignment.split.items()):
            moved = tuple(sorted(k for k, p in assignment.people.items() if p == person))
            yield Event("split", person, other, moved, tuple(self._grounds(moved, other, assignment.people)))

    def _evidence(self, joins: list[Edge]) -> list[str]:
        if not joins:
            return []
        edge = joins[0]
        if (edge.a, edge.b) in self.overrides.always:
            return [f"you decided: always {edge.a} {edge.b}"]
        return [f"{edge.a} and {edge.b}", *self.candidates.score(edge.a, edge.b).lines()]

    def _grounds(self, moved: Collection[str], other: str, people: Mapping[str, str]) -> list[str]:
        """Why records left a person: a decision, a clash, or too little that still joins them."""
        left = sorted(key for key, person in people.items() if person == other)
        pairs = [pair(x, y) for x in moved for y in left]
        decided = [two for two in pairs if two in self.overrides.never]
        if decided:
            return [f"you decided: never {' '.join(two)}" for two in decided]
        if not pairs:
            return []
        scored = {two: self.candidates.score(*two) for two in pairs}
        clashing = [two for two in pairs if scored[two].clashes]
        best = clashing[0] if clashing else max(pairs, key=lambda two: (scored[two].bits, two))
        return [" and ".join(best), *scored[best].lines()]
