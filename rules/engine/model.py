"""The pydantic models of a rule file, built from the declared facts.

``rule_model("person")`` validates one rule about people; its ``when`` has one key for each field and
test. The same models give the JSON Schema (``rules.engine.schema``), so the two cannot disagree.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from people.facts import Subject
from people.tasks import Channel, Priority
from people.types import JournalKind
from people.verdicts import Counts
from rules.engine import values as v
from rules.engine.vocabulary import TEST_MEANINGS, FactField, Kind, fields_of

GROUP_KINDS = ("chamber", "leads", "association", "club", "event", "online", "informal")
VERDICTS = ("keep", "watch", "leave")

STRICT = ConfigDict(frozen=True, extra="forbid")

_LEAVES: dict[Kind, Any] = {
    "text": v.Pattern,
    "texts": v.Pattern,
    "whole": v.Whole,
    "days": v.Days,
    "decimal": v.Number,
    "date": v.Day,
}


class Part(BaseModel):
    """Base of every block of a rule file: immutable, unknown keys refused."""

    model_config = STRICT


class AttendeeThen(Part):
    """What a rule decides about a row of a guest list."""

    noise: v.Flag = Field(
        default=None, description="true: drop the row, the meeting stays; false: keep it.", examples=[True]
    )


class MeetingThen(Part):
    """What a rule decides about a meeting."""

    kind: v.Identifier = Field(
        default=None, description="What kind of meeting this is, in a word of yours.", examples=["one_to_one"]
    )
    group: v.Identifier = Field(
        default=None, description="The id of the group it belongs to (see groups:).", examples=["bni-central"]
    )
    counts: v.one_of(get_args(Counts), "way to count") = Field(  # type: ignore[valid-type]
        default=None,
        description="full: contact with each person there, resets the clock; together: seen at the same "
        "event; group: group attendance only; none: nothing at all.",
        examples=["full"],
    )
    cost: v.Money = Field(
        default=None, description="What it costs you, in the network's currency.", examples=[15.00]
    )


class FollowUpSpec(Part):
    """A follow-up that a rule asks for. Title and notes may hold {field} and {field|fallback}."""

    title: v.Text = Field(description="What to do. {field} is filled in.", examples=["Call {first_name}"])
    notes: v.Text = Field(
        default="", description="More about it.", examples=["Last spoke {days_since_contact} days ago."]
    )
    channel: v.one_of(get_args(Channel), "channel") = Field(  # type: ignore[valid-type]
        default="any", description="How to get in touch.", examples=["phone"]
    )
    due: v.Length = Field(
        default=0,
        description="When, counted from the day of the run; moved to a working day.",
        examples=["3d"],
    )
    priority: v.one_of(get_args(Priority), "priority") = Field(  # type: ignore[valid-type]
        default="medium", description="How much it matters.", examples=["high"]
    )
    cooldown: v.Length = Field(
        default=None,
        description="How long the person is left alone after a follow-up was done; 14d unless said here. 0d: "
        "do not wait, not even for another follow-up that is open.",
        examples=["30d"],
    )
    occasion: v.Text = Field(
        default=None,
        description="The field whose value makes a new occasion: while it stays the same, this is the same "
        "follow-up; when it changes, a new one. Or week, month or year: a new one in each.",
        examples=["last_contact"],
    )


class ReferralFollowUpSpec(FollowUpSpec):
    """A check-in about a referral, with one of its two parties."""

    ask: v.one_of(("person", "other"), "party") = Field(  # type: ignore[valid-type]
        default="person",
        description="Whom to ask: the person it was given to or came from, or the other party.",
        examples=["other"],
    )


class PersonThen(Part):
    """What a rule decides about a person."""

    tier: v.Identifier = Field(
        default=None, description="The tier; the first rule in file order wins.", examples=["key"]
    )
    tag: v.listed(v.Identifier) = Field(  # type: ignore[valid-type]
        default=None, description="One tag or several; tags of all rules add up.", examples=["target"]
    )
    segment: v.listed(v.Identifier) = Field(  # type: ignore[valid-type]
        default=None, description="One target segment or several; they add up.", examples=["local-owners"]
    )
    cadence: v.Cadence = Field(
        default=None, description="How long you may stay out of touch; the first rule wins.", examples=["30d"]
    )
    stale: v.Flag = Field(
        default=None,
        description="Whether the connection is going cold; the first rule wins.",
        examples=[True],
    )
    follow_up: FollowUpSpec = Field(default=None, description="A follow-up to ask for.")  # type: ignore[assignment]


class GroupThen(Part):
    """What a rule decides about a group."""

    verdict: v.one_of(VERDICTS, "verdict") = Field(  # type: ignore[valid-type]
        default=None, description="Is it worth the time? The first rule wins.", examples=["watch"]
    )
    tag: v.listed(v.Identifier) = Field(  # type: ignore[valid-type]
        default=None, description="One tag or several; tags of all rules add up.", examples=["costly"]
    )


class ReferralThen(Part):
    """What a rule decides about a referral."""

    tag: v.listed(v.Identifier) = Field(  # type: ignore[valid-type]
        default=None, description="One tag or several; tags of all rules add up.", examples=["slow"]
    )
    follow_up: ReferralFollowUpSpec = Field(default=None, description="A check-in to ask for.")  # type: ignore[assignment]


THEN: dict[Subject, type[Part]] = {
    "attendee": AttendeeThen,
    "meeting": MeetingThen,
    "person": PersonThen,
    "group": GroupThen,
    "referral": ReferralThen,
}


class Segment(Part):
    """A target segment: the people you want to meet more of."""

    id: v.Identifier = Field(description="Its id, used in then: segment.", examples=["local-owners"])
    name: v.Text = Field(default="", description="Its name.", examples=["Local owner-run firms"])
    why: v.Text = Field(default="", description="Why it is a target.", examples=["They buy our service."])


def _as_alternatives(value: object) -> object:
    if isinstance(value, dict) and not value:
        v.refuse("empty-value", "this block has no tests", "remove it; without 'when' a rule is for everyone")
    return v.as_list(value)


def leaf_of(field: FactField, test: str) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of the value that a test of this field takes."""
    if test == "exists" or field.kind == "flag":
        return v.Flag
    if test in ("older_than", "within"):
        return v.Length
    if test in ("count_gte", "count_lte"):
        return v.Count
    leaf = _LEAVES[field.kind]
    several = test == "is" or field.kind in ("text", "texts")
    return v.listed(leaf) if several else leaf


def key_of(field: FactField, test: str) -> str:
    """Return how a test is written: ``title``, ``title|contains``."""
    return field.name if test == "is" else f"{field.name}|{test}"


@cache
def tests_model(subject: Subject) -> type[BaseModel]:
    """Return the model of one block of tests, all of which must hold."""
    keys: dict[str, Any] = {}
    for field in fields_of(subject).values():
        for test in field.tests:
            meaning = "" if test == "is" else f" Here: {TEST_MEANINGS[test]}."
            keys[f"{field.name}__{test}"] = (
                leaf_of(field, test),
                Field(default=None, alias=key_of(field, test), description=field.description + meaning),
            )
    model: type[BaseModel] = create_model(f"{subject.title()}Tests", __config__=STRICT, **keys)
    return model


def alternatives(subject: Subject) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of ``when`` and ``unless``: one block of tests, or a list of which any holds."""
    tests = tests_model(subject)
    return Annotated[tuple[tests, ...], BeforeValidator(_as_alternatives), v.OneOrMany()]  # type: ignore[valid-type]


@cache
def rule_model(subject: Subject) -> type[BaseModel]:
    """Return the model of one rule about this subject."""
    tests = alternatives(subject)
    keys: dict[str, Any] = {
        "id": (v.Identifier, Field(description="The rule's own id, unique over all files.")),
        "for_": (Literal[subject], Field(alias="for", description="What the rule is about.")),
        "why": (v.Text, Field(default="", description="Why the rule is there, for whoever reads it next.")),
        "when": (
            tests,
            Field(
                default=(),
                description="The tests: all of a block must hold; of a list of blocks, any one. Without it "
                "the rule is for everyone.",
            ),
        ),
        "unless": (tests, Field(default=(), description="The exceptions, written like when.")),
        "then": (THEN[subject], Field(description="What the rule decides.")),
        "at_most": (
            v.Count,
            Field(default=None, description="The brake: matching more than this in one run stops the rule."),
        ),
    }
    model: type[BaseModel] = create_model(f"{subject.title()}Rule", __config__=STRICT, **keys)
    return model


@cache
def group_model() -> type[BaseModel]:
    """Return the model of one declared group."""
    keys: dict[str, Any] = {
        "id": (
            v.Identifier,
            Field(description="Its id, used by rules and the journal.", examples=["bni-central"]),
        ),
        "name": (v.Text, Field(default="", description="Its name.", examples=["BNI Central"])),
        "kind": (
            v.one_of(GROUP_KINDS, "kind of group"),
            Field(default="informal", description="What it is."),
        ),
        "since": (v.Day, Field(default=None, description="When you joined.", examples=["2025-03-01"])),
        "fee": (v.Money, Field(default=None, description="What membership costs.", examples=[600.00])),
        "fee_per": (
            v.one_of(("month", "year", "meeting"), "fee period"),
            Field(default="year", description="What the fee pays for.", examples=["year"]),
        ),
        "members": (
            alternatives("person"),
            Field(default=(), description="Whom to take for a member, beside those met at its meetings."),
        ),
        "meetings": (
            alternatives("meeting"),
            Field(default=(), description="Which meetings are the group's, where no rule says so."),
        ),
    }
    model: type[BaseModel] = create_model("Group", __config__=STRICT, **keys)
    return model


DEFAULT_WEIGHTS: dict[JournalKind, Decimal] = {
    "contact": Decimal(0),
    "mention": Decimal(0),
    "participation": Decimal(1),
    "introduction": Decimal(2),
    "purchase": Decimal(1),
    "referral": Decimal(3),
}


@cache
def weights_model() -> type[BaseModel]:
    """Return the model of ``weights:``, what each kind of journal line weighs in the give/get ledger."""
    keys: dict[str, Any] = {
        kind: (
            v.Weight,
            Field(default=weight, description=f"What one {kind} weighs.", examples=[int(weight)]),
        )
        for kind, weight in DEFAULT_WEIGHTS.items()
    }
    model: type[BaseModel] = create_model("Weights", __config__=STRICT, **keys)
    return model
