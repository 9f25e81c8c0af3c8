"""What the settings of all sources of mail have in common."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from dateutil.relativedelta import relativedelta
from pydantic import AfterValidator

_SPAN = re.compile(r"([1-9]\d{0,3})([dwmy])")
_UNITS = {"d": "days", "w": "weeks", "m": "months", "y": "years"}


def _valid(since: str) -> str:
    try:
        first_day(since, date(2026, 1, 1))
    except (ValueError, OverflowError) as error:
        msg = f"'{since}' is not a span or a day; write 3y, 18m, 90d or a day such as 2024-01-31"
        raise ValueError(msg) from error
    return since


Since = Annotated[str, AfterValidator(_valid)]
"""How far back mail is read: a span (``3y``, ``18m``, ``6w``, ``90d``), or the first day."""


def first_day(since: str, today: date) -> date:
    """The first day whose mail is read. Raises ``ValueError`` if ``since`` is neither a span nor a day.

    >>> first_day("18m", date(2026, 3, 31))
    datetime.date(2024, 9, 30)
    """
    if span := _SPAN.fullmatch(since):
        number, unit = span.groups()
        return today - relativedelta(**{_UNITS[unit]: int(number)})  # type: ignore[arg-type]
    return date.fromisoformat(since)
