"""``touchbase forget``: remove a person permanently."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from flows.cli.console import network_options, note, plural, show
from flows.cli.who import exactly
from flows.pages.documents.follow_ups import ForgottenDocument, LeftDocument
from flows.run.context import context_of, network
from flows.run.deliver import open_sink
from flows.run.forgetting.leftovers import Left, Leftovers
from flows.run.forgetting.tasks import erase
from flows.server.served import prefect_home
from flows.settings.model import Settings
from people.store import Store
from people.store.one_person import forgetting
from people.text import for_terminal


@click.command(epilog="Example: touchbase forget anna@example.com --yes")
@click.argument("who")
@network_options
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def forget(who: str, config: Path, *, as_json: bool, yes: bool) -> int:
    """Remove WHO (a name, e-mail, id or record key) and everything known about them.

    Tasks, digests and reports that name them are deleted. What you wrote yourself stays, and is listed.
    Only hashes stay in the store, so that a sync does not bring the person back.
    """
    with network(config) as (settings, store):
        person, name = exactly(settings, store, who, "to forget")
        if not yes:
            click.confirm(f"Forget {for_terminal(name)} ({person}) permanently?", abort=True, err=True)
        removed, pages, left = _forget(settings, store, person, config)
    document = ForgottenDocument(
        person_id=person,
        records=removed.records,
        tasks=len(removed.tasks),
        pages=tuple(map(str, pages)),
        left=tuple(LeftDocument.filled(one) for one in left),
    )
    show(document, lambda: _summary(document), as_json=as_json)
    for line in _listed(left):
        note(line)
    return 1 if any(one.ours for one in left) else 0


def _forget(
    settings: Settings, store: Store, person: str, config: Path
) -> tuple[forgetting.Forgetting, Sequence[Path], list[Left]]:
    """Forget in the store, in the task list and in our own pages; return what is left as well."""
    sink = open_sink(context_of(settings, store, None))
    with store.run_lock():
        with store.begin() as connection:
            removed = forgetting.forget(connection, person, datetime.now(UTC), settings.me.region)
            # If this is interrupted, the store still knows the tasks, and can be asked again.
            left = erase(removed, sink)
        compact = store.compact()
    leftovers = Leftovers(settings, store, removed.traces, config, prefect_home(settings))
    left += [*leftovers.of_files(), *leftovers.elsewhere()]
    if not compact:
        what = "free pages that may hold what was deleted: the store is in use, or the disk is full"
        left.append(Left(store.url, what, f"sqlite3 {store.path} '{_VACUUM}'", ours=True))
    return removed, leftovers.removed, left


_VACUUM = "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"


def _summary(document: ForgottenDocument) -> str:
    parts = [plural(document.records, "record"), plural(document.tasks, "task")]
    if document.pages:
        parts.append(plural(len(document.pages), "digest or report", "digests and reports"))
    return f"Forgotten: {', '.join(parts)}."


def _listed(left: Sequence[Left]) -> list[str]:
    if not left:
        return []
    lines = ["\nThis still names them:"]
    for one in left:
        lines += [f"  {for_terminal(one.where)}", f"      {for_terminal(one.what)}: {for_terminal(one.help)}"]
    return lines
