"""``touchbase log``: record a conversation that isn't in your calendar."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple, get_args

import click

from connectors.journal.source import append_line
from flows.cli.choosing import can_ask, choose, command_line
from flows.cli.commands.decide import close
from flows.cli.console import DAY, config_option, note
from flows.cli.who import Candidate, candidates, listed
from flows.run.context import Context, clock, network
from flows.settings.model import Settings
from people.errors import UserMustAct
from people.store import Store, follow_ups, lookup
from people.text import for_terminal, one_line
from people.types import Direction, JournalKind

CONTACT = ("contact", "met", "purchase", "referral", "introduction")
"""The kinds that are contact, after which an open follow-up may be settled."""
KINDS = tuple(kind for kind in get_args(JournalKind) if kind != "pause")
"""The kinds of lines to record; a pause has a command of its own."""
_OPEN = ("open", "snoozed")


@click.command(
    epilog="Example: touchbase log 'Tom Hale' referral --direction given --other 'Ann Lee' --note 'New shop'"
)
@click.argument("who")
@click.argument("kind", type=click.Choice(KINDS))
@config_option
@click.option("--date", "day", type=DAY, help="The day it happened (default: today).")
@click.option("--direction", type=click.Choice(get_args(Direction)), help="Whether you gave or received it.")
@click.option("--other", metavar="WHO", help="The second party of a referral or introduction.")
@click.option("--group", metavar="ID", help="The group it belongs to.")
@click.option("--hours", metavar="HOURS", help="How long it took.")
@click.option("--amount", metavar="MONEY", help="What it cost or brought.")
@click.option("--outcome", help="How far it came: introduced, met, won, lost or nothing yet.")
@click.option("--note", "remark", metavar="TEXT", help="Anything worth remembering.")
@click.option("--keep", is_flag=True, help="Write the line even if it is unclear who is meant.")
@click.option("--close/--no-close", "closes", default=None, help="Mark their open follow-up as done, or not.")
def log(
    who: str,
    kind: JournalKind,
    config: Path,
    day: date | None,
    *,
    keep: bool,
    closes: bool | None,
    **values: str | None,
) -> int:
    """Add a line to the journal: what happened with WHO (a name, e-mail or record key).

    If it is unclear who is meant, Touchbase lists the people and asks. After a contact, it offers to mark
    the person's open follow-up as done.
    """
    values["note"] = values.pop("remark")
    if kind in ("referral", "introduction", "purchase") and values["direction"] is None:
        raise click.UsageError(f"A {kind} needs --direction given or --direction received.")
    numbers = {name: _number(values[name], f"--{name}") for name in ("hours", "amount")}
    with network(config) as (settings, store):
        path = settings.journal_path()
        today, moment = clock(settings, None)
        asking = Asking(settings, store, today, keep)
        said = Said(who, kind, {"date": day.isoformat() if day else None, **values})
        person = asking.named(who, said, "who")
        other = (
            asking.named(values["other"], said.saying(who=person.text), "other") if values["other"] else None
        )
        fields: dict[str, Any] = {**values, **numbers, "other": other.text if other else None}
        append_line(path, on=day or today, person=person.text, kind=kind, **fields)
        click.echo(f"Added to {path}. It counts from the next run: touchbase run")
        if person.id and kind in CONTACT:
            return _offer_to_close(Context(settings, store, today, moment), person.id, day or today, closes)
    return 0


class Named(NamedTuple):
    """How the journal names somebody; ``id`` is None if nobody is known by it yet."""

    text: str
    id: str | None


@dataclass(frozen=True)
class Said:
    """What the user typed, to be typed again with another name in it."""

    who: str
    kind: str
    options: Mapping[str, str | None]
    verb: str = "log"

    def saying(self, **new: str) -> Said:
        """Return the same with another ``who`` or ``other``."""
        options = {name: new.get(name, value) for name, value in self.options.items()}
        return Said(new.get("who", self.who), self.kind, options, self.verb)

    @property
    def command(self) -> str:
        """The command line."""
        words = [word for name, value in self.options.items() for word in (f"--{name}", value)]
        kind = [self.kind] if self.verb == "log" else []
        return command_line(self.verb, self.who, *kind, *words)


@dataclass(frozen=True)
class Asking:
    """Finds out who is meant, and asks where it is unclear and somebody can answer."""

    settings: Settings
    store: Store
    today: date
    keep: bool

    def named(self, text: str, said: Said, place: str) -> Named:
        """Return the person that ``text`` means. Raises ``UserMustAct`` if it is unclear."""
        with self.store.read() as connection:
            exact = lookup.exactly(connection, [text])[text]
        if len(exact) == 1:
            return Named(text, next(iter(exact)))
        if self.keep:
            return self._kept(text, exact)
        found = candidates(self.settings, self.store, text)
        if not can_ask():
            raise self._unclear(text, found, said, place)
        click.echo(f"{self._question(text, found)}{listed(found, self.today, numbered=True)}")
        answer = choose(found, {"k": "keep the line as it is", "q": "stop"})
        if isinstance(answer, Candidate):
            return Named(self._text_of(answer), answer.id)
        if answer == "q":
            raise click.Abort
        return self._kept(text, exact)

    def _kept(self, text: str, exact: Collection[str]) -> Named:
        meaning = "matches several people" if exact else "matches no one yet"
        note(f"warning: '{for_terminal(text)}' {meaning}; the line is kept. See: touchbase inbox")
        return Named(text, None)

    def _question(self, text: str, found: Sequence[Candidate]) -> str:
        if not found:
            return f"No one matches '{for_terminal(text)}'."
        return f"'{for_terminal(text)}' may mean:\n"

    def _unclear(self, text: str, found: Sequence[Candidate], said: Said, place: str) -> UserMustAct:
        keep = f"to keep the line as it is: {said.command} --keep"
        if not found:
            add = command_line("add", text, "--met", "EVENT")
            return UserMustAct(f"no one matches '{one_line(text)}'", help=f"a new person: {add}; {keep}")
        other = said.saying(**{place: self._text_of(found[0])})
        return UserMustAct(
            f"'{one_line(text)}' may mean:\n{listed(found, self.today)}",
            help=f"name one of them, for example: {other.command}; {keep}",
        )

    def _text_of(self, one: Candidate) -> str:
        with self.store.read() as connection:
            return lookup.text_of(connection, one.id)


def _offer_to_close(context: Context, person: str, on: date, closes: bool | None) -> int:
    """Offer to mark the open follow-ups of a person as done. Returns the exit status."""
    with context.store.read() as connection:
        found = follow_ups.listed(connection, closed=False)
    status = 0
    for item in (item for item in found if item.person_id == person and item.status in _OPEN):
        title = for_terminal(item.title)
        if closes is None and not can_ask():
            click.echo(f"Still open: {title}. To close it: touchbase done {item.key[:8]}")
        elif closes or (closes is None and click.confirm(f"Close '{title}'?", default=True)):
            status = max(status, close(context, item.key, on))
    return status


def _number(text: str | None, option: str) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation as error:
        raise click.UsageError(f"{option} is not a valid number: '{text}'. Write it like 12.50.") from error
