"""``touchbase explain``: why a person is tagged, stale or not, and why a follow-up exists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click
import polars as pl

from flows.cli.console import judging_options, show
from flows.cli.long_text import folded
from flows.cli.screens import groups, one_follow_up
from flows.cli.screens import person as person_screen
from flows.cli.table import wrapped
from flows.cli.who import person_named
from flows.pages.documents.groups import explained_group
from flows.pages.documents.rules import ExplainedFollowUp
from flows.pages.one_person import explained
from flows.run.context import clock, network
from flows.run.look import Look, support_now
from flows.settings.model import Settings
from people.facts.about import about_people
from people.store import Store, follow_ups
from people.tasks import FollowUp
from rules.engine.showing.decisions import rulings
from rules.engine.showing.explain import Explanation

_KEY = re.compile(r"[0-9a-f]{4,16}")
_SHOWN = ("name", "organisation", "title", "emails", "phones", "birthday", "last_contact", "next_meeting")


@click.command(epilog="Example: touchbase explain 'Anna Berg'   or: touchbase explain 3f9a")
@click.argument("who", metavar="WHO-or-KEY")
@judging_options
@click.option("--rules", "trace", is_flag=True, help="Also show every test of the rules that matched.")
@click.option("--all", "everything", is_flag=True, help="Also show rules that did not match, and why not.")
def explain(
    who: str, config: Path, today: date | None, *, as_json: bool, trace: bool, everything: bool
) -> int:
    """Explain a person or a follow-up.

    For WHO (a name, e-mail, id or record key), show how the contact stands and what your rules decided.
    For the KEY of a follow-up, show why it exists. For group:ID, show every line behind the figures of
    that group.
    """
    with network(config) as (settings, store):
        if item := _follow_up(store, who):
            _show_follow_up(settings, store, item, today, as_json=as_json)
        elif who.startswith("group:"):
            support = support_now(settings, store, today)
            group = explained_group(support, who.removeprefix("group:"))
            folder = str(settings.rules.path)
            text = groups.one(group, support.currency, folder, support.today, trace=trace or everything)
            show(group, lambda: "\n".join(text), as_json=as_json)
        else:
            _show_person(settings, store, who, today, trace=trace, everything=everything, as_json=as_json)
    return 0


def _follow_up(store: Store, key: str) -> FollowUp | None:
    if not _KEY.fullmatch(key):
        return None
    with store.read() as connection:
        return follow_ups.find(connection, key)


def _show_follow_up(
    settings: Settings, store: Store, item: FollowUp, today: date | None, *, as_json: bool
) -> None:
    with store.read() as connection:
        short = follow_ups.short_keys(connection, [item.key])[item.key]
    day = clock(settings, today)[0]
    text = one_follow_up.lines(item, short, str(settings.rules.path), day)
    show(ExplainedFollowUp.filled({}, follow_up=item), lambda: "\n".join(text), as_json=as_json)


def _show_person(
    settings: Settings,
    store: Store,
    who: str,
    today: date | None,
    *,
    trace: bool,
    everything: bool,
    as_json: bool,
) -> None:
    person = person_named(settings, store, who, today)
    found = explained(settings, store, person, today)
    seen, row, sources = found.seen, found.row, found.sources
    with store.read() as connection:
        short = follow_ups.short_keys(connection, [task.key for task in found.tasks])
    screen = person_screen.PersonScreen(
        about=about_people(seen.judgement.frame, seen.people.happened, [person], settings.me.region)[person],
        facts=seen.judgement.frame.row(0, named=True),
        rulings=rulings(seen.rules, "person", row, seen.today, sources=sources.get),
        tasks=found.tasks,
        short=short,
        groups={group.id: group.name for group in seen.rules.groups},
        meeting=_next_meeting(seen, row["next_meeting"]),
        folder=str(settings.rules.path),
        today=seen.today,
    )

    def text() -> Iterator[str]:
        yield from person_screen.lines(screen, everything=everything)
        if trace or everything:
            yield from _trace(found.explanation, found.records, sources, everything=everything)
        else:
            yield wrapped(f"Every test: add --rules. Cards: touchbase identity history {person}")

    show(found.document, lambda: "\n".join(text()), as_json=as_json)


def _next_meeting(seen: Look, day: date | None) -> str:
    """Return the title of the only person's next meeting."""
    if day is None:
        return ""
    booked = seen.people.met.filter(pl.col("day") == day, pl.col("counts") == "full").sort("at")
    titles = booked.get_column("title").drop_nulls()
    return titles[0] if len(titles) else ""


def _trace(
    explanation: Explanation, records: Sequence[str], sources: dict[str, str], *, everything: bool
) -> Iterator[str]:
    """Every test of each rule, and where each field came from."""
    yield f"\n{folded(explanation.render(matched_only=not everything))}"
    yield folded(f"\nRecords: {', '.join(records)}")
    yield from (folded(f"  {field}: {source}") for field, source in sources.items() if field in _SHOWN)
    if not everything:
        yield "Rules that did not match, and why not: add --all"
