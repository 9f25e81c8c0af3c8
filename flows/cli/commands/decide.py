"""``touchbase done``, ``snooze`` and ``dismiss``: do in the terminal what the task list does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple

import click

from flows.cli.console import DAY, judging_options, note, show
from flows.pages.documents.follow_ups import FollowUpDocument
from flows.run import deliver
from flows.run.context import Context, clock, network
from people.days import short_day
from people.errors import TouchbaseError, UserMustAct
from people.store import Store, follow_ups
from people.tasks import FollowUp
from people.text import for_terminal
from people.types import Problem

_Decision = Literal["done", "snoozed", "dismissed"]
_SNOOZE = timedelta(days=7)
_REASONS = {"done": "you said it is done", "dismissed": "you dismissed it"}


@click.command(epilog="Example: touchbase done 3f9a1c20")
@click.argument("key")
@judging_options
def done(key: str, config: Path, today: date | None, *, as_json: bool) -> int:
    """Mark follow-up KEY as done and count it as contact today. A unique prefix of KEY is enough."""
    return _decide(key, config, today, "done", as_json=as_json)


@click.command(epilog="Example: touchbase snooze 3f9a1c20 --until 2026-03-02")
@click.argument("key")
@click.option("--until", type=DAY, help="The new due day (default: in a week).")
@judging_options
def snooze(key: str, until: date | None, config: Path, today: date | None, *, as_json: bool) -> int:
    """Move follow-up KEY to a later day. A unique prefix of KEY is enough."""
    return _decide(key, config, today, "snoozed", until=until, as_json=as_json)


@click.command(epilog="Example: touchbase dismiss 3f9a1c20")
@click.argument("key")
@judging_options
def dismiss(key: str, config: Path, today: date | None, *, as_json: bool) -> int:
    """Drop follow-up KEY and keep its rule quiet for 30 days. A unique prefix of KEY is enough."""
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
    with network(config) as (settings, store):
        day, moment = clock(settings, today)
        settled = settle(Context(settings, store, day, moment), key, decision, until=until)
    item = settled.item
    status = f"{item.status}, due {item.due.isoformat()}" if item.status == "snoozed" else item.status
    text = f"{item.title}: {'already ' if settled.already else ''}{status}"
    show(FollowUpDocument.filled(item), lambda: text, as_json=as_json)
    return say_problems(settled.problems)


class Settled(NamedTuple):
    """A follow-up after a decision, whether it was like that already, and what the task list refused."""

    item: FollowUp
    already: bool
    problems: Sequence[Problem]


def settle(
    context: Context,
    key: str,
    decision: _Decision,
    *,
    until: date | None = None,
    on: date | None = None,
    is_contact: bool = True,
) -> Settled:
    """Decide on the follow-up of a key, in the store and in the task list.

    ``on`` is the day on which it was done (default: today). With ``is_contact`` False, doing it does not
    count as contact, because the journal has that contact already.
    """
    with context.store.run_lock():
        read_tasks(context)
        item = stored(context.store, key)
        decided = _decided(item, decision, context.today, until)
        if decided is not None:
            counted = decided.model_copy(update={"done_is_contact": decided.done_is_contact and is_contact})
            with context.store.begin() as connection:
                follow_ups.decide(connection, counted, on or context.today)
        delivered = deliver.deliver(context, only=item.key)
        return Settled(stored(context.store, item.key), decided is None, delivered.problems)


def say_problems(problems: Sequence[Problem]) -> int:
    """Say what the task list refused. Returns the status."""
    for problem in problems:
        note(f"The task list is not up to date yet; the next run updates it: {problem.message}")
    return 1 if problems else 0


def close(context: Context, key: str, on: date) -> int:
    """Mark a follow-up as done on a day whose contact is in the journal, and say so. Returns the status."""
    settled = settle(context, key, "done", on=on, is_contact=False)
    click.echo(f"{for_terminal(settled.item.title)}: {settled.item.status}")
    return say_problems(settled.problems)


def read_tasks(context: Context) -> None:
    """Read the task list first, so that a decision made there is not overwritten."""
    try:
        deliver.read_tasks(context)
    except TouchbaseError as error:
        note(f"The task list cannot be read now: {error.message}")


def stored(store: Store, key: str) -> FollowUp:
    """The only follow-up whose key starts with ``key``. Raises ``UserMustAct`` if there is none."""
    with store.read() as connection:
        item = follow_ups.find(connection, key)
    if item is None:
        raise UserMustAct(
            f"'{key}' does not identify one follow-up",
            help="see the keys: touchbase follow-ups --all; a unique prefix is enough",
        )
    return item


def _decided(item: FollowUp, decision: _Decision, day: date, until: date | None) -> FollowUp | None:
    """Return the follow-up as decided, or None if that is its state already."""
    new: dict[str, Any]
    if decision == "snoozed":
        due = until or day + _SNOOZE
        if due <= day:
            raise UserMustAct(f"{due.isoformat()} is not after today", help="name a later day: --until")
        new = {"due": due, "reason": f"you moved it to {short_day(due, day)}"}
    else:
        new = {"reason": _REASONS[decision]}
    if item.status == decision and item.due == new.get("due", item.due):
        return None
    if item.status not in ("open", "snoozed", "deferred") and not (
        decision == "done" and item.status in ("withdrawn", "dismissed")
    ):
        raise UserMustAct(
            f"'{item.title}' is already {item.status}", help="see all: touchbase follow-ups --all"
        )
    return item.model_copy(update={"status": decision, **new})
