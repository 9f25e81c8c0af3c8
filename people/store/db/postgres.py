"""Postgres: one schema per network, so that networks can share a database and stay separate."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from people.errors import SettingsError, StoreUnavailable
from people.extras import require

SCHEMA = "schema"
"""The parameter of the address that names the schema: ``postgresql+psycopg://me@host/name?schema=anna``."""
_NAME = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,62}")
_LOCK = 0x736368656D61  # "schema" in ASCII


def engine(url: sa.URL) -> sa.Engine:
    """Return the engine of one network. Its connections see only the address's schema.

    Raises ``SettingsError`` for an invalid schema name, ``ExtraMissing`` without the driver.
    """
    require("postgres", "a store on Postgres")
    schema = _schema(url)
    made = sa.create_engine(
        url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True
    )
    if schema is not None:

        @sa.event.listens_for(made, "do_connect")
        def _without_schema(_dialect: object, _record: object, _args: object, given: dict[str, Any]) -> None:
            given.pop(SCHEMA)

        @sa.event.listens_for(made, "connect", insert=True)
        def _see_schema(connection: Any, _record: object) -> None:  # noqa: ANN401 - psycopg's
            # A statement, because poolers refuse it as an option of the connection.
            connection.autocommit = True
            connection.execute(f'SET search_path TO "{schema}"')
            connection.autocommit = False

    return made


def ensure_schema(store: sa.Engine) -> None:
    """Create the schema of the store's address if it is missing. Raises ``StoreUnavailable``.

    The user must be able to create tables there. On a database made by Postgres 15 or newer, only its owner
    may do so in the schema ``public``.
    """
    with store.connect() as connection:
        schema = connection.scalar(sa.select(sa.func.current_schema()))
        if schema is None:
            schema = _make_schema(connection, store)
        needed = (sa.func.has_schema_privilege(schema, right) for right in ("USAGE", "CREATE"))
        user, may = connection.execute(sa.select(sa.func.current_user(), sa.and_(*needed))).one()
    if not may:
        raise _refused(schema, user)


def _refused(schema: str, user: str) -> StoreUnavailable:
    own = "" if schema != "public" else ', or give it a schema of its own: [store] schema = "touchbase"'
    return StoreUnavailable(
        f"the database user {user} may not create tables in the schema '{schema}'",
        help=f'let an administrator run: GRANT USAGE, CREATE ON SCHEMA {schema} TO "{user}"{own}',
    )


def _make_schema(connection: sa.Connection, store: sa.Engine) -> str:
    """Make the schema of the store's address unless it exists, and return its name.

    It may exist all the same: another first start has just made it, or this user may not use it and the
    search path therefore leaves it out.
    """
    schema = _schema(store.url)
    if schema is None:
        raise StoreUnavailable(
            "the store's search_path names no schema that exists",
            help="name the schema in the settings, which makes it: [store] schema",
        )
    # If two first starts coincide, the second one waits and finds the schema.
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    namespaces = sa.table("pg_namespace", sa.column("nspname"))
    if connection.scalar(sa.select(namespaces).where(namespaces.c.nspname == schema)) is None:
        try:
            connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        except sa.exc.ProgrammingError as error:
            raise StoreUnavailable(
                f"the database has no schema '{schema}', and {store.url.username} may not make it",
                help=f"let an administrator run: CREATE SCHEMA {schema} AUTHORIZATION {store.url.username}",
            ) from error
    connection.commit()
    return schema


def _schema(url: sa.URL) -> str | None:
    found = url.query.get(SCHEMA)
    if found is None or (isinstance(found, str) and _NAME.fullmatch(found)):
        return found
    raise SettingsError(
        f"store.schema is '{found}', which no schema is called here",
        help="use lower-case letters, digits and _, starting with a letter, such as anna_berg",
    )
