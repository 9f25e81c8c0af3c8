"""Titles and notes with ``{field}`` in them, filled in from facts. There are no formats and no code.

``{field|fallback}`` says what to write if the value is missing. Without a fallback, a word that fits any
sentence is written (``FALLBACKS``; for names, the next best name). ``{{`` and ``}}`` are literal braces.
"1 days" becomes "1 day", and a date is written as ``11 Aug``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from people.days import birthday, short_day
from people.text import one_line
from rules.engine.language.problems import Code
from rules.engine.language.values import Kind
from rules.engine.language.vocabulary import FactField

FALLBACKS: dict[Kind, str] = {
    "text": "unknown",
    "texts": "none",
    "whole": "an unknown number of",
    "days": "an unknown number of",
    "decimal": "an unknown number of",
    "date": "an unknown day",
    "flag": "unknown",
}
"""What is written for a missing value, by kind of field."""

NEXT_BEST: dict[str, tuple[str, ...]] = {
    "first_name": ("given_name", "name", "organisation", "emails"),
    "given_name": ("first_name", "name", "organisation", "emails"),
    "name": ("first_name", "organisation", "emails"),
}
"""For a missing name: the fields to try instead. If all are missing, ``this person`` is written."""

LONGEST_VALUE = 200

_DAYS = re.compile(r" days\b")
_PART = re.compile(r"\{\{|\}\}|\{([^{}|]*)(?:\|([^{}]*))?\}|[{}]")


@dataclass(frozen=True, slots=True)
class Slot:
    """A field to fill in, and what to write if it is missing."""

    field: str
    fallback: str
    next_best: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """Literal texts and slots, in order."""

    parts: tuple[str | Slot, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that filling in reads."""
        slots = [part for part in self.parts if isinstance(part, Slot)]
        return tuple(dict.fromkeys(name for slot in slots for name in (slot.field, *slot.next_best)))

    def fill(self, row: Mapping[str, object], today: date) -> str:
        """Return the text with the row's values in it; each value is cut at 200 characters.

        Days are in words (``11 Aug``), with their year if it is not that of ``today``.
        """
        texts: list[str] = []
        for part in self.parts:
            if isinstance(part, Slot):
                texts.append(_filled(part, row, today))
            else:
                one = texts[-1:] == ["1"] and _DAYS.match(part)
                texts.append(" day" + part[5:] if one else part)
        return "".join(texts)


class TemplateMistake(Exception):
    """A template that cannot be filled in: ``code``, ``offset`` in the text, and the wrong word."""

    def __init__(self, code: Code, offset: int, word: str) -> None:
        super().__init__(code)
        self.code = code
        self.offset = offset
        self.word = word


def parse(text: str, fields: Mapping[str, FactField]) -> Template:
    """Read a template. Raises ``TemplateMistake`` for a lone brace or an undeclared field."""
    parts: list[str | Slot] = []
    end = 0
    for part in _PART.finditer(text):
        parts.append(text[end : part.start()])
        end = part.end()
        if part.group() in ("{{", "}}"):
            parts.append(part.group()[0])
        elif part.group() in ("{", "}"):
            raise TemplateMistake("bad-template", part.start(), part.group())
        else:
            parts.append(_slot(part, fields))
    parts.append(text[end:])
    return Template(tuple(part for part in parts if part != ""))


def _slot(braces: re.Match[str], fields: Mapping[str, FactField]) -> Slot:
    name = braces[1].strip()
    field = fields.get(name)
    if field is None:
        raise TemplateMistake("unknown-template-field", braces.start(), name)
    if braces[2] is not None:
        return Slot(name, braces[2].strip())
    next_best = tuple(other for other in NEXT_BEST.get(name, ()) if other in fields)
    return Slot(name, "this person" if next_best else FALLBACKS[field.kind], next_best)


def _filled(slot: Slot, row: Mapping[str, object], today: date) -> str:
    text = _in_words(slot.field, row.get(slot.field), today)
    for name in slot.next_best:
        if text is not None:
            break
        value = row.get(name)
        text = shown(value[:1] if isinstance(value, list | tuple) else value)
    if text is not None:
        return text[:LONGEST_VALUE]
    return slot.fallback


def _in_words(field: str, value: object, today: date) -> str | None:
    if isinstance(value, date):
        return short_day(value, today)
    if field == "birthday" and isinstance(value, str):
        return birthday(value, today)
    return shown(value)


def shown(value: object) -> str | None:
    """Return a fact as text on one line, None if it is missing."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        return ", ".join(one_line(str(element)) for element in value if element is not None) or None
    if isinstance(value, Decimal | float):
        return _number(value)
    return one_line(str(value)) or None


def _number(value: Decimal | float) -> str:
    """Return ``3`` for 3.000000 and ``15.50`` for 15.5, whichever type the number has."""
    if not Decimal(value).is_finite():
        return str(value)
    whole, _, decimals = str(Decimal(str(value)).quantize(Decimal("0.000001"))).partition(".")
    kept = decimals.rstrip("0")
    return f"{whole}.{kept.ljust(2, '0')}" if kept else whole
