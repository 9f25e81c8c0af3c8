"""The screen of ``touchbase status``: whether all is well, each source, the rules, and the last runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import zip_longest

import click
from rich.cells import cell_len

from flows.cli.console import plural
from flows.cli.screens.run import attention, counted
from flows.cli.table import Column, table, terminal_width, wrapped
from flows.pages.documents.status import LastRun, SourceStatus, StatusDocument
from people.days import short_day
from people.types import RECORD_KINDS, Problem

_INDENT = "  "
_BETWEEN = "     "
_DEEPEST = 16
_MOST_PROBLEMS = 10
_NOUNS = {"contacts": "contact", "meetings": "meeting", "messages": "mail", "journal": "line"}


def lines(document: StatusDocument, now: datetime, zone: tzinfo) -> Iterator[str]:
    """Show the status. ``now`` is the instant of looking; times are shown in ``zone``."""
    here = _Clock(now, zone)
    failed = [source for source in document.sources if source.status == "failed"]
    rest = _unexplained(document)
    yield click.style(_head(document, failed, rest), bold=True)
    yield from _well([one for one in document.sources if one.status != "failed"], here)
    names = max((cell_len(source.name) for source in document.sources), default=0)
    for source in failed:
        yield from _failed(source, names, here)
    yield from _rules(document.rules, names)
    for source in document.sources:
        yield from _problems(source)
    for alert in document.attention:
        yield wrapped(alert.message, _INDENT)
        yield wrapped(f"next: {alert.next}", _INDENT * 2)
    yield from attention([problem for problem in rest if problem.kind is None])
    if others := counted(rest):
        yield wrapped(", ".join(others))
    yield _runs(document.runs, here)


class _Clock:
    """Instants in the words of a reader who looks now."""

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        self._zone = zone
        self._today = now.astimezone(zone).date()

    def when(self, moment: datetime | None) -> str:
        """Return ``today 19:03``, ``yesterday 06:30`` or ``11 Aug``."""
        if moment is None:
            return "never read"
        return " ".join(part for part in self.parts(moment) if part)

    def parts(self, moment: datetime) -> tuple[str, str]:
        """Return the day and, if it is near, the time."""
        local = moment.astimezone(self._zone)
        away = (self._today - local.date()).days
        if away not in (0, 1):
            return short_day(local.date(), self._today), ""
        return "yesterday" if away else "today", f"{local:%H:%M}"


def _head(document: StatusDocument, failed: Sequence[SourceStatus], rest: Sequence[Problem]) -> str:
    """Name everything that is not well."""
    if not document.sources:
        return "No source is named yet: add your contacts and your calendar to touchbase.toml"
    names = [source.name for source in failed]
    names += ["rules"] if document.rules else []
    names += list(dict.fromkeys(alert.kind for alert in document.attention if alert.kind == "no-run"))
    last = document.runs[0].status if document.runs else "ok"
    unexplained = not names or any(problem.kind is None for problem in rest)
    names += [f"the last run ({last})"] if last not in ("ok", "running") and unexplained else []
    return f"All well but {len(names)}: {', '.join(names)}" if names else "All well"


def _unexplained(document: StatusDocument) -> list[Problem]:
    """The problems of the last run that neither a source nor the rules show now."""
    shown = {f"source {source.name}" for source in document.sources}
    shown |= {problem.where for source in document.sources for problem in source.problems}
    broken = {problem.where.partition(":")[0] for problem in document.rules}
    return [
        problem
        for problem in document.problems
        if problem.where not in shown and problem.where.partition(":")[0] not in broken
    ]


def _well(sources: Sequence[SourceStatus], here: _Clock) -> Iterator[str]:
    """One line per source, or two sources per line if the terminal has room."""
    cells = [(one.name, _counts(one), here.when(one.last_success)) for one in sources]
    columns = (Column(least=12), Column(least=16), Column(least=12, drop=1))
    half = (len(cells) + 1) // 2
    left, right = (table(columns, part).split("\n") if part else [] for part in (cells[:half], cells[half:]))
    wide = max(map(cell_len, left), default=0)
    both = len(_INDENT) + wide + len(_BETWEEN) + max(map(cell_len, right), default=0)
    width = terminal_width()
    if cells and (width is None or not right or both > width):
        yield table(columns, cells, indent=_INDENT)
        return
    for line, other in zip_longest(left, right, fillvalue=""):
        yield f"{_INDENT}{line}{' ' * (wide - cell_len(line))}{_BETWEEN}{other}".rstrip()


def _counts(source: SourceStatus) -> str:
    counts = dict(source.counts)
    return ", ".join(plural(counts[kind], _NOUNS[kind]) for kind in RECORD_KINDS if counts[kind]) or "empty"


def _failed(source: SourceStatus, names: int, here: _Clock) -> Iterator[str]:
    """A source that failed, since when, and its remedy below. ``names`` is the width of the names."""
    start = f"{_INDENT}{source.name:{names}}  "
    last = f"last read {here.when(source.last_success)}" if source.last_success else "never read"
    mark = click.style("FAILED", fg="red", bold=True)
    lines = _hanging(f"FAILED, {last}: {source.error}", start, source.help)
    yield next(lines).replace("FAILED", mark, 1)
    yield from lines


def _hanging(text: str, start: str, remedy: str | None) -> Iterator[str]:
    """A sentence behind ``start``, and its remedy below it."""
    indent = " " * min(len(start), _DEEPEST)
    yield wrapped(text, indent, start)
    if remedy:
        yield wrapped(remedy, indent)


def _rules(problems: Sequence[Problem], names: int) -> Iterator[str]:
    indent = " " * (names + 2 * len(_INDENT))
    start = f"{_INDENT}{'rules':{names}}  "
    for problem in problems[:_MOST_PROBLEMS]:
        count = "" if start == indent else f"{len(problems)} broken: "
        yield from _hanging(f"{count}{problem.where} {problem.message}", start, problem.help)
        start = indent
    if len(problems) > _MOST_PROBLEMS:
        yield f"{_INDENT}and {len(problems) - _MOST_PROBLEMS} more: touchbase rules check"


def _problems(source: SourceStatus) -> Iterator[str]:
    for problem in source.problems[:_MOST_PROBLEMS]:
        yield wrapped(f"{problem.where}: {problem.message}", _INDENT)
        if problem.help:
            yield wrapped(problem.help, _INDENT * 2)
    if len(source.problems) > _MOST_PROBLEMS:
        yield f"{_INDENT}and {len(source.problems) - _MOST_PROBLEMS} more: touchbase status --json"


def _runs(runs: Sequence[LastRun], here: _Clock) -> str:
    """The last runs in one line; a day is named once."""
    if not runs:
        return "There is no run yet. Next: touchbase run"
    shown = []
    before = ""
    for run in runs:
        day, time = here.parts(run.started_at)
        new = run.follow_ups.created if run.follow_ups else 0
        words = ("" if day == before and time else day, time, run.status, f"({new} new)" if new else "")
        shown.append(" ".join(word for word in words if word))
        before = day
    return wrapped(f"Last runs: {' · '.join(shown)}")
