"""What a resolution tells: who is who, what to ask the user, and what happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from people.types import Problem


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
    open_pairs: tuple[Pair, ...] = ()
    events: tuple[Event, ...] = ()
    problems: tuple[Problem, ...] = ()
