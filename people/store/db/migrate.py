"""Migrate a store to the newest revision after a backup; refuse one from a newer Touchbase."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from people.errors import StoreTooNew, StoreUnavailable

_FOLDER = Path(__file__).parent / "migrations"


def revisions() -> list[str]:
    """Return all revisions that this Touchbase knows, oldest first (``0001``, ``0002`` ...)."""
    return sorted(path.stem.split("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*.py"))


def current(engine: sa.Engine) -> str | None:
    """Return the revision of the store; None for an empty database."""
    with engine.connect() as connection:
        if not engine.dialect.has_table(connection, "alembic_version"):
            return None
        found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return found


def behind(engine: sa.Engine) -> bool:
    """Whether the store is empty or older than this Touchbase; raises ``StoreTooNew``."""
    known, found = revisions(), current(engine)
    if found is not None and found not in known:
        raise StoreTooNew(
            f"the store is at revision {found}, this Touchbase knows up to {known[-1]}",
            help="upgrade Touchbase, or set store.url to another store; nothing was changed",
        )
    return found != known[-1]


def to_head(engine: sa.Engine) -> None:
    """Migrate the store to the newest revision; do nothing if it is already there."""
    if not behind(engine):
        return
    found = current(engine)
    if found is not None:
        backup(engine, found)
    upgrade(engine, revisions()[-1])


def backup(engine: sa.Engine, revision: str) -> Path | None:
    """Copy a SQLite store beside itself. Return None for Postgres, whose server keeps the backups."""
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database or database == ":memory:":
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    target = Path(f"{database}.backup-{revision}-{stamp}")
    if target.exists():
        return target
    with closing(sqlite3.connect(database)) as old, closing(sqlite3.connect(target)) as copy:
        old.backup(copy)
    return target


def upgrade(engine: sa.Engine, revision: str) -> None:
    """Migrate a store to a revision, without a backup."""
    # Alembic takes a quarter of a second to import, and almost no start needs it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    if current(engine) != revision:
        raise StoreUnavailable(
            "the store could not be migrated", help="restore the backup beside it and report this"
        )
