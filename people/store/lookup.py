"""Find people by id, record key, e-mail, name, or part of a name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from people.errors import UserMustAct
from people.store.db import schema, values
from people.store.db.bulk import count, fetch_in
from people.text import fold, one_line
from people.types import Problem

_NAMING = 2
"""Increased when this module interprets names differently."""
_MOST_ROWS_FOR_HINTS = 250_000
"""The most rows that a run reads for hints: each hint searches everybody."""


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
    """Map each text to the ids of the people with this id, record key, e-mail or full name."""
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
    return found


def _by_record(connection: sa.Connection, text: str) -> set[str]:
    source, colon, source_id = text.partition(":")
    if not colon:
        return set()
    table = schema.contacts.c
    query = sa.select(table.person_id).where(
        table.source == source, table.source_id == source_id, table.person_id.is_not(None)
    )
    return set(connection.scalars(query))


def search(connection: sa.Connection, query: str, *, limit: int | None = None) -> list[Candidate]:
    """Return active people whose name, e-mails, firm or labels contain every word of ``query``, by name."""
    table = schema.people.c
    statement = sa.select(table.id, table.name).where(table.active)
    for word in fold(query).split():
        statement = statement.where(table.folded.contains(word, autoescape=True))
    statement = statement.order_by(table.name, table.id).limit(limit)
    return [Candidate(row.id, row.name or row.id) for row in connection.execute(statement)]


def name_journal(connection: sa.Connection) -> list[Problem]:
    """Link every journal line to the people it names; return a problem for each unclear name.

    If neither the journal nor the people changed since the last call, its answer is reused.
    """
    key = [_NAMING, *(values.get(connection, key) for key in (values.PEOPLE, values.JOURNAL))]
    known = json.loads(values.get(connection, values.NAMED) or "{}")
    if known.get("mark") == key:
        return [Problem.model_validate(problem) for problem in known["problems"]]
    problems = _name(connection)
    answer = {"mark": key, "problems": [problem.model_dump() for problem in problems]}
    values.put(connection, values.NAMED, json.dumps(answer))
    return problems


def _name(connection: sa.Connection) -> list[Problem]:
    table = schema.journal
    live = table.c.gone_at.is_(None)
    query = sa.select(
        table.c.source, table.c.source_id, table.c.person, table.c.other,
        table.c.person_id, table.c.other_id, table.c.file, table.c.line,
    ).where(live).order_by(table.c.source, table.c.line)  # fmt: skip
    lines = connection.execute(query).all()
    texts = {text for line in lines for text in (line.person, line.other) if text}
    known = exactly(connection, texts)
    people = count(connection, schema.people) or 1
    naming = _Naming(connection, known, hints=max(3, _MOST_ROWS_FOR_HINTS // people))
    for line in lines:
        place = f"{line.file or line.source}:{line.line}"
        person = naming.only(line.person, place)
        other = naming.only(line.other, place) if line.other else None
        if (person, other) != (line.person_id, line.other_id):
            same = (table.c.source == line.source) & (table.c.source_id == line.source_id)
            connection.execute(sa.update(table).where(same).values(person_id=person, other_id=other))
    return naming.problems


@dataclass
class _Naming:
    """Finds the people that the journal names. An unclear name is a problem; the first few get a hint."""

    connection: sa.Connection
    known: Mapping[str, set[str]]
    hints: int
    problems: list[Problem] = field(default_factory=list)

    def only(self, text: str, place: str) -> str | None:
        """Return the one person of this name; None, with a problem, if it is unclear."""
        ids = self.known.get(text, set())
        if len(ids) == 1:
            return next(iter(ids))
        name = one_line(text)
        if ids:
            choices = ", ".join(sorted(ids))
            unclear = f"'{name}' may mean {len(ids)} people"
            advice = f"write the e-mail address or one of these ids instead: {choices}"
        else:
            found = _near(self.connection, text, 3) if len(self.problems) < self.hints else []
            near = ", ".join(f"{one_line(c.name)} ({c.id})" for c in found)
            unclear = f"no one matches '{name}'"
            advice = (
                f"did you mean: {near}?" if near else "write the name as on the card, or an e-mail address"
            )
        message = f"{unclear}; the line is kept, but does not count yet"
        self.problems.append(Problem(where=place, message=message, help=advice))
        return None


def near(connection: sa.Connection, text: str) -> list[str]:
    """Return the ids of people who share the last word of an unknown name, or else its first."""
    return [found.id for found in _near(connection, text)]


def _near(connection: sa.Connection, text: str, most: int | None = None) -> list[Candidate]:
    words = fold(text).split()
    for word in (words[-1:] + words[:1]) if words else []:
        found = search(connection, word, limit=most)
        if found:
            return found
    return []
