"""``touchbase forget``: remove a person permanently."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from flows.cli.console import network_options, note, plural, show
from flows.cli.who import person_named
from flows.pages.documents.follow_ups import ForgottenDocument
from flows.run.context import clock, network
from flows.settings.model import Settings
from people.errors import TouchbaseError, UserMustAct
from people.store import Store, forgetting, lookup
from people.store.resolving import persons
from people.text import for_terminal


@click.command(epilog="Example: touchbase forget anna@example.com --yes")
@click.argument("who")
@network_options
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def forget(who: str, config: Path, *, as_json: bool, yes: bool) -> int:
    """Remove WHO (a name, e-mail, id or record key) and everything known about them.

    Only hashes stay, so that a sync does not bring the person back.
    """
    left: list[str] = []
    with network(config) as (settings, store):
        person, name = _exactly(settings, store, who)
        if not yes:
            click.confirm(f"Forget {for_terminal(name)} ({person}) permanently?", abort=True, err=True)
        sink = settings.tasks.open(settings.around(clock(settings, None)[0]))
        with store.run_lock():
            with store.begin() as connection:
                removed = forgetting.forget(connection, person, datetime.now(UTC))
            for task in removed.tasks:
                try:
                    sink.withdraw(task.ref or "", "this person was forgotten")
                except TouchbaseError as error:
                    left.append(f"{task.title}: {error.message}")
    show(
        ForgottenDocument(person_id=person, records=removed.records, tasks=len(removed.tasks)),
        lambda: f"Forgotten: {plural(removed.records, 'record')}, {plural(len(removed.tasks), 'task')}.",
        as_json=as_json,
    )
    if removed.journal_places:
        places = ", ".join(removed.journal_places)
        note(f"Your journal file still names this person. Delete these lines yourself: {places}")
    for text in left:
        note(f"This task could not be closed. Delete it yourself: {for_terminal(text)}")
    return 1 if left else 0


def _exactly(settings: Settings, store: Store, who: str) -> tuple[str, str]:
    """Return the person's id and name. Part of a name is not enough to forget someone."""
    with store.read() as connection:
        ids = sorted(lookup.exactly(connection, [who])[who])
    # Raises an error that says that no one matches, or lists the people who do.
    person = ids[0] if len(ids) == 1 else person_named(settings, store, who)
    with store.read() as connection:
        name = persons.name_of(connection, person)
    if len(ids) != 1:
        raise UserMustAct(
            f"'{for_terminal(who)}' is only part of a name",
            help=f"to forget {for_terminal(name)}: touchbase forget {person}",
        )
    return person, name
