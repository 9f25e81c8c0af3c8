"""The screen of ``touchbase run``: what is new, what became of the rest, what needs attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import click

from flows.cli.console import plural
from flows.cli.table import Column, fitting, table, wrapped
from flows.run.context import network
from flows.run.outcome import own_addresses
from flows.run.outcome.document import ChangedFollowUp, RunDocument, SourceDocument, TooLate
from flows.run.outcome.first_step import first_step
from people.days import near_day, short_day, weekday_and_day
from people.store import follow_ups
from people.tasks import Ending
from people.types import Problem

_MOST_PROBLEMS = 12
_MOST_CHANGED = 8
_MOST_NAMES = 4
_INDENT = "  "
_COLUMNS = (
    Column(),
    Column(least=6, drop=4),
    Column(least=30),
    Column(least=13, drop=2),
    Column(least=20, drop=1),
)
"""Key, due day, what to do with which person, how to reach them, why."""
_KEY = 8
"""Digits of a key for which no shorter start is given."""

_BECAME = {
    "done": "done",
    "snoozed": "moved",
    "dismissed": "dropped",
    "withdrawn": "closed by Touchbase",
    "open": "open again",
}
_ENDED: dict[Ending | None, str] = {"set back": "waits again", "day over": "its day is over"}


def screen(config: Path, run: RunDocument) -> str:
    """Return a run as text, with keys as short as the store of the settings file ``config`` allows."""
    with network(config) as (_settings, store), store.read() as connection:
        return summary(run, follow_ups.short_keys(connection, (one.key for one in run.new)))


def summary(run: RunDocument, short: Mapping[str, str] | None = None) -> str:
    """Return a run as text. ``short`` maps the keys of follow-ups to the starts that name them."""
    return "\n".join(_lines(run, short or {}))


def _lines(run: RunDocument, short: Mapping[str, str]) -> Iterator[str]:
    if not run.sources and not run.people.total and run.status == "ok":
        yield wrapped(first_step(run) or "")
        return
    yield _head(run)
    if run.dry_run:
        yield "A dry run: nothing was changed."
    if sentence := first_step(run):
        yield wrapped(sentence)
    yield from _changed(run)
    yield from _new(run, short)
    yield from _waiting(run)
    yield from _labels(run)
    yield from map(wrapped, run.notes)
    yield from attention([problem for problem in run.problems if problem.kind is None])
    others = counted(run.problems)
    if cards := sum(source.contacts.problems for source in run.sources):
        others.append(f"{plural(cards, 'problem')} in cards (touchbase contacts)")
    if others:
        yield wrapped(", ".join(others))
    yield from _addresses(run)


def _addresses(run: RunDocument) -> Iterator[str]:
    """The user's own addresses: those that may be missing, and the example that is still there."""
    if run.placeholder_left:
        yield wrapped(f"{own_addresses.PLACEHOLDER}; {own_addresses.PLACEHOLDER_HELP}")
    for item in run.possible_addresses:
        yield wrapped(f"{own_addresses.question(item)} {own_addresses.remedy(item).capitalize()}")


def _head(run: RunDocument) -> str:
    day = f"{weekday_and_day(run.today, run.today)} {run.today.year}"
    if run.status == "failed":
        return f"{day}   the run failed"
    parts = [plural(run.people.total, "person", "people"), *_cold(run), *_sources(run.sources)]
    return fitting(" · ".join(parts), indent=f"{day}   ")


def _cold(run: RunDocument) -> list[str]:
    """How many people are going cold, if that can be known of anybody."""
    people = run.people
    if people.without_contact >= people.total:
        return []
    unknown = f"{people.without_contact:,} without contact on record"
    most = [unknown] if 2 * people.without_contact > people.total else []
    return [f"{people.stale:,} going cold", *most]


def _sources(sources: Sequence[SourceDocument]) -> list[str]:
    if not sources:
        return []
    failed = [source.name for source in sources if source.status != "ok"]
    state = f"not read: {', '.join(failed)}" if failed else "all well"
    return [f"{plural(len(sources) - len(failed), 'source')} read, {state}"]


def _changed(run: RunDocument) -> Iterator[str]:
    """What the user did with earlier follow-ups, and what Touchbase closed."""
    if not run.changed:
        return
    yield _bold("Since the last run")
    columns = (Column(), Column(least=30), Column(drop=1, least=16))
    shown = run.changed[:_MOST_CHANGED]
    yield table(columns, [_changed_row(one, run) for one in shown], indent=_INDENT)
    if len(run.changed) > len(shown):
        yield f"{_INDENT}and {len(run.changed) - len(shown)} more: touchbase follow-ups --all"


def _changed_row(one: ChangedFollowUp, run: RunDocument) -> tuple[str, str, str]:
    if one.ending in _ENDED:
        return _ENDED[one.ending], one.title, ""
    became = _BECAME.get(one.status, one.status)
    if run.dry_run and one.status == "withdrawn":
        became = "would be closed"
    if one.status == "snoozed":
        return became, one.title, f"to {weekday_and_day(one.due, run.today)}"
    return became, one.title, one.reason if one.status == "withdrawn" else ""


def _new(run: RunDocument, short: Mapping[str, str]) -> Iterator[str]:
    if not run.new:
        if run.status != "failed" and run.people.total:
            yield "Nothing would be new." if run.dry_run else "Nothing new."
        return
    days = {one.due for one in run.new}
    word = "Would be new" if run.dry_run else "New"
    room = f" of {run.capacity}" if run.capacity else ""
    yield _bold(f"{word}{_when(days, run.today)} ({len(run.new)}{room})")
    rows = [
        (
            short.get(one.key, one.key[:_KEY]),
            short_day(one.due, run.today) if len(days) > 1 else "",
            one.what,
            one.reach,
            one.why,
        )
        for one in run.new
    ]
    yield table(_COLUMNS, rows, indent=_INDENT)


def _waiting(run: RunDocument) -> Iterator[str]:
    """How many wait, and for which people it is soon too late, or already is."""
    if run.follow_ups.deferred:
        soon = f". Soon too late: {_names(run.soon_too_late)}" if run.soon_too_late else ""
        yield wrapped(f"Waiting: {run.follow_ups.deferred:,} (touchbase follow-ups){soon}")
    if waits := run.waiting_for_you:
        more = f" and {len(waits) - _MOST_NAMES} more" if len(waits) > _MOST_NAMES else ""
        yield wrapped(f"Without your answer: {', '.join(waits[:_MOST_NAMES])}{more} (touchbase waiting)")
    if run.missed:
        yield wrapped(f"Came too late: {_names(run.missed)}")


def _names(items: Sequence[TooLate]) -> str:
    """The people, and why if it is the same for all."""
    names = list(dict.fromkeys(item.person for item in items))
    more = [f"and {len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
    reasons = {item.why for item in items}
    why = f" ({reasons.pop()})" if len(reasons) == 1 else ""
    return ", ".join([*names[:_MOST_NAMES], *more]) + why


def _when(days: set[date], today: date) -> str:
    """The day for which all are, if it is one day; else each line shows its own."""
    if len(days) > 1:
        return ""
    day = near_day(min(days), today)
    return f" {day}" if day == "today" else f" for {day}"


def _labels(run: RunDocument) -> Iterator[str]:
    if run.dry_run:
        yield from (fitting(f"Would change labels: {change}") for change in run.labels)
    elif run.labels:
        yield f"{plural(len(run.labels), 'label change')} written to your contacts"


def attention(problems: Sequence[Problem]) -> Iterator[str]:
    """Show each problem with its remedy."""
    if not problems:
        return
    yield click.style("Needs attention", fg="yellow", bold=True)
    for problem in problems[:_MOST_PROBLEMS]:
        yield wrapped(f"{problem.where.removeprefix('source ')}: {problem.message}", _INDENT)
        if problem.help:
            yield wrapped(problem.help, _INDENT * 2)
    if len(problems) > _MOST_PROBLEMS:
        yield f"{_INDENT}and {len(problems) - _MOST_PROBLEMS} more: touchbase run --json"


def counted(problems: Iterable[Problem]) -> list[str]:
    """Count the problems that another command lists, each with that command."""
    kinds = Counter(problem.kind for problem in problems)
    names, unclear, budgets = kinds["journal name"], kinds["inbox line"], kinds["budget"]
    counted = []
    if names:
        need = "line of your journal needs" if names == 1 else "lines of your journal need"
        counted.append(f"{names} {need} a name (touchbase inbox)")
    if unclear:
        are = "line of your inbox is" if unclear == 1 else "lines of your inbox are"
        counted.append(f"{unclear} {are} unclear (touchbase inbox)")
    if budgets:
        counted.append(f"{plural(budgets, 'budget warning')} (touchbase groups)")
    return counted


def _bold(text: str) -> str:
    return click.style(text, bold=True)
