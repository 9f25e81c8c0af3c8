"""The pydantic models of ``then`` for each subject, and of a follow-up."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, cast, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, create_model

from people.days import WEEKDAYS
from people.facts.declared import Subject
from people.tasks import Channel, Priority
from people.text import did_you_mean, fold
from rules.engine.language import values as v
from rules.engine.language.card_values import cadence_or_card
from rules.engine.language.choices import one_of
from rules.engine.language.decisions import FOLLOW_UP, decisions_of
from rules.engine.language.templates import Template, TemplateMistake, parse
from rules.engine.language.vocabulary import KIND_NAMES, PERIODS, fields_of

STRICT = ConfigDict(frozen=True, extra="forbid")


class Part(BaseModel):
    """Base of every block of a rule file: immutable, and without unknown keys."""

    model_config = STRICT


def key(
    leaf: Any,  # noqa: ANN401 - an Annotated type
    meaning: str,
    default: Any = None,  # noqa: ANN401
    example: Any = None,  # noqa: ANN401
    alias: str | None = None,
) -> tuple[Any, Any]:
    """Return one key of a block for ``block``: its type, and its documentation. ``...`` means needed."""
    examples = None if example is None else [example]
    return leaf, Field(default=default, alias=alias, description=meaning, examples=examples)


def block(name: str, keys: dict[str, tuple[Any, Any]], doc: str | None = None) -> type[BaseModel]:
    """Return the model of a block of these keys, which refuses others."""
    model: type[BaseModel] = create_model(name, __config__=STRICT, __doc__=doc, **cast("Any", keys))
    return model


def only_key(value: dict[str, Any], known: Sequence[str]) -> tuple[str, Any]:
    """Return the key and the value of a block that takes one of the ``known`` keys."""
    listed = f"keys here: {', '.join(known)}"
    for name in value:
        if name not in known:
            help_ = did_you_mean(name, known, otherwise=listed)
            v.refuse("unknown-key", f"unknown key '{name}'", help_, key=name)
    if len(value) != 1:
        v.refuse("wrong-shape", "expected a block with one key", listed)
    return next(iter(value.items()))


class Weekday(int):
    """A day of the week as a due day; 0 is Monday."""


def _due(subject: Subject) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of a due day: a length of time, a ``Weekday``, or the name of a date field (text)."""
    fields = fields_of(subject)
    days = [name for name, field in fields.items() if field.kind == "date"]

    def read(value: object) -> int | str:
        if not isinstance(value, dict):
            if isinstance(value, str) and value in days:
                v.refuse("bad-length", f"'{value}' is not a length of time", f"write {{on: {value}}}")
            if isinstance(value, str) and fold(value) in WEEKDAYS:
                return Weekday(WEEKDAYS.index(fold(value)))
            return v.read_length(value)
        _, field = only_key(value, ("on",))
        name = v.read_text(field)
        listed = f"dates of {subject}: {', '.join(days)}"
        if name not in fields:
            help_ = did_you_mean(name, days, otherwise=listed)
            v.refuse("unknown-field", f"{subject} has no field '{name}'", help_, key="on")
        if name not in days:
            near = next((f"did you mean '{day}'?" for day in days if name in day), listed)
            v.refuse("bad-value", f"'{name}' is {KIND_NAMES[fields[name].kind]}, not a date", near, key="on")
        return name

    on = {"type": "object", "additionalProperties": False, "required": ["on"]}
    schemas = [v.LENGTH_SCHEMA, {"enum": list(WEEKDAYS)}, {**on, "properties": {"on": {"enum": days}}}]
    return Annotated[Any, BeforeValidator(read), WithJsonSchema({"anyOf": schemas})]


@cache
def _steps(subject: Subject) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the model of steps: the date field that they count from, and their lengths of time."""
    days = [name for name, field in fields_of(subject).items() if field.kind == "date"]
    after = one_of(days, f"date of {subject}")
    keys = {
        "after": key(after, "The date field that the steps count from.", ...),
        "at": key(v.listed(v.Length), "How long after that day each step comes.", ..., ["1d", "2w", "6w"]),
    }
    return block(f"{subject.title()}Steps", keys)


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
    known = tuple(dict.fromkeys((*fields_of(subject), *PERIODS)))

    def read(value: object) -> str:
        name = v.read_text(value)
        if name not in known:
            v.refuse("unknown-field", f"{subject} has no field '{name}'", did_you_mean(name, known))
        return name

    return Annotated[Any, BeforeValidator(read), WithJsonSchema({"enum": list(known)})]


@cache
def follow_up_model(subject: Subject) -> type[BaseModel]:
    """Return the model of a follow-up. One about a referral also says which party to ask."""
    channel, priority = one_of(get_args(Channel), "channel"), one_of(get_args(Priority), "priority")
    keys = {
        "title": key(_template(subject), "What to do; {field} is filled in.", ...),
        "notes": (
            _template(subject),
            Field(default_factory=lambda: Template(()), description="Details; {field} is filled in as well."),
        ),
        "channel": key(channel, "How to get in touch.", "any", "phone"),
        "due": key(
            _due(subject),
            "How long after the day of the run it is due; moved to a working day. Or {on: FIELD}: on the "
            "very day that a date field names; without that day, nothing is asked for. Or monday: on "
            "the next such day of the week, today included.",
            0,
            "3d",
        ),
        "days": key(
            one_of(("working", "any"), "kind of days"),
            "any: it may be due on a weekend or a holiday. Otherwise only due: saturday and due: sunday are.",
            "working",
            "any",
        ),
        "steps": key(
            _steps(subject),
            "One follow-up for each step after a day, such as the next day, after two weeks and after "
            "six. It stands in place of due and occasion.",
        ),
        "within": key(
            v.Length,
            "How many days after it was first wanted it is still useful. What would lapse comes first. "
            "If its occasion is a day, the days count from the working day after that day.",
            example="2d",
        ),
        "priority": key(priority, "How much it matters.", "medium", "high"),
        "cooldown": key(
            v.Length,
            "How long to leave the person alone after a completed follow-up; 14d if not given. "
            "0d: do not wait, not even for another open follow-up.",
            example="30d",
        ),
        "occasion": key(
            _occasion(subject),
            "The field that makes it a new follow-up: while its value stays the same, this is the same "
            "follow-up. Or week, month or year: a new one in each.",
        ),
        "done_is_contact": key(
            v.Flag,
            "Whether completing the follow-up counts as contact on that day.",
            default=True,
            example=False,
        ),
    }
    if subject == "referral":
        ask = "Who to ask: the person it was given to or came from, or the other party."
        keys["ask"] = key(one_of(("person", "other"), "party"), ask, "person")
    return block(f"{subject.title()}FollowUp", keys)


@cache
def then_model(subject: Subject) -> type[BaseModel]:
    """Return the model of ``then`` for a subject: one key per decision."""
    keys = {}
    for name, decision in decisions_of(subject).items():
        value = follow_up_model(subject) if name == FOLLOW_UP else decision.value
        if name == "cadence":
            value = cadence_or_card(subject)
        leaf = v.listed(value) if decision.adds else value
        keys[name] = key(leaf, decision.meaning, example=decision.example)
    about = "row of a guest list" if subject == "attendee" else subject
    return block(f"{subject.title()}Then", keys, f"What a rule decides about a {about}.")
