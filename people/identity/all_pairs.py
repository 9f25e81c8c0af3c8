"""Find the pairs among all records at once, in memory.

Why there are two ways to find pairs: docs/decisions/0002-two-ways-to-find-pairs.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from operator import attrgetter

from people.identity import keys as block
from people.identity import namesakes
from people.identity.cards.record import Record
from people.identity.changed_pairs import CROWD, Scored, crowded
from people.identity.index import Key
from people.identity.overrides import pair
from people.identity.weighing.scoring import Score, clash, score_above, score_pair
from people.identity.weighing.weights import BLOCK_CAP
from people.identity.worth import in_common, names_of, worth
from people.types import Problem

_BATCH = 10_000


class AllPairs:
    """The ``PairFinder`` for all records at once; finds the pairs that ``ChangedPairs`` finds, but faster."""

    def __init__(self, records: Mapping[str, Record]) -> None:
        self._records = records
        # Namesakes are compared most often; side by side, they are in the processor's cache.
        self._order = sorted(records.values(), key=attrgetter("name.given"))
        self._order.sort(key=attrgetter("name.family"))
        self._sharing: dict[str, int] = {}
        self._namesakes: dict[str, list[Record]] = {}
        self._bearers: dict[str, int] = {}
        self._done = False
        self._crowded: list[Key] = []

    def known(self, keys: Collection[str]) -> set[str]:
        """See ``PairFinder``."""
        return {key for key in keys if key in self._records}

    def score(self, one: str, other: str) -> Score:
        """See ``PairFinder``."""
        return score_pair(self._records[one], self._records[other], self._shared)

    def clash(self, one: str, other: str, *, families: bool = False) -> bool:
        """See ``PairFinder``."""
        return clash(self._records[one], self._records[other], families=families)

    def standing(self, one: str, other: str) -> namesakes.Standing:
        """See ``PairFinder``."""
        record = self._records[one]
        members = self._namesakes.get(block.full_name_key(record.name.given, record.name.family), [])
        return namesakes.standing(record, self._records[other], members, self._shared, self.score)

    def worth(self, one: str, other: str, bits: float) -> float:
        """See ``PairFinder``."""
        names = in_common(names_of(self._records[one]), names_of(self._records[other]))
        return worth(bits, names, lambda text: self._bearers.get(text, 1), len(self._order))

    def problems(self) -> Iterator[Problem]:
        """See ``PairFinder``."""
        return crowded(self._crowded)

    def pairs(self, wave: Collection[str]) -> Iterator[list[Scored]]:  # noqa: ARG002 - the first wave holds every pair
        """See ``PairFinder``."""
        if self._done:
            return
        self._done = True
        records, sharing = self._order, self._shared
        batch: list[Scored] = []
        for at, partners in self._partners():
            a = records[at]
            for other in partners:
                b = records[other]
                result = score_above(a, b, sharing)
                if result is not None:
                    batch.append((*pair(a.key, b.key), result))
            if len(batch) > _BATCH:
                yield batch
                batch = []
        yield batch

    def _partners(self) -> Iterator[tuple[int, set[int]]]:
        """For each record, by position, the later records that share a block with it."""
        mine: list[list[list[int]] | None] = [None] * len(self._order)
        for members in self._blocks():
            for at in members:
                blocks = mine[at]
                if blocks is None:
                    mine[at] = [members]
                else:
                    blocks.append(members)
        for at, blocks in enumerate(mine):
            if blocks is None:
                continue
            partners: set[int] = set()
            for members in blocks:
                # Members are in descending order, so the last one is this record.
                members.pop()
                partners.update(members)
            mine[at] = None
            if partners:
                yield at, partners

    def _blocks(self) -> Iterator[list[int]]:
        """The members of each block to compare, in descending order; counts on the way who shares a value."""
        large: dict[str, list[int]] = {}
        for text, members in self._held():
            few = len(members) <= BLOCK_CAP
            if text.startswith((block.GIVEN, block.FAMILY)):
                self._bearers[text] = len(members)
            if text.startswith(block.NAMES) and few:
                self._namesakes[text] = block.named([self._order[at] for at in members])
            if text.startswith(block.COUNTED):
                self._sharing[text] = self._names(members) if few else CROWD
            elif text.startswith(block.NOT_SEARCHED):
                if text.startswith(block.SIZED):
                    self._sharing[text] = len(members) if few else CROWD
                continue
            if few:
                yield members
            else:
                large[text] = members
        yield from self._divided(large)

    def _held(self) -> list[tuple[str, list[int]]]:
        """For each key that several records have, their positions in descending order."""
        held: dict[str, int | list[int]] = {}
        several: list[tuple[str, list[int]]] = []
        at = len(self._order)
        for record in reversed(self._order):
            at -= 1
            for text in block.keys_of(record):
                first = held.setdefault(text, at)
                if first is at:
                    continue
                if isinstance(first, list):
                    first.append(at)
                else:
                    held[text] = members = [first, at]
                    several.append((text, members))
        return several

    def _names(self, members: list[int]) -> int:
        marks = {block.name_mark(self._order[at]) for at in members}
        return len(marks - {""})

    def _divided(self, large: Mapping[str, list[int]]) -> Iterator[list[int]]:
        """Oversize blocks divided by full name; notes the parts that are still too large."""
        for text, members in large.items():
            if text.startswith(block.RARE_NAME):
                self._crowded.append((text,))
            if not text.startswith(block.DIVISIBLE):
                continue
            parts: dict[str, list[int]] = {}
            for at in members:
                name = self._order[at].name
                if name.given and name.family:
                    parts.setdefault(block.full_name_key(name.given, name.family), []).append(at)
            for full, part in parts.items():
                if 2 <= len(part) <= BLOCK_CAP:
                    yield part
                elif len(part) > BLOCK_CAP:
                    self._crowded.append((text, full))

    def _shared(self, text: str) -> int:
        return self._sharing.get(text, 1)
