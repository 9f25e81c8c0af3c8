"""Working days of a region: follow-ups are never due on weekends or public holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache


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
        while day.weekday() >= 5 or day in _holidays(self.region, day.year):
            day += timedelta(days=1)
        return day


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
