"""The other way to run it, as docs/operations.md has it: a shared server on Postgres, and two workers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from flows.server.lifeline import descendants, kill
from tests.support.demo import TODAY, network
from tests.support.paths import ROOT
from tests.support.prefect_api import Api, until
from tests.support.system_postgres import free_port, system_postgres

pytestmark = [pytest.mark.prefect, pytest.mark.postgres]


@pytest.fixture
def database() -> Iterator[str]:
    """An empty database whose owner is an ordinary user."""
    with system_postgres("postgres") as server:
        server.do("createuser", "prefect")
        server.do("createdb", "--owner", "prefect", "prefect")
        yield f"postgresql+asyncpg://prefect@127.0.0.1:{server.port}/prefect"


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all below it."""
    for pid in (*descendants(process.pid), process.pid):
        kill(pid)
    process.wait()


def test_two_workers_and_three_triggers_at_the_same_moment(database: str, tmp_path: Path) -> None:
    config, api = network(tmp_path / "network"), Api(free_port())
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "TOUCHBASE_"))
    }
    quiet = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    client = clean | quiet | {"PREFECT_HOME": str(tmp_path), "TOUCHBASE_CONFIG": str(config)}
    client["PREFECT_API_URL"] = f"http://127.0.0.1:{api.port}/api"
    server = clean | quiet | {"PREFECT_HOME": str(tmp_path / "server")}
    server["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = database

    with ExitStack() as ending:

        def begin(name: str, environment: dict[str, str], *words: str) -> Path:
            log = tmp_path / f"{name}.log"
            with log.open("w") as said:
                program = [sys.executable, "-m", "prefect", *words]
                process = subprocess.Popen(
                    program, cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT
                )
            ending.callback(end, process)
            return log

        def do(*words: str) -> None:
            program = [sys.executable, "-m", "prefect", "--no-prompt", *words]
            done = subprocess.run(program, cwd=ROOT, env=client, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr

        begin("server", server, "server", "start", "--host", "127.0.0.1", "--port", str(api.port))
        until(api.answers, "the server", 120)
        do("work-pool", "create", "touchbase", "--type", "process")
        # With one run at a time each, two runs at once need both of them.
        words = ("worker", "start", "--pool", "touchbase", "--type", "process", "--limit", "1")
        often = client | {"PREFECT_WORKER_QUERY_SECONDS": "1"}
        logs = [begin(f"worker-{n}", often, *words, "--name", f"here-{n}") for n in (1, 2)]
        do("deploy", "--all")

        day = TODAY.isoformat()
        runs = [api.trigger(name, today=day) for name in ("daily", "daily", "hourly-calendar")]
        *daily, hourly = [api.ended(run)["state"]["type"] for run in runs]
        assert sorted(daily) == ["CANCELLED", "COMPLETED"]
        assert hourly == "COMPLETED"
        assert all("submitting flow run" in log.read_text() for log in logs)
    assert len(list((config.parent / "tasks").glob("*.ics"))) == 5
