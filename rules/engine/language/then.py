"""The pydantic models of ``then`` for each subject, and of a follow-up."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, create_model

from people.facts.declared import Subject
from people.tasks import Channel, Priority
from people.text import did_you_mean
from rules.engine.language import values as v
from rules.engine.language.decisions import FOLLOW_UP, decisions_of
from rules.engine.language.templates import Template, TemplateMistake, parse
from rules.engine.language.vocabulary import PERIODS, fields_of

STRICT = ConfigDict(frozen=True, extra="forbid")


class Part(BaseModel):
    """Base of every block of a rule file: immutable, and without unknown keys."""

    model_config = STRICT


def _template(subject: Subject) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of a text with ``{field}`` in it."""
    fields = fields_of(subject)

    def read(value: object) -> Template:
        try:
            return parse(v.read_text(value), fields)
        except TemplateMistake as mistake:
            if mistake.code == "bad-template":
                message = f"a '{mistake.word}' without its partner in a template"
                v.refuse(mistake.code, message, "write {field}, or {{ and }} for braces")
            otherwise = "braces hold the name of a field, like {first_name}"
            help_ = did_you_mean(mistake.word, fields, otherwise=otherwise)
            v.refuse(mistake.code, f"{subject} has no field '{mistake.word}' to fill in", help_)

    return Annotated[Any, BeforeValidator(read), WithJsonSchema({"type": "string", "minLength": 1})]


def _occasion(subject: Subject) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of an occasion: the name of a field, or a calendar period."""
    known = (*fields_of(subject), *PERIODS)

    def read(value: object) -> str:
        name = v.read_text(value)
        if name not in known:
            v.refuse("unknown-field", f"{subject} has no field '{name}'", did_you_mean(name, known))
        return name

    return Annotated[Any, BeforeValidator(read), WithJsonSchema({"enum": list(known)})]


@cache
def follow_up_model(subject: Subject) -> type[BaseModel]:
    """Return the model of a follow-up. One about a referral also says which party to ask."""
    keys: dict[str, Any] = {
        "title": (_template(subject), Field(description="What to do; {field} is filled in.")),
        "notes": (
            _template(subject),
            Field(default_factory=lambda: Template(()), description="Details; {field} is filled in as well."),
        ),
        "channel": (
            v.one_of(get_args(Channel), "channel"),
            Field(default="any", description="How to get in touch.", examples=["phone"]),
        ),
        "due": (
            v.Length,
            Field(
                default=0,
                description="How long after the day of the run it is due; moved to a working day.",
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
                description="How long to leave the person alone after a completed follow-up; 14d if not "
                "given. 0d: do not wait, not even for another open follow-up.",
                examples=["30d"],
            ),
        ),
        "occasion": (
            _occasion(subject),
            Field(
                default=None,
                description="The field that makes it a new follow-up: while its value stays the same, this "
                "is the same follow-up. Or week, month or year: a new one in each.",
            ),
        ),
    }
    keys["done_is_contact"] = (
        v.Flag,
        Field(
            default=True,
            description="Whether completing the follow-up counts as contact on that day.",
            examples=[False],
        ),
    )
    if subject == "referral":
        ask = "Who to ask: the person it was given to or came from, or the other party."
        keys["ask"] = (v.one_of(("person", "other"), "party"), Field(default="person", description=ask))
    model: type[BaseModel] = create_model(f"{subject.title()}FollowUp", __config__=STRICT, **keys)
    return model


@cache
def then_model(subject: Subject) -> type[BaseModel]:
    """Return the model of ``then`` for a subject: one key per decision."""
    keys: dict[str, Any] = {}
    for key, decision in decisions_of(subject).items():
        value = follow_up_model(subject) if key == FOLLOW_UP else decision.value
        examples = None if decision.example is None else [decision.example]
        field = Field(default=None, description=decision.meaning, examples=examples)
        keys[key] = (v.listed(value) if decision.adds else value, field)
    about = "row of a guest list" if subject == "attendee" else subject
    model: type[BaseModel] = create_model(
        f"{subject.title()}Then", __base__=Part, __doc__=f"What a rule decides about a {about}.", **keys
    )
    return model
