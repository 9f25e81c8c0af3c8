"""A running ``touchbase serve``, as typed in the folder of its network."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.server import served
from flows.server.lifeline import descendants
from tests.support.prefect_api import Api, until
from tests.support.traps import set_traps

TOUCHBASE = Path(sys.executable).with_name("touchbase")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run")  # fmt: skip
"""How Chromium is started."""


@dataclass
class Served(Api):
    """A running ``touchbase serve``."""

    config: Path
    process: subprocess.Popen[str]

    @property
    def note(self) -> served.Served:
        """What it tells other commands."""
        found = served.read_note(self.config.parent / ".prefect")
        assert found is not None
        return found

    def login(self) -> dict[str, str]:
        """The header with its password."""
        return served.authorization(self.note.password)


def clean_environment() -> dict[str, str]:
    """Ours, without what names a server or a network."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "TOUCHBASE_"))
    }


def start(config: Path, port: int) -> subprocess.Popen[str]:
    """``touchbase serve`` as typed in the network's folder; returns when it says that it runs."""
    process = subprocess.Popen(
        [TOUCHBASE, "serve", "--port", str(port)],
        cwd=config.parent,
        # Nobody answers at this proxy: what belongs to this machine must go past it.
        env={**clean_environment(), "PREFECT_WORKER_QUERY_SECONDS": "1", "http_proxy": "http://127.0.0.1:9"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if "Touchbase runs at" in line:
            return process
    pytest.fail(f"touchbase serve did not start:\n{said}")


def stop(process: subprocess.Popen[str], number: int) -> int:
    """Ask it to stop; returns its exit status once it and all its children are gone."""
    below = descendants(process.pid)
    process.send_signal(number)
    status = process.wait(60)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in below), "the children to end", 20)
    return status


@contextmanager
def serving(config: Path) -> Iterator[Served]:
    """Serve the network of ``config``, whose folder holds files that must not count."""
    set_traps(config.parent)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = Served(port, config, start(config, port))
    yield found
    if found.process.poll() is None:
        stop(found.process, signal.SIGTERM)


def chromium() -> str:
    """The browser; a test without one is skipped, but not in CI."""
    if CHROMIUM is None:
        assert not os.environ.get("CI"), "Chromium is missing: apt-get install chromium"
        pytest.skip("Chromium is missing: apt-get install chromium")
    return CHROMIUM
