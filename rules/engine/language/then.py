"""What rules decide: the pydantic model of ``then`` for each subject, and of a follow-up."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, create_model

from people.facts.declared import Subject
from people.tasks import Channel, Counts, Priority
from rules.engine.language import values as v
from rules.engine.language.problems import did_you_mean
from rules.engine.language.templates import Template, TemplateMistake, parse
from rules.engine.language.vocabulary import PERIODS, fields_of

VERDICTS = ("keep", "watch", "leave")

STRICT = ConfigDict(frozen=True, extra="forbid")


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


def _template(subject: Subject) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of a text with fields of the subject to fill in."""
    fields = fields_of(subject)

    def read(value: object) -> Template:
        try:
            return parse(v.read_text(value), fields)
        except TemplateMistake as mistake:
            if mistake.code == "bad-template":
                message = f"a lone '{mistake.word}' in a template"
                v.refuse(mistake.code, message, "write {field}, or {{ and }} for braces")
            otherwise = "a template holds fields only, like {first_name}"
            help_ = did_you_mean(mistake.word, fields, otherwise=otherwise)
            v.refuse(mistake.code, f"{subject} has no field '{mistake.word}' to fill in", help_)

    return Annotated[Any, BeforeValidator(read), WithJsonSchema({"type": "string", "minLength": 1})]


def _occasion(subject: Subject) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of the name of a field, or of a calendar period."""
    known = (*fields_of(subject), *PERIODS)

    def read(value: object) -> str:
        name = v.read_text(value)
        if name not in known:
            v.refuse("unknown-field", f"{subject} has no field '{name}'", did_you_mean(name, known))
        return name

    return Annotated[Any, BeforeValidator(read), WithJsonSchema({"enum": list(known)})]


@cache
def follow_up_model(subject: Subject) -> type[BaseModel]:
    """Return the model of a follow-up that a rule asks for; a referral's also says whom to ask."""
    keys: dict[str, Any] = {
        "title": (_template(subject), Field(description="What to do. {field} is filled in.")),
        "notes": (
            _template(subject),
            Field(default_factory=lambda: Template(()), description="More about it, filled in alike."),
        ),
        "channel": (
            v.one_of(get_args(Channel), "channel"),
            Field(default="any", description="How to get in touch.", examples=["phone"]),
        ),
        "due": (
            v.Length,
            Field(
                default=0,
                description="When, from the day of the run on; moved to a working day.",
                examples=["3d"],
            ),
        ),
        "priority": (
            v.one_of(get_args(Priority), "priority"),
            Field(default="medium", description="How much it matters.", examples=["high"]),
        ),
        "cooldown": (
            v.Length,
            Field(
                default=None,
                description="How long the person is left alone after a follow-up was done; 14d unless said "
                "here. 0d: do not wait, not even for another follow-up that is open.",
                examples=["30d"],
            ),
        ),
        "occasion": (
            _occasion(subject),
            Field(
                default=None,
                description="The field whose value makes a new occasion: while it stays the same, this is "
                "the same follow-up; when it changes, a new one. Or week, month or year: a new one in each.",
            ),
        ),
    }
    keys["done_is_contact"] = (
        v.Flag,
        Field(
            default=True,
            description="Whether a follow-up that was done counts as contact on that day.",
            examples=[False],
        ),
    )
    if subject == "referral":
        ask = "Whom to ask: the person it was given to or came from, or the other party."
        keys["ask"] = (v.one_of(("person", "other"), "party"), Field(default="person", description=ask))
    model: type[BaseModel] = create_model(f"{subject.title()}FollowUp", __config__=STRICT, **keys)
    return model


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
    follow_up: follow_up_model("person") = Field(  # type: ignore[valid-type]
        default=None, description="A follow-up to ask for."
    )


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
    follow_up: follow_up_model("referral") = Field(  # type: ignore[valid-type]
        default=None, description="A check-in to ask for."
    )


THEN: dict[Subject, type[Part]] = {
    "attendee": AttendeeThen,
    "meeting": MeetingThen,
    "person": PersonThen,
    "group": GroupThen,
    "referral": ReferralThen,
}
