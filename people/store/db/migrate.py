"""Migrate a store to the newest revision after a backup; refuse one from a newer Touchbase."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from people.errors import StoreTooNew, StoreUnavailable
from people.store.db import address, copies, early, schema, sqlite_file

_VERSION = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""The table in which Alembic notes the revision, as Alembic makes it."""

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
    if found != known[-1]:
        _refuse_others(engine, found)
    if found is not None and found not in known:
        raise StoreTooNew(
            f"the store is at revision {found}, this Touchbase knows up to {known[-1]}",
            help="upgrade Touchbase, or set store.url to another store; nothing was changed",
        )
    return found != known[-1]


def _refuse_others(engine: sa.Engine, found: str | None) -> None:
    """Raise ``StoreUnavailable`` if the tables in the database are another program's."""
    ours = {*sqlite_file.FIRST_TABLES}
    with engine.connect() as connection:
        there = ours & {*sa.inspect(connection).get_table_names()}
    revision = found is None or sqlite_file.REVISION.fullmatch(found)
    if not revision or (there - {"alembic_version"} if found is None else there != ours):
        raise StoreUnavailable(
            f"the database {address.shown(engine.url)} has tables of another program; nothing was changed",
            help='name another database, or on Postgres a schema of its own: [store] schema = "touchbase"',
        )


def to_head(engine: sa.Engine) -> None:
    """Migrate the store to the newest revision; do nothing if it is already there."""
    if not behind(engine):
        return
    found = current(engine)
    if found is None:
        create(engine)
        return
    backup(engine, found)
    upgrade(engine, revisions()[-1])


def create(engine: sa.Engine) -> None:
    """Make the tables of an empty store as they are today.

    The migrations would give the same tables (a test compares them), but Alembic and all its steps take a
    tenth of the time that a first import of 1,000 cards takes.
    """
    with engine.begin() as connection:
        schema.metadata.create_all(connection)
        _VERSION.create(connection, checkfirst=True)
        connection.execute(sa.delete(_VERSION))
        connection.execute(sa.insert(_VERSION).values(version_num=revisions()[-1]))


def backup(engine: sa.Engine, revision: str) -> Path | None:
    """Copy a SQLite store beside itself. Return None for Postgres, whose server keeps the backups.

    A migration that fails leaves the store as it was, so the next attempt finds the copy of the first one.
    """
    path = address.file_of(engine.url)
    if path is None:
        return None
    earlier = next(reversed(copies.beside(path, revision)), None)
    if earlier is not None and earlier.stat().st_mtime_ns >= _changed(path):
        return earlier
    target = copies.name(path, revision, datetime.now(UTC))
    # Only the second copy within a second finds it.
    target.unlink(missing_ok=True)
    sqlite_file.copy_to(path, target)
    copies.remove_old(path)
    return target


def _changed(path: Path) -> int:
    """Return when a store last changed, in nanoseconds. What is not yet in the file itself counts."""
    found = [one.stat() for one in (path, *sqlite_file.side_files(path)) if one.exists()]
    return max(one.st_mtime_ns for one in found if one.st_size)


def upgrade(engine: sa.Engine, revision: str) -> None:
    """Migrate a store to a revision, without a backup."""
    # Alembic takes a quarter of a second to import, and almost no start needs it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    found = current(engine)
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        if found is not None:
            early.complete(connection, found)
        command.upgrade(config, revision)
    if current(engine) != revision:
        raise StoreUnavailable(
            "the store could not be migrated", help="restore the backup beside it and report this"
        )
