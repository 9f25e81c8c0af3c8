"""``touchbase next``: one more follow-up, now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from flows.cli.commands.decide import read_tasks, say_problems
from flows.cli.console import judging_options, note, show
from flows.cli.table import wrapped
from flows.pages.documents.follow_ups import FollowUpDocument
from flows.run import deliver
from flows.run.context import Context, clock, network
from people.days import weekday_and_day
from people.store import follow_ups
from people.tasks import FollowUp
from people.wording import how_to_reach, title_with_who, why_in_words


@click.command("next", epilog="Example: touchbase next 2")
@click.argument("count", type=click.IntRange(min=1), default=1, metavar="[N]")
@judging_options
def next(count: int, config: Path, today: date | None, *, as_json: bool) -> int:  # noqa: A001 - the command
    """Make tasks of the best N follow-ups that wait (default: 1).

    What would soon be too late comes first, then the most valuable. The day's capacity and open_at_most do
    not hold these back, because you asked.
    """
    with network(config) as (settings, store):
        day, moment = clock(settings, today)
        context = Context(settings, store, day, moment)
        with store.run_lock():
            read_tasks(context)
            keys = _take(context, count)
            problems = [problem for key in keys for problem in deliver.deliver(context, only=key).problems]
            with store.read() as connection:
                items = [item for key in keys if (item := follow_ups.find(connection, key)) is not None]
            short = _short(context, keys)
    show([FollowUpDocument.filled(item) for item in items], lambda: _text(items, short, day), as_json=as_json)
    if len(items) < count and items:
        note("No other follow-up waits.")
    return say_problems(problems)


def _take(context: Context, count: int) -> list[str]:
    """Store the intent to make tasks of the best that wait; return their keys."""
    today, days = context.today, context.settings.working_days
    with context.store.begin() as connection:
        waiting = follow_ups.deferred(connection)
        in_time = [item for item in waiting if item.useful_until is None or item.useful_until >= today]
        best = sorted(in_time, key=lambda i: (i.useful_until or date.max, -i.value, i.due, i.key))[:count]
        for item in best:
            due = item.due if item.on_day else days.on_or_after(max(item.due, today))
            taken = item.model_copy(update={"status": "open", "reason": "", "due": due})
            follow_ups.take(connection, taken, today)
    return [item.key for item in best]


def _short(context: Context, keys: Sequence[str]) -> dict[str, str]:
    with context.store.read() as connection:
        return follow_ups.short_keys(connection, keys)


def _text(items: Sequence[FollowUp], short: dict[str, str], today: date) -> str:
    if not items:
        return "No follow-up waits. The next run looks again: touchbase run"
    return "\n".join(line for item in items for line in _lines(item, short[item.key], today))


def _lines(item: FollowUp, short: str, today: date) -> Iterator[str]:
    yield click.style(wrapped(title_with_who(item)), bold=True)
    reach = how_to_reach(item.about, item.channel)
    yield wrapped(f"{reach} · due {weekday_and_day(item.due, today)} ({short})".removeprefix(" · "))
    yield wrapped(why_in_words(item, today))
