"""``touchbase mails``: the mail with a person, and by which rule each one counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from flows.cli.console import judging_options, plural, show
from flows.cli.table import Column, table
from flows.cli.who import person_named
from flows.pages.documents.mails import MailDocument, mails_with
from flows.run.context import context_of, network
from flows.run.rule_versions import rules_in_force
from people.days import short_day

_LATEST = 20
_COLUMNS = (Column(), Column(least=8), Column(least=16), Column(least=8), Column(drop=1, least=14))


@click.command(epilog="Example: touchbase mails 'Anna Berg'")
@click.argument("who", metavar="WHO")
@click.option("--all", "everything", is_flag=True, help="Show all of them, not only the latest 20.")
@judging_options
def mails(who: str, config: Path, today: date | None, *, everything: bool, as_json: bool) -> int:
    """Show the mail with WHO, what each one counts for, and the rule that says so."""
    with network(config) as (settings, store):
        context = context_of(settings, store, today)
        person = person_named(settings, store, who, today)
        found = mails_with(context, rules_in_force(store, settings), person)
    shown = found if everything else found[:_LATEST]
    return show(found, lambda: "\n".join(_lines(shown, len(found), context.today)), as_json=as_json)


def _lines(shown: Sequence[MailDocument], of: int, today: date) -> Iterator[str]:
    if not shown:
        yield "No mail with any of their addresses is known."
        return
    rows = [
        (
            short_day(one.day, today),
            "you wrote" if one.direction == "sent" else "received",
            one.email if one.as_role in ("from", "to") else f"{one.email} ({one.as_role})",
            "dropped" if one.noise else one.counts,
            ", ".join(one.rules) or "by its headers",
        )
        for one in shown
    ]
    yield table(_COLUMNS, rows)
    if of > len(shown):
        yield f"and {plural(of - len(shown), 'earlier one')}: --all"
