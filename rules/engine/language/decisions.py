"""What rules decide: one row per key of ``then``. Models, tests, traces, diffs and the judge follow it.

To add a decision, add a row to ``DECISIONS``. The judge fills its column, rules of later phases may test
it, ``expect`` in a rule test takes it, and ``explain`` and ``diff`` show it. A column that is computed
from the decision (as ``overdue`` is from the cadence) is added in ``rules.engine.judging.judge``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from people.facts.declared import Phase, Subject
from people.tasks import Counts
from rules.engine.language import values as v
from rules.engine.language.choices import one_of

VERDICTS = ("keep", "watch", "leave")

FOLLOW_UP = "follow_up"
"""The one key that fills no column: each matched rule asks for a follow-up of its own."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One key of ``then`` for one subject.

    ``kind`` is what the fact holds and ``value`` the pydantic type of one value; both are None for a
    follow-up. Of all rules that set the key the first wins, or their words add up if ``adds``.
    ``meaning`` and ``example`` document the key in ``then``, ``expected`` the one in a rule test.
    ``derived`` are further facts that the judge computes. If ``in_part``, a rule test names some of the
    words, and ``not_...`` names words that must be absent.
    """

    subject: Subject
    key: str
    phase: Phase
    kind: v.Kind | None
    value: Any
    meaning: str
    example: Any = None
    expected: str = ""
    fact: str = ""
    adds: bool = False
    derived: tuple[str, ...] = ()
    in_part: bool = False

    @property
    def column(self) -> str:
        """The fact that the key fills: a column of the judged frame."""
        return self.fact or self.key

    @property
    def facts(self) -> tuple[str, ...]:
        """The column, and what is computed from it."""
        return (self.column, *self.derived)


def _tag(subject: Subject, phase: Phase, example: str) -> Decision:
    return Decision(
        subject, "tag", phase, "texts", v.Identifier, "One tag or several; the tags of all rules add up.",
        example, "Tags that must be among those given.", fact="tags", adds=True, in_part=True,
    )  # fmt: skip


def _follow_up(subject: Subject, phase: Phase, meaning: str) -> Decision:
    return Decision(subject, FOLLOW_UP, phase, None, None, meaning)


DECISIONS: tuple[Decision, ...] = (
    Decision(
        "attendee", "noise", "attendee", "flag", v.Flag,
        "true: drop the row, the meeting stays; false: keep it.", True,
        "Whether the row is noise.",
    ),
    Decision(
        "meeting", "kind", "meeting", "text", v.Identifier,
        "The kind of meeting, in one word of your choice.", "one_to_one",
        "The kind; null for none.",
    ),
    Decision(
        "meeting", "group", "meeting", "text", v.Identifier,
        "The id of the group it belongs to (see groups:).", "bni-central",
        "The group; null for none.",
    ),
    Decision(
        "meeting", "counts", "meeting", "text", one_of(get_args(Counts), "way to count"),
        "full: contact with each person there, which resets the clock; together: seen at the same event; "
        "group: group attendance only; none: nothing.", "full",
        "How it counts; null if no rule decides, so that its size does.",
    ),
    Decision(
        "meeting", "cost", "meeting", "decimal", v.Money,
        "What it costs you, in the network's currency.", 15.00,
        "What it costs; null for nothing.",
    ),
    Decision(
        "message", "noise", "message", "flag", v.Flag,
        "true: drop the mail, as if it had never come; false: keep it.", True,
        "Whether the mail is noise.",
    ),
    Decision(
        "message", "counts", "message", "text", one_of(("full", "together", "none"), "way to count"),
        "full: contact, which resets the clock; together: you were both in it, and the clock keeps running; "
        "none: nothing.", "full",
        "How it counts; null if no rule decides, so that its headers do.",
    ),
    Decision(
        "message", "settled", "message", "flag", v.Flag,
        "true: nobody waits for an answer to it. By itself, a mail that counts in full waits.", True,
        "Whether nobody waits for an answer to it.",
    ),
    Decision(
        "person", "tier", "relevance", "text", v.Identifier,
        "The tier; the first rule in file order wins.", "key",
        "The tier; null for none.",
    ),
    _tag("person", "relevance", "target"),
    Decision(
        "person", "segment", "relevance", "texts", v.Identifier,
        "One target segment or several; they add up.", "local-owners",
        "All segments given.", fact="segments", adds=True,
    ),
    Decision(
        "person", "cadence", "cadence", "days", v.Cadence,
        "How long you may stay out of touch; the first rule wins.", "30d",
        "The cadence; null for none.", fact="cadence_days", derived=("overdue", "cadence_used"),
    ),
    Decision(
        "person", "stale", "stale", "flag", v.Flag,
        "Whether the connection is going cold; the first rule wins.", True,
        "Whether the connection is going cold.",
    ),
    Decision(
        "person", "quiet", "stale", "flag", v.Flag,
        "true: no follow-up for now, whatever other rules say; the clock runs on. The first rule wins.", True,
        "Whether follow-ups are held back.",
    ),
    _follow_up("person", "follow_up", "A follow-up to ask for."),
    Decision(
        "group", "verdict", "group", "text", one_of(VERDICTS, "verdict"),
        "Whether it is worth the time; the first rule wins.", "watch",
        "The verdict; null for none.",
    ),
    _tag("group", "group", "costly"),
    _tag("referral", "referral", "slow"),
    _follow_up("referral", "referral", "A check-in to ask for."),
)  # fmt: skip
"""All decisions; of one subject in the order of its phases, then as they are documented."""


@cache
def decisions_of(subject: Subject) -> Mapping[str, Decision]:
    """Return what rules decide about a subject, by key of ``then``."""
    return {decision.key: decision for decision in DECISIONS if decision.subject == subject}


@cache
def phases_of(subject: Subject) -> tuple[Phase, ...]:
    """Return the phases of a subject, in the order they run."""
    return tuple(dict.fromkeys(decision.phase for decision in decisions_of(subject).values()))


@cache
def by_fact(subject: Subject) -> Mapping[str, Decision]:
    """Return the decision behind each fact that rules decide or that is computed from a decision."""
    return {fact: decision for decision in decisions_of(subject).values() for fact in decision.facts}


def wins_alone(decision: Decision) -> bool:
    """Whether the first rule that sets the key wins, and the others lose."""
    return not decision.adds and decision.kind is not None
