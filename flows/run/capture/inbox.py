"""The inbox of a network: lines about unclear people, and lines that introduce new ones."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.inbox.settings import InboxSettings
from connectors.inbox.source import InboxLine, read_lines
from connectors.inbox.thought import Thought
from connectors.vcard.settings import VCardSettings
from flows.run.capture import new_people
from flows.run.capture.new_people import NewPerson
from flows.run.context import Context
from flows.run.identify import identify
from flows.run.pull import pull
from flows.settings.model import Settings
from people.errors import TouchbaseError
from people.store import Connection, Store, journal_names, lookup
from people.store.journal_names import Unnamed
from people.types import Problem


@dataclass(frozen=True)
class Waiting:
    """A line that names nobody for certain, or that cannot be read.

    ``where`` is its place (``inbox.txt:3``) and ``text`` the line as written. ``record`` is its record key,
    with ``journal_names.OTHER`` behind it if the second party is unclear. ``who`` is the unclear name, None
    for a line that cannot be read. ``person`` is what the line says of a new person.
    """

    where: str
    text: str
    record: str
    problem: str
    help: str = ""
    who: str | None = None
    person: NewPerson | None = None


def waiting(settings: Settings, store: Store) -> list[Waiting]:
    """Return all lines of the inbox and the journal that wait for the user, by file and line.

    The names are as the last run found them; the inbox is read now. A file that cannot be read is left out,
    because the run and ``touchbase doctor`` report it.
    """
    lines = _lines(settings)
    with store.read() as connection:
        unread = _unread(connection, lines)
        unnamed = journal_names.unnamed(connection)
    return sorted([*unread, *(_unclear(one, lines) for one in unnamed)], key=_place)


def _unread(connection: Connection, lines: Mapping[str, tuple[str, InboxLine]]) -> list[Waiting]:
    aside = journal_names.set_aside(connection)
    return [
        Waiting(where, line.text, record, f"the line {line.problem.message}", line.problem.help)
        for record, (where, line) in lines.items()
        if line.problem and record not in aside
    ]


def problems(settings: Settings, store: Store) -> list[Problem]:
    """Return a problem for each line of the inbox that is unclear, without those that were set aside."""
    with store.read() as connection:
        found = _unread(connection, _lines(settings))
    remedy = "edit the line, or set it aside: touchbase inbox"
    return [Problem(where=one.where, message=one.problem, help=remedy, kind="inbox line") for one in found]


def _place(one: Waiting) -> tuple[str, int]:
    file, _, number = one.where.rpartition(":")
    return file, int(number) if number.isdigit() else 0


def _unclear(one: Unnamed, lines: Mapping[str, tuple[str, InboxLine]]) -> Waiting:
    where, text, person = one.where, one.text, NewPerson(one.who)
    if one.record in lines:
        where, line = lines[one.record]
        text = line.text
        person = new_person(line.thought) if line.thought else person
    return Waiting(where, text, one.record, "", who=one.who, person=person)


def new_person(thought: Thought) -> NewPerson:
    """Return what a line says of its person."""
    return NewPerson(
        thought.name or thought.person,
        emails=thought.emails,
        phones=thought.phones,
        organisation=thought.firm,
        needs=thought.needs,
        offers=thought.offers,
    )


def _lines(settings: Settings) -> dict[str, tuple[str, InboxLine]]:
    """Map record keys to the place and the line, of every inbox that can be read."""
    found: dict[str, tuple[str, InboxLine]] = {}
    for source in inboxes(settings):
        path = settings.resolve(source.path)
        with suppress(TouchbaseError):
            for line in read_lines(path):
                found[f"{source.name}:{line.id}"] = (f"{path.name}:{line.number}", line)
    return found


def inboxes(settings: Settings) -> list[InboxSettings]:
    """Return the sources that are inboxes."""
    return [source for source in settings.sources if isinstance(source, InboxSettings)]


def add_new_people(context: Context) -> list[Problem] | None:
    """Write a card for each new person in the inbox who is clearly described, and read the cards.

    That is a line with *met* whose name, addresses and numbers nobody has. The name must be a full one, and
    without an address or number, nobody may have the same last name. Other lines wait for the user. Returns
    None if nobody is new, and otherwise the problems.
    """
    settings = context.settings
    source = settings.source_to_add_to()
    if source is None or not inboxes(settings):
        return None
    with context.store.read() as connection:
        records = [one.record for one in journal_names.unnamed(connection) if one.kind == "met"]
    lines = _lines(settings) if records else {}
    thoughts = [lines[record][1].thought for record in records if record in lines]
    try:
        added = [_add(context, source, thought) for thought in thoughts if thought]
        if not any(added):
            return None
        pull(replace(context, progress=None), source)
    except TouchbaseError as error:
        return [Problem(where=f"source {source.name}", message=error.message, help=error.help)]
    return []


def _add(context: Context, source: VCardSettings, thought: Thought) -> bool:
    person = new_person(thought)
    settings = context.settings
    if not thought.is_full_name or new_people.known_ids(context.store, person, settings.me.region):
        return False
    if not person.emails and not person.phones:
        with context.store.read() as connection:
            if lookup.has_last_name(connection, person.name):
                return False
    if new_people.own_card(settings, source, person) is None:
        new_people.write_card(settings, source, person)
    return True


def place(context: Context, one: Waiting, who: str | None) -> None:
    """Remember that a line is about ``who``, an id or a record key; None sets the line aside."""
    with context.store.begin() as connection:
        journal_names.place(connection, one.record, who)
        journal_names.name_journal(connection)


def place_new(context: Context, source: VCardSettings, one: Waiting, person: NewPerson) -> Path:
    """Write a card for the person of a line, and link the line to it; return the card's file."""
    path, card = new_people.write_card(context.settings, source, person)
    with context.store.run_lock():
        pull(context, source)
        place(context, one, card.record)
        identify(context)
    return path
