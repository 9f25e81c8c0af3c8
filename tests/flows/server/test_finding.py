"""Where a run from the command line goes: to a server that the user named, to their own, or to none."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from flows.server import served
from flows.server.finding import find
from flows.server.served import Served
from flows.settings.loading import load
from people.errors import UserMustAct


class Server(HTTPServer):
    """Answers every request with ``status``."""

    status = 200
    password = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        given = self.headers["Authorization"] == f"Basic {b64encode(self.server.password.encode()).decode()}"
        self.send_response(self.server.status if given or not self.server.password else 401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Answers) as opened:
        Thread(target=opened.serve_forever, daemon=True).start()
        yield opened
        opened.shutdown()


@pytest.fixture
def nowhere() -> str:
    """An address at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file of a network, in an environment that names no server."""
    for name in ("PREFECT_API_URL", "PREFECT_HOME", "PREFECT_API_AUTH_STRING", "PREFECT_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "touchbase.toml"
    path.write_text("")
    (tmp_path / ".prefect").mkdir()
    return path


def found(config: Path) -> tuple[str | None, list[str]]:
    """The address of the API, and what the user was told."""
    told: list[str] = []
    server = find(config, load(config), told.append)
    return server.api if server else None, told


def environment(config: Path) -> dict[str, str]:
    """What Prefect is told of the server."""
    server = find(config, load(config), print)
    assert server is not None
    assert "PASS" not in repr(server)
    return server.environment


def note(config: Path, url: str, pid: int = os.getpid(), of: Path | None = None, password: str = "") -> Path:
    home = config.parent / ".prefect"
    served.leave_note(home, Served(pid=pid, url=url, config=of or config, password=password))
    return home / "serve.json"


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_without_a_server_the_run_stays_in_its_process(config: Path) -> None:
    assert found(config) == (None, [])


class TestNamed:
    def test_the_server_that_the_user_names_is_used(
        self, config: Path, server: Server, nowhere: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        note(config, nowhere)
        monkeypatch.setenv("PREFECT_API_URL", f"{server.url}/api")
        assert found(config) == (f"{server.url}/api", [])

    def test_an_empty_address_means_none(
        self, config: Path, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        note(config, server.url)
        monkeypatch.setenv("PREFECT_API_URL", "")
        assert found(config) == (None, [])

    def test_one_that_does_not_answer_is_an_error_with_a_remedy(
        self, config: Path, nowhere: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PREFECT_API_URL", f"{nowhere}/api")
        with pytest.raises(UserMustAct, match=f"{nowhere}/api does not answer") as told:
            found(config)
        assert "PREFECT_API_URL= touchbase run" in told.value.help

    def test_one_that_wants_a_password_says_where_to_put_it(
        self, config: Path, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server.status = 401
        monkeypatch.setenv("PREFECT_API_URL", f"{server.url}/api")
        with pytest.raises(UserMustAct, match="wants a password") as told:
            found(config)
        assert "PREFECT_API_AUTH_STRING" in told.value.help

    def test_the_active_profile_names_one_too(
        self, config: Path, server: Server, nowhere: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        profiles = config.with_name("profiles.toml")
        profiles.write_text(
            f'active = "own"\n[profiles.own]\nPREFECT_API_URL = "{server.url}/api"\n'
            f'[profiles.other]\nPREFECT_API_URL = "{nowhere}/api"\n[profiles.ephemeral]\n'
        )
        monkeypatch.setenv("PREFECT_PROFILES_PATH", str(profiles))
        assert found(config) == (f"{server.url}/api", [])
        server.password = "of the profile"
        profiles.write_text(
            f'{profiles.read_text()}\n[profiles.locked]\nPREFECT_API_URL = "{server.url}/api"\n'
            'PREFECT_API_AUTH_STRING = "of the profile"\n'
        )
        monkeypatch.setenv("PREFECT_PROFILE", "locked")
        assert environment(config) == {
            "PREFECT_API_URL": f"{server.url}/api",
            "PREFECT_API_AUTH_STRING": "of the profile",
            "PREFECT_PROFILES_PATH": str(profiles),
        }
        monkeypatch.setenv("PREFECT_PROFILE", "ephemeral")
        assert found(config) == (None, [])
        monkeypatch.setenv("PREFECT_PROFILE", "other")
        with pytest.raises(UserMustAct, match="active profile"):
            found(config)


class TestServe:
    def test_its_server_is_used(self, config: Path, server: Server) -> None:
        assert note(config, server.url).stat().st_mode & 0o777 == 0o600
        assert found(config) == (f"{server.url}/api", [])

    def test_its_password_comes_from_its_note(
        self, config: Path, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server.password = "made by serve"
        note(config, server.url, password="made by serve")
        monkeypatch.setenv("no_proxy", "intranet.example")
        login = {
            "PREFECT_API_URL": f"{server.url}/api",
            "PREFECT_API_AUTH_STRING": "made by serve",
            "no_proxy": "intranet.example,127.0.0.1,localhost",
        }
        assert environment(config) == login
        # The user may name the same server, as an older page said.
        monkeypatch.setenv("PREFECT_API_URL", f"{server.url}/api")
        assert environment(config) == login

    def test_a_wrong_password_is_said(self, config: Path, server: Server) -> None:
        server.password = "of another program"
        note(config, server.url, password="made by serve")
        address, (told,) = found(config)
        assert address is None
        assert told.startswith(f"the server at {server.url} refuses the password of touchbase serve")

    def test_one_that_was_killed_is_said_once(self, config: Path, server: Server) -> None:
        note(config, server.url, ended_process())
        assert found(config) == (None, ["touchbase serve has ended; this run does not show in its UI"])
        assert found(config) == (None, [])

    def test_one_that_does_not_answer_is_said(self, config: Path, nowhere: str) -> None:
        left = note(config, nowhere)
        assert found(config) == (
            None,
            [f"touchbase serve does not answer at {nowhere}; this run does not show in its UI"],
        )
        assert left.exists()

    def test_that_of_another_network_is_not_used(self, config: Path, server: Server) -> None:
        note(config, server.url, of=config.with_name("other.toml"))
        assert found(config) == (None, [])

    def test_a_note_that_cannot_be_read_is_none(self, config: Path, server: Server) -> None:
        note(config, server.url).write_text("{")
        assert found(config) == (None, [])


class TestPassword:
    def test_it_is_made_once_and_only_the_owner_reads_it(self, config: Path) -> None:
        home = config.parent / ".prefect"
        first = served.password(home)
        assert len(first) >= 32
        assert served.password(home) == first
        assert (home / "password").stat().st_mode & 0o777 == 0o600

    def test_one_that_others_could_read_is_replaced(self, config: Path, tmp_path: Path) -> None:
        home = config.parent / ".prefect"
        first = served.password(home)
        (home / "password").chmod(0o644)
        second = served.password(home)
        assert second != first
        assert (home / "password").stat().st_mode & 0o777 == 0o600
        (home / "password").rename(tmp_path / "away")
        (home / "password").symlink_to(tmp_path / "away")
        assert served.password(home) != second
        assert (tmp_path / "away").read_text() == second

    def test_the_users_own_counts(self, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", "admin:mine")
        assert served.password(config.parent / ".prefect") == "admin:mine"
