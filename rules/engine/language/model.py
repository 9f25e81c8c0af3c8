"""The pydantic models of a rule file, built from the declared facts.

``rule_model("person")`` validates one rule about people; its ``when`` has one key for each field and
test. The same models give the JSON Schema (``rules.engine.showing.schema``), so the two cannot disagree.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, create_model

from people.facts.declared import Subject
from people.types import JournalKind
from rules.engine.language import values as v
from rules.engine.language.then import STRICT, Part, then_model
from rules.engine.language.vocabulary import TEST_MEANINGS, FactField, fields_of

GROUP_KINDS = ("chamber", "leads", "association", "club", "event", "online", "informal")

_LEAVES: dict[v.Kind, Any] = {
    "text": v.Pattern,
    "texts": v.Pattern,
    "whole": v.Whole,
    "days": v.Days,
    "decimal": v.Number,
    "date": v.Day,
}


class Segment(Part):
    """A target segment: the people you want to meet more of."""

    id: v.Identifier = Field(description="Its id, used in then: segment.", examples=["local-owners"])
    name: v.Text = Field(default="", description="Its name.", examples=["Local owner-run firms"])
    why: v.Text = Field(default="", description="Why it is a target.", examples=["They buy our service."])


class Synonym(Part):
    """Several words for one thing that people look for or offer."""

    topic: v.Text = Field(description="What it is called.", examples=["bookkeeping"])
    words: v.listed(v.Text) = Field(  # type: ignore[valid-type]
        description="Other words for it, in needs and offers.", examples=["bookkeeper"]
    )


def _some_tests(value: object) -> object:
    if isinstance(value, dict) and not value:
        v.refuse("empty-value", "this block has no tests", "remove it; without 'when' a rule is for everyone")
    return value


def _something(value: object) -> object:
    if isinstance(value, dict) and not value:
        v.refuse("empty-value", "this rule decides nothing", "add a key, like 'tag:'")
    return value


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
    return v.listed(Annotated[tests_model(subject), BeforeValidator(_some_tests)])


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
        "then": (
            Annotated[then_model(subject), BeforeValidator(_something)],
            Field(description="What the rule decides."),
        ),
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
