"""Small values about the store itself, by key."""

from __future__ import annotations

import sqlalchemy as sa

from people.store.db import schema
from people.store.db.bulk import upsert

CALENDAR = "calendar_revision"
"""The key of a number that grows whenever a meeting or its guests change."""

PEOPLE = "people_revision"
"""The key of a number that grows whenever a card, or the person of a card, may have changed."""

JOURNAL = "journal_revision"
"""The key of a number that grows whenever a line of a journal may have changed."""

MAIL = "mail_revision"
"""The key of a number that grows whenever a message is stored, changed or forgotten."""

MAIL_NEWS = "mail_news"
"""The key of the threads whose mails changed lately (``people.store.mail_news``)."""

MAIL_READ_WITH = "mail_read_with"
"""The key, before a space and a source, of a hash of the user's addresses when its mail was last read."""

NAMED = "journal_named"
"""The key of the last problems with names in the journal."""

WANTED = "wanted"
"""The key of the days since which rules wish what can come too late."""

PLACED = "journal_placed"
"""The key of what the user said of unclear journal lines: by record key a person, or null to set it aside."""

ASKED = "asked_addresses"
"""The key of the addresses about which a run has asked whether they are the user's own."""

CLOCK = "clock"
"""The key of the instant (ISO, UTC) at which the last run began, by the clock of the machine."""

GUESTS = "guests"
"""The key of the cache key that the contacts from guest lists were last made with."""

TASKS = "tasks_place"
"""The key of the [tasks] settings with which the task list was last reached, and where they led."""


def get(connection: sa.Connection, key: str) -> str | None:
    """Return the value of ``key``; None if it was never set."""
    found: str | None = connection.scalar(sa.select(schema.meta.c.value).where(schema.meta.c.key == key))
    return found


def put(connection: sa.Connection, key: str, value: str) -> None:
    """Set ``key``."""
    upsert(connection, schema.meta, [{"key": key, "value": value}])


def count_up(connection: sa.Connection, key: str) -> None:
    """Add one to the number under ``key``, which begins at 0. Concurrent calls each count."""
    table = schema.meta
    number = sa.cast(table.c.value, sa.Integer) + 1
    counted = sa.update(table).where(table.c.key == key).values(value=sa.cast(number, sa.Text))
    if not connection.execute(counted).rowcount:
        put(connection, key, "1")
