"""What the documents share: their base class, and how numbers are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, PlainSerializer

from people.types import Frozen


def _seconds(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")


Second = Annotated[datetime, PlainSerializer(_seconds, return_type=str)]
"""An instant in UTC, to the second: ``2026-01-14T23:59:59+00:00``."""

Moment = Annotated[datetime, PlainSerializer(datetime.isoformat, return_type=str)]
"""An instant in UTC, to the microsecond."""


def number(value: Decimal | float) -> int | float:
    """Round to two decimals; whole numbers become ``int``. ``number(Decimal("2.00")) == 2``."""
    rounded = round(float(value), 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _number_or_none(value: Decimal | float | None) -> int | float | None:
    return None if value is None else number(value)


Number = Annotated[int | float, BeforeValidator(_number_or_none)]
"""A JSON number with at most two decimals; a whole number has none. Decimals are rounded."""


class Document(Frozen):
    """A JSON document, or a part of one.

    Fields stand in the order in which they are printed, and their descriptions make docs/json.md.
    """

    @classmethod
    def filled(cls, source: object, **values: object) -> Self:
        """Fill the fields from the keys or attributes of ``source``; ``values`` win."""
        if not isinstance(source, Mapping):
            source = {name: getattr(source, name) for name in cls.model_fields if hasattr(source, name)}
        own: dict[str, Any] = {name: source[name] for name in cls.model_fields if name in source}
        return cls.model_validate(own | values, from_attributes=True)


def plain(value: object) -> object:
    """Return a fact as JSON-ready value: decimals as numbers, days as ``YYYY-MM-DD``."""
    if isinstance(value, Decimal):
        return number(value)
    return value.isoformat() if isinstance(value, date) else value
