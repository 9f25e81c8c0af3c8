"""The screen of ``touchbase people``: by tier, and in a tier the longest overdue first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flows.cli.table import Column, table
from flows.pages.documents.people import Person, tier_rank
from people.days import short_day

_COLUMNS = (
    Column(least=10), Column(least=16), Column("firm", drop=1, least=12), Column("last", least=11),
    Column("next", drop=2, least=11), Column("over", least=7, right=True),
)  # fmt: skip
_ID = Column("id", least=40)


def listing(people: Sequence[Person], today: date, *, ids: bool) -> str:
    """Return a table of people: tier, name, firm, last contact, next meeting, and days over the aim."""
    rows = [
        (
            one.tier or "-",
            one.name or next(iter((*one.emails, *one.phones)), one.id),
            one.organisation,
            _day(one.last_contact, today),
            _day(one.next_meeting, today),
            f"{over} d" if (over := _over(one)) > 0 else "-",
            *([one.id] if ids else []),
        )
        for one in sorted(people, key=_order)
    ]
    return table([*_COLUMNS, *([_ID] if ids else [])], rows)


def _order(one: Person) -> tuple[int, str, int, str, str]:
    return tier_rank(one.tier), one.tier or "", -_over(one), one.name or "", one.id


def _over(one: Person) -> int:
    """Days beyond the aim; negative before it, and far before it for those without aim or contact."""
    if one.days_since_contact is None or one.cadence_days is None:
        return -1_000_000
    return one.days_since_contact - one.cadence_days


def _day(text: str | None, today: date) -> str:
    return short_day(date.fromisoformat(text), today) if text else "-"
