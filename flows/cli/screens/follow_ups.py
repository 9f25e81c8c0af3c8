"""The screen of ``touchbase follow-ups``: what is due, what comes, what waits, each with its key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import click

from flows.cli.table import Column, fitting, table
from people.days import short_day, weekday_and_day
from people.planning.model import OPEN
from people.tasks import FollowUp
from people.wording import how_to_reach, short_why, title_without_firm

_MOST_WAITING = 5
_INDENT = "  "
_COLUMNS = (
    Column(),
    Column(least=30),
    Column(least=13, drop=2),
    Column(least=20, drop=1),
    Column(least=12, drop=3),
)
"""Key, what to do with which person, how to reach them, why, and what is special about it."""
_CLOSED = {"done": "Done", "dismissed": "Dropped by you", "withdrawn": "Closed by Touchbase"}


def listing(
    items: Sequence[FollowUp], short: Mapping[str, str], today: date, *, everything: bool
) -> Iterator[str]:
    """Show follow-ups in groups. ``short`` maps their keys to the starts that name them.

    Unless ``everything`` is to be shown, only the most valuable ones that wait are.
    """
    groups = _groups(items, today)
    waiting = groups["Waiting"]
    shown = groups["Waiting"] = waiting if everything else waiting[:_MOST_WAITING]
    usual = _usual(item.reason for item in shown)
    rows = [_row(item, short, today, usual) for group in groups.values() for item in group]
    # One table, so that the columns of all groups stand below one another.
    lines = iter(table(_COLUMNS, rows, indent=_INDENT).split("\n"))
    for title, group in groups.items():
        if group:
            heading = usual[:1].upper() + usual[1:] if title == "Waiting" and usual else title
            yield click.style(fitting(heading), bold=True)
            yield from (next(lines) for _ in group)
        if title == "Waiting" and len(waiting) > len(shown):
            yield f"{_INDENT}and {len(waiting) - len(shown)} more: touchbase follow-ups --all"
    yield "Next: touchbase done KEY, touchbase snooze KEY or touchbase explain KEY"


def _groups(items: Sequence[FollowUp], today: date) -> dict[str, list[FollowUp]]:
    """The follow-ups by the title of their group, each group in the order in which it is shown."""
    by_day = sorted(items, key=lambda item: (item.due, -item.value, item.key))
    days = dict.fromkeys(_title(item, today) for item in by_day if item.status in OPEN)
    groups: dict[str, list[FollowUp]] = {title: [] for title in (*days, "Waiting", *_CLOSED.values())}
    for item in by_day:
        groups[_title(item, today)].append(item)
    groups["Waiting"].sort(key=lambda item: (-item.value, item.due, item.key))
    return groups


def _title(item: FollowUp, today: date) -> str:
    if item.status == "deferred":
        return "Waiting"
    if item.status in _CLOSED:
        return _CLOSED[item.status]
    return "Due" if item.due <= today else weekday_and_day(item.due, today)


def _usual(reasons: Iterable[str]) -> str:
    """The reason for which most wait, which stands above them instead of in each line."""
    counted = Counter(reasons).most_common(1)
    return counted[0][0] if counted else ""


def _row(item: FollowUp, short: Mapping[str, str], today: date, usual: str) -> tuple[str, ...]:
    return (
        short[item.key],
        title_without_firm(item),
        how_to_reach(item.about, item.channel),
        short_why(item, today),
        "" if item.status == "deferred" and item.reason == usual else _state(item, today),
    )


def _state(item: FollowUp, today: date) -> str:
    """What is special: it is late, it was moved, or why it waits or was closed."""
    if item.status == "snoozed":
        return "moved by you"
    if item.status == "open" and item.due < today:
        return f"since {short_day(item.due, today)}"
    return item.reason if item.status in ("deferred", "withdrawn") else ""
