"""The result of a resolution: the person of each record, the pairs to ask about, and what changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from people.types import Problem


class Pair(NamedTuple):
    """Two records that may be one person, for the user to decide; ``a`` < ``b``.

    ``reason`` names two other records that cannot be one person. It is set when the evidence would join
    ``a`` and ``b``, but their people hold records that clash. ``listed`` pairs are answered in one list (see
    ``namesakes``).
    """

    a: str
    b: str
    bits: float
    reason: str = ""
    listed: bool = False


class Event(NamedTuple):
    """A change to a person, for the history.

    *joined*: two ``records`` became one person, and at least one of them was new to it. *merged*: the person
    ``other`` lives on as ``person``; ``records`` are the two that tied them. *split*: ``person`` is new
    and was part of ``other``; ``records`` are those that left.
    """

    kind: Literal["joined", "merged", "split"]
    person: str
    other: str
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The people of the records in ``touched`` (after ``resolve``: all records).

    ``people`` maps each touched record to its person; deleted records have none. ``aliases`` maps each id
    that merged in this run to the surviving id; ``fresh`` lists the ids given for the first time.
    ``open_pairs``, best first, replace every earlier open pair with a touched record in it.

    ``explain`` returns the evidence for one of these pairs or events, one line per piece, strongest first.
    It writes the lines when it is called, because a large address book has more pairs than anyone reads.
    """

    people: dict[str, str]
    touched: frozenset[str]
    aliases: dict[str, str]
    fresh: tuple[str, ...]
    open_pairs: tuple[Pair, ...]
    events: tuple[Event, ...]
    problems: tuple[Problem, ...]
    explain: Callable[[Pair | Event], tuple[str, ...]]
