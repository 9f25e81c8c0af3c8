"""The pydantic models of a rule file, built from the declared facts.

``rule_model("person")`` validates one rule about people. Its ``when`` has one key per field and test. The
JSON Schema (``rules.engine.showing.schema``) is made from the same models, so the two always agree.
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
    """A target segment: people you want to meet more of."""

    id: v.Identifier = Field(description="Its id, for segment: in a rule.", examples=["local-owners"])
    name: v.Text = Field(default="", description="Its name.", examples=["Local owner-run firms"])
    why: v.Text = Field(default="", description="Why they are a target.", examples=["They buy our service."])


class Synonym(Part):
    """Words that mean the same in what people need and offer."""

    topic: v.Text = Field(description="The topic that the words stand for.", examples=["bookkeeping"])
    words: v.listed(v.Text) = Field(  # type: ignore[valid-type]
        description="Other words for the topic, in needs and offers.", examples=["bookkeeper"]
    )


def _some_tests(value: object) -> object:
    if isinstance(value, dict) and not value:
        v.refuse("empty-value", "this block has no tests", "remove it; a rule without 'when' is for everyone")
    return value


def _something(value: object) -> object:
    if isinstance(value, dict) and not value:
        v.refuse("empty-value", "this rule decides nothing", "add a key, such as 'tag:'")
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
    """Return the model of a block of tests; all tests of a block must hold."""
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
    """Return the type of ``when`` and ``unless``: a block of tests, or a list of blocks."""
    return v.listed(Annotated[tests_model(subject), BeforeValidator(_some_tests)])


@cache
def rule_model(subject: Subject) -> type[BaseModel]:
    """Return the model of one rule about this subject."""
    tests = alternatives(subject)
    keys: dict[str, Any] = {
        "id": (v.Identifier, Field(description="The id of the rule, unique across all files.")),
        "for_": (Literal[subject], Field(alias="for", description="What the rule is about.")),
        "why": (v.Text, Field(default="", description="Why the rule exists, for the next reader.")),
        "when": (
            tests,
            Field(
                default=(),
                description="The tests. All tests of a block must hold; of a list of blocks, any one. A rule "
                "without when is for everyone.",
            ),
        ),
        "unless": (tests, Field(default=(), description="The exceptions, written like when.")),
        "then": (
            Annotated[then_model(subject), BeforeValidator(_something)],
            Field(description="What the rule decides."),
        ),
        "at_most": (
            v.Count,
            Field(
                default=None,
                description="The brake: a rule that matches more than this in a run is stopped.",
            ),
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
            Field(description="Its id, for rules and the journal.", examples=["bni-central"]),
        ),
        "name": (v.Text, Field(default="", description="Its name.", examples=["BNI Central"])),
        "kind": (
            v.one_of(GROUP_KINDS, "kind of group"),
            Field(default="informal", description="What kind of group it is."),
        ),
        "since": (v.Day, Field(default=None, description="When you joined.", examples=["2025-03-01"])),
        "fee": (v.Money, Field(default=None, description="What membership costs you.", examples=[600.00])),
        "fee_per": (
            v.one_of(("month", "year", "meeting"), "fee period"),
            Field(default="year", description="What one fee pays for.", examples=["year"]),
        ),
        "members": (
            alternatives("person"),
            Field(default=(), description="Who counts as a member, besides the people met at its meetings."),
        ),
        "meetings": (
            alternatives("meeting"),
            Field(default=(), description="Which meetings belong to the group, unless a rule decides."),
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
    """Return the model of ``weights:``: the weight of each kind of journal line in the ledger."""
    keys: dict[str, Any] = {
        kind: (
            v.Weight,
            Field(default=weight, description=f"The weight of one {kind}.", examples=[int(weight)]),
        )
        for kind, weight in DEFAULT_WEIGHTS.items()
    }
    model: type[BaseModel] = create_model("Weights", __config__=STRICT, **keys)
    return model
