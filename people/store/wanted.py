"""Since when each wish that can come too late is wished: what one run remembers for the next."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date

import sqlalchemy as sa

from people.planning.model import Occasion, Wanted
from people.store.db import values


def load(connection: sa.Connection) -> dict[Occasion, Wanted]:
    """Return what the last run remembered, by person, rule and occasion."""
    stored = json.loads(values.get(connection, values.WANTED) or "[]")
    return {
        (person, rule, occasion): Wanted(date.fromisoformat(first), date.fromisoformat(last))
        for person, rule, occasion, first, last in stored
    }


def save(connection: sa.Connection, wanted: Mapping[Occasion, Wanted]) -> None:
    """Remember this, and nothing else."""
    rows = [[*name, one.first.isoformat(), one.last.isoformat()] for name, one in sorted(wanted.items())]
    text = json.dumps(rows)
    if text != (values.get(connection, values.WANTED) or "[]"):
        values.put(connection, values.WANTED, text)


def move(connection: sa.Connection, aliases: Mapping[str, str]) -> None:
    """Move what is remembered to those who people turned out to be. The earlier day counts."""
    before = load(connection) if aliases else {}
    if not any(person in aliases for person, _, _ in before):
        return
    after: dict[Occasion, Wanted] = {}
    for (person, rule, occasion), one in before.items():
        name = (aliases.get(person, person), rule, occasion)
        other = after.get(name, one)
        after[name] = Wanted(min(one.first, other.first), max(one.last, other.last))
    save(connection, after)


def forget(connection: sa.Connection, people: Collection[str]) -> None:
    """Remember nothing of ``people``."""
    before = load(connection)
    save(connection, {name: one for name, one in before.items() if name[0] not in people})
