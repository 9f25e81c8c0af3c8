"""The pydantic models of a rule file, built from the declared facts.

``rule_model("person")`` validates one rule about people. Its ``when`` has one key per field and test. The
JSON Schema (``rules.engine.showing.schema``) is made from the same models, so the two always agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from people.facts.declared import Subject
from people.tasks import Period, Ration
from people.types import JournalKind
from rules.engine.language import values as v
from rules.engine.language.choices import folded_one_of, one_of
from rules.engine.language.decisions import FOLLOW_UP, decisions_of
from rules.engine.language.then import Part, block, key, only_key, then_model
from rules.engine.language.vocabulary import TEST_MEANINGS, FactField, fields_of

GROUP_KINDS = ("chamber", "leads", "association", "club", "event", "online", "informal")
RATION_PERIODS = get_args(Period)
FEE_PERIODS = ("month", "year", "meeting")
DATED: tuple[Subject, ...] = ("person", "group", "referral")
"""The subjects whose rules are judged on a day. Meetings are classified once, whatever the day is."""

LEAVES: dict[v.Kind, Any] = {
    "text": v.Pattern,
    "texts": v.Pattern,
    "whole": v.Whole,
    "days": v.Days,
    "decimal": v.Number,
    "date": v.Day,
}
"""The type of one value of each kind of field; a flag has no other test than ``is``."""


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


def _not_empty(message: str, help: str) -> BeforeValidator:  # noqa: A002 - the word of RuleProblem
    """Return the validator that refuses a block without keys."""

    def refuse_empty(value: object) -> object:
        return v.refuse("empty-value", message, help) if value == {} else value

    return BeforeValidator(refuse_empty)


_SOME_TESTS = _not_empty("this block has no tests", "remove it; a rule without 'when' is for everyone")
_SOMETHING = _not_empty("this rule decides nothing", "add a key, such as 'tag:'")


def leaf_of(field: FactField, test: str) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of the value that a test of this field takes."""
    return _leaf_of(field.kind, test, field.choices, field.name if field.choices else "")


@cache
def _leaf_of(kind: v.Kind, test: str, choices: tuple[str, ...], name: str) -> Any:  # noqa: ANN401
    if test == "exists" or kind == "flag":
        return v.Flag
    if test in ("older_than", "within"):
        return v.Length
    if test in ("count_gte", "count_lte"):
        return v.Count
    leaf = v.Phrase if test == "word" else LEAVES[kind]
    if test == "is" and choices:
        leaf = folded_one_of(choices, name)
    several = test == "is" or kind in ("text", "texts")
    return v.listed(leaf) if several else leaf


def key_of(field: FactField, test: str) -> str:
    """Return how a test is written: ``title``, ``title|contains``."""
    return field.name if test == "is" else f"{field.name}|{test}"


@cache
def tests_model(subject: Subject) -> type[BaseModel]:
    """Return the model of a block of tests, which documents it; all tests of a block must hold."""
    keys = {}
    for field in fields_of(subject).values():
        for test in field.tests:
            here = "" if test == "is" else f" Here: {TEST_MEANINGS[test]}."
            keys[f"{field.name}__{test}"] = key(
                leaf_of(field, test), field.description + here, alias=key_of(field, test)
            )
    return block(f"{subject.title()}Tests", keys)


@dataclass(frozen=True, slots=True)
class _Tests:
    """Reads a block of tests as a dictionary, with the mistakes that ``tests_model`` finds.

    A thousand keys share some twenty types. Here each type is built once. A model builds it for each key,
    which takes longer than all else that reading rules does.
    """

    subject: Subject

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        leaves: dict[int, CoreSchema] = {}
        keys: dict[str, core_schema.TypedDictField] = {}
        for field in fields_of(self.subject).values():
            for test in field.tests:
                leaf = leaf_of(field, test)
                if id(leaf) not in leaves:
                    leaves[id(leaf)] = handler.generate_schema(leaf)
                keys[key_of(field, test)] = core_schema.typed_dict_field(leaves[id(leaf)], required=False)
        return core_schema.typed_dict_schema(keys, extra_behavior="forbid")


def alternatives(subject: Subject, *, documented: bool) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of ``when`` and ``unless``: a block of tests, or a list of blocks."""
    tests: Any = tests_model(subject) if documented else Annotated[dict[str, Any], _Tests(subject)]
    return v.listed(Annotated[tests, _SOME_TESTS])


_BRAKE = "The brake: a rule that matches more than this in a run is stopped."
_AT_MOST_MEANING = {
    False: _BRAKE,
    True: f"{_BRAKE} Or a ration, {{week: 3}}: the rule still decides about everybody, and its three most "
    "valuable follow-ups come each calendar week; the others wait.",
}


def _at_most(subject: Subject) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of ``at_most``: a number, or a ``Ration`` if the subject has follow-ups."""
    if FOLLOW_UP not in decisions_of(subject):
        return v.Count

    def read(value: object) -> int | Ration:
        if not isinstance(value, dict):
            return v.read_count(value)
        period, count = only_key(value, RATION_PERIODS)
        number = v.read_count(count)
        if number < 1:
            v.refuse("bad-value", "a ration is at least 1", "to switch a rule off, remove it", key=period)
        return Ration(number, cast("Period", period))

    count = {"type": "integer", "minimum": 1}
    ration = {"type": "object", "additionalProperties": False, "minProperties": 1, "maxProperties": 1}
    schemas = [v.COUNT_SCHEMA, {**ration, "properties": dict.fromkeys(RATION_PERIODS, count)}]
    return Annotated[Any, BeforeValidator(read), WithJsonSchema({"anyOf": schemas})]


@cache
def rule_model(subject: Subject, *, documented: bool = True) -> type[BaseModel]:
    """Return the model of one rule about this subject.

    The one that is not ``documented`` reads files: its tests have no JSON Schema, and it is built sooner.
    """
    tests = alternatives(subject, documented=documented)
    keys = {
        "id": key(v.Identifier, "The id of the rule, unique across all files.", ...),
        "for_": key(Literal[subject], "What the rule is about.", ..., alias="for"),
        "why": key(v.Text, "Why the rule exists, for the next reader.", ""),
        "when": key(
            tests,
            "The tests. All tests of a block must hold; of a list of blocks, any one. A rule "
            "without when is for everyone.",
            (),
        ),
        "unless": key(tests, "The exceptions, written like when.", ()),
        "then": key(Annotated[then_model(subject), _SOMETHING], "What the rule decides.", ...),
        "at_most": key(_at_most(subject), _AT_MOST_MEANING[FOLLOW_UP in decisions_of(subject)], example=25),
        "stop_above": key(v.Count, f"{_BRAKE} The same as at_most: 25, also beside a ration.", example=25),
        "instead_of": key(
            v.listed(v.Identifier),
            "Rules that do not match whoever this rule matches. For all others they stay as they are.",
            (),
            "birthday",
        ),
    }
    if subject in DATED:
        keys["from_"] = key(v.Day, "The first day on which the rule holds.", None, "2027-03-01", "from")
        keys["until"] = key(v.Day, "The last day on which the rule holds.", None, "2027-03-31")
    return block(f"{subject.title()}Rule", keys)


@cache
def group_model(*, documented: bool = True) -> type[BaseModel]:
    """Return the model of one declared group. ``documented`` is that of ``rule_model``."""
    kind, fee_per = one_of(GROUP_KINDS, "kind of group"), one_of(FEE_PERIODS, "fee period")
    keys = {
        "id": key(v.Identifier, "Its id, for rules and the journal.", ..., "bni-central"),
        "name": key(v.Text, "Its name.", "", "BNI Central"),
        "kind": key(kind, "What kind of group it is.", "informal"),
        "since": key(v.Day, "When you joined.", example="2025-03-01"),
        "fee": key(v.Money, "What membership costs you.", example=600.00),
        "fee_per": key(fee_per, "What one fee pays for.", "year", "year"),
        "members": key(
            alternatives("person", documented=documented),
            "Who counts as a member, besides the people met at its meetings.",
            (),
        ),
        "meetings": key(
            alternatives("meeting", documented=documented),
            "Which meetings belong to the group, unless a rule decides.",
            (),
        ),
    }
    return block("Group", keys)


DEFAULT_WEIGHTS: dict[JournalKind, Decimal] = {
    "contact": Decimal(0),
    "met": Decimal(0),
    "mention": Decimal(0),
    "pause": Decimal(0),
    "participation": Decimal(1),
    "introduction": Decimal(2),
    "purchase": Decimal(1),
    "referral": Decimal(3),
}


@cache
def weights_model() -> type[BaseModel]:
    """Return the model of ``weights:``: the weight of each kind of journal line in the ledger."""
    keys = {
        str(kind): key(v.Weight, f"The weight of one {kind}.", weight, int(weight))
        for kind, weight in DEFAULT_WEIGHTS.items()
        if kind != "pause"
    }
    return block("Weights", keys)
