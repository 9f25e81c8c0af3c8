"""``touchbase identity``: review merges, decide, undo."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import click

from flows.cli.console import F, config_option, network_options, plural, print_json, show
from flows.cli.identity_review import Session, joined
from flows.cli.screens import identity as screen
from flows.cli.who import person_named
from flows.pages.documents import identity as documents
from flows.run.context import clock, network
from flows.settings.model import Settings
from people.errors import UserMustAct
from people.identity import overrides
from people.store import Store
from people.store.resolving import bulk as bulk_lane
from people.store.resolving import decisions, persons, questions, resolution
from people.store.resolving.questions import Question
from people.text import for_terminal


@click.group(epilog="Example: touchbase identity review")
def identity() -> None:
    """Review who was merged and why, decide open cases, undo decisions."""


figures_option = click.option("--figures", is_flag=True, help="Show the weight of each piece of evidence.")


@identity.command(epilog="Example: touchbase identity review 'Anna Berg'")
@click.argument("who", required=False, default="")
@network_options
@click.option(
    "--limit", type=click.IntRange(0), default=40, show_default=True, help="The most questions; 0: all."
)
@figures_option
def review(who: str, config: Path, *, as_json: bool, limit: int, figures: bool) -> int:
    """Show who may be one person: first what holds back a follow-up, then the likeliest.

    With WHO, only the questions with this text in a name, firm, address or record. On a terminal, answer one
    by one: same, different, the same for all as likely, later, back.
    """
    with network(config) as (settings, store):
        with store.read() as connection:
            found = questions.questions(connection, who)
            merged = bulk_lane.merges(connection, unseen=True)
        asked = found[: limit or None]
        if as_json:
            numbered = enumerate(asked)
            print_json([documents.open_pair(pair, one, at) for at, one in numbered for pair in one.pairs])
            return 0
        if merged:
            click.echo("\n".join([*screen.bulk(merged, undone=False), ""]))
            with store.begin() as connection:
                bulk_lane.mark_seen(connection)
        _review(settings, store, asked, figures=figures)
        if len(asked) < len(found):
            left = plural(len(found) - len(asked), "more question is", "more questions are")
            click.echo(f"\n{left} less likely to pay. See all: touchbase identity review --limit 0")
    return 0


def _review(settings: Settings, store: Store, asked: Sequence[Question], *, figures: bool) -> None:
    """Ask on a terminal; elsewhere print the questions."""
    if not asked:
        click.echo("There is nothing to review.")
    elif sys.stdin.isatty() and sys.stdout.isatty():
        _session(settings, store).run(asked, figures=figures)
    else:
        shown = (screen.question(one, settings.me.region, figures=figures) for one in asked)
        click.echo("\n\n".join(shown))
        click.echo("\nDecide: touchbase identity same A B   or: touchbase identity different A B")
        if any(one.rows for one in asked):
            click.echo("All names of the list are one person each: touchbase identity bulk --accept-list")


def _two_sides(command: F) -> F:
    """Add the arguments A and B, and ``--config``."""
    return click.argument("a")(click.argument("b")(config_option(command)))


@identity.command(epilog="Example: touchbase identity same phone:A1 outlook:77")
@_two_sides
def same(a: str, b: str, config: Path) -> int:
    """Decide that A and B (record keys, ids or names) are one person."""
    with _sides(config, a, b) as (settings, store, ones, others):
        _decide(settings, store, "always", [(ones[0], others[0])])
    return 0


@identity.command(epilog="Example: touchbase identity different phone:A1 outlook:77")
@_two_sides
def different(a: str, b: str, config: Path) -> int:
    """Decide that A and B (record keys, ids or names) are two people. If they were merged, undo the merge."""
    with _sides(config, a, b) as (settings, store, ones, others):
        _decide(settings, store, "never", overrides.across(ones, others))
    return 0


@identity.command(epilog="Example: touchbase identity undo phone:A1 outlook:77")
@_two_sides
def undo(a: str, b: str, config: Path) -> int:
    """Remove the decision about A and B. Touchbase decides by itself again."""
    with _sides(config, a, b) as (settings, store, ones, others):
        path = settings.resolve(settings.identity.path)
        removed = overrides.undo(path, overrides.across(ones, others))
        if not removed:
            raise UserMustAct(f"there is no decision about {a} and {b}", help=f"your decisions are in {path}")
        _resolve(settings, store)
    click.echo(f"Removed {plural(removed, 'decision')}.")
    return 0


@identity.command(epilog="Example: touchbase identity history 'Anna Berg'")
@click.argument("who")
@network_options
@figures_option
def history(who: str, config: Path, *, as_json: bool, figures: bool) -> int:
    """Show the cards of WHO, and each merge and split. Every one is shown with its evidence."""
    with network(config) as (settings, store):
        person = person_named(settings, store, who)
        with store.read() as connection:
            cards = persons.contacts_of(connection, person)
            entries = decisions.history(connection, person)
            name = persons.name_of(connection, person)
    today = clock(settings, None)[0]
    document = documents.history(person, cards, entries)
    story = screen.story(name, cards, entries, settings.me, today, figures=figures)
    return show(document, lambda: "\n".join(story), as_json=as_json)


@identity.command(epilog="Example: touchbase identity bulk --undo")
@network_options
@click.option("--undo", "action", flag_value="undo", help="Take all of them back; each becomes a question.")
@click.option("--redo", "action", flag_value="redo", help="Merge them again.")
@click.option("--accept-list", "action", flag_value="accept", help="Decide *same* for each name of the list.")
def bulk(config: Path, *, as_json: bool, action: str | None) -> int:
    """List who was merged because nobody else in your book has the name.

    Names that are too common for this are one question, the list of ``touchbase identity review``.
    ``[identity] bulk = "ask"`` in the settings asks about each instead.
    """
    with network(config) as (settings, store):
        if action == "accept":
            _accept_list(settings, store)
        elif action:
            with store.begin() as connection:
                bulk_lane.undo(connection, undone=action == "undo")
            _resolve(settings, store)
        with store.begin() as connection:
            merged, undone = bulk_lane.merges(connection), bulk_lane.is_undone(connection)
            bulk_lane.mark_seen(connection)
    lines = screen.bulk(merged, undone=undone or settings.identity.bulk == "ask")
    return show([documents.bulk_merge(one) for one in merged], lambda: "\n".join(lines), as_json=as_json)


def _accept_list(settings: Settings, store: Store) -> None:
    with store.read() as connection:
        rows = [row for asked in questions.questions(connection) for row in asked.rows]
    if not rows:
        raise UserMustAct("there is no list to accept", help="see what is open: touchbase identity review")
    _decide(settings, store, "always", [pair for row in rows for pair in joined(row)])


@contextmanager
def _sides(config: Path, a: str, b: str) -> Iterator[tuple[Settings, Store, list[str], list[str]]]:
    """Open the network, with the record keys of A and of B: a record key itself, or all of a person."""
    with network(config) as (settings, store):
        ones, others = _records(settings, store, a), _records(settings, store, b)
        if set(ones) & set(others):
            listed = "\n".join(f"    {for_terminal(record)}" for record in ones)
            remedy = (
                "to separate them, name a record of each side: touchbase identity different RECORD RECORD"
            )
            raise UserMustAct(f"{a} and {b} are already one person, known from:\n{listed}", help=remedy)
        yield settings, store, ones, others


def _records(settings: Settings, store: Store, who: str) -> list[str]:
    with store.read() as connection:
        if who in persons.contacts_by_record(connection, [who]):
            return [who]
    person = person_named(settings, store, who)
    with store.read() as connection:
        return persons.records(connection, [person])[person]


def _decide(
    settings: Settings, store: Store, verdict: Literal["always", "never"], pairs: Iterable[tuple[str, str]]
) -> None:
    path = settings.resolve(settings.identity.path)
    added = overrides.decide(
        path, verdict, pairs, comment=f"decided {datetime.now(settings.me.zone):%Y-%m-%d}"
    )
    totals = _resolve(settings, store)
    click.echo(
        f"Wrote {plural(added, 'decision')} to {path}. {plural(totals['total'], 'person', 'people')} now."
    )


def _resolve(settings: Settings, store: Store) -> dict[str, Any]:
    with store.run_lock():
        return resolution.resolve_store(
            store,
            region=settings.me.region,
            overrides=settings.resolve(settings.identity.path),
            in_bulk=settings.identity.bulk == "merge",
            now=datetime.now(UTC),
        )


def _session(settings: Settings, store: Store) -> Session:
    def undo(pairs: Sequence[tuple[str, str]]) -> None:
        overrides.undo(settings.resolve(settings.identity.path), pairs)
        _resolve(settings, store)

    return Session(
        store,
        settings.me.region,
        clock(settings, None)[0],
        lambda verdict, pairs: _decide(settings, store, verdict, pairs),
        undo,
    )
