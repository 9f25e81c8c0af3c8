"""Mail of a Google account from the settings on: the login, ``touchbase doctor``, runs into a store."""

from __future__ import annotations

import json
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.google.part import GoogleCursor
from connectors.google.settings import GoogleSettings
from flows.run.outcome.report import RunReport
from flows.run.steps import Job, start
from tests.connectors.google.test_google_login import Browser
from tests.flows.test_steps import opened
from tests.support.demo import command, run
from tests.support.google_server import GoogleServer
from tests.support.google_server.fixtures import google_fixture  # noqa: F401
from tests.support.stores import with_own_store

ANNA = "Anna Berg <anna@berg.example>"
SETTINGS = """
[me]
emails = ["alex@example.com"]

[[sources]]
name = "google"
type = "google"
mail = true
endpoint = "{endpoint}"
"""


@pytest.fixture
def config(google: GoogleServer, tmp_path: Path) -> Path:
    path = tmp_path / "touchbase.toml"
    path.write_text(SETTINGS.format(endpoint=google.endpoint))
    google.write_client(tmp_path / "client_secret.json")
    google.write_token(tmp_path / "google.json")
    return with_own_store(path)


def switch_off(config: Path) -> None:
    config.write_text(config.read_text().replace("mail = true", "mail = false"))


def doctor(config: Path) -> dict[str, Any]:
    checks = json.loads(command("doctor", "--json", "--config", config).stdout)
    return next(check for check in checks if check["name"] == "source google")


class TestLogin:
    @pytest.fixture(autouse=True)
    def browser(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        # The stand-in has no certificate, and oauthlib insists on one.
        monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
        monkeypatch.delenv("BROWSER", raising=False)
        webbrowser.register("follows-every-page", None, Browser(), preferred=True)
        yield
        webbrowser._browsers.pop("follows-every-page")  # type: ignore[attr-defined]
        webbrowser._tryorder.remove("follows-every-page")  # type: ignore[attr-defined]

    def asked(self, google: GoogleServer) -> list[str]:
        scopes = google.requests("/auth")[-1].get("scope").split()
        return [scope.rpartition("/")[2] for scope in scopes]

    def test_it_asks_for_mail_beside_the_rest(self, google: GoogleServer, config: Path) -> None:
        switch_off(config)
        shown = command("login", "google", "--mail", "--config", config)
        assert self.asked(google) == ["contacts.readonly", "calendar.events.readonly", "gmail.metadata"]
        assert "mail = true" in shown.output
        token = config.parent / "google.json"
        assert token.stat().st_mode & 0o777 == 0o600
        assert json.loads(token.read_text())["token"] != "old"

    def test_what_was_allowed_before_stays(self, google: GoogleServer, config: Path) -> None:
        token = config.parent / "google.json"
        content = json.loads(token.read_text())
        scopes = ["https://www.googleapis.com/auth/tasks", "https://www.googleapis.com/auth/contacts"]
        token.write_text(json.dumps({**content, "scopes": scopes}))
        command("login", "google", "--mail", "--config", config)
        assert {"tasks", "contacts", "gmail.metadata"} <= set(self.asked(google))

    @pytest.mark.parametrize("content", [None, "{", "[]", '{"scopes": "tasks"}', '{"scopes": [1]}'])
    def test_an_odd_token_file_is_replaced(self, config: Path, content: str | None) -> None:
        token = config.parent / "google.json"
        token.unlink()
        if content is not None:
            token.write_text(content)
        command("login", "google", "--mail", "--config", config)
        assert doctor(config)["status"] == "ok"

    def test_the_settings_ask_for_it_too(self, google: GoogleServer, config: Path) -> None:
        command("login", "google", "--config", config)
        assert "gmail.metadata" in self.asked(google)

    def test_without_mail_it_is_not_asked_for(self, google: GoogleServer, config: Path) -> None:
        switch_off(config)
        command("login", "google", "--config", config)
        assert "gmail.metadata" not in self.asked(google)

    def test_a_box_left_unticked_keeps_the_old_token(self, google: GoogleServer, config: Path) -> None:
        before = (config.parent / "google.json").read_text()
        google.oauth.consent = frozenset({"contacts.readonly", "calendar.events.readonly"})
        with pytest.raises(Exception, match=r"missing: gmail\.metadata"):
            command("login", "google", "--mail", "--config", config)
        assert (config.parent / "google.json").read_text() == before


class TestDoctor:
    def test_it_names_account_counts_and_scope(self, google: GoogleServer, config: Path) -> None:
        google.gmail.receive(ANNA)
        google.gmail.send(ANNA)
        found = doctor(config)
        assert found["status"] == "ok"
        assert "the mail of alex@example.com: 2 mails, 1 of them sent (gmail.metadata" in found["message"]

    def test_a_mailbox_without_sent_mail_is_a_warning(self, google: GoogleServer, config: Path) -> None:
        google.gmail.receive(ANNA)
        assert doctor(config)["status"] == "warning"

    def test_a_missing_scope(self, google: GoogleServer, config: Path) -> None:
        google.write_token(config.parent / "google.json", ["contacts.readonly"])
        found = doctor(config)
        assert (found["status"], found["help"]) == (
            "error",
            "log in again: touchbase login google --mail --source google",
        )

    def test_an_api_that_is_not_enabled(self, google: GoogleServer, config: Path) -> None:
        google.gmail.enabled = False
        assert "https://console.developers.google.com/apis/api/gmail" in doctor(config)["help"]

    def test_without_mail_it_asks_google_nothing(self, google: GoogleServer, config: Path) -> None:
        switch_off(config)
        assert doctor(config)["status"] == "ok"
        assert google.log == []


class TestRuns:
    def test_a_run_counts_the_mail(self, google: GoogleServer, config: Path) -> None:
        google.gmail.receive(ANNA)
        google.gmail.send(ANNA)
        today = google.clock.now().date()
        assert run(config, today=today)["sources"][0]["messages"]["added"] == 2
        google.log.clear()
        again = run(config, today=today)["sources"][0]
        assert again["messages"]["added"] == 0
        assert len(google.requests("/gmail/")) == 1

    def test_a_full_refresh_does_not_read_years_of_mail_again(
        self, google: GoogleServer, config: Path
    ) -> None:
        google.gmail.receive(ANNA)
        today = google.clock.now().date()
        run(config, today=today)
        with opened(config) as context:
            start(Job(forget_cursors=True), context, RunReport("weekly", today))
        google.log.clear()
        run(config, today=today)
        assert [request.path for request in google.requests("/gmail/")] == ["/gmail/v1/users/me/history"]
        assert "syncToken" not in google.requests("/connections")[0].query


def test_a_source_says_what_it_yields_as_it_is_set_up() -> None:
    def kinds(**options: Any) -> set[str]:
        return set(GoogleSettings(name="google", type="google", **options).kinds)

    assert kinds() == {"contacts", "meetings"}
    assert kinds(mail=True) == {"contacts", "meetings", "messages"}
    assert kinds(mail=True, contacts=False, calendars=()) == {"messages"}
    assert kinds(contacts=False, other_contacts=True, calendars=()) == {"contacts"}


@pytest.mark.parametrize("cursor", ["", "{}", "from another version", "\x00"])
def test_an_unreadable_cursor_keeps_nothing(cursor: str) -> None:
    kept = GoogleSettings(name="google", type="google").lasting(cursor)
    assert GoogleCursor.parse(kept) == GoogleCursor()
