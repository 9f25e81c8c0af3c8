"""The facts that are the same for everybody on one day: the day itself, its month and its weekday."""

from __future__ import annotations

from datetime import date

from people.days import WEEKDAYS

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
"""The months as users write them, in their order."""


def of_day(today: date) -> dict[str, date | str]:
    """Return the facts of a day by name.

    >>> of_day(date(2026, 12, 1))["month"], of_day(date(2026, 12, 1))["weekday"]
    ('december', 'tuesday')
    """
    return {"today": today, "month": MONTHS[today.month - 1], "weekday": WEEKDAYS[today.weekday()]}
