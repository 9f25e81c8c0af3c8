"""``touchbase identity``: look at merges, decide, undo."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.cli.console import config_option, json_option, plural, print_json
from flows.run.context import network
from people.errors import UserMustAct
from people.text import for_terminal

if TYPE_CHECKING:
    from flows.settings.model import Settings
    from people.store import Connection, Store
    from people.store.resolving.decisions import OpenPair
    from people.types import Contact


@click.group(epilog="Example: touchbase identity review")
def identity() -> None:
    """See who was merged and why, decide what is unsure, undo."""


@identity.command(epilog="Example: touchbase identity review --json")
@config_option
@json_option
def review(config: Path, *, as_json: bool) -> int:
    """Show pairs that may be one person, best first; on a terminal, decide them one by one."""
    from people.store.resolving import decisions  # noqa: PLC0415 - not needed for --help

    with network(config) as (settings, store):
        with store.read() as connection:
            pairs = decisions.open_pairs(connection)
        if as_json:
            print_json([_document(pair) for pair in pairs])
        elif not pairs:
            click.echo("Nothing to review.")
        elif sys.stdin.isatty() and sys.stdout.isatty():
            _ask(settings, store, pairs)
        else:
            click.echo("\n\n".join(_shown(pair) for pair in pairs))
            click.echo("\nDecide: touchbase identity same A B   or: touchbase identity different A B")
    return 0


@identity.command(epilog="Example: touchbase identity same phone:A1 outlook:77")
@click.argument("a")
@click.argument("b")
@config_option
def same(a: str, b: str, config: Path) -> int:
    """Say that A and B (record keys, ids or names) are one person."""
    with network(config) as (settings, store):
        ones, others = _sides(store, a, b)
        _decide(settings, store, "always", [(ones[0], others[0])])
    return 0


@identity.command(epilog="Example: touchbase identity different phone:A1 outlook:77")
@click.argument("a")
@click.argument("b")
@config_option
def different(a: str, b: str, config: Path) -> int:
    """Say that A and B (record keys, ids or names) are two people; a merge of them is undone."""
    from people.identity.overrides import across  # noqa: PLC0415 - not needed for --help

    with network(config) as (settings, store):
        ones, others = _sides(store, a, b)
        _decide(settings, store, "never", across(ones, others))
    return 0


@identity.command(epilog="Example: touchbase identity undo phone:A1 outlook:77")
@click.argument("a")
@click.argument("b")
@config_option
def undo(a: str, b: str, config: Path) -> int:
    """Take back what was decided about A and B; Touchbase judges them by itself again."""
    from people.identity.overrides import across, undo  # noqa: PLC0415 - not needed for --help

    with network(config) as (settings, store):
        ones, others = _sides(store, a, b)
        removed = undo(settings.resolve(settings.identity.path), across(ones, others))
        if not removed:
            raise UserMustAct(
                f"nothing was decided about {a} and {b}",
                help=f"see {settings.resolve(settings.identity.path)}",
            )
        _resolve(settings, store)
    click.echo(f"Took back {plural(removed, 'decision')}.")
    return 0


@identity.command(epilog="Example: touchbase identity history 'Anna Berg'")
@click.argument("who")
@config_option
@json_option
def history(who: str, config: Path, *, as_json: bool) -> int:
    """Show the cards that are WHO, and every merge and split with its evidence."""
    from people.store import lookup  # noqa: PLC0415 - not needed for --help
    from people.store.resolving import decisions, persons  # noqa: PLC0415 - not needed for --help

    with network(config) as (_settings, store), store.read() as connection:
        person = lookup.one(connection, who)
        cards = persons.contacts_of(connection, person)
        entries = decisions.history(connection, person)
    if as_json:
        print_json(
            {
                "person_id": person,
                "records": [_card_document(card, person) for card in cards],
                "events": [
                    {
                        "at": entry.at.isoformat(),
                        "kind": entry.kind,
                        "person": entry.person,
                        "other": entry.other,
                        "records": entry.records,
                        "evidence": entry.evidence,
                    }
                    for entry in entries
                ],
            }
        )
        return 0
    click.echo(f"{person} is told of by:")
    for card in cards:
        click.echo(f"  {_line(card)}")
    for entry in entries:
        click.echo(f"\n{entry.at:%Y-%m-%d %H:%M} UTC  {_TOLD[entry.kind].format(entry)}")
        for text in [f"records: {', '.join(entry.records)}", *entry.evidence]:
            click.echo(f"  {for_terminal(text)}")
    return 0


_TOLD = {
    "joined": "joined: these cards are one person",
    "merged": "merged: {0.other} lives on as {0.person}",
    "split": "split: {0.person} was part of {0.other}",
}


def _sides(store: Store, a: str, b: str) -> tuple[list[str], list[str]]:
    """The record keys that A and B mean: a record key is itself, anything else a person's cards."""
    with store.read() as connection:
        ones, others = _records(connection, a), _records(connection, b)
    if set(ones) & set(others):
        listed = "\n".join(f"    {for_terminal(record)}" for record in ones)
        raise UserMustAct(
            f"{a} and {b} are one person already, known from:\n{listed}",
            help="to part them, name a record of each side: touchbase identity different RECORD RECORD",
        )
    return ones, others


def _records(connection: Connection, who: str) -> list[str]:
    from people.store import lookup  # noqa: PLC0415
    from people.store.resolving import persons  # noqa: PLC0415

    if who in persons.contacts_by_record(connection, [who]):
        return [who]
    person = lookup.one(connection, who)
    return persons.records(connection, [person])[person]


def _decide(settings: Settings, store: Store, verdict: Any, pairs: Iterable[tuple[str, str]]) -> None:  # noqa: ANN401 - a literal of overrides
    from people.identity.overrides import decide  # noqa: PLC0415

    path = settings.resolve(settings.identity.path)
    added = decide(path, verdict, pairs, comment=f"decided {datetime.now(settings.me.zone):%Y-%m-%d}")
    totals = _resolve(settings, store)
    click.echo(
        f"Wrote {plural(added, 'decision')} to {path}. {plural(totals['total'], 'person', 'people')} now."
    )


def _resolve(settings: Settings, store: Store) -> dict[str, Any]:
    from people.store.resolving import resolution  # noqa: PLC0415

    with store.run_lock():
        return resolution.resolve_store(
            store,
            region=settings.me.region,
            overrides=settings.resolve(settings.identity.path),
            now=datetime.now(UTC),
        )


def _ask(settings: Settings, store: Store, pairs: Sequence[OpenPair]) -> None:
    for number, pair in enumerate(pairs, start=1):
        click.echo(f"\n{number} of {len(pairs)}\n{_shown(pair)}")
        answer = click.prompt(
            "[s]ame, [d]ifferent, [l]ater, [q]uit",
            type=click.Choice(["s", "d", "l", "q"]),
            show_choices=False,
        )
        if answer == "q":
            return
        if answer in ("s", "d"):
            verdict = "always" if answer == "s" else "never"
            _decide(settings, store, verdict, [(pair.a.record, pair.b.record)])


def _shown(pair: OpenPair) -> str:
    lines = [
        f"{pair.bits:+.1f} bits  {for_terminal(pair.reason)}".rstrip(),
        f"  A  {_line(pair.a)}",
        f"  B  {_line(pair.b)}",
    ]
    return "\n".join([*lines, *(f"     {for_terminal(text)}" for text in pair.evidence)])


def _line(card: Contact) -> str:
    parts = [card.record, card.name, card.organisation, card.title, *card.emails, *card.phones, card.birthday]
    return for_terminal(" · ".join(part for part in parts if part))


def _document(pair: OpenPair) -> dict[str, Any]:
    return {
        "a": _card_document(pair.a, pair.person_a),
        "b": _card_document(pair.b, pair.person_b),
        "bits": pair.bits,
        "evidence": list(pair.evidence),
        "reason": pair.reason,
    }


def _card_document(card: Contact, person: str | None) -> dict[str, Any]:
    names = ("record", "name", "organisation", "title", "emails", "phones", "birthday")
    return {"person_id": person} | {name: getattr(card, name) for name in names}
