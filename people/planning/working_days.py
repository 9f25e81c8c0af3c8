"""Working days of a region: follow-ups are never due on weekends or public holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingDays:
    """Monday to Friday, without the public holidays of ``region`` (``GB``, or ``GB-ENG``).

    An unknown region has no holidays.
    """

    region: str | None = None

    def on_or_after(self, day: date) -> date:
        """Return ``day``, or the first working day after it.

        >>> WorkingDays("GB").on_or_after(date(2026, 12, 25))
        datetime.date(2026, 12, 29)
        """
        while not self._works(day):
            day += _DAY
        return day

    def on_or_before(self, day: date) -> date:
        """Return ``day``, or the last working day before it.

        >>> WorkingDays("GB").on_or_before(date(2026, 12, 27))
        datetime.date(2026, 12, 24)
        """
        while not self._works(day):
            day -= _DAY
        return day

    def after(self, day: date, count: int = 1) -> date:
        """Return the ``count``-th working day after ``day``.

        >>> WorkingDays("GB").after(date(2026, 12, 24), 2)
        datetime.date(2026, 12, 30)
        """
        for _ in range(count):
            day = self.on_or_after(day + _DAY)
        return day

    def _works(self, day: date) -> bool:
        return day.weekday() < 5 and day not in _holidays(self.region, day.year)


@lru_cache(maxsize=64)
def _holidays(region: str | None, year: int) -> frozenset[date]:
    if not region:
        return frozenset()
    # Takes a twentieth of a second to import, and commands that only list follow-ups do not need it.
    import holidays  # noqa: PLC0415

    country, _, subdivision = region.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except NotImplementedError:
        return frozenset()
    return frozenset(found)
