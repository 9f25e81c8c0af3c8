"""``touchbase done``, ``snooze`` and ``dismiss``: what the task list does, from the terminal."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from flows.cli.console import DAY, config_option, json_option, note, print_json, today_option
from flows.run.context import network

if TYPE_CHECKING:
    from flows.run.context import Context
    from people.store import Store
    from people.tasks import FollowUp

_Decision = Literal["done", "snoozed", "dismissed"]
_SNOOZE = timedelta(days=7)
_WORDS = {"done": "you said it is done", "dismissed": "you dismissed it"}


@click.command(epilog="Example: touchbase done 3f9a1c20")
@click.argument("key")
@config_option
@today_option
@json_option
def done(key: str, config: Path, today: date | None, *, as_json: bool) -> int:
    """Say that the follow-up KEY (the start of it is enough) is done: contact on this day."""
    return _decide(key, config, today, "done", as_json=as_json)


@click.command(epilog="Example: touchbase snooze 3f9a1c20 --until 2026-03-02")
@click.argument("key")
@click.option("--until", type=DAY, help="The new due day; a week from now unless given.")
@config_option
@today_option
@json_option
def snooze(key: str, until: date | None, config: Path, today: date | None, *, as_json: bool) -> int:
    """Move the follow-up KEY (the start of it is enough) to a later day."""
    return _decide(key, config, today, "snoozed", until=until, as_json=as_json)


@click.command(epilog="Example: touchbase dismiss 3f9a1c20")
@click.argument("key")
@config_option
@today_option
@json_option
def dismiss(key: str, config: Path, today: date | None, *, as_json: bool) -> int:
    """Drop the follow-up KEY (the start of it is enough); its rule is quiet for 30 days."""
    return _decide(key, config, today, "dismissed", as_json=as_json)


def _decide(
    key: str,
    config: Path,
    today: date | None,
    decision: _Decision,
    *,
    until: date | None = None,
    as_json: bool,
) -> int:
    from flows.cli.commands.follow_ups import document  # noqa: PLC0415
    from flows.run import deliver  # noqa: PLC0415 - not needed for --help
    from flows.run.context import Context as _Context_  # noqa: PLC0415 - not needed for --help
    from flows.run.context import clock  # noqa: PLC0415
    from people.store import follow_ups  # noqa: PLC0415

    with network(config) as (settings, store):
        day, moment = clock(settings, today)
        context = _Context_(settings, store, day, moment)
        with store.run_lock():
            _hear(context)
            item = _found(store, key)
            wanted = _decided(item, decision, day, until)
            if wanted is not None:
                with store.begin() as connection:
                    follow_ups.decide(connection, wanted, day)
            told = deliver.deliver(context, only=item.key)
            item = _found(store, item.key)
    if as_json:
        print_json(document(item))
    else:
        what = f"{item.status}, due {item.due.isoformat()}" if item.status == "snoozed" else item.status
        click.echo(f"{item.title}: {'already ' if wanted is None else ''}{what}")
    for problem in told.problems:
        note(f"The task list does not know yet, the next run tells it: {problem.message}")
    return 1 if told.problems else 0


def _hear(context: Context) -> None:
    """Read the task list, so that neither side overrules the other unseen."""
    from flows.run import deliver  # noqa: PLC0415
    from people.errors import TouchbaseError  # noqa: PLC0415

    try:
        deliver.read_tasks(context)
    except TouchbaseError as error:
        note(f"The task list cannot be read now: {error.message}")


def _found(store: Store, key: str) -> FollowUp:
    from people.errors import UserMustAct  # noqa: PLC0415
    from people.store import follow_ups  # noqa: PLC0415

    with store.read() as connection:
        item = follow_ups.find(connection, key)
    if item is None:
        raise UserMustAct(
            f"no follow-up has the key '{key}', or more than one starts so",
            help="see the keys: touchbase follow-ups --all",
        )
    return item


def _decided(item: FollowUp, decision: _Decision, day: date, until: date | None) -> FollowUp | None:
    """The follow-up as decided; None when it is so already."""
    from people.errors import UserMustAct  # noqa: PLC0415

    new: dict[str, Any]
    if decision == "snoozed":
        due = until or day + _SNOOZE
        if due <= day:
            raise UserMustAct(f"{due.isoformat()} is not after today", help="name a later day: --until")
        new = {"due": due, "reason": f"you moved it to {due.isoformat()}"}
    else:
        new = {"reason": _WORDS[decision]}
    if item.status == decision and item.due == new.get("due", item.due):
        return None
    if item.status not in ("open", "snoozed", "deferred") and not (
        decision == "done" and item.status in ("withdrawn", "dismissed")
    ):
        raise UserMustAct(
            f"'{item.title}' is {item.status} already", help="see all: touchbase follow-ups --all"
        )
    return item.model_copy(update={"status": decision, **new})
