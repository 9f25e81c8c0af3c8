"""A connector from outside: a folder and a catalog entry, and everything knows it."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors import catalog
from connectors.base import type_of
from flows.cli.new_network.template import settings_text
from flows.full_refresh import weekly_full_refresh
from flows.hourly_calendar import hourly_calendar
from flows.settings.loading import load
from flows.settings.model import Settings
from people.errors import SettingsError
from people.types import RECORD_KINDS, Trust
from tests.support.asking import asked
from tests.support.demo import command, run
from tests.support.rolodex.settings import DiarySettings, NotepadTasks, RolodexSettings
from tests.support.rolodex.source import RolodexSource

TODAY = dt.date(2026, 3, 4)

SETTINGS = """
[me]
emails = ["me@example.com"]

[[sources]]
name = "phone"
type = "vcard"
path = "phone.vcf"

[[sources]]
name = "desk"
type = "rolodex"
path = "cards.jsonl"

[[sources]]
name = "diary"
type = "diary"
path = "diary.jsonl"

[tasks]
type = "notepad"
"""

PHONE = """\
BEGIN:VCARD
VERSION:3.0
UID:anna
FN:Anna Berg
EMAIL:anna@berg.example
ORG:Berg Interiors
REV:2020-01-01T00:00:00Z
END:VCARD
"""

CARDS = """\
{"person": "Anna Berg", "email": "anna@berg.example", "firm": "Lind Group", "revised": "2026-02-01T00:00Z"}
{"met": "anna@berg.example", "about": "Lunch", "at": "2025-12-01T12:00Z"}
{"weather": "fine"}
"""

DIARY = """\
{"helped": "Anna Berg", "on": "2025-11-20"}
{"weather": "rain"}
"""

RULES = """\
version: 1
rules:
  - id: gone-quiet
    for: person
    why: More than a month is long.
    when: {days_since_contact|gte: 30}
    then: {follow_up: {due: 1d, title: "Write to {first_name}"}}
"""

COUNTED = ("contacts", "meetings", "journal")


@pytest.fixture(autouse=True)
def _from_outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The catalog entry, all that it takes beside the folder."""
    with monkeypatch.context() as patch:
        patch.setattr(catalog, "SOURCES", (*catalog.SOURCES, RolodexSettings, DiarySettings))
        patch.setattr(catalog, "SINKS", (*catalog.SINKS, NotepadTasks))
        Settings.model_rebuild(force=True)
        yield
    Settings.model_rebuild(force=True)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    files = {
        "touchbase.toml": SETTINGS,
        "phone.vcf": PHONE,
        "cards.jsonl": CARDS,
        "diary.jsonl": DIARY,
        "rules/mine.yaml": RULES,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path / "touchbase.toml"


def reads(config: Path) -> list[str]:
    """How each read of the toys began since the last time this was asked."""
    noted = config.with_name("cursors.txt")
    lines = noted.read_text().splitlines()
    noted.write_text("")
    return sorted(lines)


def organisation(config: Path) -> str:
    (anna,) = json.loads(command("people", "--config", config, "--json").output)
    return str(anna["organisation"])


class TestSettings:
    def test_they_are_read(self, config: Path) -> None:
        settings = load(config, {})
        assert [source.type for source in settings.sources] == ["vcard", "rolodex", "diary"]
        assert isinstance(settings.source("desk"), RolodexSettings)
        assert isinstance(settings.tasks, NotepadTasks)

    @pytest.mark.parametrize(
        ("right", "wrong", "message"),
        [
            ('"rolodex"', '"rolodx"', "sources.1: not a known type; did you mean 'rolodex'?"),
            ('"notepad"', '"notpad"', "tasks: not a known type; did you mean 'notepad'?"),
            (
                'path = "cards.jsonl"',
                'pat = "cards.jsonl"',
                "sources.1.pat: unknown key; did you mean 'path'?",
            ),
        ],
    )
    def test_a_mistake_in_them_names_what_was_meant(
        self, config: Path, right: str, wrong: str, message: str
    ) -> None:
        config.write_text(config.read_text().replace(right, wrong))
        with pytest.raises(SettingsError) as refused:
            load(config, {})
        assert message in refused.value.message

    def test_without_the_entry_the_type_is_unknown(self, config: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(catalog, "SOURCES", catalog.SOURCES[:-2])
            Settings.model_rebuild(force=True)
            with pytest.raises(SettingsError, match=r"sources\.1: not a known type"):
                load(config, {})


class TestInit:
    def test_it_offers_every_type(self) -> None:
        text = settings_text()
        for connector in (*catalog.SOURCES, *catalog.SINKS):
            assert f'type = "{type_of(connector)}"' in text

    def test_each_offer_is_read_once_its_comment_signs_are_gone(self, tmp_path: Path) -> None:
        for connector in catalog.SOURCES:
            (tmp_path / "touchbase.toml").write_text(connector.example)
            assert type(load(tmp_path / "touchbase.toml", {}).sources[0]) is connector
        for sink in catalog.SINKS:
            (tmp_path / "touchbase.toml").write_text(sink.example)
            assert type(load(tmp_path / "touchbase.toml", {}).tasks) is sink

    def test_it_asks_about_what_has_a_title(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "cards.jsonl").write_text(CARDS)
        # A context of its own: the one of the fixture ends first, and would be undone into a patched list.
        with monkeypatch.context() as patch:
            patch.setattr(catalog, "SOURCES", (RolodexSettings, DiarySettings))
            patch.setattr(RolodexSettings, "open", lambda self, around: RolodexSource(
                self.name, around.path(self.path), "open sesame"))  # fmt: skip
            screen, answers = asked(
                tmp_path, "", "", "Europe/London", "1", "cards.jsonl", "", "", "", "4", ""
            )
        assert "   1  Rolodex: its cards\n" in screen
        assert "Rolodex: its cards: cards.jsonl\n  reading ... 1 card, 1 meeting\n" in screen
        assert "   4  a notepad\n" in screen
        assert "Number [1]: 4\nNotes [notes.json]: " in screen
        assert answers.sources == [(RolodexSettings, {"path": "cards.jsonl"})]
        assert answers.tasks == (NotepadTasks, {"path": "notes.json"})

    def test_what_works_as_it_is_is_no_comment(self, tmp_path: Path) -> None:
        (tmp_path / "touchbase.toml").write_text(settings_text())
        settings = load(tmp_path / "touchbase.toml", {})
        assert [source.type for source in settings.sources] == ["journal", "vcard"]
        assert settings.tasks.type == "vtodo-folder"


class TestDoctor:
    def checks(self, config: Path) -> dict[str, tuple[str, str]]:
        found = json.loads(command("doctor", "--config", config, "--json").output)
        return {check["name"]: (check["status"], check["message"]) for check in found}

    def test_it_asks_each_connector(self, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TOUCHBASE_ROLODEX", raising=False)
        checks = self.checks(config)
        assert checks["source desk"] == ("warning", "the rolodex is locked")
        assert checks["source diary"] == ("ok", str(config.with_name("diary.jsonl")))
        assert checks["tasks"] == ("ok", str(config.with_name("notes.json")))

    def test_a_file_that_is_missing_is_an_error(self, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TOUCHBASE_ROLODEX", "open sesame")
        config.with_name("cards.jsonl").unlink()
        assert self.checks(config)["source desk"][0] == "error"


def test_each_connector_opens_under_its_own_name(tmp_path: Path) -> None:
    for sink in catalog.SINKS:
        (tmp_path / "touchbase.toml").write_text(sink.example)
        settings = load(tmp_path / "touchbase.toml", {})
        around = settings.around(TODAY, {secret.variable: "x" for secret in settings.tasks.secrets()})
        assert settings.tasks.open(around).name == type_of(sink)
    for source in catalog.SOURCES:
        (tmp_path / "touchbase.toml").write_text(source.example)
        settings = load(tmp_path / "touchbase.toml", {})
        (connector,) = settings.sources
        around = settings.around(TODAY, {secret.variable: "x" for secret in connector.secrets()})
        assert connector.open(around).name == connector.name


@pytest.mark.parametrize("connector", [*catalog.SOURCES, *catalog.SINKS], ids=type_of)
def test_every_connector_states_what_it_is(connector: Any) -> None:
    asked = ("example", "tells") if connector in catalog.SOURCES else ("example",)
    missing = [name for name in asked if not hasattr(connector, name)]
    assert missing == [], f"{connector.__name__} must state {missing}: CONTRIBUTING.md, 'a source'"


@pytest.mark.parametrize("connector", catalog.SOURCES, ids=type_of)
def test_every_source_says_what_it_tells(connector: Any) -> None:
    assert connector.tells
    assert connector.tells <= set(RECORD_KINDS)


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server")
class TestRuns:
    @pytest.fixture
    def after(self, config: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The network after a first daily run."""
        monkeypatch.setenv("TOUCHBASE_ROLODEX", "open sesame")
        assert run(config, today=TODAY)["status"] == "ok"
        assert reads(config) == ["desk whole", "diary whole"]
        return config

    def test_its_records_are_counted_its_follow_up_is_a_task(self, config: Path) -> None:
        os.environ.pop("TOUCHBASE_ROLODEX", None)
        from prefect.blocks.system import Secret

        Secret(value="open sesame").save("touchbase-rolodex", overwrite=True)
        try:
            document = run(config, today=TODAY, flow=True)
        finally:
            Secret.delete("touchbase-rolodex")
            assert os.environ.pop("TOUCHBASE_ROLODEX") == "open sesame"
        counted = {
            source["name"]: {kind: (source[kind]["added"], source[kind]["problems"]) for kind in COUNTED}
            for source in document["sources"]
        }
        assert counted["desk"] == {"contacts": (1, 1), "meetings": (1, 0), "journal": (0, 0)}
        assert counted["diary"] == {"contacts": (0, 0), "meetings": (0, 0), "journal": (1, 1)}
        (task,) = json.loads(config.with_name("notes.json").read_text()).values()
        assert (task["title"], task["status"], task["due"]) == (
            "Write to Anna Berg (Berg Interiors)",
            "open",
            "2026-03-05",
        )
        assert document["people"]["total"] == 1
        (item,) = json.loads(command("follow-ups", "--config", config, "--json").output)
        assert item["sink"] == "notepad"

    def test_a_task_that_was_ticked_there_is_done(self, after: Path) -> None:
        notes = after.with_name("notes.json")
        notes.write_text(notes.read_text().replace('"open"', '"done"'))
        assert run(after, today=TODAY)["follow_ups"]["done"] == 1

    def test_the_hourly_run_reads_meetings_and_journals_and_no_address_books(self, after: Path) -> None:
        state = hourly_calendar(after, TODAY, return_state=True)
        document: Any = state.result(raise_on_failure=False)
        assert [source["name"] for source in document["sources"]] == ["desk", "diary"]
        assert reads(after) == ["desk changes", "diary changes"]

    def test_the_full_refresh_forgets_the_cursors_that_expire(self, after: Path) -> None:
        weekly_full_refresh(after, return_state=True)
        assert reads(after) == ["desk whole", "diary changes"]

    def test_trust_decides_whose_value_a_profile_takes(
        self, after: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert organisation(after) == "Berg Interiors"
        monkeypatch.setattr(RolodexSettings, "trust", Trust.OWN)
        run(after, today=TODAY)
        assert organisation(after) == "Lind Group"

    def test_without_its_secret_it_fails_alone(self, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TOUCHBASE_ROLODEX", raising=False)
        document = run(config, today=TODAY)
        assert {s["name"]: s["error"] for s in document["sources"]} == {
            "phone": None,
            "desk": "the rolodex is locked",
            "diary": None,
        }
