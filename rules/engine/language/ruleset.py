"""The compiled rules: a small tree of plain values for the bulk and the reference evaluator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from people.facts.declared import Subject
from people.tasks import Ration
from people.types import JournalKind
from rules.engine.language.model import DEFAULT_WEIGHTS, Segment
from rules.engine.language.problems import RuleProblem
from rules.engine.language.templates import Template
from rules.engine.language.values import Kind


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a rule file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Test:
    """One test of one field. ``values`` are folded texts, numbers, days or dates, by kind and test.

    ``threshold`` is the value as the user wrote it, for traces.
    """

    field: str
    kind: Kind
    test: str
    values: tuple[Any, ...]
    threshold: str
    place: Place


Tests = tuple[Test, ...]
"""Tests that must all hold."""


@dataclass(frozen=True, slots=True)
class FollowUpEffect:
    """The follow-up of a rule. ``due``, ``cooldown`` and ``within`` are in days, ``occasion`` is a field.

    With ``due_on``, a date field, it is due on the day that the field names; with ``due_weekday``, on the
    next such day of the week (0 is Monday). ``any_day`` says that it is not moved to a working day. With
    ``steps``, it is asked for once for each of these numbers of days after the date field ``steps_after``.
    """

    title: Template
    notes: Template
    channel: str
    priority: str
    due: int
    cooldown: int | None
    occasion: str | None
    done_is_contact: bool = True
    within: int | None = None
    due_on: str | None = None
    due_weekday: int | None = None
    any_day: bool = False
    steps: tuple[int, ...] = ()
    steps_after: str | None = None
    ask: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled rule. ``when`` and ``unless`` are alternatives; an empty ``when`` always holds.

    ``then`` maps a key to its value: text, a tuple of texts (tag, segment), days (cadence), true or false,
    money or a ``FollowUpEffect``. ``phase`` is the first phase that the rule writes in. ``at_most`` stops a
    rule that matches more rows; ``ration`` bounds only how many of its follow-ups are new per period. For
    the rows that it matches, the rules of ``instead_of`` do not. ``since`` and ``until`` are the first and
    the last day on which it holds.
    """

    id: str
    subject: Subject
    phase: str
    when: tuple[Tests, ...]
    unless: tuple[Tests, ...]
    then: Mapping[str, Any]
    why: str
    at_most: int | None
    place: Place
    ration: Ration | None = None
    instead_of: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def in_force(self, today: date | None) -> bool:
        """Whether the day lies in the rule's own time."""
        if today is None:
            return True
        return (self.since is None or self.since <= today) and (self.until is None or today <= self.until)


@dataclass(frozen=True, slots=True)
class Group:
    """One declared group; ``members`` tests people, ``meetings`` tests meetings."""

    id: str
    name: str
    kind: str
    since: date | None
    fee: Decimal | None
    fee_per: str
    members: tuple[Tests, ...]
    meetings: tuple[Tests, ...]
    place: Place


def _by_place(rule: Rule) -> tuple[str, int]:
    return rule.place.file, rule.place.line


@dataclass(frozen=True)
class RuleSet:
    """The valid rules of a folder, in file order, and the problems of the others."""

    rules: tuple[Rule, ...] = ()
    groups: tuple[Group, ...] = ()
    segments: tuple[Segment, ...] = ()
    weights: Mapping[JournalKind, Decimal] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    problems: tuple[RuleProblem, ...] = ()
    files: tuple[str, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    """The topic that each folded word stands for, the name of the topic included."""
    digest: str = ""
    """A hash of the names and texts of the files. The same hash means the same rules."""
    doubtful: tuple[str, ...] = ()
    """The files in which a mistake may leave out facts that other rules read, not only a wish."""
    starter: tuple[str, ...] = ()
    """The files that come after the user's own, because they say ``starter: true``."""
    off: tuple[Rule, ...] = ()
    """The rules that a file switches off with ``without:``."""

    def of(self, subject: Subject) -> tuple[Rule, ...]:
        """Return the rules about a subject, in file order."""
        return tuple(rule for rule in self.rules if rule.subject == subject)

    def about(self, subject: Subject) -> tuple[Rule, ...]:
        """Return the rules about a subject, those that groups declare for their meetings included."""
        return self.of(subject) + (self.declared_meetings() if subject == "meeting" else ())

    def declared_meetings(self) -> tuple[Rule, ...]:
        """Return the ``meetings`` of each group as a rule. They come after all rules about meetings."""
        return tuple(
            Rule(
                id=f"groups/{group.id}",
                subject="meeting",
                phase="meeting",
                when=group.meetings,
                unless=(),
                then={"group": group.id},
                why=f"The group declares which meetings belong to it ({group.name}).",
                at_most=None,
                place=group.place,
            )
            for group in self.groups
            if group.meetings
        )

    def starter_alone(self) -> RuleSet:
        """Return the starter rules without the user's own, as their tests mean them."""
        ours = [rule for rule in (*self.rules, *self.off) if rule.place.file in self.starter]
        groups = tuple(group for group in self.groups if group.place.file in self.starter)
        return replace(self, rules=tuple(sorted(ours, key=_by_place)), groups=groups)

    @property
    def errors(self) -> tuple[RuleProblem, ...]:
        """The problems that leave a rule out."""
        return tuple(problem for problem in self.problems if problem.severity == "error")
