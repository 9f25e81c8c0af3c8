"""All records at once: every pair of records that share a key, without asking a store for anything."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from people.identity import keys as block
from people.identity.candidates import CROWD, Scored, crowded
from people.identity.index import Key
from people.identity.overrides import pair
from people.identity.record import Record
from people.identity.scoring import Score, clash, score_above, score_pair
from people.identity.weights import BLOCK_CAP
from people.types import Problem


class Whole:
    """The ``Source`` of a resolution of everything. Same pairs as ``Candidates``, in less time and memory."""

    def __init__(self, records: Mapping[str, Record]) -> None:
        self._records = records
        # Namesakes meet most often; side by side they are still in the processor's cache.
        self._order = sorted(records.values(), key=lambda record: (record.name.family, record.name.given))
        self._sharing: dict[str, int] = {}
        self._crowded: list[Key] = []

    def known(self, keys: Collection[str]) -> set[str]:
        """See ``Source``."""
        return {key for key in keys if key in self._records}

    def score(self, one: str, other: str) -> Score:
        """See ``Source``."""
        return score_pair(self._records[one], self._records[other], self._shared)

    def clash(self, one: str, other: str) -> bool:
        """See ``Source``."""
        return clash(self._records[one], self._records[other])

    def problems(self) -> Iterator[Problem]:
        """See ``Source``."""
        return crowded(self._crowded)

    def pairs(self, wave: Collection[str]) -> list[Scored]:  # noqa: ARG002 - everything is one wave
        """See ``Source``."""
        records = self._order
        found: list[Scored] = []
        for at, partners in self._partners(records):
            a = records[at]
            for other in partners:
                b = records[other]
                result = score_above(a, b, self._shared)
                if result is not None:
                    found.append((*pair(a.key, b.key), result))
        return found

    def _partners(self, records: list[Record]) -> Iterator[tuple[int, set[int]]]:
        """For each record, by its place in order, the later ones that share a usable block with it."""
        mine: list[list[list[int]]] = [[] for _ in records]
        for members in self._blocks(records):
            for at in members:
                mine[at].append(members)
        for at, blocks in enumerate(mine):
            partners: set[int] = set()
            for members in blocks:
                # Members stand in descending order, so that the last is the one whose turn it is.
                members.pop()
                partners.update(members)
            if partners:
                yield at, partners

    def _blocks(self, records: list[Record]) -> Iterator[list[int]]:
        """The members of each block that is compared, in descending order; counts sharing on the way."""
        held: dict[str, int | list[int]] = {}
        for at in range(len(records) - 1, -1, -1):
            for text in records[at].keys:
                first = held.setdefault(text, at)
                if first is not at:
                    if isinstance(first, list):
                        first.append(at)
                    else:
                        held[text] = [first, at]
        large: dict[str, list[int]] = {}
        for text, members in held.items():
            if isinstance(members, int):
                continue
            self._count(text, members, records)
            if text.startswith(block.SEARCHED_NOT):
                continue
            if len(members) <= BLOCK_CAP:
                yield members
            else:
                large[text] = members
        del held
        yield from self._divided(large, records)

    def _count(self, text: str, members: list[int], records: list[Record]) -> None:
        if text.startswith(block.SIZED):
            self._sharing[text] = len(members) if len(members) <= BLOCK_CAP else CROWD
        elif text.startswith(block.COUNTED):
            names = {block.name_mark(records[at]) for at in members} if len(members) <= BLOCK_CAP else ()
            self._sharing[text] = len(set(names) - {""}) if names else CROWD

    def _divided(self, large: Mapping[str, list[int]], records: list[Record]) -> Iterator[list[int]]:
        """The parts of oversize blocks that also agree on the name; notes those that are still too large."""
        for text, members in large.items():
            if text.startswith(block.RARE_NAME):
                self._crowded.append((text,))
            if not text.startswith(block.DIVISIBLE):
                continue
            parts: dict[str, list[int]] = {}
            for at in members:
                name = records[at].name
                if name.given and name.family:
                    parts.setdefault(block.full_name_key(name.given, name.family), []).append(at)
            for full, part in parts.items():
                if 2 <= len(part) <= BLOCK_CAP:
                    yield part
                elif len(part) > BLOCK_CAP:
                    self._crowded.append((text, full))

    def _shared(self, text: str) -> int:
        return self._sharing.get(text, 1)
