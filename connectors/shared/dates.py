"""Dates as programs and people write them: ``05 Jun 2025``, ``14.03.1985``, in several languages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
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

# Turkish, Czech, Finnish, Russian, Ukrainian, Romanian, Hungarian, Indonesian. They count as whole words,
# because their beginnings are those of other months in the languages above.
_WHOLE_WORDS = (
    "ocak oca leden ledna led tammikuu tammikuuta января янв січня січ ianuarie ian",
    "şubat şub únor února úno helmikuu helmikuuta февраля фев февр лютого лют februarie február",
    "mart březen března bře maaliskuu maaliskuuta марта березня бер martie március",
    "nisan nis duben dubna dub huhtikuu huhtikuuta апреля апр квітня кві aprilie április",
    "mayıs květen května kvě toukokuu toukokuuta мая май травня тра május",
    "haziran haz červen června čvn kesäkuu kesäkuuta июня июн червня чер iunie iun június",
    "temmuz tem červenec července čvc heinäkuu heinäkuuta июля июл липня лип iulie iul július",
    "ağustos ağu agustus agt srpen srpna srp elokuu elokuuta августа авг серпня сер augusztus",
    "eylül eyl září zář syyskuu syyskuuta сентября сен сент вересня вер septembrie szeptember",
    "ekim eki říjen října říj lokakuu lokakuuta октября окт жовтня жов octombrie október",
    "kasım kas marraskuu marraskuuta ноября ноя нояб листопада лис noiembrie noi",
    "aralık ara prosinec prosince pro joulukuu joulukuuta декабря дек грудня гру decembrie des",
)  # fmt: skip
_BY_WORD = {fold(name): month for month, names in enumerate(_WHOLE_WORDS, start=1) for name in names.split()}
_CLOCK = re.compile(r"[,\s]\s*\d{1,2}:\d{2}(:\d{2})?\s*([ap]\.?\s?m\.?)?\s*$", re.IGNORECASE)
_WEEKDAY = re.compile(r"[^\W\d_]+\.?,\s*(?=\d)")
_TIME = re.compile(r"[T,\s]\s*\d{1,2}:\d{2}.*$", re.DOTALL)
_YEARLESS = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.?")
_SHORT = re.compile(r"(\d{1,2})[/-](\d{1,2})")
_SERIAL = re.compile(r"(3[6-9]|[4-6]\d)\d{3}")
_FIRST_SERIAL = date(1899, 12, 30)  # day 0 of a spreadsheet
_LOOSE = re.compile(r"(?<=\d)\s?([./-])\s?(?=\d)")
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
    if _SERIAL.fullmatch(bare):  # a spreadsheet's number of a day from 1998 to 2091
        return _FIRST_SERIAL + timedelta(days=int(bare)), ""
    shown = f"'{one_line(text)[:40]}'"
    try:
        year, month, day = _parts(bare, order)
        return date(year, month, day), ""
    except LookupError:
        return None, f"{shown} can be read as more than one date"
    except ValueError:
        return None, f"{shown} is not a date"


def read_birthday(text: str, order: Order | None = None) -> str | None:
    """Read a birthday as ``YYYY-MM-DD``, or as ``--MM-DD`` if its year is missing or has two digits only.

    Days come first between dots. With slashes or hyphens, a day and a month that could be exchanged are not
    guessed without ``order``: None.

    >>> read_birthday("14. Mai 1985"), read_birthday("14.03.85"), read_birthday("3/4/1985")
    ('1985-05-14', '--03-14', None)
    """
    bare = _TIME.sub("", _WEEKDAY.sub("", text.strip())).strip()
    try:
        if match := _YEARLESS.fullmatch(bare):
            return _without_year(int(match[2]), int(match[1]))
        if match := _SHORT.fullmatch(bare):
            _, month, of_month = _numeric(int(match[1]), int(match[2]), 2000, order)
            return _without_year(month, of_month)
        if not re.search(r"\d{3}", bare) and not re.search(r"\d\D+\d", bare):
            (day,) = re.findall(r"\d+", bare)
            return _without_year(_month_in(bare), int(day))
        year, month, day_of_month = _parts(bare, "day first" if "." in bare else order)
        short = re.search(r"\d{4}", bare) is None
        day = date(year, month, day_of_month).isoformat()
    except (ValueError, LookupError):
        return None
    return f"-{day[4:]}" if short else day


def _without_year(month: int, of_month: int) -> str:
    return f"--{date(2000, month, of_month):%m-%d}"


def _parts(text: str, order: Order | None) -> tuple[int, int, int]:
    """Year, month and day. Raises ``LookupError`` if it is ambiguous, ``ValueError`` if it is not a date."""
    text = _LOOSE.sub(r"\1", text)
    if match := _YEAR_FIRST.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _NUMERIC.fullmatch(text):
        return _numeric(int(match[1]), int(match[2]), _year(match[3]), order)
    numbers = re.findall(r"\d+", text)
    if len(numbers) != 2:
        raise ValueError(text)
    month = _month_in(text)
    day, year = sorted(numbers, key=len) if len(numbers[0]) != len(numbers[1]) else numbers
    return _year(year), month, int(day)


def _month_in(text: str) -> int:
    """The month that the text names. Raises as ``_parts`` does."""
    months = [months for word in re.findall(r"[a-z]{3,}", fold(text)) if (months := _months(word))]
    if len(months) != 1:
        raise ValueError(text)
    if len(months[0]) > 1:
        raise LookupError(text)
    return months[0].pop()


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
    """The months whose name is this word, or begins with it in the languages that allow it."""
    if word in _BY_WORD:
        return {_BY_WORD[word]}
    return {month for name, month in _NAMES if name.startswith(word)}
