"""A value that a rule takes from the card: ``cadence: {from: labels, like: "every-*"}``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from people.facts.declared import Subject
from people.text import did_you_mean, fold
from rules.engine.language import values as v
from rules.engine.language.vocabulary import KIND_NAMES, fields_of

_KEYS = ("from", "like")
_UNITS = {
    word: unit
    for unit, words in {
        "d": "d day days tag tage tagen jour jours dia dias",
        "w": "w week weeks woche wochen semaine semaines semana semanas",
        "mo": "mo month months monat monate monaten mois mes meses",
        "y": "y year years jahr jahre jahren an ans ano anos",
    }.items()
    for word in words.split()
}
"""Units as people write them on a card, folded, in the languages of the starter rules."""
_WRITTEN = re.compile(r"(\d{1,6}) ?([a-z]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class FromCard:
    """A length of time in a text field, between ``before`` and ``after``; both are folded.

    Of several texts, and of the lines of a note, the first that fits counts.
    """

    field: str
    before: str
    after: str

    def of(self, value: object) -> int | None:
        """Return the days that a value of the field names, None if it names none.

        >>> FromCard("labels", "every-", "").of(["client", "Every-6w"])
        42
        >>> FromCard("custom", "cadence:", "").of(["Cadence: 3 months"])
        90
        """
        for line in _lines(value):
            text = fold(line)
            if text.startswith(self.before) and text.endswith(self.after):
                days = _days(text[len(self.before) : len(text) - len(self.after)].strip())
                if days and len(text) >= len(self.before) + len(self.after):
                    return days
        return None

    def __str__(self) -> str:
        return f"from {self.field}, like {self.before}*{self.after}"


def _days(folded: str) -> int | None:
    written = _WRITTEN.fullmatch(folded)
    unit = _UNITS.get(written[2]) if written else None
    return v.days_of(f"{written[1]}{unit}") if written and unit else None


def _lines(value: object) -> Iterable[str]:
    texts = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return (line for text in texts if text is not None for line in str(text).splitlines())


def cadence_or_card(subject: Subject) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of a cadence: a length of time, or where on the card to find one."""
    fields = {name: field for name, field in fields_of(subject).items() if field.kind in ("text", "texts")}

    def read(value: object) -> object:
        if not isinstance(value, dict):
            return v.read_cadence(value)
        for name in value:
            if name not in _KEYS:
                help_ = did_you_mean(name, _KEYS, otherwise="keys here: from, like")
                v.refuse("unknown-key", f"unknown key '{name}'", help_, key=name)
        for name in _KEYS:
            if name not in value:
                v.refuse(
                    "missing-key", f"the key '{name}' is missing", 'write {from: labels, like: "every-*"}'
                )
        field = v.read_text(value["from"])
        if field not in fields:
            known = fields_of(subject)
            what = f"'{field}' is {KIND_NAMES[known[field].kind]}, not text" if field in known else ""
            help_ = did_you_mean(field, fields, otherwise="for example: labels, custom, note")
            v.refuse("unknown-field", what or f"{subject} has no field '{field}'", help_, key="from")
        before, star, after = v.read_text(value["like"]).partition("*")
        if not star or "*" in after or not fold(before + after):
            help_ = 'write it like "every-*"; the * stands for 90d, 12w, 6 months or 1y'
            v.refuse("bad-value", "expected a text with one * in it", help_, key="like")
        return FromCard(field, fold(before), fold(after))

    block = {
        "type": "object",
        "additionalProperties": False,
        "required": list(_KEYS),
        "properties": {"from": {"enum": list(fields)}, "like": {"type": "string", "pattern": r"\*"}},
    }
    return Annotated[Any, BeforeValidator(read), WithJsonSchema({"anyOf": [v.LENGTH_SCHEMA, block]})]
