"""``touchbase people``: what is known about people, judged now."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from flows.cli.console import judging_options, print_json
from flows.cli.long_text import paged
from flows.cli.screens import people as screen
from flows.pages.documents.people import FACTS, Person
from flows.pages.documents.people import person as person_document
from flows.run.context import clock, network
from flows.run.look import look
from flows.settings.loading import load
from people.store import lookup
from people.store.resolving import persons
from people.text import for_terminal


@click.command(epilog="Example: touchbase people acme   or: touchbase people client --ids")
@click.argument("query", nargs=-1, metavar="[QUERY]")
@judging_options
@click.option("--ids", is_flag=True, help="Also show each person's id.")
def people(query: tuple[str, ...], config: Path, today: date | None, *, as_json: bool, ids: bool) -> int:
    """Show people by tier, the longest overdue first.

    QUERY limits them to those whose name, firm, e-mail or label has each of its words.
    """
    words = " ".join(query)
    documents = find(config, words, today)
    if as_json:
        print_json(documents)
    elif not documents:
        nobody = f"No one matches '{words}'." if words else "No one is known yet. Next: touchbase run"
        click.echo(for_terminal(nobody))
    else:
        day = clock(load(config), today)[0]
        paged(screen.listing(documents, day, ids=ids))
    return 0


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
