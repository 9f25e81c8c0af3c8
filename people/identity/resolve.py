"""Decide which records are one person.

``resolve`` takes all records. ``resolve_changes`` takes what changed, and loads only the people that this
touches through an ``Index``; for them it decides as ``resolve`` does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from people.identity import namesakes, partial_names
from people.identity.all_pairs import AllPairs
from people.identity.cards.record import Record
from people.identity.changed_pairs import ChangedPairs, PairFinder
from people.identity.cluster import Clusters, Edge, best_first, cluster
from people.identity.ids import Assignment, assign
from people.identity.index import EarlierPeople, Index, KnownPeople
from people.identity.overrides import Overrides, RecordPair, pair
from people.identity.result import Event, Pair, Resolution
from people.identity.weighing.scoring import Score

_ALWAYS = float("-inf")
NO_OVERRIDES = Overrides()


def resolve(
    records: Iterable[Record],
    *,
    people: Mapping[str, str] | None = None,
    aliases: Mapping[str, str] | None = None,
    born: Mapping[str, int] | None = None,
    overrides: Overrides = NO_OVERRIDES,
    released: Collection[RecordPair] = (),
    bulk: bool = True,
) -> Resolution:
    """Resolve all records; the result does not depend on their order.

    ``people`` maps each record to its person so far, ``aliases`` old ids to surviving ones, and ``born`` each
    id to the run in which it was first given. ``released`` are ``always`` pairs that the user has taken back;
    the people that they joined are decided by evidence again. With ``bulk``, people whose name nobody else
    has are merged (see ``namesakes``); without, each such pair is a question.
    """
    earlier = KnownPeople(people, aliases, born)
    by_key = {record.key: record for record in records}
    run = _Run(earlier, AllPairs(by_key), overrides, released, bulk=bulk)
    return run.resolve({*by_key, *earlier.people})


def resolve_changes(
    before: Mapping[str, Collection[str]],
    index: Index,
    overrides: Overrides = NO_OVERRIDES,
    released: Collection[RecordPair] = (),
    *,
    bulk: bool = True,
) -> Resolution:
    """Resolve the people that a change touches.

    ``before`` maps each record that was added, edited or deleted, or whose decisions changed, to the block
    keys that it had before (none for a new one). ``index`` shows the store after the change.
    """
    finder = ChangedPairs(index)
    run = _Run(index, finder, overrides, released, bulk=bulk)
    return run.resolve({*before, *finder.disturbed(before)})


class _Run:
    """One resolution: the records touched so far, the edges between them, and the pairs to ask about."""

    def __init__(
        self,
        earlier: EarlierPeople,
        finder: PairFinder,
        overrides: Overrides,
        released: Collection[RecordPair],
        *,
        bulk: bool,
    ) -> None:
        self.bulk = bulk
        self.earlier = earlier
        self.finder = finder
        self.overrides = overrides
        self.previous: dict[str, str] = {}
        self.partners: dict[str, list[str]] = {}
        for one, other in overrides.always:
            self.partners.setdefault(one, []).append(other)
            self.partners.setdefault(other, []).append(one)
        # If the user joined A and B, and B and C, then A and C are one person, however different they are.
        self.decided = cluster(
            ((_ALWAYS, *two) for two in overrides.always),
            lambda one, other: pair(one, other) in overrides.never,
        )
        self.touched: set[str] = set()
        self.edges: set[Edge] = set()
        self.automatic: set[RecordPair] = set()
        self.in_bulk: set[RecordPair] = set()
        self.listed: set[RecordPair] = set()
        # Edges to a card with half a name, or an initial: it may fit several people.
        self.partial: set[Edge] = set()
        # A large book has millions. They may repeat, and equal ranks share one object to save memory.
        self.asked: list[Edge] = []
        self.ranks: dict[float, float] = {}
        self.split_grounds: dict[str, tuple[str, ...]] = {}
        self.released = set(earlier.people_of([key for two in released for key in two]).values())

    def resolve(self, wave: set[str]) -> Resolution:
        """Decide on the records in ``wave`` and all records that they are tied to."""
        while wave:
            wave = self._spread(wave)
        records = sorted(self.finder.known(self.touched))
        unclear = partial_names.unclear(self.partial, self.automatic, self.finder.clash)
        self.edges -= unclear
        self.asked.extend(unclear)
        clusters = cluster(self.edges, self._clash)
        assignment = assign(clusters.groups(records), self.previous, self.earlier.born, self.earlier.taken)
        questions = self._open_pairs(clusters, assignment.people)
        return Resolution(
            people=assignment.people,
            touched=frozenset(self.touched),
            aliases=assignment.merged,
            fresh=tuple(assignment.fresh),
            open_pairs=tuple(sorted(questions, key=self._place)),
            events=(*self._unions(clusters.made, assignment), *self._splits(assignment)),
            problems=tuple(self.finder.problems()),
            explain=self._explain,
        )

    def _spread(self, wave: set[str]) -> set[str]:
        """Add a wave of records; returns the records beyond it that its edges and earlier merges reach."""
        self.touched |= wave
        people = self.earlier.people_of(wave)
        self.previous.update(people)
        reached = set(self.earlier.records_of(set(people.values())))
        for scored in self.finder.pairs(wave):
            outside = {key for a, b, _ in scored for key in (a, b) if key not in self.touched}
            self.previous.update(self.earlier.people_of(outside))
            for a, b, result in scored:
                if self._judge((a, b), result):
                    reached.update((a, b))
        decided = {key for key in wave if key in self.partners}
        partners = {partner for key in decided for partner in self.partners[key]}
        known = self.finder.known(decided | partners)
        for key in decided & known:
            for partner in known.intersection(self.partners[key]):
                self.edges.add((_ALWAYS, *pair(key, partner)))
        return (reached | partners) - self.touched

    def _judge(self, two: RecordPair, result: Score) -> bool:
        """Record a scored pair as an edge or a question; returns True for an edge."""
        if two in self.overrides.always or two in self.overrides.never:
            return False
        rank = -result.bits
        edge = (self.ranks.setdefault(rank, rank), *two)
        if result.band == "auto":
            self.automatic.add(two)
            self.edges.add(edge)
            if result.is_partial:
                self.partial.add(edge)
            return True
        stands = namesakes.may_stand(result)
        standing = self.finder.standing(*two) if stands else ""
        if standing:
            self.listed.add(two)
        if standing == "alone" and self.bulk:
            self.in_bulk.add(two)
            self.edges.add(edge)
            return True
        if result.band == "review":
            self.asked.append(edge)
        alone = namesakes.has_nothing_against(result)
        if self.previous and result.keeps and (self.bulk or not alone) and self._were_one(two):
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
        return self.finder.clash(one, other)

    def _open_pairs(self, clusters: Clusters, people: Mapping[str, str]) -> Iterator[Pair]:
        """The pairs to ask about: the best of each two people that no decision or clash separates."""
        refused = set(clusters.refused)
        held = clusters.held
        seen: set[RecordPair] = set()
        asked, self.asked = [*self.asked, *clusters.refused], []
        self._read_clusters({key for _, a, b in asked for key in (a, b) if key not in people})
        ordered = best_first(asked)
        del asked
        for edge in ordered:
            rank, a, b = edge
            if a not in held and b not in held and a in people and b in people:
                yield Pair(a, b, -rank, listed=(a, b) in self.listed)
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
            pairs = [pair(x, y) for x in groups[0] for y in groups[1]]
            if self._never(pairs):
                continue
            reason = self._clashing(pairs, (a, b))
            if reason and edge not in refused:
                continue
            seen.add(persons)
            bits = self.finder.score(a, b).bits if rank == _ALWAYS else -rank
            yield Pair(a, b, bits, reason, listed=not reason and (a, b) in self.listed)

    def _place(self, asked: Pair) -> tuple[float, str, str]:
        """The place of a question: first those whose answer is likeliest yes."""
        return -self.finder.worth(asked.a, asked.b, asked.bits), asked.a, asked.b

    def _read_clusters(self, records: Collection[str]) -> None:
        """Load in one query what ``_cluster_of`` will need."""
        people = {person for key in records if (person := self.previous.get(key))}
        if people:
            self.finder.known(self.earlier.records_of(people))

    def _cluster_of(self, person: str) -> Collection[str]:
        return self.finder.known(self.earlier.records_of([person]))

    def _never(self, pairs: Sequence[RecordPair]) -> bool:
        """Whether the user said *never* to any pair across two clusters, other than the pair in question."""
        never = self.overrides.never
        return bool(never) and len(pairs) > 1 and any(two in never for two in pairs)

    def _clashing(self, pairs: Sequence[RecordPair], asked: RecordPair) -> str:
        """The first pair, other than the one in question, that cannot be one person, in words; or ''."""
        clashing = [two for two in pairs if two != asked and self._clash(*two)]
        return "{} and {} cannot be one person".format(*min(clashing)) if clashing else ""

    def _unions(self, made: Iterable[Edge], assignment: Assignment) -> Iterator[Event]:
        """The joins and merges of this run."""
        for edge in sorted(made):
            _, a, b = edge
            before = [self.previous.get(key) for key in (a, b)]
            if before[0] is not None and before[0] == before[1]:
                continue
            person = assignment.people[a]
            merged = sorted({p for p in before if p and assignment.merged.get(p) == person})
            for other in merged:
                yield Event("merged", person, other, (a, b))
            if not merged:
                yield Event("joined", person, "", (a, b))

    def _splits(self, assignment: Assignment) -> Iterator[Event]:
        """The splits of this run; keeps the grounds of each."""
        if not assignment.split:
            return
        held: dict[str, list[str]] = {}
        for key, person in sorted(assignment.people.items()):
            held.setdefault(person, []).append(key)
        for person, other in sorted(assignment.split.items()):
            moved = held[person]
            self.split_grounds[person] = tuple(self._grounds(moved, held.get(other, [])))
            yield Event("split", person, other, tuple(moved))

    def _grounds(self, moved: Collection[str], left: Collection[str]) -> list[str]:
        """Why records left a person: a decision, a clash, or too little evidence that joins them."""
        pairs = [pair(x, y) for x in moved for y in left]
        decided = [two for two in pairs if two in self.overrides.never]
        if decided:
            return [f"you decided: never {' '.join(two)}" for two in decided]
        if not pairs:
            return []
        scored = {two: self.finder.score(*two) for two in pairs}
        clashing = [two for two in pairs if scored[two].clashes]
        best = min(clashing) if clashing else max(pairs, key=lambda two: (scored[two].bits, two))
        return [" and ".join(best), *scored[best].lines()]

    def _explain(self, result: Pair | Event) -> tuple[str, ...]:
        """The evidence for a pair or an event of this resolution; reads nothing new from the index."""
        if isinstance(result, Pair):
            lines = self.finder.score(result.a, result.b).lines()
            return tuple([*lines, namesakes.LISTED] if result.listed else lines)
        if result.kind == "split":
            return self.split_grounds[result.person]
        one, other = result.records
        if (one, other) in self.overrides.always:
            return (f"you decided: always {one} {other}",)
        lines = self.finder.score(one, other).lines()
        return tuple([*lines, namesakes.WHY] if (one, other) in self.in_bulk else lines)
