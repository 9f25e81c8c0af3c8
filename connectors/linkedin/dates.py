"""The dates of LinkedIn's exports: ``05 Jun 2025``, and the forms of other years and languages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Literal

from people.text import fold, one_line

Order = Literal["day first", "month first"]

# English, German, French, Spanish, Italian, Portuguese, Dutch, Danish and Norwegian, Swedish, Polish.
_MONTHS = (
    "january januar janvier enero gennaio janeiro januari stycznia styczen",
    "february februar fevrier febrero febbraio fevereiro februari lutego luty",
    "march marz maerz mars marzo marco maart mrt marts marca marzec",
    "april avril abril aprile kwietnia kwiecien",
    "may mai mayo maggio maio mei maj maja",
    "june juni juin junio giugno junho czerwca czerwiec",
    "july juli juillet julio luglio julho lipca lipiec",
    "august aout agosto augustus augusti sierpnia sierpien",
    "september septembre septiembre settembre setembro wrzesnia wrzesien",
    "october oktober octobre octubre ottobre outubro pazdziernika pazdziernik",
    "november novembre noviembre novembro listopada listopad",
    "december dezember decembre diciembre dicembre dezembro desember grudnia grudzien",
)
_NAMES = tuple((name, month) for month, names in enumerate(_MONTHS, start=1) for name in names.split())
_CLOCK = re.compile(r"[,\s]\s*\d{1,2}:\d{2}(:\d{2})?\s*([ap]\.?\s?m\.?)?\s*$", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})\D?")
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})")


def order_of(texts: Iterable[str]) -> Order | None:
    """Whether the day or the month comes first in a column of dates like 6/5/2018; None if it is unclear.

    A number above 12 decides it. A time with AM or PM means the month comes first, as in LinkedIn's exports
    until 2018.
    """
    orders: set[Order] = set()
    twelve_hours = False
    for text in texts:
        clock = _CLOCK.search(text)
        twelve_hours |= clock is not None and clock[2] is not None
        numbers = _NUMERIC.fullmatch(_CLOCK.sub("", text).strip())
        if numbers and int(numbers[1]) > 12:
            orders.add("day first")
        elif numbers and int(numbers[2]) > 12:
            orders.add("month first")
    if not orders and twelve_hours:
        return "month first"
    return orders.pop() if len(orders) == 1 else None


def read_date(text: str, order: Order | None) -> tuple[date | None, str]:
    """Read a date. Without one, return None and a message, which is empty for an empty text."""
    bare = _CLOCK.sub("", text).strip()
    if not bare:
        return None, ""
    shown = f"'{one_line(text)[:40]}'"
    try:
        year, month, day = _parts(bare, order)
        return date(year, month, day), ""
    except LookupError:
        return None, f"{shown} can be read as more than one date"
    except ValueError:
        return None, f"{shown} is not a date"


def _parts(text: str, order: Order | None) -> tuple[int, int, int]:
    """Year, month and day. Raises ``LookupError`` if it is ambiguous, ``ValueError`` if it is not a date."""
    if match := _YEAR_FIRST.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _NUMERIC.fullmatch(text):
        return _numeric(int(match[1]), int(match[2]), _year(match[3]), order)
    numbers = re.findall(r"\d+", text)
    months = [month for word in re.findall(r"[a-z]{3,}", fold(text)) if (month := _months(word))]
    if len(months) != 1 or len(numbers) != 2:
        raise ValueError(text)
    if len(months[0]) > 1:
        raise LookupError(text)
    day, year = sorted(numbers, key=len) if len(numbers[0]) != len(numbers[1]) else numbers
    return _year(year), months[0].pop(), int(day)


def _numeric(first: int, second: int, year: int, order: Order | None) -> tuple[int, int, int]:
    if first > 12 or (order == "day first" and second <= 12):
        return year, second, first
    if second > 12 or order == "month first" or first == second:
        return year, first, second
    raise LookupError


def _year(digits: str) -> int:
    if len(digits) not in (2, 4):
        raise ValueError(digits)
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _months(word: str) -> set[int]:
    """The months whose name begins with this word in any of the languages."""
    return {month for name, month in _NAMES if name.startswith(word)}
