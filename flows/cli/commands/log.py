"""``touchbase log``: record a conversation that isn't in your calendar."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import get_args

import click

from connectors.journal.source import append_line
from flows.cli.console import DAY, config_option, note
from flows.run.context import clock, network
from people.store import lookup
from people.types import Direction, JournalKind


@click.command(
    epilog="Example: touchbase log 'Tom Hale' referral --direction given --other 'Ann Lee' --note 'New shop'"
)
@click.argument("who")
@click.argument("kind", type=click.Choice(get_args(JournalKind)))
@config_option
@click.option("--date", "day", type=DAY, help="The day it happened (default: today).")
@click.option("--direction", type=click.Choice(get_args(Direction)), help="Whether you gave or received it.")
@click.option("--other", metavar="WHO", help="The second party of a referral or introduction.")
@click.option("--group", metavar="ID", help="The group it belongs to.")
@click.option("--hours", metavar="HOURS", help="How long it took.")
@click.option("--amount", metavar="MONEY", help="What it cost or brought.")
@click.option("--outcome", help="How far it came: introduced, met, won, lost or nothing yet.")
@click.option("--note", "remark", metavar="TEXT", help="Anything worth remembering.")
def log(  # noqa: PLR0917 - click passes them by keyword
    who: str,
    kind: JournalKind,
    config: Path,
    day: date | None,
    direction: Direction | None,
    other: str | None,
    group: str | None,
    hours: str | None,
    amount: str | None,
    outcome: str | None,
    remark: str | None,
) -> int:
    """Add a line to the journal: what happened with WHO (a name, e-mail or record key)."""
    if kind in ("referral", "introduction", "purchase") and direction is None:
        raise click.UsageError(f"A {kind} needs --direction given or --direction received.")
    with network(config) as (settings, store):
        path = settings.journal_path()
        with store.read() as connection:
            known = lookup.exactly(connection, [text for text in (who, other) if text])
        on = day or clock(settings, None)[0]
    append_line(
        path,
        on=on,
        person=who,
        kind=kind,
        direction=direction,
        other=other,
        group=group,
        hours=_number(hours, "--hours"),
        amount=_number(amount, "--amount"),
        outcome=outcome,
        note=remark,
    )
    click.echo(f"Added to {path}. It counts from the next run: touchbase run")
    for text, ids in known.items():
        if len(ids) != 1:
            meaning = "matches several people" if ids else "matches no one yet"
            note(f"warning: '{text}' {meaning}; the line is kept. Find the name: touchbase people")
    return 0


def _number(text: str | None, option: str) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation as error:
        raise click.UsageError(f"{option} is not a valid number: '{text}'. Write it like 12.50.") from error
