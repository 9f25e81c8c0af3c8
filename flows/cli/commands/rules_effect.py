"""``touchbase rules explain``, ``diff`` and ``backtest``: the rules against the people in the store."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

import click
import polars as pl

from flows.cli.commands.explain import explain as explain_one
from flows.cli.console import DAY, judging_options, network_options, note, show
from flows.cli.long_text import folded
from flows.cli.rule_effects import effect_of
from flows.pages.documents import rules as documents
from flows.run import rule_versions
from flows.run.context import clock, context_of, network
from flows.run.facts import meetings
from flows.run.facts.people import gather
from people.errors import SettingsError
from people.store import Store, frames
from rules.engine import load_texts
from rules.engine.showing.backtest import Replay, each_day
from rules.engine.showing.backtest import backtest as replay


@click.command(epilog="Example: touchbase rules explain 'Anna Berg'")
@click.argument("who")
@judging_options
@click.pass_context
def explain(context: click.Context, who: str, config: Path, today: date | None, *, as_json: bool) -> int:
    """Show every rule for WHO: whether it matched, which line stopped it, and the value it saw."""
    status: int = context.invoke(
        explain_one, who=who, config=config, today=today, as_json=as_json, everything=True
    )
    return status


@click.command(epilog="Example: touchbase rules diff   or: touchbase rules diff --since HEAD~1 --markdown")
@click.argument("other", required=False, type=click.Path(path_type=Path))
@click.option("--since", metavar="REVISION", help="Compare git's REVISION with the files as they are now.")
@click.option("--markdown", is_flag=True, help="Print a table for a review.")
@judging_options
def diff(
    other: Path | None, since: str | None, config: Path, today: date | None, *, markdown: bool, as_json: bool
) -> int:
    """Show who an edit affects, on the real store. Exits 1 when it affects anyone.

    Without OTHER, compare the rules of the last run with the files as they are now. With OTHER (an
    edited file, or a folder), compare the files as they are now with OTHER.
    """
    if other and since:
        raise click.UsageError("Give OTHER or --since, not both.")
    with network(config) as (settings, store):
        folder, label = settings.resolve(settings.rules.path), str(settings.rules.path)
        now = rule_versions.texts_in(folder)
        if other:
            old, new = now, rule_versions.with_edited(folder, other)
        elif since:
            old, new = rule_versions.at_revision(folder, since), now
        else:
            old, new = rule_versions.of_last_run(store), now
        before, after = (load_texts(texts, label=label) for texts in (old, new))
        for problem in after.errors:
            note(str(problem))
        _refuse_empty(store)
        effect = effect_of(settings, store, before, after, today)
    show(
        documents.diff(effect),
        lambda: effect.markdown() if markdown else folded(effect.render()),
        as_json=as_json,
    )
    return 1 if effect.changed or after.errors else 0


DONE_AFTER = 7
"""Days after which the replayed user has done a follow-up (rule of thumb)."""
_DONE = {"person_id": pl.String, "day": pl.Date, "title": pl.String, "record": pl.String}


def _days(text: str) -> int | None:
    """Read ``--done-after``: a number of days, or None for never."""
    if text == "never":
        return None
    if not text.isdecimal() or int(text) > 365:
        raise click.UsageError("--done-after is a number of days up to 365, or never.")
    return int(text)


def _assumption(done_after: int | None) -> str:
    if done_after is None:
        return "assumes that you never do any of them (--done-after)"
    days = "1 day" if done_after == 1 else f"{done_after} days"
    return f"assumes that you do each after {days}, and that it counts as contact (--done-after)"


def _refuse_empty(store: Store) -> None:
    """Raise ``SettingsError`` if no run has filled the store: without people, nothing has an effect."""
    with store.read() as connection:
        if not frames.anybody(connection):
            raise SettingsError("the store holds nobody yet, so no rule has an effect", help="touchbase run")


@click.command(epilog="Example: touchbase rules backtest --from 2026-01-01")
@click.option("--from", "first", type=DAY, help="The first day (default: a year ago).")
@click.option("--to", "last", type=DAY, help="The last day (default: today).")
@click.option("--capacity", type=click.IntRange(min=0), help="Follow-ups per day (default: the settings').")
@click.option(
    "--done-after",
    metavar="DAYS",
    default=str(DONE_AFTER),
    show_default=True,
    help="When you do each follow-up, in days after it comes; or: never.",
)
@click.option("--markdown", is_flag=True, help="Print plot and table for a review.")
@network_options
def backtest(
    first: date | None,
    last: date | None,
    capacity: int | None,
    done_after: str,
    config: Path,
    *,
    markdown: bool,
    as_json: bool,
) -> int:
    """Replay the stored history: what these rules would have asked for, week by week.

    It assumes that you do each follow-up a week after it comes, and that this counts as contact. A task list
    that nobody touches asks for more: --done-after never.
    """
    ticks = _days(done_after)
    with network(config) as (settings, store):
        last = last or clock(settings, None)[0]
        first = first or last - timedelta(days=364)
        if first > last:
            raise click.UsageError(f"--from {first} lies after --to {last}.")
        _refuse_empty(store)
        ruleset = rule_versions.load_rules(settings)
        limit = settings.tasks.capacity_per_day if capacity is None else capacity
        planner = Replay(limit, settings.working_days, ticks, settings.tasks.open_at_most)
        days = list(each_day(first, last))
        calendar = meetings.classify(store, ruleset, settings.me, save=False)

        def facts_on(day: date) -> pl.DataFrame:
            done = pl.DataFrame(planner.contacts, schema=_DONE, orient="row")
            return gather(context_of(settings, store, day), ruleset, calendar, done).facts

        with click.progressbar(days, label="days", file=sys.stderr, hidden=not sys.stderr.isatty()) as shown:
            outcome = replay(ruleset, shown, facts_on, planner, _assumption(ticks))
    return show(
        documents.backtest(outcome),
        lambda: outcome.markdown() if markdown else folded(outcome.render()),
        as_json=as_json,
    )
