"""Copy a whole store to another database: SQLite to Postgres, back, and to a backup file."""

from __future__ import annotations

from contextlib import nullcontext

import sqlalchemy as sa

from people.errors import StoreUnavailable, UserMustAct
from people.store.db import schema
from people.store.db.bulk import count
from people.store.db.database import Store


def copy(source: Store, target: Store, *, locked: bool = True) -> dict[str, int]:
    """Copy every table into the empty store ``target``; return the number of rows per table.

    Both stores are locked against runs meanwhile, unless a backup needs only what is there at this moment
    (``locked=False``). Everything is copied, or nothing. Raises ``UserMustAct`` if the target has any rows,
    ``StoreUnavailable`` if a count differs at the end, and ``StoreBusy``.
    """
    with (
        source.run_lock() if locked else nullcontext(),
        target.run_lock(),
        source.snapshot() as old,
        target.begin() as new,
    ):
        _refuse_unless_empty(new, target.url)
        for table in schema.metadata.sorted_tables:
            rows = old.execution_options(yield_per=500).execute(sa.select(table)).mappings()
            for batch in rows.partitions():
                new.execute(sa.insert(table), [dict(row) for row in batch])
        _continue_numbers(new)
        return _counted(old, new)


def _refuse_unless_empty(connection: sa.Connection, url: str) -> None:
    for table in schema.metadata.sorted_tables:
        if count(connection, table):
            raise UserMustAct(
                f"{url} is not empty: its table '{table.name}' has rows; nothing was copied",
                help="name a new database or file",
            )


def _counted(old: sa.Connection, new: sa.Connection) -> dict[str, int]:
    counts = {}
    for table in schema.metadata.sorted_tables:
        counts[table.name] = count(new, table)
        if counts[table.name] != count(old, table):
            raise StoreUnavailable(
                f"table '{table.name}' did not arrive whole; nothing was copied", help="try again"
            )
    return counts


def _continue_numbers(connection: sa.Connection) -> None:
    """Set Postgres' sequence behind the copied rows, which it has not seen."""
    if connection.dialect.name != "postgresql":
        return
    events = schema.identity_events
    highest = sa.select(sa.func.max(events.c.id)).scalar_subquery()
    sequence = sa.func.pg_get_serial_sequence(events.name, "id")
    connection.execute(
        sa.select(sa.func.setval(sequence, sa.func.coalesce(highest, 1), highest.is_not(None)))
    )
