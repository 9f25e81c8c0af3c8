"""Settings of mail on a server: a service by its name, passwords outside the file, and encryption always."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from connectors.imap.settings import PROVIDERS, ImapSettings
from flows.settings.loading import load
from people.errors import LoginNeeded, SettingsError

TODAY = dt.date(2026, 3, 4)


def settings(folder: Path, *lines: str) -> ImapSettings:
    text = "\n".join(["[[sources]]", 'name = "mail"', 'type = "imap"', *lines])
    (folder / "touchbase.toml").write_text(text)
    found = load(folder / "touchbase.toml", {}).sources[0]
    assert isinstance(found, ImapSettings)
    return found


def refusal(folder: Path, *lines: str) -> str:
    with pytest.raises(SettingsError) as raised:
        settings(folder, *lines)
    return f"{raised.value.message} {raised.value.help}"


@pytest.mark.parametrize("preset", PROVIDERS)
def test_a_service_is_known_by_its_name(tmp_path: Path, preset: str) -> None:
    found = settings(tmp_path, f'preset = "{preset}"', 'user = "you@example.com"')
    around = load(tmp_path / "touchbase.toml", {}).around(TODAY, {"TOUCHBASE_IMAP_PASSWORD": "abcd efgh"})
    assert found.open(around).name == "mail"
    assert [secret.variable for secret in found.secrets()] == ["TOUCHBASE_IMAP_PASSWORD"]


def test_without_its_password_it_says_where_to_get_one_and_where_it_goes(tmp_path: Path) -> None:
    found = settings(tmp_path, 'preset = "gmail"', 'user = "you@gmail.com"', 'password_env = "MY_MAIL"')
    around = load(tmp_path / "touchbase.toml", {}).around(TODAY, {})
    for act in (found.open, found.check):
        with pytest.raises(LoginNeeded) as raised:
            act(around)
        assert raised.value.message == "the password of you@gmail.com at imap.gmail.com is not known"
        assert "https://myaccount.google.com/apppasswords" in raised.value.help
        assert "MY_MAIL" in raised.value.help


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['user = "a"'], "name either 'preset' or 'host'"),
        (['user = "a"', 'preset = "gmail"', 'host = "imap.x.example"'], "name either 'preset' or 'host'"),
        (['user = "a"', 'preset = "gmial"'], "gmail"),
        (['user = "a"', 'host = "imap.x.example"', 'encryption = "none"'], "on this machine alone"),
        (['user = "a"', 'host = "127.0.0.1.x.example"', 'encryption = "none"'], "on this machine alone"),
        (['user = "a"', 'preset = "gmail"', 'encryption = "none"'], "on this machine alone"),
        (['user = "a"', 'preset = "gmail"', "folders = []"], "names no folder"),
        (['user = "a"', 'preset = "gmail"', 'since = "always"'], "write 3y"),
        (['user = "a\\u0000b"', 'preset = "gmail"'], "user"),
        (['user = "a"', 'host = "a b"'], "host"),
        (['preset = "gmail"'], "user"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_hint(tmp_path: Path, lines: list[str], said: str) -> None:
    assert said in refusal(tmp_path, *lines)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_needs_no_encryption(tmp_path: Path, host: str) -> None:
    assert settings(tmp_path, 'user = "a"', f'host = "{host}"', 'encryption = "none"').encryption == "none"
