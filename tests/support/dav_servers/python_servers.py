"""Radicale and Xandikos, which are installed with the tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.dav_servers.base import DavServer, free_port, running


@contextmanager
def radicale(folder: Path, certificate: Path | None = None) -> Iterator[DavServer]:
    """Radicale, with the user ``alex`` who has a password.

    With a folder that holds ``cert.pem`` and ``key.pem``, it speaks https, and this process must trust it.
    """
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
    if certificate is not None:
        url = f"https://127.0.0.1:{port}/"
        files = (str(certificate / "cert.pem"), "--server-key", str(certificate / "key.pem"))
        words += ["--server-ssl", "--server-certificate", *files]
    with running([sys.executable, "-m", "radicale", *words], url, folder):
        yield DavServer(url, f"{url}alex/", f"{url}alex/", "alex", "secret")


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
    with running([sys.executable, "-m", "xandikos", "serve", *words], url, folder):
        yield DavServer(url, f"{url}user/calendars/", f"{url}user/contacts/")
