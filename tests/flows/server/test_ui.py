"""Progress, secrets and events against a real Prefect server."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.blocks.system import Secret
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import Artifact

from flows.orchestration import progress as ui
from flows.orchestration.secrets_from_blocks import fetch_secrets
from flows.settings.loading import load

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.usefixtures("prefect_server"),
]

TOKEN = {"type": "service_account", "client_email": "a@b.example"}


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as opened:
        yield opened


def progress_of(client: SyncPrefectClient, key: str) -> list[Artifact]:
    return client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])))


def test_a_long_pull_shows_how_far_it_is(client: SyncPrefectClient) -> None:
    progress = ui.Progress("My_Phone")
    progress.report("My_Phone", 500, 2500)
    (shown,) = progress_of(client, "pull-my-phone")
    assert (shown.data, shown.description) == (20.0, "Reading 2,500 records of 'My_Phone'")
    progress.report("My_Phone", 600, 2500)  # within the same second: not worth a request
    progress.report("My_Phone", 2500, 2500)
    (shown,) = progress_of(client, "pull-my-phone")
    assert shown.data == 100.0


def test_a_short_pull_shows_none(client: SyncPrefectClient) -> None:
    ui.Progress("short").report("short", 1999, 1999)
    assert progress_of(client, "pull-short") == []


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "touchbase.toml"
    path.write_text(
        '[[sources]]\nname = "google_work"\ntype = "google"\ntoken = "work.json"\n'
        '[tasks]\ntype = "caldav"\nurl = "https://dav.example/"\npassword_env = "DAV_PASSWORD"\n'
    )
    return path


class TestSecrets:
    def test_they_come_from_blocks(self, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DAV_PASSWORD", "x")
        monkeypatch.delenv("DAV_PASSWORD")
        Secret(value=json.dumps(TOKEN)).save("touchbase-google-work", overwrite=True)
        Secret(value="quiet please").save("dav-password", overwrite=True)
        fetch_secrets(load(config))
        token = config.parent / "work.json"
        assert json.loads(token.read_text()) == TOKEN
        assert token.stat().st_mode & 0o777 == 0o600

        assert os.environ["DAV_PASSWORD"] == "quiet please"

    def test_the_environment_comes_before_a_block(
        self, config: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DAV_PASSWORD", "mine")
        monkeypatch.setenv(
            "TOUCHBASE_TOKEN_GOOGLE_WORK", json.dumps(TOKEN | {"client_email": "env@b.example"})
        )
        fetch_secrets(load(config))
        assert "env@b.example" in (config.parent / "work.json").read_text()

    def test_a_file_that_is_there_is_left_alone(self, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DAV_PASSWORD", "mine")
        monkeypatch.setenv("TOUCHBASE_TOKEN_GOOGLE_WORK", json.dumps(TOKEN))
        (config.parent / "work.json").write_text("kept")
        fetch_secrets(load(config))
        assert (config.parent / "work.json").read_text() == "kept"

    def test_a_secret_that_is_no_token_is_left_out(
        self, config: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("DAV_PASSWORD", "mine")
        monkeypatch.setenv("TOUCHBASE_TOKEN_GOOGLE_WORK", "hunter2")
        fetch_secrets(load(config))
        assert not (config.parent / "work.json").exists()
        assert "hunter2" not in caplog.text
