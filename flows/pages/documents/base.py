"""What the documents share: their base class, and how numbers are written."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer

from people.types import Frozen

Number = int | float
"""A JSON number with at most two decimals; a whole number has none."""


def _seconds(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")


Second = Annotated[datetime, PlainSerializer(_seconds, return_type=str)]
"""An instant in UTC, to the second: ``2026-01-14T23:59:59+00:00``."""

Moment = Annotated[datetime, PlainSerializer(datetime.isoformat, return_type=str)]
"""An instant in UTC, to the microsecond."""


class Document(Frozen):
    """A JSON document, or a part of one.

    Fields stand in the order in which they are printed, and their descriptions make docs/json.md.
    """


def number(value: Decimal | float) -> Number:
    """Round to two decimals; whole numbers become ``int``. ``number(Decimal("2.00")) == 2``."""
    rounded = round(float(value), 2)
    return int(rounded) if rounded == int(rounded) else rounded


def number_or_none(value: Decimal | float | None) -> Number | None:
    """Like ``number``, but keeps a missing value missing."""
    return None if value is None else number(value)


def plain(value: object) -> object:
    """Return a fact as JSON-ready value: decimals as numbers, days as ``YYYY-MM-DD``."""
    if isinstance(value, Decimal):
        return number(value)
    return value.isoformat() if isinstance(value, date) else value
