"""``touchbase forget``: remove a person for good."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.console import config_option, json_option, note, plural, print_json
from flows.run.context import clock, network
from people.errors import TouchbaseError, UserMustAct
from people.text import for_terminal

if TYPE_CHECKING:
    from people.store import Connection


@click.command(epilog="Example: touchbase forget anna@example.com --yes")
@click.argument("who")
@config_option
@json_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(who: str, config: Path, *, as_json: bool, yes: bool) -> int:
    """Remove WHO (a name, an e-mail, an id or a record key) and everything known of them.

    Only hashes stay, so that a sync does not bring the person back.
    """
    from people.store import forgetting  # noqa: PLC0415 - not needed for --help

    left: list[str] = []
    with network(config) as (settings, store):
        with store.read() as connection:
            person, name = _exactly(connection, who)
        if not yes:
            click.confirm(f"Forget {for_terminal(name)} ({person}) for good?", abort=True, err=True)
        sink = settings.tasks.open(settings.around(clock(settings, None)[0]))
        with store.run_lock():
            with store.begin() as connection:
                done = forgetting.forget(connection, person, datetime.now(UTC))
            for task in done.tasks:
                try:
                    sink.withdraw(task.ref or "", "this person was forgotten")
                except TouchbaseError as error:
                    left.append(f"{task.title}: {error.message}")
    if as_json:
        print_json({"person_id": person, "records": done.records, "tasks": len(done.tasks)})
    else:
        click.echo(f"Forgotten: {plural(done.records, 'record')}, {plural(len(done.tasks), 'task')}.")
    if done.journal_places:
        places = ", ".join(done.journal_places)
        note(f"Your journal file still names them; delete these lines yourself: {places}")
    for text in left:
        note(f"This task could not be closed; delete it yourself: {for_terminal(text)}")
    return 1 if left else 0


def _exactly(connection: Connection, who: str) -> tuple[str, str]:
    """The person's id and name; a part of a name is not enough to forget somebody."""
    from people.store import lookup  # noqa: PLC0415
    from people.store.resolving import persons  # noqa: PLC0415

    found = sorted(lookup.exactly(connection, [who])[who])
    if len(found) != 1:
        # Says that nobody is known, or lists whom it may be.
        person = lookup.one(connection, who)
        raise UserMustAct(
            f"'{for_terminal(who)}' is only part of a name",
            help=f"to forget {for_terminal(persons.name_of(connection, person))}: touchbase forget {person}",
        )
    return found[0], persons.name_of(connection, found[0])
