"""Working days of a region: follow-ups are never due on weekends or public holidays."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.util import find_spec
from types import ModuleType

_DAY = timedelta(days=1)
_FAR = 800
"""So many days are looked at: settings may close every day of a year."""
_SPAN = re.compile(r"(?:(\d{4})-)?(\d{2})-(\d{2})(?:/(?:(\d{4})-)?(\d{2})-(\d{2}))?", re.ASCII)


@dataclass(frozen=True)
class Closed:
    """Days on which you are away: from ``first`` to ``last``. Yearly ones have the year 2000."""

    first: date
    last: date
    yearly: bool = False

    @classmethod
    def read(cls, text: str) -> Closed:
        """Read a day or a span: with a year, or without one for every year. Raises ``ValueError``.

        >>> Closed.read("2026-12-24/2027-01-02").last
        datetime.date(2027, 1, 2)
        >>> date(2030, 12, 31) in Closed.read("12-24/01-02")
        True
        """
        found = _SPAN.fullmatch(text.strip())
        if found is None:
            raise ValueError
        year, month, day, last_year, last_month, last_day = found.groups()
        if last_month is not None and (year is None) is not (last_year is None):
            raise ValueError
        first = date(int(year or 2000), int(month), int(day))
        if last_month is None:
            return cls(first, first, year is None)
        last = date(int(last_year or 2000), int(last_month), int(last_day))
        if year is not None and last < first:
            raise ValueError
        return cls(first, last, year is None)

    def __contains__(self, day: date) -> bool:
        if not self.yearly:
            return self.first <= day <= self.last
        day = day.replace(year=2000)
        if self.first <= self.last:
            return self.first <= day <= self.last
        return day >= self.first or day <= self.last


@dataclass(frozen=True)
class WorkingDays:
    """Monday to Friday, without the public holidays of ``region`` (``GB``, or ``GB-ENG``).

    An unknown region has no holidays. ``closed`` are further days on which nothing is due.
    """

    region: str | None = None
    closed: tuple[Closed, ...] = ()

    def on_or_after(self, day: date) -> date:
        """Return ``day``, or the first working day after it.

        >>> WorkingDays("GB").on_or_after(date(2026, 12, 25))
        datetime.date(2026, 12, 29)
        """
        days = (day + timedelta(days=number) for number in range(_FAR))
        return next((one for one in days if self._works(one)), day)

    def on_or_before(self, day: date) -> date:
        """Return ``day``, or the last working day before it.

        >>> WorkingDays("GB").on_or_before(date(2026, 12, 27))
        datetime.date(2026, 12, 24)
        """
        days = (day - timedelta(days=number) for number in range(_FAR))
        return next((one for one in days if self._works(one)), day)

    def after(self, day: date, count: int = 1) -> date:
        """Return the ``count``-th working day after ``day``.

        >>> WorkingDays("GB").after(date(2026, 12, 24), 2)
        datetime.date(2026, 12, 30)
        """
        for _ in range(count):
            day = self.on_or_after(day + _DAY)
        return day

    def _works(self, day: date) -> bool:
        if day.weekday() >= 5 or any(day in span for span in self.closed):
            return False
        return day not in _holidays(self.region, day.year)


@lru_cache(maxsize=64)
def _holidays(region: str | None, year: int) -> frozenset[date]:
    if not region:
        return frozenset()
    # Takes a twentieth of a second to import, and commands that only list follow-ups do not need it.
    import holidays  # noqa: PLC0415

    country, _, subdivision = region.partition("-")
    try:
        with _one_country():
            found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except NotImplementedError:
        return frozenset()
    return frozenset(found)


@contextmanager
def _one_country() -> Iterator[None]:
    """Let the library import the module of the country that is asked for, and not those of all others.

    Its package imports them all, which takes longer than to plan a day. A bare package of the same path
    stands for it until the country's module is there.
    """
    name = "holidays.countries"
    if name in sys.modules or (found := find_spec("holidays")) is None:
        yield
        return
    bare = ModuleType(name)
    bare.__path__ = [f"{place}/countries" for place in found.submodule_search_locations or ()]
    sys.modules[name] = bare
    try:
        yield
    finally:
        sys.modules.pop(name, None)
