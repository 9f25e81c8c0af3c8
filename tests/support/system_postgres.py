"""A Postgres of the system: the bundled one lacks pg_trgm, which Prefect needs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


def free_port() -> int:
    """A port of this machine that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def programs() -> Path:
    """The folder of ``initdb``."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/opt/homebrew").glob("opt/postgresql*/bin")]
    folders += [Path(found).parent for found in [shutil.which("initdb")] if found]
    for folder in folders:
        if (folder / "initdb").exists():
            return folder
    pytest.skip("no Postgres of the system: apt-get install postgresql")


@dataclass(frozen=True)
class Server:
    """A running server on ``port``; ``folder`` holds its data."""

    folder: Path
    port: int
    user: str
    password: str

    def do(self, program: str, *words: str) -> None:
        """Run a client program of Postgres as the superuser."""
        there = ("-h", "127.0.0.1", "-p", str(self.port), "-U", self.user)
        _do(self.folder, program, *there, *words, password=self.password)


def _do(folder: Path, program: str, *words: str, password: str = "") -> None:
    # Postgres refuses to run as root.
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*user, str(programs() / program), *words],
        cwd=folder,
        env={**os.environ, "PGPASSWORD": password},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert done.returncode == 0, done.stderr.decode()


@contextmanager
def system_postgres(user: str, password: str = "") -> Iterator[Server]:
    """Start an empty server with this superuser; without a password everybody may log in."""
    with tempfile.TemporaryDirectory(prefix="touchbase-pg-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        (folder / "password").write_text(password or "unused")
        if os.geteuid() == 0:
            for path in (folder, folder / "password"):
                shutil.chown(path, "postgres")
        method = "scram-sha-256" if password else "trust"
        words = ("-A", method, "-U", user, "--pwfile", f"{folder}/password", "--no-sync")
        _do(folder, "initdb", "-D", f"{folder}/data", *words)
        options = f"-p {port} -k {folder} -c fsync=off -c listen_addresses=127.0.0.1"
        _do(folder, "pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield Server(folder, port, user, password)
        finally:
            _do(folder, "pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
