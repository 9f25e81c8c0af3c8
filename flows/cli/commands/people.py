"""``touchbase people``: what is known about people, judged now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from flows.cli.console import judging_options, show
from flows.cli.table import table
from flows.pages.documents.people import FACTS, Person
from flows.pages.documents.people import person as person_document
from flows.run.context import network
from flows.run.look import look
from people.store import lookup
from people.store.resolving import persons


@click.command(epilog="Example: touchbase people acme --json")
@click.argument("query", default="", metavar="[QUERY]")
@judging_options
def people(query: str, config: Path, today: date | None, *, as_json: bool) -> int:
    """Show people. QUERY limits them to those whose name, e-mail or organisation contains it."""
    documents = find(config, query, today)
    return show(documents, lambda: _shown(documents, query), as_json=as_json)


def _shown(documents: Sequence[Person], query: str) -> str:
    if not documents:
        return f"No one matches '{query}'." if query else "No one is known yet. Next: touchbase run"
    rows = [
        (one.name, one.tier, "stale" if one.stale else "", one.last_contact, one.next_meeting,
         one.organisation, ", ".join(one.emails[:1]), one.id)
        for one in documents
    ]  # fmt: skip
    return table(("name", "tier", "", "last contact", "next meeting", "organisation", "e-mail", "id"), rows)


def find(config: Path, query: str, today: date | None) -> list[Person]:
    """Return the document of ``people --json``, sorted by name. An empty query returns all people."""
    with network(config) as (settings, store):
        ids = None
        with store.read() as connection:
            if query:
                ids = {candidate.id for candidate in lookup.search(connection, query)}
                ids |= lookup.exactly(connection, [query])[query]
            records = persons.records(connection, ids)
        if ids is not None and not ids:
            return []
        judged = look(settings, store, today, ids=ids).judgement
        rows = judged.frame.select(FACTS).sort("name", "id").iter_rows(named=True)
        return [person_document(row, records.get(row["id"], [])) for row in rows]
