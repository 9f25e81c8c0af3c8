"""``touchbase people``: what is known of people, judged now."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from flows.cli.console import config_option, json_option, print_json, table, today_option
from flows.run.context import network

_FACTS = (
    "id", "name", "given_name", "family_name", "emails", "phones", "organisation", "title", "birthday",
    "labels", "groups", "tier", "tags", "segments", "stale", "cadence_days", "last_contact",
    "days_since_contact", "next_meeting", "balance",
)  # fmt: skip


@click.command(epilog="Example: touchbase people acme --json")
@click.argument("query", default="", metavar="[QUERY]")
@config_option
@today_option
@json_option
def people(query: str, config: Path, today: date | None, *, as_json: bool) -> int:
    """Show people whose name, e-mail or organisation holds QUERY; everybody without it."""
    documents = find(config, query, today)
    if as_json:
        print_json(documents)
    elif not documents:
        click.echo(f"Nobody is known as '{query}'." if query else "Nobody is known yet. Next: touchbase run")
    else:
        rows = [
            (p["name"], p["tier"], "stale" if p["stale"] else "", p["last_contact"], p["next_meeting"],
             p["organisation"], ", ".join(p["emails"][:1]), p["id"])
            for p in documents
        ]  # fmt: skip
        headers = ("name", "tier", "", "last contact", "next meeting", "organisation", "e-mail", "id")
        click.echo(table(headers, rows))
    return 0


def find(config: Path, query: str, today: date | None) -> list[dict[str, Any]]:
    """The document of ``people --json``, by name."""
    from flows.run.look import look  # noqa: PLC0415 - not needed for --help
    from people.store import lookup  # noqa: PLC0415
    from people.store.resolving import persons  # noqa: PLC0415

    with network(config) as (settings, store):
        ids = None
        with store.read() as connection:
            if query:
                ids = {c.id for c in lookup.search(connection, query)}
                ids |= lookup.exactly(connection, [query])[query]
            records = persons.records(connection, ids)
        if ids is not None and not ids:
            return []
        outcome = look(settings, store, today, ids=ids).judgement
        found = outcome.frame.select(_FACTS).sort("name", "id").iter_rows(named=True)
        return [_document(row, records.get(row["id"], [])) for row in found]


def _document(row: dict[str, Any], records: list[str]) -> dict[str, Any]:
    days = {name: day.isoformat() for name in ("last_contact", "next_meeting") if (day := row[name])}
    balance = None if row["balance"] is None else float(row["balance"])
    return {**row, **days, "balance": balance, "records": records}
