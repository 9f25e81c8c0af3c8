"""``touchbase forget``: remove a person for good."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from flows.console import config_option, json_option, network, note, plural, print_json


@click.command(epilog="Example: touchbase forget anna@example.com --yes")
@click.argument("who")
@config_option
@json_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(who: str, config: Path, *, as_json: bool, yes: bool) -> int:
    """Remove WHO (a name, an e-mail, an id or a record key) and everything known of them.

    Only hashes stay, so that a sync does not bring the person back.
    """
    from flows.wiring import make_sink  # noqa: PLC0415 - not needed for --help
    from people.store import forgetting, lookup  # noqa: PLC0415

    with network(config) as (settings, store):
        with store.read() as connection:
            person = lookup.one(connection, who)
        if not yes:
            click.confirm(f"Forget {who} ({person}) for good?", abort=True, err=True)
        with store.run_lock():
            with store.begin() as connection:
                done = forgetting.forget(connection, person, datetime.now(UTC))
            for task in done.tasks:
                make_sink(settings).withdraw(task.ref or "", "this person was forgotten")
    if as_json:
        print_json({"person_id": person, "records": done.records, "tasks": len(done.tasks)})
    else:
        click.echo(f"Forgotten: {plural(done.records, 'record')}, {plural(len(done.tasks), 'task')}.")
    if done.journal_places:
        places = ", ".join(done.journal_places)
        note(f"Your journal file still names them; delete these lines yourself: {places}")
    return 0
