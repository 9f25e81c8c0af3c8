"""What a resolution tells: who is who, what to ask the user, and what happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from people.types import Problem


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that the user should look at; ``a`` < ``b``. Evidence strongest first."""

    a: str
    b: str
    bits: float
    evidence: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A person merged into another or parted from one, for the history.

    *merged*: ``other`` now lives on as ``person``. *split*: ``person`` is new and was part of ``other``.
    ``records`` are those that changed sides.
    """

    kind: Literal["merged", "split"]
    person: str
    other: str
    records: tuple[str, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who is who, for the records in ``touched`` (all of them after ``resolve``).

    ``people`` gives each touched record's person. ``aliases`` are the ids that merged in this run, old to
    surviving; ``fresh`` the ids given for the first time. ``open_pairs``, best first, replace every earlier
    open pair with a touched record in it.
    """

    people: dict[str, str] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()
    aliases: dict[str, str] = field(default_factory=dict)
    fresh: tuple[str, ...] = ()
    open_pairs: tuple[Pair, ...] = ()
    events: tuple[Event, ...] = ()
    problems: tuple[Problem, ...] = ()
