"""Runs that are killed, and runs that meet: real processes, alone and against one Prefect server."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.demo import DELIVERED, PEOPLE, TODAY, command, network
from tests.support.marks import ABOUT_SQLITE
from tests.support.paths import ROOT

pytestmark = ABOUT_SQLITE

_PATIENCE = 120


@pytest.fixture(params=["no server", pytest.param("a server", marks=pytest.mark.prefect)])
def api(request: pytest.FixtureRequest) -> str:
    """The address of the server that the runs report to; none if it is empty."""
    if request.param == "no server":
        return ""
    request.getfixturevalue("prefect_server")
    from prefect.settings import PREFECT_API_URL

    return str(PREFECT_API_URL.value())


@contextmanager
def running(config: Path, api: str) -> Iterator[subprocess.Popen[str]]:
    """``touchbase run --json`` in a process group of its own, which ends with the block."""
    program = "from flows.cli.main import main; main()"
    words = [
        sys.executable,
        "-c",
        program,
        "run",
        "--json",
        "--config",
        str(config),
        "--today",
        TODAY.isoformat(),
    ]
    environment = {**os.environ, "PREFECT_API_URL": api}
    process = subprocess.Popen(
        words,
        env=environment,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def count(store: Path, query: str) -> int:
    """One number from a store that may not be there yet."""
    if not store.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
            return int(connection.execute(query).fetchone()[0])
    except sqlite3.OperationalError:
        return 0


@pytest.mark.parametrize(
    "reached",
    [
        "SELECT count(*) FROM contacts",
        "SELECT count(*) FROM people",
        "SELECT count(*) FROM follow_ups WHERE delivery = 'create'",
    ],
    ids=["pulling", "resolving", "delivering"],
)
def test_a_killed_run_is_repaired_by_the_next_one(tmp_path: Path, reached: str, api: str) -> None:
    config = network(tmp_path / "network")
    store = config.parent / "touchbase.db"
    with running(config, api) as process:
        deadline = time.monotonic() + _PATIENCE
        while not count(store, reached) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGKILL)
    with running(config, api) as process:
        told, errors = process.communicate(timeout=_PATIENCE)
    document = json.loads(told)
    assert (process.returncode, document["status"]) == (0, "ok"), errors
    assert document["people"]["total"] == PEOPLE
    assert len(list((config.parent / "tasks").glob("*.ics"))) == DELIVERED
    listed = json.loads(command("follow-ups", "--config", config, "--json").output)
    assert [item["status"] for item in listed].count("open") == DELIVERED
    assert all(item["ref"] for item in listed if item["status"] == "open")


def test_of_two_runs_at_once_the_second_waits(tmp_path: Path, api: str) -> None:
    config = network(tmp_path / "network")
    with running(config, api) as one, running(config, api) as other:
        documents = [json.loads(process.communicate(timeout=_PATIENCE)[0]) for process in (one, other)]
    assert [document["status"] for document in documents] == ["ok", "ok"]
    assert sorted(document["follow_ups"]["created"] for document in documents) == [0, 5]
    assert len(list((config.parent / "tasks").glob("*.ics"))) == DELIVERED
