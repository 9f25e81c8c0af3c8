"""The pydantic models of a test file: the given facts, and what rules should decide."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, Field

from people.facts.declared import Subject
from people.tasks import Channel, Priority
from rules.engine.language import values as v
from rules.engine.language.choices import one_of
from rules.engine.language.decisions import decisions_of
from rules.engine.language.model import LEAVES
from rules.engine.language.then import Part, block, key
from rules.engine.language.vocabulary import fields_of

_GIVEN: dict[v.Kind, Any] = {**LEAVES, "text": v.Text, "texts": v.several(v.Text), "flag": v.Flag}


class ExpectedFollowUp(Part):
    """An expected follow-up. Only the keys that are given are compared."""

    rule: v.Identifier = Field(description="The rule that asks for it.", examples=["gone-quiet"])
    title: v.Text = Field(default=None, description="Its title, filled in.", examples=["Call Anna"])
    notes: v.Text = Field(default=None, description="Its notes, filled in.")
    channel: one_of(get_args(Channel), "channel") = Field(default=None, description="Its channel.")  # type: ignore[valid-type]
    priority: one_of(get_args(Priority), "priority") = Field(default=None, description="Its priority.")  # type: ignore[valid-type]
    due: v.LengthOrDay = Field(
        default=None, description="How long after today it is due, or the day.", examples=["3d"]
    )
    within: v.Length = Field(default=None, description="How long it is useful.", examples=["2d"])
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
    plain_facts = [field for field in fields_of(subject).values() if field.written_in is None]
    given = {field.name: key(_GIVEN[field.kind], field.description) for field in plain_facts}
    expected = {name: key(leaf, meaning) for name, (leaf, meaning) in expected_keys(subject).items()}
    keys = {
        "name": key(v.Text, "What the test shows, in a few words.", ...),
        "for_": key(Literal[subject], "What it is about.", "person", alias="for"),
        "today": key(v.Day, "The day, if it differs from the file's."),
        "given": key(
            block(f"{subject.title()}Given", given), "The given facts. All others are missing.", ...
        ),
        "expect": key(
            block(f"{subject.title()}Expected", expected),
            "What the rules should decide. Only these keys are compared.",
            ...,
        ),
    }
    return block(f"{subject.title()}Test", keys)
