"""The person that WHO names on the command line, or the people to choose from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from flows.cli.table import Column, table
from flows.pages.documents.people import tier_rank
from flows.run.context import clock
from flows.settings.model import Settings
from people.days import short_day
from people.errors import UserMustAct
from people.store import Store, lookup
from people.store.resolving import persons
from people.text import one_line

MOST = 8
"""How many candidates a message lists."""
_COLUMNS = (Column(least=14), Column(drop=2, least=10), Column(drop=3), Column(), Column(least=16))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person that a text may mean. ``last_contact`` is a day in the user's zone."""

    id: str
    name: str
    firm: str | None
    tier: str | None
    last_contact: date | None


def candidates(settings: Settings, store: Store, who: str, today: date | None = None) -> list[Candidate]:
    """Return the people that ``who`` may mean: by tier, and in a tier the latest contact first.

    They are those with exactly this name, address or id; if there is none, those whose name, address, firm
    or label contains every word; if there is none either, those who share a word of the name.
    """
    with store.read() as connection:
        ids = lookup.meant(connection, who) or lookup.near(connection, who)
    return people_of(settings, store, ids, today)


def person_named(settings: Settings, store: Store, who: str, today: date | None = None) -> str:
    """Return the id of the one person that ``who`` means; otherwise raise ``UserMustAct`` with candidates."""
    try:
        with store.read() as connection:
            return lookup.one(connection, who)
    except lookup.SeveralPeople as error:
        found = people_of(settings, store, error.ids, today)
    day = clock(settings, today)[0]
    raise UserMustAct(
        f"'{one_line(who)}' may mean {len(found)} people:\n{listed(found, day)}",
        help="use the id, an e-mail address, or more of the name",
    )


def exactly(settings: Settings, store: Store, who: str, purpose: str) -> tuple[str, str]:
    """Return the id and name of the one person with this full name, address, id or record key.

    Those whose cards are gone count, too. Part of a name is not enough: the message says what to write
    (``purpose``: ``to forget``). Raises ``UserMustAct``.
    """
    with store.read() as connection:
        ids = sorted(lookup.exactly(connection, [who])[who] or lookup.inactive(connection, who))
    # Raises an error that says that no one matches, or lists the people who do.
    person = ids[0] if len(ids) == 1 else person_named(settings, store, who)
    with store.read() as connection:
        name = persons.name_of(connection, person)
    if len(ids) != 1:
        raise UserMustAct(
            f"'{one_line(who)}' is only part of a name",
            help=f"{purpose} {one_line(name)}, use the id: {person}",
        )
    return person, name


def listed(found: Sequence[Candidate], today: date, most: int = MOST, *, numbered: bool = False) -> str:
    """Return the first ``most`` candidates as lines of a message, and how many more there are.

    ``numbered`` lines are for a question.
    """
    rows = [(one.name, one.firm, one.tier, _last(one, today), one.id) for one in found[:most]]
    more = [f"    and {len(found) - most} more"] if len(found) > most else []
    if numbered:
        lines = [(at, *row) for at, row in enumerate(rows, start=1)]
        return "\n".join([table((Column(right=True), *_COLUMNS), lines, indent="  "), *more])
    return "\n".join([table(_COLUMNS, rows, indent="    "), *more])


def _last(one: Candidate, today: date) -> str:
    return f"last {short_day(one.last_contact, today)}" if one.last_contact else "no contact"


def people_of(
    settings: Settings, store: Store, ids: Collection[str], today: date | None = None
) -> list[Candidate]:
    """Return the active people of ``ids``: by tier, and in a tier the latest contact first."""
    if not ids:
        return []
    # Judging needs polars, and takes a second to import: only an unclear WHO waits for it.
    from flows.run.look import look  # noqa: PLC0415

    frame = look(settings, store, today, ids=ids).judgement.frame
    rows = frame.select("id", "name", "organisation", "tier", "last_contact").iter_rows()
    found = [Candidate(person, name or person, *rest) for person, name, *rest in rows]
    return sorted(found, key=lambda one: (tier_rank(one.tier), -_ordinal(one.last_contact), one.name, one.id))


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else 0
