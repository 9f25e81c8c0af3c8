"""The leaf types of a rule file: pydantic types that read a scalar by the rules of the language.

Each refuses a wrong value with a code, a sentence and a help line, so users never see pydantic's own texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BeforeValidator, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from people.text import fold, words_of
from rules.engine.language.hints.words import in_curly_quotes
from rules.engine.language.nodes import Plain
from rules.engine.language.problems import Code

Kind = Literal["text", "texts", "whole", "days", "decimal", "date", "flag"]
"""What a fact holds. Its kind decides the tests that it takes."""

DAYS_IN = {"d": 1, "w": 7, "mo": 30, "y": 365}
"""A month is 30 days and a year 365, so that a length does not depend on the day."""

LONGEST_DAYS = 365 * 200

_LENGTH = re.compile(r"([+-]?)(\d{1,6})(d|w|mo|y)", re.ASCII)
_WHOLE = re.compile(r"[+-]?(0|[1-9]\d{0,14})", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(0|[1-9]\d{0,14})(\.\d{1,6})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WORD = re.compile(r"[^\W_]+(?:[-_.:][^\W_]+)*")
_NOT_TEXT = {"true", "false", "null", "~"}


def refuse(code: Code, message: str, help: str = "", *, key: str = "") -> NoReturn:  # noqa: A002 - as RuleProblem
    """Refuse the current value with a code, a sentence and a help line. ``key`` is at fault in a block."""
    raise PydanticCustomError(code, "{message}", {"message": message, "help": help, "key": key})


def read_scalar(value: object, wanted: str) -> str:
    """Return the text of a scalar; ``wanted`` says what it should be. Raises ``PydanticCustomError``."""
    if isinstance(value, dict | list):
        got = "a block of keys" if isinstance(value, dict) else "a list"
        words = [word for word, rest in value.items() if rest == ""] if isinstance(value, dict) else []
        help_ = f'to use it as text, quote it: "{{{words[0]}}}"' if words else ""
        refuse("wrong-shape", f"expected {wanted}, not {got}", help_)
    if not isinstance(value, str):
        refuse("bad-value", f"expected {wanted}")
    if isinstance(value, Plain) and value in ("", "null", "~"):
        refuse("empty-value", f"expected {wanted}, but there is no value")
    return value


def read_text(value: object) -> str:
    """Return a scalar as text. Raises ``PydanticCustomError``, a ``ValueError``."""
    text = read_scalar(value, "text")
    if isinstance(text, Plain) and text in _NOT_TEXT:
        refuse("bad-value", f"expected text, not {text}", f'to use it as a word, quote it: "{text}"')
    if not text.strip():
        refuse("empty-value", "the text is empty")
    return str(text)


def _pattern(value: object) -> str:
    text = read_scalar(value, "text")
    if (inner := in_curly_quotes(text)) is not None:
        refuse("bad-value", f"the curly quotes are part of the text: {text}", f'write "{inner}"')
    if not fold(text):
        refuse("empty-pattern", "an empty text would match everything", "remove it, or use |exists")
    return read_text(text)


def _phrase(value: object) -> str:
    text = _pattern(value)
    if not words_of(fold(text)).strip():
        refuse("empty-pattern", f"'{text}' has no letter or digit, so it is not a word", "use |contains")
    return text


def _identifier(value: object) -> str:
    text = read_text(value)
    if not _WORD.fullmatch(text) or len(text) > 80:
        suggestion = "-".join(_WORD.findall(fold(text)))[:80]
        refuse(
            "bad-id",
            f"'{text[:40]}' is not a valid id: use letters, digits, and '-', '_', '.' or ':' between them",
            f"did you mean '{suggestion}'?" if suggestion else "write one word",
        )
    return text


def read_flag(value: object) -> bool:
    """Return true or false. Raises ``PydanticCustomError``, a ``ValueError``."""
    text = read_scalar(value, "true or false")
    if text not in ("true", "false") or not isinstance(text, Plain):
        refuse("bad-value", f"expected true or false, not '{text}'", _flag_help(text))
    return text == "true"


def _flag_help(text: str) -> str:
    yes = fold(text) in ("yes", "on", "true", "y", "1")
    no = fold(text) in ("no", "off", "false", "n", "0")
    return f"write {'true' if yes else 'false'}, without quotes" if yes or no else ""


def _numeral(value: object, wanted: str, form: re.Pattern[str]) -> str:
    text = read_scalar(value, wanted)
    if not isinstance(text, Plain) or not form.fullmatch(text):
        refuse("bad-value", f"expected {wanted}, not '{text}'", _number_help(text))
    return text


def _whole(value: object) -> int:
    return int(_numeral(value, "a whole number", _WHOLE))


def read_count(value: object) -> int:
    """Return a whole number of 0 or more. Raises ``PydanticCustomError``, a ``ValueError``."""
    number = _whole(value)
    if number < 0:
        refuse("bad-value", f"expected 0 or more, not {number}")
    return number


def _decimal(value: object) -> Decimal:
    return Decimal(_numeral(value, "a number", _DECIMAL))


def _number_help(text: str) -> str:
    if not isinstance(text, Plain) and _DECIMAL.fullmatch(text):
        return f"write {text}, without quotes"
    digits = re.sub(r"[^\d.+-]", "", text)
    return f"write {digits}" if _DECIMAL.fullmatch(digits) else "write it in digits, like 12"


def _money(value: object) -> Decimal:
    amount = _decimal(value)
    if amount < 0 or amount != round(amount, 2):
        refuse("bad-value", f"expected an amount of money, not {amount}", "write it like 15.00")
    return amount


def _weight(value: object) -> Decimal:
    weight = _decimal(value)
    if weight < 0:
        refuse("bad-value", f"expected a weight of 0 or more, not {weight}")
    return weight


def days_of(text: str) -> int | None:
    """Return the days of a length, None if the text is not a length or is over 200 years.

    >>> days_of("12w"), days_of("-3d"), days_of("12 weeks")
    (84, -3, None)
    """
    length = _LENGTH.fullmatch(text)
    if length is None:
        return None
    sign, count, unit = length.groups()
    days = int(count) * DAYS_IN[unit]
    if days > LONGEST_DAYS:
        return None
    return -days if sign == "-" else days


def read_length(value: object) -> int:
    """Return the days of a length such as ``12w``. Raises ``PydanticCustomError``, a ``ValueError``."""
    text = read_scalar(value, "a length of time")
    days = days_of(text)
    if days is None or days < 0:
        refuse("bad-length", f"'{text}' is not a length of time", _length_help(text))
    return days


def _length_help(text: str) -> str:
    if isinstance(text, Plain) and _WHOLE.fullmatch(text):
        return f"write {text.lstrip('+-')}d for days"
    length = re.match(r"\s*(\d+)\s*(d|w|mo|y)", fold(text))
    return f"write {length[1]}{length[2]}" if length else "write 90d, 12w, 6mo or 1y"


def read_cadence(value: object) -> int:
    """Return the days of a length of a day or more. Raises ``PydanticCustomError``, a ``ValueError``."""
    days = read_length(value)
    if days < 1:
        refuse("bad-length", "a cadence is at least one day", "write 30d, or leave the key out")
    return days


def _days(value: object) -> int:
    text = read_scalar(value, "a number of days")
    if isinstance(text, Plain) and _WHOLE.fullmatch(text):
        return int(text)
    days = days_of(text)
    if days is None:
        known = re.match(r"\s*\d+\s*(d|w|mo|y)", fold(text))
        help_ = _length_help(text) if known else "write 90, or 90d, 12w, 6mo, 1y"
        refuse("bad-value", f"expected a number of days, not '{text}'", help_)
    return days


def read_day(value: object) -> date:
    """Return the day of a ``YYYY-MM-DD`` scalar. Raises ``PydanticCustomError``, a ``ValueError``."""
    text = read_scalar(value, "a date")
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        refuse("bad-value", f"the day {text} does not exist")
    refuse("bad-value", f"expected a date, not '{text}'", "write it like 2026-11-01")


def _length_or_day(value: object) -> int | date:
    return read_day(value) if isinstance(value, str) and _DATE.fullmatch(value) else read_length(value)


def as_list(value: object) -> object:
    """Return one value as a list of one; refuse an empty list."""
    if value == []:
        refuse("empty-value", "this list is empty", "remove the key, or name a value")
    return any_list(value)


def any_list(value: object) -> object:
    """Return one value as a list of one. An empty list is allowed."""
    return value if isinstance(value, list) else [value]


def _leaf(read: Callable[[object], Any], schema: dict[str, Any]) -> Any:  # noqa: ANN401 - an Annotated type
    return Annotated[Any, BeforeValidator(read), WithJsonSchema(schema)]


class OrWord:
    """Lets the JSON Schema of a block also accept a single word."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the schema of a word, or of the block."""
        return {"anyOf": [{"type": "string"}, handler(core_schema)]}


class OneOrMany:
    """Lets the JSON Schema of a list also accept a single item."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the schema of an item, or of a list of items."""
        listed = handler(core_schema)
        return {"anyOf": [listed["items"], listed]}


def listed(leaf: Any) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of one value or a list of values, read as a tuple."""
    return Annotated[tuple[leaf, ...], BeforeValidator(as_list), OneOrMany()]


def several(leaf: Any) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of one value or a list of values, which may be empty."""
    return Annotated[tuple[leaf, ...], BeforeValidator(any_list), OneOrMany()]


def or_none(leaf: Any) -> Any:  # noqa: ANN401 - an Annotated type
    """Return the type of a value, or of null."""
    return Annotated[leaf | None, BeforeValidator(_null)]


def _null(value: object) -> object:
    return None if isinstance(value, Plain) and value in ("null", "~", "") else value


COUNT_SCHEMA = {"type": "integer", "minimum": 0}
LENGTH_SCHEMA = {"type": "string", "pattern": r"^[0-9]+(d|w|mo|y)$"}

Text = _leaf(read_text, {"type": ["string", "number"], "minLength": 1})
Pattern = _leaf(_pattern, {"type": ["string", "number"], "minLength": 1})
Phrase = _leaf(_phrase, {"type": ["string", "number"], "minLength": 1})
Identifier = _leaf(_identifier, {"type": ["string", "number"], "minLength": 1})
Flag = _leaf(read_flag, {"type": "boolean"})
Whole = _leaf(_whole, {"type": "integer"})
Count = _leaf(read_count, COUNT_SCHEMA)
Number = _leaf(_decimal, {"type": "number"})
Money = _leaf(_money, {"type": "number", "minimum": 0})
Weight = _leaf(_weight, {"type": "number", "minimum": 0})
Length = _leaf(read_length, LENGTH_SCHEMA)
Cadence = _leaf(read_cadence, LENGTH_SCHEMA)
Days = _leaf(
    _days,
    {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^[+-]?[0-9]+(d|w|mo|y)$"}]},
)
DAY_SCHEMA = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
Day = _leaf(read_day, DAY_SCHEMA)
LengthOrDay = _leaf(_length_or_day, {"anyOf": [LENGTH_SCHEMA, DAY_SCHEMA]})
