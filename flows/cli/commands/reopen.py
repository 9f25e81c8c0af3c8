"""``touchbase reopen``: undo a tick, a dismissal or a withdrawal, and make missing tasks again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from flows.cli.commands.decide import read_tasks, say_problems, stored
from flows.cli.console import judging_options, show
from flows.pages.documents.follow_ups import FollowUpDocument
from flows.run import deliver
from flows.run.context import Context, clock, network
from people.errors import UserMustAct
from people.planning.model import OPEN
from people.store import follow_ups
from people.tasks import FollowUp
from people.types import Problem
from people.wording import title_with_who


@click.command(epilog="Example: touchbase reopen 3f9a1c20")
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--missing", is_flag=True, help="Make again the open tasks that are not in the task list.")
@judging_options
def reopen(keys: tuple[str, ...], config: Path, today: date | None, *, missing: bool, as_json: bool) -> int:
    """Open follow-ups again that were done, dismissed or closed by Touchbase.

    A contact that a tick counted is taken back. From then on only you close the task. A unique prefix of
    KEY is enough.
    """
    if missing == bool(keys):
        raise click.UsageError("Name follow-ups by their KEY, or give --missing.")
    with network(config) as (settings, store):
        day, moment = clock(settings, today)
        context = Context(settings, store, day, moment)
        with store.run_lock():
            names = _missing(context) if missing else _again(context, keys)
            problems = [one for name in names for one in deliver.deliver(context, only=name).problems]
            items = [stored(store, name) for name in names]
    show([FollowUpDocument.filled(item) for item in items], lambda: _text(items, problems), as_json=as_json)
    return say_problems(problems)


def _again(context: Context, keys: Sequence[str]) -> list[str]:
    """Store the intent to open these again; return their keys. Those that are open stay as they are."""
    read_tasks(context)
    days = context.settings.working_days
    items = list({item.key: item for item in (stored(context.store, key) for key in keys)}.values())
    if waiting := next((item for item in items if item.status == "deferred"), None):
        raise UserMustAct(
            f"'{waiting.title}' waits for a place", help="take the best that waits: touchbase next"
        )
    for item in items:
        if item.status in OPEN:
            continue
        due = item.due if item.due >= context.today else days.on_or_after(context.today)
        new = {
            "status": "open",
            "reason": "you opened it again",
            "ending": None,
            "reopened": True,
            "due": due,
        }
        with context.store.begin() as connection:
            follow_ups.decide(connection, item.model_copy(update=new), context.today)
    return [item.key for item in items]


def _missing(context: Context) -> list[str]:
    """Store the intent to make the missing tasks again; return their keys."""
    deliver.read_tasks(context, again=True)
    with context.store.read() as connection:
        return [item.key for item, kind in follow_ups.pending(connection) if kind == "reopen"]


def _text(items: Sequence[FollowUp], problems: Sequence[Problem]) -> str:
    if not items:
        return "No open task is missing."
    state = "will be open again" if problems else "open again"
    return "\n".join(f"{title_with_who(item)}: {state}, due {item.due.isoformat()}" for item in items)
