"""What the servers have in common: their address and login, and a process that ends with the test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

_PATIENCE = 60


@dataclass(frozen=True)
class DavServer:
    """A running server; ``home`` is where the user's calendars are, ``books`` where the address books are."""

    url: str
    home: str
    books: str
    user: str = ""
    password: str = ""
    digest: bool = False

    def login(self) -> AuthBase | None:
        """The login as another client sends it; None if nobody is asked."""
        if not self.user:
            return None
        return (HTTPDigestAuth if self.digest else HTTPBasicAuth)(self.user, self.password)


def needs(package: str, *paths: str) -> None:
    """Skip the test, or fail it if CI is set, without a program or file that a Debian package brings."""
    missing = [path for path in paths if not (Path(path).exists() or shutil.which(path))]
    if missing:
        reason = f"{', '.join(missing)} is missing: apt-get install {package}"
        assert not os.environ.get("CI"), reason
        pytest.skip(reason)


@contextmanager
def running(
    words: list[str], url: str, folder: Path, *, user: str | None = None, env: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Run a server until the block ends; it begins when the server answers at ``url``."""
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            words,
            stdout=output,
            stderr=output,
            cwd=folder,
            env={**os.environ, **(env or {})},
            user=user,
            group=None if user is None else "nogroup",
            extra_groups=None if user is None else [],
            # Whatever it starts ends with it.
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _answers(url):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield
    finally:
        os.killpg(process.pid, 9)
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
