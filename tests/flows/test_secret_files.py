"""Secrets in files: NAME_FILE in the environment, as containers and systemd hand them over."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from flows.settings.loading import load
from flows.settings.secret_files import WithFiles, variable
from people.errors import SettingsError
from tests.support.demo import TODAY, command, network, run

MAIL = """
[[sources]]
name = "away"
type = "imap"
host = "127.0.0.1"
port = 1
user = "alex"
encryption = "none"
"""


def secret(folder: Path, text: str) -> Path:
    path = folder / "secret"
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_the_file_holds_the_value_without_its_last_line_feed(tmp_path: Path) -> None:
    known = WithFiles({"WORD_FILE": str(secret(tmp_path, " two words \n"))})
    assert known["WORD"] == known.get("WORD") == " two words "
    assert "WORD" in known
    assert sorted(known) == ["WORD", "WORD_FILE"]
    assert "OTHER" not in known
    assert known.get("OTHER") is None


def test_a_variable_wins_over_a_file() -> None:
    known = WithFiles({"WORD": "own", "WORD_FILE": "/nowhere"})
    assert dict(known) == {"WORD": "own", "WORD_FILE": "/nowhere"}


def test_a_file_that_nobody_asks_for_is_not_read(tmp_path: Path) -> None:
    """SSL_CERT_FILE and its like have other owners."""
    assert load_with({"SSL_CERT_FILE": "/nowhere"}, tmp_path) == "sqlite:///touchbase.db"


def load_with(environ: dict[str, str], folder: Path) -> str:
    """The address of the store by these variables, and no settings."""
    config = folder / "touchbase.toml"
    config.write_text("")
    return load(config, environ).store.url


def test_a_setting_may_be_in_a_file(tmp_path: Path) -> None:
    url = "sqlite:///elsewhere.db"
    assert load_with({"TOUCHBASE_STORE__URL_FILE": str(secret(tmp_path, url + "\n"))}, tmp_path) == url


@pytest.mark.parametrize("kind", ["missing", "folder", "fifo", "binary"])
def test_a_file_that_cannot_be_read_is_named_with_its_variable(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "odd"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "binary":
        path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=re.escape(f"TOUCHBASE_STORE__URL_FILE names {path}")):
        load_with({"TOUCHBASE_STORE__URL_FILE": str(path)}, tmp_path)


def test_a_password_may_be_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHBASE_SMTP_PASSWORD_FILE", str(secret(tmp_path, "of-the-file")))
    assert variable("TOUCHBASE_SMTP_PASSWORD") == "of-the-file"
    around = load(network(tmp_path / "mine")).around(TODAY)
    assert around.environ["TOUCHBASE_SMTP_PASSWORD"] == "of-the-file"


def test_a_password_file_that_is_gone_stops_its_source_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = network(tmp_path / "mine")
    config.write_text(config.read_text() + MAIL)
    monkeypatch.setenv("TOUCHBASE_IMAP_PASSWORD_FILE", str(tmp_path / "gone"))
    errors = {source["name"]: source["error"] for source in run(config)["sources"]}
    assert "TOUCHBASE_IMAP_PASSWORD_FILE" in errors.pop("away")
    assert set(errors.values()) == {None}
    assert "TOUCHBASE_IMAP_PASSWORD_FILE" in command("doctor", "--config", config).output
