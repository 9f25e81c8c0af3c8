"""Find people by id, record key, e-mail, name, or part of a name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from people.errors import UserMustAct
from people.phones import parse
from people.store.db import schema
from people.store.db.bulk import fetch_in
from people.text import fold, one_line


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person that a text may mean."""

    id: str
    name: str


class SeveralPeople(UserMustAct):
    """A text may mean several people. ``ids`` are theirs."""

    def __init__(self, who: str, ids: Sequence[str]) -> None:
        super().__init__(
            f"'{one_line(who)}' may mean {len(ids)} people", help="use the id, or an e-mail address"
        )
        self.ids = ids


def one(connection: sa.Connection, who: str) -> str:
    """Return the id of the person that ``who`` names.

    Raises ``SeveralPeople`` if it may mean several, and ``UserMustAct`` if it means nobody.
    """
    found = meant(connection, who)
    if len(found) > 1:
        raise SeveralPeople(who, found)
    if not found:
        raise UserMustAct(
            f"no one matches '{one_line(who)}'",
            help="try part of the name: touchbase people NAME; a new source needs touchbase run first",
        )
    _check_active(connection, found[0], who)
    return found[0]


def meant(connection: sa.Connection, who: str) -> list[str]:
    """Return the ids of those who have exactly this name, address or id, or else match every word of it."""
    exact = exactly(connection, [who])[who]
    return sorted(exact) or [found.id for found in search(connection, who)]


def _check_active(connection: sa.Connection, person: str, who: str) -> None:
    table = schema.people.c
    if connection.scalar(sa.select(table.active).where(table.id == person)) is False:
        raise UserMustAct(
            f"no card names '{one_line(who)}' any longer",
            help="their follow-ups: touchbase follow-ups --all; if a card comes back, so do they",
        )


def exactly(connection: sa.Connection, texts: Iterable[str]) -> dict[str, set[str]]:
    """Map each text to the ids of the people with this id, record key, e-mail, name or number (E.164)."""
    found = {text: _by_record(connection, text) for text in sorted(set(texts))}
    as_written = {text: [text] for text in found}
    by_fold: dict[str, list[str]] = {}
    for text in found:
        by_fold.setdefault(fold(text), []).append(text)
    people, aliases = schema.people.c, schema.person_aliases.c
    names, emails = schema.person_names.c, schema.person_emails.c
    for column, owner, keys in (
        (people.id, people.id, as_written),
        (aliases.alias, aliases.person_id, as_written),
        (names.folded, names.person_id, by_fold),
        (emails.email, emails.person_id, by_fold),
    ):
        query = sa.select(column, owner.label("owner"))
        for key, person in fetch_in(connection, query, column, keys):
            for text in keys[key]:
                found[text].add(person)
    for text, person in _by_number(connection, [text for text in found if text[:1] == "+"]):
        found[text].add(person)
    return found


def _by_number(connection: sa.Connection, numbers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each number with the id of a person who has it. A household's number has several."""
    keys, cards = schema.contact_keys.c, schema.contacts.c
    here = (cards.source == keys.source) & (cards.source_id == keys.source_id)
    query = sa.select(keys.key, cards.person_id).where(here, cards.person_id.is_not(None))
    for row in fetch_in(connection, query, keys.key, [f"p:{number}" for number in numbers]):
        yield row.key.removeprefix("p:"), row.person_id


def inactive(connection: sa.Connection, text: str) -> set[str]:
    """Return the ids of people without a card any longer, who once had this full name or address."""
    table, wanted = schema.people.c, fold(text)
    query = sa.select(table.id, table.name, table.profile).where(~table.active)
    return {
        row.id
        for row in connection.execute(query)
        if fold(row.name or "") == wanted or wanted in json.loads(row.profile).get("emails", ())
    } - set(connection.scalars(sa.select(schema.person_aliases.c.alias)))


def _by_record(connection: sa.Connection, text: str) -> set[str]:
    source, colon, source_id = text.partition(":")
    if not colon:
        return set()
    table = schema.contacts.c
    query = sa.select(table.person_id).where(
        table.source == source, table.source_id == source_id, table.person_id.is_not(None)
    )
    return set(connection.scalars(query))


def text_of(connection: sa.Connection, person: str) -> str:
    """Return a text that means this person alone: the name, else an e-mail address, else the id."""
    people, emails = schema.people.c, schema.person_emails.c
    name = connection.scalar(sa.select(people.name).where(people.id == person))
    addresses = connection.scalars(sa.select(emails.email).where(emails.person_id == person))
    texts = [*filter(None, [name]), *sorted(addresses)]
    found = exactly(connection, texts)
    return next((text for text in texts if found[text] == {person}), person)


def has_last_name(connection: sa.Connection, name: str) -> bool:
    """Whether somebody has the same last word in a name of two words or more."""
    last = fold(name).split()[-1]
    table = schema.person_names.c
    query = sa.select(table.person_id).where(table.folded.endswith(f" {last}", autoescape=True)).limit(1)
    return connection.scalar(query) is not None


def with_phones(connection: sa.Connection, phones: Iterable[str], region: str) -> set[str]:
    """Return the ids of the people with one of these numbers, however they are written."""
    wanted = [phone.key for text in phones if (phone := parse(text, region))]
    return {person for _, person in _by_number(connection, wanted)}


def search(connection: sa.Connection, query: str, *, limit: int | None = None) -> list[Candidate]:
    """Return active people whose name, e-mails, firm or labels contain every word of ``query``, by name."""
    table = schema.people.c
    statement = sa.select(table.id, table.name).where(table.active)
    for word in fold(query).split():
        statement = statement.where(table.folded.contains(word, autoescape=True))
    statement = statement.order_by(table.name, table.id).limit(limit)
    return [Candidate(row.id, row.name or row.id) for row in connection.execute(statement)]


def near(connection: sa.Connection, text: str) -> list[str]:
    """Return the ids of people who share the last word of an unknown name, or else its first."""
    return [found.id for found in nearest(connection, text)]


def nearest(connection: sa.Connection, text: str, most: int | None = None) -> list[Candidate]:
    """Return people who share the last word of an unknown name, or else its first, by name."""
    words = fold(text).split()
    for word in (words[-1:] + words[:1]) if words else []:
        found = search(connection, word, limit=most)
        if found:
            return found
    return []
