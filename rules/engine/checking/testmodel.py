"""The pydantic models of a test file: the given facts, and what rules should decide."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, Field, create_model

from people.facts.declared import Subject
from people.tasks import Channel, Priority
from rules.engine.language import values as v
from rules.engine.language.decisions import decisions_of
from rules.engine.language.then import STRICT, Part
from rules.engine.language.vocabulary import fields_of

_GIVEN: dict[v.Kind, Any] = {
    "text": v.Text,
    "texts": v.several(v.Text),
    "whole": v.Whole,
    "days": v.Days,
    "decimal": v.Number,
    "date": v.Day,
    "flag": v.Flag,
}


class ExpectedFollowUp(Part):
    """An expected follow-up. Only the keys that are given are compared."""

    rule: v.Identifier = Field(description="The rule that asks for it.", examples=["gone-quiet"])
    title: v.Text = Field(default=None, description="Its title, filled in.", examples=["Call Anna"])
    notes: v.Text = Field(default=None, description="Its notes, filled in.")
    channel: v.one_of(get_args(Channel), "channel") = Field(default=None, description="Its channel.")  # type: ignore[valid-type]
    priority: v.one_of(get_args(Priority), "priority") = Field(default=None, description="Its priority.")  # type: ignore[valid-type]
    due: v.Length = Field(default=None, description="How long after today it is due.", examples=["3d"])
    occasion: v.Text = Field(default=None, description="Its occasion.")
    person: v.Text = Field(default=None, description="The person to ask, for a check-in about a referral.")


def _follow_up(value: object) -> object:
    return {"rule": value} if isinstance(value, str) and value else value


FOLLOW_UPS = "follow_ups"
NOT = "not_"

_FollowUps = v.several(Annotated[ExpectedFollowUp, BeforeValidator(_follow_up), v.OrWord()])


def expected_keys(subject: Subject) -> dict[str, tuple[Any, str]]:
    """Return the keys of ``expect`` for a subject: type and meaning."""
    keys: dict[str, tuple[Any, str]] = {}
    for decision in decisions_of(subject).values():
        if decision.kind is None:
            meaning = "All follow-ups that rules ask for: rule ids, or blocks with 'rule'."
            keys[FOLLOW_UPS] = (_FollowUps, meaning)
        elif decision.adds:
            keys[decision.column] = (v.several(decision.value), decision.expected)
            if decision.in_part:
                absent = f"{decision.column.capitalize()} that must be absent."
                keys[f"{NOT}{decision.column}"] = (v.several(decision.value), absent)
        else:
            leaf = decision.value if decision.kind == "flag" else v.or_none(decision.value)
            keys[decision.key] = (leaf, decision.expected)
    return keys


@cache
def case_model(subject: Subject) -> type[BaseModel]:
    """Return the model of one test about this subject."""
    name = subject.title()
    keys: dict[str, Any] = {
        "name": (v.Text, Field(description="What the test shows, in a few words.")),
        "for_": (Literal[subject], Field(default="person", alias="for", description="What it is about.")),
        "today": (
            v.Day,
            Field(default=None, description="The day, if it differs from the file's."),
        ),
        "given": (
            _given(subject),
            Field(description="The given facts. All others are missing."),
        ),
        "expect": (
            create_model(f"{name}Expected", __config__=STRICT, **_keys(expected_keys(subject))),
            Field(description="What the rules should decide. Only these keys are compared."),
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
