"""``touchbase waiting``: who waits for your answer, and whose answer you wait for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from flows.cli.console import judging_options, plural, show
from flows.cli.table import Column, fitting, table, wrapped
from flows.cli.who import person_named
from flows.pages.documents.waiting import WaitingDocument, WaitingPerson, waiting_of
from flows.run.context import context_of, network
from flows.run.look import look
from people.days import short_day
from people.errors import UserMustAct
from people.store import dismissals
from people.text import one_line

_COLUMNS = (Column(least=14), Column(drop=2, least=10), Column(), Column(least=12), Column(drop=1, least=12))


@click.command(epilog="Example: touchbase waiting   then: touchbase waiting --dismiss 'Anna Berg'")
@click.option("--all", "everything", is_flag=True, help="Show what waits for longer than 30 days, too.")
@click.option("--dismiss", "who", metavar="WHO", help="Let what waits with WHO wait no longer.")
@judging_options
def waiting(config: Path, today: date | None, who: str | None, *, everything: bool, as_json: bool) -> int:
    """Show who waits for your answer, and whose answer you wait for.

    A mail from any of their addresses is an answer, as are a meeting, a booked meeting, and a line of the
    journal. --dismiss is for a thread that needs no answer. A later mail in it waits again.
    """
    with network(config) as (settings, store):
        context = context_of(settings, store, today)
        ids = None if who is None else [person_named(settings, store, who, today)]
        seen = look(settings, store, today, ids=ids)
        document = waiting_of(context, seen.people)
        if ids:
            letters = seen.people.letters.filter(seen.people.letters["waits"]).select("thread", "at")
            if not (document.for_me or document.for_them):
                raise UserMustAct(
                    f"nothing waits with '{one_line(who or '')}'", help="see: touchbase waiting"
                )
            with store.begin() as connection:
                dismissals.dismiss_threads(connection, dict(letters.sort("at").iter_rows()))
            document = WaitingDocument(today=document.today, for_me=(), for_them=())
    if ids:
        said = f"What waited with {one_line(who or '')} waits no longer. Their next mail waits again."
        return show(document, lambda: said, as_json=as_json)
    return show(document, lambda: "\n".join(_lines(document, everything=everything)), as_json=as_json)


def _lines(document: WaitingDocument, *, everything: bool) -> Iterator[str]:
    shown = document if everything else document.lately()
    if not (document.for_me or document.for_them):
        yield "Nobody waits for an answer, as far as your mail says."
        return
    today = document.today
    yield from _side("They wait for your answer", shown.for_me, len(document.for_me), today)
    yield from _side("You wait for their answer", shown.for_them, len(document.for_them), today)
    if shown.for_me or shown.for_them:
        yield wrapped("No answer needed? touchbase waiting --dismiss WHO")


def _side(title: str, people: Sequence[WaitingPerson], of: int, today: date) -> Iterator[str]:
    if not of:
        return
    yield click.style(fitting(f"{title}: {len(people)}"), bold=True)
    if people:
        yield table(_COLUMNS, [_row(one, today) for one in people], indent="  ")
    if more := of - len(people):
        yield wrapped(f"{plural(more, 'other')}, for longer or after your last word: --all", "  ")


def _row(one: WaitingPerson, today: date) -> tuple[str | None, ...]:
    days = "today" if one.days == 0 else plural(one.days, "day")
    return (
        one.person,
        one.organisation,
        days,
        f"since {short_day(one.since, today)}",
        one.subject or one.email,
    )
