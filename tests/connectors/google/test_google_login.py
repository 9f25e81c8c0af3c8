"""Logging in: the browser's consent, service accounts, and token files of all kinds."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.google.client.auth import scopes_for
from connectors.google.client.login import login
from people.errors import LoginNeeded, SettingsError
from tests.support.dav_servers import free_port
from tests.support.google_server import GoogleServer
from tests.support.google_server.fixtures import Client, client_fixture, google_fixture  # noqa: F401

SCOPES = scopes_for(contacts=True, calendars=True)


class Browser(webbrowser.BaseBrowser):
    """A browser whose user follows every page: Google's consent leads back to us."""

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:  # noqa: ARG002
        import threading

        threading.Thread(target=self._follow, args=(url,), daemon=True).start()
        return True

    def _follow(self, url: str) -> None:
        try:
            urllib.request.urlopen(url, timeout=10).read()
        except urllib.error.URLError:
            return


@pytest.fixture(autouse=True)
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # The stand-in has no certificate, and oauthlib insists on one.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    webbrowser.register("follows-every-page", None, Browser())
    yield
    webbrowser._browsers.pop("follows-every-page")  # type: ignore[attr-defined]


def consent(google: GoogleServer, folder: Path, **options: Any) -> Path:
    token = folder / "new" / "token.json"
    client = google.write_client(folder / "client.json")
    login(client, token, SCOPES, browser="follows-every-page", timeout=20, **options)
    return token


def test_consent_makes_a_token_that_works(google: GoogleServer, client: Client, tmp_path: Path) -> None:
    client.token = consent(google, tmp_path)
    assert client.token.stat().st_mode & 0o777 == 0o600
    google.people.add("Anna Berg")
    google.oauth.expire_access()  # so that the refresh token and the token_uri are used too
    client.sync()
    assert list(client.contacts) == ["Anna Berg"]


def test_the_consent_page_is_asked_for_what_is_needed(google: GoogleServer, tmp_path: Path) -> None:
    consent(google, tmp_path)
    asked = google.requests("/auth")[0]
    assert asked.get("scope").split() == [
        "https://www.googleapis.com/auth/contacts.readonly",
        "https://www.googleapis.com/auth/calendar.events.readonly",
    ]
    assert (asked.get("access_type"), asked.get("prompt")) == ("offline", "consent")


def test_refused_consent(google: GoogleServer, tmp_path: Path) -> None:
    google.oauth.refuses = True
    with pytest.raises(LoginNeeded, match="access_denied"):
        consent(google, tmp_path)


def test_a_box_left_unticked(google: GoogleServer, tmp_path: Path) -> None:
    google.oauth.consent = frozenset({"contacts.readonly"})
    with pytest.raises(LoginNeeded, match=r"missing: calendar\.events\.readonly"):
        consent(google, tmp_path)
    assert not (tmp_path / "new").exists()


def test_one_port_twice_within_a_minute(google: GoogleServer, tmp_path: Path) -> None:
    port = free_port()
    for _ in range(2):
        assert consent(google, tmp_path, port=port).exists()


def test_a_port_in_use(google: GoogleServer, tmp_path: Path) -> None:
    taken = int(google.endpoint.rpartition(":")[2])
    with pytest.raises(SettingsError, match=f"port {taken}"):
        consent(google, tmp_path, port=taken)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no OAuth client file"),
        ("{", "cannot be read"),
        ("{}", "type Desktop"),
        ('{"web": {"client_id": "x"}}', "type Desktop"),
        ('{"installed": {"client_id": "x"}}', "lacks auth_uri, client_secret, token_uri"),
    ],
)
def test_a_bad_client_file(tmp_path: Path, content: str | None, said: str) -> None:
    client = tmp_path / "client.json"
    if content is not None:
        client.write_text(content)
    with pytest.raises(SettingsError, match=said):
        login(client, tmp_path / "token.json", SCOPES)


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (None, LoginNeeded, "there is no Google token"),
        ("{", SettingsError, "not JSON"),
        ("[]", SettingsError, "not a Google token file"),
        ("{}", SettingsError, "lacks 'refresh_token'"),
        ('{"installed": {}}', SettingsError, "OAuth client of the Cloud console"),
        ('{"type": "service_account"}', SettingsError, "not a usable Google token file"),
        ('{"refresh_token": "x", "expiry": "soon"}', SettingsError, "not a usable Google token file"),
    ],
)
def test_a_bad_token_file(client: Client, content: str | None, error: type[Exception], said: str) -> None:
    client.token.unlink()
    if content is not None:
        client.token.write_text(content)
    with pytest.raises(error, match=said) as caught:
        client.sync()
    assert "touchbase login google --source google" in getattr(caught.value, "help", "")


def service_account(google: GoogleServer, folder: Path, **more: str) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    content = {
        "type": "service_account",
        "client_email": "robot@project.example",
        "private_key": pem.decode(),
        "private_key_id": "1",
        "token_uri": google.token_uri,
        **more,
    }
    path = folder / "robot.json"
    path.write_text(json.dumps(content))
    return path


def test_a_service_account_acts_for_its_subject(google: GoogleServer, client: Client, tmp_path: Path) -> None:
    google.people.add("Anna Berg")
    google.oauth.service_accounts["robot@project.example"] = {google.user}
    client.token = service_account(google, tmp_path, subject=google.user)
    before = client.token.read_text()
    client.sync()
    assert list(client.contacts) == ["Anna Berg"]
    assert client.token.read_text() == before


def test_a_service_account_without_delegation(google: GoogleServer, client: Client, tmp_path: Path) -> None:
    google.oauth.service_accounts["robot@project.example"] = set()
    client.token = service_account(google, tmp_path, subject=google.user)
    with pytest.raises(LoginNeeded, match="unauthorized_client") as caught:
        client.sync()
    assert "Domain-wide delegation" in caught.value.help


@pytest.mark.parametrize(
    ("wanted", "scopes"),
    [
        ({"contacts": True}, ["contacts.readonly"]),
        ({"contacts": True, "write_labels": True}, ["contacts"]),
        ({"contacts": True, "other_contacts": True}, ["contacts.readonly", "contacts.other.readonly"]),
        ({"calendars": True}, ["calendar.events.readonly"]),
        (
            {"calendars": True, "calendar_titles": True},
            ["calendar.events.readonly", "calendar.calendarlist.readonly"],
        ),
        ({"tasks": True}, ["tasks"]),
    ],
)
def test_scopes_are_as_narrow_as_can_be(wanted: dict[str, bool], scopes: list[str]) -> None:
    assert [scope.rpartition("/")[2] for scope in scopes_for(**wanted)] == scopes
