"""Find the pairs of changed records, loading wave by wave what an ``Index`` holds.

Why there are two ways to find pairs: docs/decisions/0002-two-ways-to-find-pairs.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol

from people.identity import keys as block
from people.identity import namesakes
from people.identity.cards.record import Record
from people.identity.index import Index, Key
from people.identity.namesakes import MOST_SOURCES, size_class
from people.identity.overrides import RecordPair, pair
from people.identity.weighing.scoring import Score, clash, score_above, score_pair
from people.identity.weighing.weights import BLOCK_CAP, organisation
from people.types import Problem

CROWD = 99
"""The count for a value that more than ``BLOCK_CAP`` records share."""

Scored = tuple[str, str, Score]
"""Two record keys, the smaller first, and their score."""


class PairFinder(Protocol):
    """Finds the pairs of records that share a block key, for a resolution."""

    def known(self, keys: Collection[str]) -> set[str]:
        """Those of ``keys`` that are existing records."""

    def score(self, one: str, other: str) -> Score:
        """The score of two existing records."""

    def clash(self, one: str, other: str, *, families: bool = False) -> bool:
        """Whether two existing records cannot be one person.

        With ``families``, also whether their family names differ.
        """

    def standing(self, one: str, other: str) -> namesakes.Standing:
        """How two existing records of one full name stand in their book; see ``namesakes``."""

    def worth(self, one: str, other: str, bits: float) -> float:
        """The bits of a pair in this very book, as far as it is known here; see ``worth``."""

    def pairs(self, wave: Collection[str]) -> Iterator[list[Scored]]:
        """Score the pairs of a record in ``wave`` and one that shares a key with it.

        Yields, in batches, the pairs that reach ``weights.REVIEW``.
        """

    def problems(self) -> Iterator[Problem]:
        """The blocks that are too large to compare, even with a second key."""


def crowded(keys: Iterable[Key]) -> Iterator[Problem]:
    """A problem for each block that is too large, even with a second key."""
    for key in sorted(keys):
        yield Problem(
            where=" + ".join(text.partition(":")[2] for text in key),
            message=f"more than {BLOCK_CAP} cards share this value and were not compared with each other",
            help="Give these cards their own e-mail, phone or birthday, or delete duplicates.",
        )


class ChangedPairs:
    """The ``PairFinder`` over an index; remembers what it has loaded."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._records: dict[str, Record | None] = {}
        self._blocks: dict[Key, Collection[str]] = {}
        self._clashes: dict[RecordPair, bool] = {}
        self._counts: dict[str, int] = {}
        self._crowded: set[Key] = set()
        self._limit = 2 * BLOCK_CAP

    def known(self, keys: Collection[str]) -> set[str]:
        """See ``PairFinder``."""
        self._load(keys)
        return {key for key in keys if self._records[key] is not None}

    def score(self, one: str, other: str) -> Score:
        """See ``PairFinder``."""
        return score_pair(self._record(one), self._record(other), self._sharing)

    def clash(self, one: str, other: str, *, families: bool = False) -> bool:
        """See ``PairFinder``."""
        two = pair(one, other)
        if families:
            return clash(self._record(one), self._record(other), families=True)
        if two not in self._clashes:
            self._clashes[two] = clash(self._record(two[0]), self._record(two[1]))
        return self._clashes[two]

    def standing(self, one: str, other: str) -> namesakes.Standing:
        """See ``PairFinder``."""
        record = self._record(one)
        key = (block.full_name_key(record.name.given, record.name.family),)
        self._load_blocks([key])
        if self._oversize(key):
            return ""
        members = block.named(map(self._record, self._blocks[key]))
        return namesakes.standing(record, self._record(other), members, self._sharing, self.score)

    def worth(self, one: str, other: str, bits: float) -> float:  # noqa: ARG002 - the store counts names
        """See ``PairFinder``; a few records say nothing of the book."""
        return bits

    def pairs(self, wave: Collection[str]) -> Iterator[list[Scored]]:
        """See ``PairFinder``."""
        keys = {key: block.keys_of(self._record(key)) for key in sorted(self.known(wave))}
        self._load_blocks({(text,) for texts in keys.values() for text in texts})
        self._load_blocks({key for texts in keys.values() for key in self._second(texts)})
        candidates: set[RecordPair] = set()
        for one, texts in keys.items():
            for key in self._usable(texts):
                candidates.update(pair(one, other) for other in self._blocks[key] if other != one)
        self._load({key for two in candidates for key in two})
        scored = []
        for one, other in candidates:
            result = score_above(self._record(one), self._record(other), self._sharing)
            if result is not None:
                scored.append((one, other, result))
        yield scored

    def disturbed(self, before: Mapping[str, Collection[str]]) -> set[str]:
        """The records whose pairs may weigh differently because other records in their blocks changed."""
        self._limit = max(self._limit, BLOCK_CAP + len(before) + 1)
        after = {key: self._keys_now(key) for key in before}
        self._load_blocks({(text,) for keys in (*before.values(), *after.values()) for text in keys})
        was, now = self._tally(before), self._tally(after)
        self._load_blocks(was.keys() | now.keys())
        disturbed: set[str] = set()
        for key in was.keys() | now.keys():
            disturbed.update(self._disturbed_block(key, was[key], now[key], before))
        return disturbed

    def _tally(self, keys_of: Mapping[str, Collection[str]]) -> Counter[Key]:
        """The number of these records in each block, including the parts of oversize blocks."""
        return Counter(
            key for keys in keys_of.values() for key in (*((text,) for text in keys), *self._second(keys))
        )

    def _disturbed_block(self, key: Key, was: int, now: int, changed: Collection[str]) -> Collection[str]:
        """The members of a block if its weight changed.

        ``was`` and ``now`` count the changed records that it held before and holds now.
        """
        members = self._blocks[key]
        size, before = len(members), len(members) - now + was
        if (size > BLOCK_CAP) != (before > BLOCK_CAP):
            return members
        differs = False
        if key[0].startswith(block.COUNTED):
            differs = size <= BLOCK_CAP and (was > 0 or self._renamed(members, changed))
        elif key[0].startswith(block.ORGANISATION):
            differs = organisation(size) != organisation(before)
        elif key[0].startswith((block.GIVEN, block.FAMILY)):
            differs = size_class(size) != size_class(before)
        elif key[0].startswith(block.NAMES):
            differs = min(size, before) <= MOST_SOURCES
        return members if differs else ()

    def _renamed(self, members: Collection[str], new: Collection[str]) -> bool:
        """Whether the new records add a name to a block; rare, because most blocks hold one name."""
        return self._names(members) != self._names([key for key in members if key not in new])

    def problems(self) -> Iterator[Problem]:
        """See ``PairFinder``."""
        return crowded(self._crowded)

    def _keys_now(self, key: str) -> Collection[str]:
        self._load([key])
        record = self._records[key]
        return block.keys_of(record) if record else ()

    def _record(self, key: str) -> Record:
        record = self._records.get(key)
        if record is None:
            self._load([key])
            record = self._records[key]
        if record is None:
            raise KeyError(key)
        return record

    def _load(self, keys: Collection[str]) -> None:
        missing = [key for key in keys if key not in self._records]
        if missing:
            records = self._index.records(missing)
            self._records.update({key: records.get(key) for key in missing})

    def _load_blocks(self, keys: Collection[Key]) -> None:
        missing = [key for key in keys if key not in self._blocks]
        if missing:
            self._blocks.update(self._index.members(missing, self._limit))

    def _oversize(self, key: Key) -> bool:
        return len(self._blocks[key]) > BLOCK_CAP

    def _second(self, texts: Collection[str]) -> Iterator[Key]:
        """The parts of a record's oversize blocks: their records with the same full name."""
        names = [text for text in texts if text.startswith(block.NAMES)]
        for text in texts:
            if text.startswith(block.DIVISIBLE) and self._oversize((text,)):
                yield from ((text, name) for name in names)

    def _usable(self, texts: Collection[str]) -> Iterator[Key]:
        """The blocks to compare a record with; notes those that are too large."""
        for key in (*((text,) for text in texts), *self._second(texts)):
            if len(key) == 1 and key[0].startswith(block.NOT_SEARCHED):
                continue
            if not self._oversize(key):
                yield key
            elif len(key) == 2 or key[0].startswith(block.RARE_NAME):
                self._crowded.add(key)

    def _sharing(self, text: str) -> int:
        """The number of names that share a value; for an organisation, the number of records."""
        if text not in self._counts:
            self._load_blocks([(text,)])
            members = self._blocks[(text,)]
            if len(members) > BLOCK_CAP:
                self._counts[text] = CROWD
            elif text.startswith(block.SIZED):
                self._counts[text] = len(members)
            else:
                self._counts[text] = self._names(members)
        return self._counts[text]

    def _names(self, members: Collection[str]) -> int:
        """The number of different names among these records."""
        self._load(members)
        marks = {block.name_mark(record) for key in members if (record := self._records[key])}
        return len(marks - {""})
