"""The other way to run it, as docs/operations.md has it: a shared server on Postgres, and two workers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from flows.server.lifeline import descendants, kill
from tests.support.demo import TODAY, network
from tests.support.paths import ROOT
from tests.support.prefect_api import Api, until

pytestmark = [pytest.mark.prefect, pytest.mark.postgres]


def postgres_programs() -> Path:
    """The folder of ``initdb``. The bundled Postgres lacks pg_trgm, which Prefect needs."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/opt/homebrew").glob("opt/postgresql*/bin")]
    folders += [Path(found).parent for found in [shutil.which("initdb")] if found]
    for folder in folders:
        if (folder / "initdb").exists():
            return folder
    pytest.skip("no Postgres of the system: apt-get install postgresql")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def database() -> Iterator[str]:
    """An empty database whose owner is an ordinary user."""
    programs, port = postgres_programs(), free_port()
    # Postgres refuses to run as root.
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="touchbase-pg-", ignore_cleanup_errors=True) as folder:
        if user:
            shutil.chown(folder, "postgres")

        def do(program: str, *words: str) -> None:
            done = subprocess.run(
                [*user, str(programs / program), *words],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            assert done.returncode == 0, done.stderr.decode()

        do("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "postgres", "--no-sync")
        options = f"-p {port} -k {folder} -c fsync=off -c listen_addresses=127.0.0.1"
        do("pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            there = ["-h", "127.0.0.1", "-p", str(port), "-U", "postgres"]
            do("createuser", *there, "prefect")
            do("createdb", *there, "--owner", "prefect", "prefect")
            yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/prefect"
        finally:
            do("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")


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
