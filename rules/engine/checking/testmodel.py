"""The pydantic models of a test file: the facts given, and what the rules should make of them."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, Field, create_model

from people.facts.declared import Subject
from people.tasks import Channel, Counts, Priority
from rules.engine.language import values as v
from rules.engine.language.then import STRICT, VERDICTS, Part
from rules.engine.language.vocabulary import Kind, fields_of

_GIVEN: dict[Kind, Any] = {
    "text": v.Text,
    "texts": v.several(v.Text),
    "whole": v.Whole,
    "days": v.Days,
    "decimal": v.Number,
    "date": v.Day,
    "flag": v.Flag,
}


class ExpectedFollowUp(Part):
    """A follow-up that is expected; only the keys written here are compared."""

    rule: v.Identifier = Field(description="The rule that asks for it.", examples=["gone-quiet"])
    title: v.Text = Field(default=None, description="Its title, filled in.", examples=["Call Anna"])
    notes: v.Text = Field(default=None, description="Its notes, filled in.")
    channel: v.one_of(get_args(Channel), "channel") = Field(default=None, description="Its channel.")  # type: ignore[valid-type]
    priority: v.one_of(get_args(Priority), "priority") = Field(default=None, description="Its priority.")  # type: ignore[valid-type]
    due: v.Length = Field(default=None, description="How long after today it is due.", examples=["3d"])
    occasion: v.Text = Field(default=None, description="Its occasion.")
    person: v.Text = Field(default=None, description="With whom, for a referral's check-in.")


def _follow_up(value: object) -> object:
    return {"rule": value} if isinstance(value, str) and value else value


_Words = v.several(v.Identifier)
_FollowUps = v.several(Annotated[ExpectedFollowUp, BeforeValidator(_follow_up), v.OrWord()])

_TAGS: dict[str, tuple[Any, str]] = {
    "tags": (_Words, "Tags that must be among those given."),
    "not_tags": (_Words, "Tags that must not be given."),
}
_FOLLOW_UPS: dict[str, tuple[Any, str]] = {
    "follow_ups": (_FollowUps, "All follow-ups asked for: rule ids, or blocks with 'rule'."),
}

EXPECTED: dict[Subject, dict[str, tuple[Any, str]]] = {
    "attendee": {"noise": (v.Flag, "Whether the row is noise.")},
    "meeting": {
        "kind": (v.or_none(v.Identifier), "The kind; null for none."),
        "group": (v.or_none(v.Identifier), "The group; null for none."),
        "counts": (
            v.or_none(v.one_of(get_args(Counts), "way to count")),
            "How it counts; null where no rule says so, so that its size decides.",
        ),
        "cost": (v.or_none(v.Money), "What it costs; null for nothing."),
    },
    "person": {
        "tier": (v.or_none(v.Identifier), "The tier; null for none."),
        **_TAGS,
        "segments": (_Words, "All segments given."),
        "cadence": (v.or_none(v.Length), "The cadence; null for none."),
        "stale": (v.Flag, "Whether the connection is going cold."),
        **_FOLLOW_UPS,
    },
    "group": {"verdict": (v.or_none(v.one_of(VERDICTS, "verdict")), "The verdict; null for none."), **_TAGS},
    "referral": {**_TAGS, **_FOLLOW_UPS},
}
"""The keys of ``expect`` for each subject: type and meaning."""


@cache
def case_model(subject: Subject) -> type[BaseModel]:
    """Return the model of one test about this subject."""
    name = subject.title()
    keys: dict[str, Any] = {
        "name": (v.Text, Field(description="What the test shows, in a few words.")),
        "for_": (Literal[subject], Field(default="person", alias="for", description="What it is about.")),
        "today": (v.Day, Field(default=None, description="The day of this test, instead of the file's.")),
        "given": (_given(subject), Field(description="The facts; what is left out is missing.")),
        "expect": (
            create_model(f"{name}Expected", __config__=STRICT, **_keys(EXPECTED[subject])),
            Field(description="What the rules should decide; only these keys are compared."),
        ),
    }
    model: type[BaseModel] = create_model(f"{name}Test", __config__=STRICT, **keys)
    return model


def _given(subject: Subject) -> type[BaseModel]:
    facts = [field for field in fields_of(subject).values() if field.written_in is None]
    keys = _keys({field.name: (_GIVEN[field.kind], field.description) for field in facts})
    model: type[BaseModel] = create_model(f"{subject.title()}Given", __config__=STRICT, **keys)
    return model


def _keys(keys: dict[str, tuple[Any, str]]) -> dict[str, Any]:
    return {key: (leaf, Field(default=None, description=meaning)) for key, (leaf, meaning) in keys.items()}
