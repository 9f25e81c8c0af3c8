"""What `touchbase doctor` says of secrets: files that others can read, and passwords on their way."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Check, Surroundings
from connectors.caldav.settings import CalDavTasks
from connectors.checks import private, readable
from connectors.google.settings import GoogleSettings, GoogleTasks


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o666])
def test_a_token_that_others_can_read_is_a_warning(tmp_path: Path, mode: int) -> None:
    token = tmp_path / "my token.json"
    token.write_text("{}")
    token.chmod(mode)
    found = private(token)
    assert found.status == "warning"
    assert f"{mode:04o}" in found.message
    assert found.help == f"chmod 600 '{token}'"
    token.chmod(0o600)
    assert private(token) == Check("ok", str(token))


def test_doctor_looks_at_the_mode_of_googles_token(tmp_path: Path) -> None:
    token = tmp_path / "google.json"
    token.write_text("{}")
    token.chmod(0o644)
    around = Surroundings(folder=tmp_path, today=date(2026, 11, 30))
    for settings in (GoogleSettings(name="google", type="google"), GoogleTasks(type="google")):
        assert settings.check(around).status == "warning"
        assert "0644" in settings.check(around).message


def test_what_is_neither_file_nor_folder_is_an_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null")):
        assert readable(path).status == "error"
        assert "neither a file nor a folder" in readable(path).message
        assert private(path).status == "error"
    assert readable(tmp_path).status == "ok"


PRIVATE = [
    "https://dav.example/",
    "http://localhost:5232/",
    "http://127.0.0.1:5232/",
    "http://127.1.2.3/",
    "http://[::1]:5232/",
]
OPEN = [
    "http://dav.example/",
    "http://192.168.1.4:5232/",
    "http://localhost.example/",
    "http://127.0.0.1.example/",
    "http://0.0.0.0:5232/",
]


def checked(url: str, **values: Any) -> Check:
    settings = CalDavTasks.model_validate({"type": "caldav", "url": url, "user": "alex", **values})
    environ = {"TOUCHBASE_CALDAV_PASSWORD": "secret"}
    return settings.check(Surroundings(folder=Path(), today=date(2026, 11, 30), environ=environ))


@pytest.mark.parametrize("url", PRIVATE)
def test_a_password_by_https_or_within_this_machine_is_well(url: str) -> None:
    assert checked(url) == Check("ok", url)


def test_a_name_before_the_host_is_refused_as_a_login() -> None:
    with pytest.raises(ValidationError, match="contains a login"):
        checked("http://localhost@dav.example/")


@pytest.mark.parametrize("url", OPEN)
def test_a_password_over_http_to_another_machine_is_a_warning(url: str) -> None:
    found = checked(url)
    assert found.status == "warning"
    assert "the password of alex would go over http, and a run refuses to send it so" in found.message
    assert "https" in found.help
    assert "others can read it on the way" in checked(url, allow_http=True).message
    assert checked(url, user="").status == "ok"


@pytest.mark.parametrize("url", [*OPEN, "http://localhost@dav.example/"])
def test_googles_token_goes_to_no_other_machine_over_http(url: str) -> None:
    for model, values in ((GoogleSettings, {"name": "google"}), (GoogleTasks, {})):
        with pytest.raises(ValidationError, match="over http to another machine"):
            model.model_validate({"type": "google", "endpoint": url, **values})
        model.model_validate({"type": "google", "endpoint": PRIVATE[2], **values})
