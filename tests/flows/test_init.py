"""``touchbase init``: its questions, the settings that it writes, .gitignore, and what comes next."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import catalog
from connectors.caldav.settings import CalDavTasks
from connectors.google.settings import GoogleSettings
from connectors.ics.settings import IcsSettings
from connectors.markdown.settings import MarkdownTasks
from connectors.vcard.settings import VCardSettings
from connectors.vtodo.settings import VtodoTasks
from flows.cli.demo.network import examples_folder
from flows.cli.new_network import gitignore, machine
from flows.cli.new_network.template import Answers, filled, settings_text
from flows.settings.loading import load
from tests.support.asking import asked
from tests.support.demo import command
from tests.support.dialogue import dialogue

NETWORK = examples_folder() / "network"
ME = ("Alex Doe", "alex@example.com", "Europe/London", "", "")
NO_SERVERS = ("", "", "", "n")
"""Neither servers nor LinkedIn nor Google."""
NO_SOURCES = ("", "", *NO_SERVERS)
NO_MORE = ("", "", "")
"""The first place for tasks, its folder, and the digest, each as it is offered."""


def test_on_a_terminal_it_asks_and_the_first_run_works(tmp_path: Path) -> None:
    status, screen = dialogue(
        "init",
        tmp_path / "mine",
        answers=[
            ("Your name: ", "Alex Doe"),
            ("all of them: ", "alex@example.com, Alex@DoeAdvisory.example"),
            ("Your time zone [", "Europe/London"),
            ("holidays [GB]: ", ""),
            ("currency [GBP]: ", ""),
            ("a folder of them: ", f"'{NETWORK / 'outlook.vcf'}' "),
            ("a folder of them: ", f"{NETWORK / 'calendar.ics'}"),
            ("(CardDAV): its address: ", ""),
            ("(CalDAV): its address: ", ""),
            ("Connections.csv: ", ""),
            ("[y/N]: ", ""),
            ("Number [1]: ", "2"),
            ("File [follow-ups.md]: ", ""),
            ("[digest]: ", ""),
        ],
    )
    assert status == 0
    assert "  reading ... 25 cards\n" in screen
    assert screen.endswith(
        "Next\n"
        f"  cd {tmp_path / 'mine'}\n"
        "  touchbase run --dry-run    shows what would happen, and changes nothing\n"
        "  touchbase run\n"
    )
    config = tmp_path / "mine" / "touchbase.toml"
    settings = load(config, {})
    assert settings.me.emails == ("alex@example.com", "alex@doeadvisory.example")
    assert [source.name for source in settings.sources] == ["phone", "work", "journal", "added"]
    assert (settings.tasks.type, settings.tasks.open_at_most) == ("markdown", 15)
    run = json.loads(command("run", "--json", "--config", config, "--today", "2026-01-14").stdout)
    assert run["status"] == "ok"
    assert run["people"]["total"] > 25
    assert (tmp_path / "mine" / "digest" / "2026-01-14.md").is_file()


def test_stopping_in_the_middle_writes_nothing(tmp_path: Path) -> None:
    end_of_input = "\x04"
    answers = [("Your name: ", "Alex"), ("all of them: ", end_of_input)]
    status, _ = dialogue("init", tmp_path / "mine", answers=answers)
    assert status == 130
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("flags", [[], ["--yes"], ["--no-input"]])
def test_without_a_terminal_it_asks_nothing(tmp_path: Path, flags: list[str]) -> None:
    done = command("init", tmp_path / "new", *flags)
    assert done.exit_code == 0
    assert "Your name" not in done.output
    config = tmp_path / "new" / "touchbase.toml"
    assert [source.type for source in load(config, {}).sources] == ["journal", "vcard"]
    first = command("run", "--config", config)
    assert first.exit_code == 0
    assert "No source names a person: name your contacts in touchbase.toml" in " ".join(first.output.split())


def test_yes_on_a_terminal_asks_nothing(tmp_path: Path) -> None:
    status, screen = dialogue("init", tmp_path / "new", "--yes")
    assert status == 0
    assert "Your name" not in screen
    assert "  write your name and addresses into touchbase.toml, under [me]\n" in screen


def test_files_that_exist_stay_and_then_nothing_is_asked(tmp_path: Path) -> None:
    (tmp_path / "touchbase.toml").write_text("# mine\n")
    (tmp_path / ".gitignore").write_text("/touchbase.db*\ntasks\n")
    status, screen = dialogue("init", tmp_path)
    assert status == 0
    assert (tmp_path / "touchbase.toml").read_text() == "# mine\n"
    assert (tmp_path / ".gitignore").read_text() == "/touchbase.db*\ntasks\n"
    wanted = screen.split("for git, add to it: ")[1].splitlines()[0].split()
    assert wanted[:2] == ["/backups/", "/.prefect/"]
    assert "/tasks/" not in wanted


class TestQuestions:
    def test_enter_leaves_everything_out(self, tmp_path: Path) -> None:
        _, answers = asked(tmp_path, "", "", "Europe/Berlin", "", "", *NO_SOURCES, *NO_MORE)
        assert answers == Answers(
            me={"time_zone": "Europe/Berlin", "region": "DE", "currency": "EUR"},
            tasks=(VtodoTasks, {"path": "tasks"}),
            digest="digest",
        )

    @pytest.mark.parametrize("typed", ["{}", "'{}'", '"{}"', "file://{}", "{} "])
    def test_a_path_may_be_dropped_on_the_terminal(self, tmp_path: Path, typed: str) -> None:
        cards = tmp_path / "cards.vcf"
        cards.write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Anna Berg\nEND:VCARD\n")
        _, answers = asked(tmp_path / "mine", *ME, typed.format(cards), "", *NO_SERVERS, *NO_MORE)
        assert answers.sources == {VCardSettings: {"path": str(cards)}}

    def test_a_path_with_spaces_or_below_home_is_understood(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        cards = tmp_path / "My cards, Alex's.vcf"
        cards.write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Anna Berg\nEND:VCARD\n")
        for typed in ("~/My cards, Alex's.vcf", r"~/My\ cards,\ Alex\'s.vcf"):
            _, answers = asked(tmp_path / "mine", *ME, typed, "", *NO_SERVERS, *NO_MORE)
            assert answers.sources == {VCardSettings: {"path": "~/My cards, Alex's.vcf"}}

    def test_a_path_inside_the_network_is_relative(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        cards = tmp_path / "mine" / "cards" / "anna.vcf"
        cards.parent.mkdir(parents=True)
        cards.write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Anna Berg\nEND:VCARD\n")
        for typed in ("mine/cards", "cards"):
            _, answers = asked(Path("mine"), *ME, typed, "", *NO_SERVERS, *NO_MORE)
            assert answers.sources == {VCardSettings: {"path": "cards"}}

    def test_what_cannot_be_right_is_asked_again(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        screen, answers = asked(
            tmp_path,
            *(
                "Alex",
                "alex at example",
                "alex@example.com",
                "Mars",
                "Europe/Paris",
                "France",
                "fr",
                "euro",
                "eur",
            ),
            *(str(tmp_path / "nowhere"), str(tmp_path / "empty"), "n", "", "", *NO_SERVERS),
            *("9", "3", "dav.example.com", "https://dav.example.com/", "", "alex", "", ""),
        )
        errors = [line for line in screen.splitlines() if line.startswith("Error")]
        assert errors == [
            "Error: 'alex' is not an e-mail address; write it like alex@example.com",
            "Error: 'Mars' is not a valid time zone; use an IANA name such as Europe/London",
            "Error: 'France' is not a country; use its two letters, such as GB or DE",
            "Error: 'euro' is not a currency; use its three letters, such as GBP or EUR",
            f"Error: {tmp_path / 'nowhere'} does not exist",
            "Error: 9 is not in the range 1<=x<=4.",
            "Error: that does not fit; write it like https://dav.example.com/",
            "Error: an answer is needed here",
        ]
        assert "  reading ... nothing that this source can use\n  Use it all the same? [y/N]: n\n" in screen
        assert answers.me == {
            "name": "Alex", "emails": ("alex@example.com",),
            "time_zone": "Europe/Paris", "region": "FR", "currency": "EUR",
        }  # fmt: skip
        assert answers.sources == {}
        assert answers.tasks == (
            CalDavTasks,
            {"url": "https://dav.example.com/", "user": "alex", "list": "Touchbase"},
        )

    def test_google_is_yes_or_no_and_the_next_step_is_to_log_in(self, tmp_path: Path) -> None:
        _, answers = asked(tmp_path, *ME, "", "", *NO_SERVERS[:-1], "y", *NO_MORE)
        assert answers.sources == {GoogleSettings: {}}


class TestSettings:
    def test_what_was_not_chosen_stays_as_a_comment(self, tmp_path: Path) -> None:
        text = settings_text(
            Answers(
                me={"name": "Alex", "emails": ("a@b.example", "c@d.example")},
                sources={IcsSettings: {"path": "~/work.ics"}},
                tasks=(MarkdownTasks, {"path": "todo.md"}),
                digest="pages",
            )
        )
        (tmp_path / "touchbase.toml").write_text(text)
        settings = load(tmp_path / "touchbase.toml", {})
        assert [source.type for source in settings.sources] == ["ics", "journal", "vcard"]
        assert (settings.tasks.type, settings.digest.path) == ("markdown", Path("pages"))
        for connector in catalog.SOURCES:
            assert f'type = "{connector.model_fields["type"].annotation.__args__[0]}"' in text  # type: ignore[union-attr]
        assert 'path = "~/work.ics"            # an .ics file, or a folder of them\n' in text
        assert '# [tasks]\n# type = "vtodo-folder"' in text

    @given(name=st.text(st.characters(exclude_categories=["Cs"])), other=st.text(max_size=3))
    def test_whatever_is_typed_is_valid_toml(self, name: str, other: str) -> None:
        table = 'name = "x"   # who "it" is\n'
        if any("\ud800" <= sign <= "\udfff" for sign in other):
            other = ""
        found = tomllib.loads(filled(table, {"name": name, "emails": [other, name]}))
        assert found == {"name": name, "emails": [other, name]}


class TestGitignore:
    def test_git_takes_the_rules_and_leaves_data_and_secrets(self, tmp_path: Path) -> None:
        command("init", tmp_path)
        for name in (
            "touchbase.db", "touchbase.db-wal", "touchbase.db.lock", "touchbase.db.backup-0006-x",
            "google.json", "client_secret.json", "report.html", "follow-ups.md", "Connections.csv",
            "calendar.ics", "contacts/anna.vcf", "tasks/a.ics", "digest/2026-01-14.md", ".prefect/serve.json",
            "people/freya.vcf",
        ):  # fmt: skip
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text("x")
        subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
        listed = subprocess.run(
            ["git", "ls-files", "--others", "--exclude-standard"],
            cwd=tmp_path, check=True, capture_output=True, text=True, env={"PATH": os.environ["PATH"]},
        ).stdout.split()  # fmt: skip
        assert {name for name in listed if not name.startswith("rules/")} == {
            ".gitignore", "journal.csv", "people/freya.vcf", "touchbase.toml",
        }  # fmt: skip
        assert "rules/cadence.yaml" in listed

    def test_what_the_settings_name_is_ignored_too(self, tmp_path: Path) -> None:
        text = settings_text(
            Answers(
                sources={VCardSettings: {"path": "my cards"}, IcsSettings: {"path": "/elsewhere/work.ics"}},
                digest="pages",
            )
        )
        (tmp_path / "touchbase.toml").write_text(text)
        patterns = gitignore.patterns(load(tmp_path / "touchbase.toml", {}))
        assert {"/my\\ cards", "/pages"} <= set(patterns)
        assert not any("elsewhere" in pattern for pattern in patterns)


class TestMachine:
    def test_the_time_zone_is_that_of_the_machine(self, tmp_path: Path) -> None:
        (tmp_path / "usr/share/zoneinfo/Europe").mkdir(parents=True)
        (tmp_path / "usr/share/zoneinfo/Europe/Berlin").write_text("")
        (tmp_path / "localtime").symlink_to(tmp_path / "usr/share/zoneinfo/Europe/Berlin")
        assert machine.time_zone({}, tmp_path) == "Europe/Berlin"
        assert machine.time_zone({"TZ": ":Asia/Tokyo"}, tmp_path) == "Asia/Tokyo"
        assert machine.time_zone({"TZ": "nonsense"}, tmp_path / "usr") == "UTC"

    def test_country_and_currency_follow_the_time_zone(self) -> None:
        zones = ["Europe/London", "America/New_York", "Europe/Paris", "Asia/Tokyo", "UTC"]
        countries = [machine.region(zone) for zone in zones]
        assert countries == ["GB", "US", "FR", "JP", "GB"]
        assert [machine.currency(country) for country in countries] == ["GBP", "USD", "EUR", "JPY", "GBP"]
