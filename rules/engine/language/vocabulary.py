"""The fields of each subject, what each of them holds, and the tests that it takes.

All of it comes from the facts that ``people.facts.declared`` declares and from ``decisions``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin

from people.facts.declared import SUBJECTS, Subject
from rules.engine.language.decisions import decisions_of, phases_of
from rules.engine.language.values import Kind

_TEXT = ("is", "word", "contains", "startswith", "endswith")
_NUMBER = ("is", "gt", "gte", "lt", "lte")
TESTS: dict[Kind, tuple[str, ...]] = {
    "text": (*_TEXT, "exists"),
    "texts": (*_TEXT, "every_endswith", "count_gte", "count_lte", "exists"),
    "whole": (*_NUMBER, "exists"),
    "days": (*_NUMBER, "exists"),
    "decimal": (*_NUMBER, "exists"),
    "date": (*_NUMBER, "older_than", "within", "exists"),
    "flag": ("is",),
}
"""The tests of each kind of field, in the order they are shown."""

KIND_NAMES: dict[Kind, str] = {
    "text": "text",
    "texts": "a list of texts",
    "whole": "a number",
    "days": "a number",
    "decimal": "a number",
    "date": "a date",
    "flag": "true or false",
}

TEST_MEANINGS: dict[str, str] = {
    "is": "equals the value (or any of a list of values); written as the field alone",
    "word": "the text has the value as whole words: 'owner' is a word of 'Co-Owner', not of 'Homeowner'",
    "contains": "the text contains the value",
    "startswith": "the text begins with the value",
    "endswith": "the text ends with the value",
    "every_endswith": "the list is not empty and every element ends with one of the values",
    "count_gte": "the list has at least this many elements",
    "count_lte": "the list has at most this many elements; an empty list has 0",
    "gt": "greater (or later) than the value",
    "gte": "greater (or later) than the value, or equal to it",
    "lt": "less (or earlier) than the value",
    "lte": "less (or earlier) than the value, or equal to it",
    "older_than": "the day is more than this length of time before today",
    "within": "the day is at most this length of time before or after today",
    "exists": "true: there is a value; false: there is none",
}

PERIODS = ("week", "month", "year")
"""Occasions that are not fields: a new one begins with each calendar week, month or year."""


@dataclass(frozen=True, slots=True)
class FactField:
    """One fact that rules may test. ``written_in`` is the phase that decides it, None for a plain fact."""

    name: str
    kind: Kind
    description: str
    example: Any
    written_in: str | None
    choices: tuple[str, ...] = ()
    """The only values that the field has; empty if it has any."""

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that the field takes."""
        return TESTS[self.kind]


@cache
def fields_of(subject: Subject) -> dict[str, FactField]:
    """Return the fields of a subject by name: the declared facts, then further facts that rules decide.

    A decision of a subject's last phase is not a field, because no later rule could test it.
    """
    fields: dict[str, FactField] = {}
    for name, info in SUBJECTS[subject].model_fields.items():
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        written_in, choices = extra.get("written_in"), extra.get("choices")
        fields[name] = FactField(
            name,
            _kind(info.annotation, extra.get("unit") == "days"),
            info.description or "",
            info.examples[0] if info.examples else None,
            str(written_in) if written_in else None,
            tuple(str(one) for one in choices) if isinstance(choices, list) else (),
        )
    for one in decisions_of(subject).values():
        if one.kind is not None and one.phase != phases_of(subject)[-1]:
            decided = FactField(one.column, one.kind, one.meaning, one.example, one.phase)
            fields.setdefault(one.column, decided)
    return fields


def _kind(annotation: Any, in_days: bool) -> Kind:  # noqa: ANN401 - any type annotation
    if get_origin(annotation) is tuple:
        return "texts"
    inner = next((part for part in get_args(annotation) if part is not NoneType), annotation)
    kinds: dict[Any, Kind] = {
        str: "text",
        bool: "flag",
        int: "days" if in_days else "whole",
        Decimal: "decimal",
        date: "date",
    }
    return kinds[inner]


def split_key(key: str) -> tuple[str, str]:
    """Split ``title|contains`` into field and test; a field alone means ``is``."""
    field, _, test = key.partition("|")
    return field, test or "is"
