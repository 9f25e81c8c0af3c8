"""The screen of ``touchbase explain KEY``: what to do, who it is about, its state, and why in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import click

from flows.cli.screens.person import STATES, reach, reason_of
from flows.cli.screens.reasons import origin, place
from flows.cli.screens.reasons import reason as reason_in_words
from flows.cli.table import Column, table, wrapped
from people.days import weekday_and_day
from people.tasks import Evidence, FollowUp
from people.wording import title_with_who, why_in_words

_EVIDENCE = (Column(least=30), Column(drop=2, least=12), Column(drop=1, least=40))


def lines(item: FollowUp, short: str, folder: str, today: date) -> Iterator[str]:
    """Yield the screen line by line. ``short`` names the key, ``folder`` is the rules folder."""
    yield click.style(wrapped(title_with_who(item)), bold=True)
    yield wrapped(_state(item, short, today))
    if item.about.name:
        yield from reach(item.about)
    yield wrapped(why_in_words(item, today))
    rows = [row for tests in _by_value(item.because) if (row := _row(tests, folder, today))[0]]
    if rows:
        yield table(_EVIDENCE, rows, indent="  ")
    yield wrapped(f"Rule {item.rule}. All about the person: touchbase explain {item.person_id}")


def _state(item: FollowUp, short: str, today: date) -> str:
    due = (
        f", due {weekday_and_day(item.due, today)}" if item.status in ("open", "snoozed", "deferred") else ""
    )
    reason = reason_of(item)
    why = f" {reason[:1].upper()}{reason[1:]}." if reason else ""
    return f"{STATES[item.status]}{due}, {item.priority} priority ({short}).{why}"


def _by_value(because: Iterable[Evidence]) -> Iterable[list[Evidence]]:
    """Return the tests of each value in each line of a rule: ``at least 2 days, and at most 30``."""
    found: dict[tuple[str, int, str], list[Evidence]] = {}
    for one in because:
        found.setdefault((one.file, one.line, one.field), []).append(one)
    return found.values()


def _row(tests: list[Evidence], folder: str, today: date) -> tuple[str, str, str]:
    one = tests[0]
    return reason_in_words(tests, today), origin(one.source, today), place(one.file, one.line, folder)
