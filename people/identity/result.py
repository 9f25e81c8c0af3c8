"""What a resolution tells: who is who, what to ask the user, and what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, overload

from people.types import Problem

T = TypeVar("T")


class Told(Sequence[T]):
    """A sequence whose items are put into words each time they are asked for.

    Of a large address book there are millions of questions, and few are ever shown. Equal to any sequence
    of the same items.
    """

    __slots__ = ("_facts", "_tell")

    def __init__(self, facts: Sequence[Any], tell: Callable[[Any], T]) -> None:
        self._facts = facts
        self._tell = tell

    def __len__(self) -> int:
        return len(self._facts)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...
    def __getitem__(self, at: int | slice) -> T | Sequence[T]:
        if isinstance(at, slice):
            return Told(self._facts[at], self._tell)
        return self._tell(self._facts[at])

    def __iter__(self) -> Iterator[T]:
        return map(self._tell, self._facts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(tuple(self))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that the user should look at; ``a`` < ``b``. Evidence strongest first.

    ``reason`` says why two records that belong together were left apart: what else is in their people.
    """

    a: str
    b: str
    bits: float
    evidence: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a person, for the history, with the evidence for it.

    *joined*: two ``records`` are now one person, of whom one at least was new to it. *merged*: the person
    ``other`` now lives on as ``person``; ``records`` are the two that tied them. *split*: ``person`` is new
    and was part of ``other``; ``records`` are those that left.
    """

    kind: Literal["joined", "merged", "split"]
    person: str
    other: str
    records: tuple[str, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who is who, for the records in ``touched`` (all of them after ``resolve``).

    ``people`` gives each touched record's person; deleted records have none. ``aliases`` are the ids that
    merged in this run, old to surviving; ``fresh`` the ids given for the first time. ``open_pairs``, best
    first, replace every earlier open pair with a touched record in it.
    """

    people: dict[str, str] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()
    aliases: dict[str, str] = field(default_factory=dict)
    fresh: tuple[str, ...] = ()
    open_pairs: Sequence[Pair] = ()
    events: Sequence[Event] = ()
    problems: tuple[Problem, ...] = ()
