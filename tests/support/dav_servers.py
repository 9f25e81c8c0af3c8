"""Real CalDAV servers on 127.0.0.1 for tests: Radicale and Xandikos, each with its own folder."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

_PATIENCE = 60


@dataclass(frozen=True)
class DavServer:
    """A running server; ``home`` is where the user's calendars are."""

    url: str
    home: str
    user: str = ""
    password: str = ""


@contextmanager
def radicale(folder: Path) -> Iterator[DavServer]:
    """Radicale, with the user ``alex`` who has a password."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "users").write_text("alex:secret\n")
    port = free_port()
    words = [
        "--server-hosts", f"127.0.0.1:{port}",
        "--auth-type", "htpasswd",
        "--auth-htpasswd-filename", str(folder / "users"),
        "--auth-htpasswd-encryption", "plain",
        "--auth-delay", "0",
        "--storage-filesystem-folder", str(folder / "store"),
        "--config", "",
        "--logging-level", "error",
    ]  # fmt: skip
    url = f"http://127.0.0.1:{port}/"
    with _running([sys.executable, "-m", "radicale", *words], url, folder):
        yield DavServer(url, f"{url}alex/", "alex", "secret")


@contextmanager
def xandikos(folder: Path) -> Iterator[DavServer]:
    """Xandikos, which asks nobody who they are."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    words = [
        "-d", str(folder / "store"), "--defaults", "-l", "127.0.0.1", "-p", str(port),
        "--state-dir", str(folder / "state"), "--no-detect-systemd",
    ]  # fmt: skip
    url = f"http://127.0.0.1:{port}/"
    with _running([sys.executable, "-m", "xandikos", "serve", *words], url, folder):
        yield DavServer(url, f"{url}user/calendars/")


@contextmanager
def _running(words: list[str], url: str, folder: Path) -> Iterator[None]:
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(words, stdout=output, stderr=output, cwd=folder)
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _answers(url):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


def _answers(url: str) -> bool:
    try:
        requests.options(url, timeout=5)
    except requests.ConnectionError:
        return False
    return True


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
