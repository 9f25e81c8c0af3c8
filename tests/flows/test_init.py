"""``touchbase init``: its questions, the settings that it writes, .gitignore, and what comes next."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import catalog
from connectors.base import Connector, type_of
from connectors.caldav.settings import CalDavTasks
from connectors.carddav.settings import CardDavSettings
from connectors.csv.settings import CsvSettings
from connectors.google.settings import GoogleSettings
from connectors.ics.settings import IcsSettings
from connectors.imap.settings import ImapSettings
from connectors.journal.settings import JournalSettings
from connectors.linkedin.settings import LinkedInSettings
from connectors.mailbox.settings import MailboxSettings
from connectors.markdown.settings import MarkdownTasks
from connectors.vcard.settings import VCardSettings
from connectors.vtodo.settings import VtodoTasks
from flows.cli.demo.network import examples_folder
from flows.cli.new_network import gitignore, machine
from flows.cli.new_network.places import Place, Topic, account_of, guess, places, variable
from flows.cli.new_network.template import Answers, Value, filled, settings_text
from flows.settings.loading import load
from tests.support.asking import asked
from tests.support.demo import command
from tests.support.dialogue import dialogue

NETWORK = examples_folder() / "network"
ME = ("Alex Doe", "alex@example.com", "Europe/London")
NO_MORE = ("", "", "", "")
"""Neither a calendar nor mail, and the first place for tasks with its folder, as they are offered."""
ASK = "Number, or a file: "
MORE = "Another one: number, or a file: "


def test_on_a_terminal_it_asks_and_the_first_run_works(tmp_path: Path) -> None:
    status, screen = dialogue(
        "init",
        tmp_path / "mine",
        answers=[
            ("Your name: ", "Alex Doe"),
            ("all of them: ", "alex@example.com, Alex@DoeAdvisory.example"),
            ("Your time zone [", "Europe/London"),
            (ASK, f"'{NETWORK / 'outlook.vcf'}' "),
            (MORE, ""),
            (ASK, "1"),
            ("a folder of them: ", f"{NETWORK / 'calendar.ics'}"),
            (MORE, ""),
            (ASK, ""),
            ("Number [1]: ", "2"),
            ("File [follow-ups.md]: ", ""),
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


@pytest.mark.parametrize("key", ["\x04", "\x03"], ids=["Ctrl-D", "Ctrl-C"])
@pytest.mark.parametrize("last", ["all of them: ", ASK, "Number [1]: "])
def test_stopping_in_the_middle_writes_nothing(tmp_path: Path, key: str, last: str) -> None:
    answers = [("Your name: ", "Alex"), ("all of them: ", ""), ("zone [", "Europe/London")]
    answers += [(ASK, ""), (ASK, ""), (ASK, ""), ("Number [1]: ", "")]
    until = [question for question, _ in answers].index(last)
    status, _ = dialogue("init", tmp_path / "mine", answers=[*answers[:until], (last, key)])
    assert status == 130
    assert list(tmp_path.iterdir()) == []


def test_it_says_which_password_goes_into_which_variable(tmp_path: Path) -> None:
    """One account is asked for once, and has one variable, whatever is read from it."""
    status, screen = dialogue(
        "init",
        tmp_path / "mine",
        answers=[
            ("Your name: ", "Alex Doe"),
            ("all of them: ", "alex@icloud.com"),
            ("Your time zone [", "Europe/London"),
            (ASK, "5"),
            ("user name there: ", "alex@icloud.com"),
            (MORE, "7"),
            ("example.com/: ", "https://cloud.doe.example"),
            ("user name there: ", "alex"),
            (MORE, ""),
            (ASK, "4"),
            ("user name there [alex@icloud.com]: ", ""),
            (MORE, "2"),
            (MORE, ""),
            (ASK, ""),
            ("Number [1]: ", "4"),
            ("example.com/ [https://cloud.doe.example]: ", ""),
            ("user name there [alex]: ", ""),
            ("[Touchbase]: ", ""),
        ],
    )
    assert status == 0
    assert screen.endswith(
        "Next\n"
        f"  cd {tmp_path / 'mine'}\n"
        "  export TOUCHBASE_ICLOUD_PASSWORD=...    the app password of alex@icloud.com at iCloud, made at "
        "https://account.apple.com/account/manage\n"
        "  export TOUCHBASE_NEXTCLOUD_PASSWORD=...    the password of alex at Nextcloud\n"
        "  export TOUCHBASE_CALENDAR_URL=...    the secret address of the calendar\n"
        "  touchbase run --dry-run    shows what would happen, and changes nothing\n"
        "  touchbase run\n"
    )
    settings = load(tmp_path / "mine" / "touchbase.toml", {})
    assert [source.name for source in settings.sources] == [
        "contacts", "contacts-2", "calendar", "work", "journal", "added",
    ]  # fmt: skip
    assert isinstance(settings.tasks, CalDavTasks)
    assert settings.tasks.url == "https://cloud.doe.example/remote.php/dav/"
    text = (tmp_path / "mine" / "touchbase.toml").read_text()
    assert "linkedin" not in text
    assert "imap" not in text


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
        _, answers = asked(tmp_path, "", "", "Europe/Berlin", "", *NO_MORE)
        assert answers == Answers(
            me={"time_zone": "Europe/Berlin", "region": "DE", "currency": "EUR"},
            sources=[],
            tasks=(VtodoTasks, {"path": "tasks"}),
        )

    @pytest.mark.parametrize("typed", ["{}", "'{}'", '"{}"', "file://{}", "{} "])
    def test_a_path_may_be_dropped_on_the_terminal(self, tmp_path: Path, typed: str) -> None:
        cards = tmp_path / "cards.vcf"
        cards.write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Anna Berg\nEND:VCARD\n")
        _, answers = asked(tmp_path / "mine", *ME, typed.format(cards), "", *NO_MORE)
        assert answers.sources == [(VCardSettings, {"path": str(cards)})]

    def test_a_path_with_spaces_or_below_home_is_understood(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        cards = tmp_path / "My cards, Alex's.vcf"
        cards.write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Anna Berg\nEND:VCARD\n")
        for typed in ("~/My cards, Alex's.vcf", r"~/My\ cards,\ Alex\'s.vcf"):
            _, answers = asked(tmp_path / "mine", *ME, typed, "", *NO_MORE)
            assert answers.sources == [(VCardSettings, {"path": "~/My cards, Alex's.vcf"})]

    def test_a_path_inside_the_network_is_relative(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        cards = tmp_path / "mine" / "cards" / "anna.vcf"
        cards.parent.mkdir(parents=True)
        cards.write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Anna Berg\nEND:VCARD\n")
        for typed in ("mine/cards", "cards"):
            _, answers = asked(Path("mine"), *ME, typed, "", *NO_MORE)
            assert answers.sources == [(VCardSettings, {"path": "cards"})]

    def test_what_cannot_be_right_is_asked_again(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        (tmp_path / "notes.pdf").write_text("x")
        screen, answers = asked(
            tmp_path,
            *("Alex", "alex at example", "alex@example.com", "Mars", "UTC", "France", "fr"),
            *("99", str(tmp_path / "nowhere"), str(tmp_path / "notes.pdf")),
            *("1", str(tmp_path / "nowhere"), str(tmp_path / "empty"), "n", ""),
            *("", "7", "two words", "imap.doe.example", "", "alex", ""),
            *("9", "7", "dav.example.com", "https://dav.example.com/", "", "alex", ""),
        )
        errors = [line for line in screen.splitlines() if line.startswith("Error")]
        assert errors == [
            "Error: 'alex' is not an e-mail address; write it like alex@example.com",
            "Error: 'Mars' is not a valid time zone; use an IANA name such as Europe/London",
            "Error: 'France' is not a country; use its two letters, such as GB or DE",
            "Error: 99 is not in the range 1<=x<=10.",
            f"Error: {tmp_path / 'nowhere'} does not exist",
            f"Error: nothing here reads {tmp_path / 'notes.pdf'}; type the number of its kind first",
            f"Error: {tmp_path / 'nowhere'} does not exist",
            "Error: String should match pattern '^[A-Za-z0-9.:_-]*$'",
            "Error: an answer is needed here",
            "Error: 9 is not in the range 1<=x<=7.",
            "Error: that does not fit; write it like https://dav.example.com/",
            "Error: an answer is needed here",
        ]
        assert "  reading ... nothing that this source can use\n  Use it all the same? [y/N]: n\n" in screen
        assert answers.me == {
            "name": "Alex", "emails": ("alex@example.com",),
            "time_zone": "UTC", "region": "FR", "currency": "EUR",
        }  # fmt: skip
        assert answers.sources == [
            (
                ImapSettings,
                {
                    "host": "imap.doe.example",
                    "user": "alex",
                    "password_env": "TOUCHBASE_IMAP_DOE_EXAMPLE_PASSWORD",
                },
            )
        ]
        assert answers.tasks == (
            CalDavTasks,
            {
                "url": "https://dav.example.com/",
                "user": "alex",
                "list": "Touchbase",
                "password_env": "TOUCHBASE_DAV_EXAMPLE_COM_PASSWORD",
            },
        )

    def test_a_choice_can_be_taken_back(self, tmp_path: Path) -> None:
        """Enter goes back to the list, at the first question of a place."""
        _, answers = asked(tmp_path, *ME, "1", "", "5", "", "10", "", "", "2", "", "3", "", "", "", "")
        assert answers.sources == [(IcsSettings, {"url_env": "TOUCHBASE_CALENDAR_URL"})]

    @pytest.mark.parametrize("typed", ["~nobody-here/x.vcf", "x" * 5000, "a\0b"])
    def test_what_is_no_path_is_asked_again(self, tmp_path: Path, typed: str) -> None:
        screen, answers = asked(tmp_path, *ME, typed, "1", typed, "", "", *NO_MORE)
        assert screen.count("Error: ") == 2
        assert answers.sources == []

    def test_one_block_of_google_reads_all_that_is_asked_of_it(self, tmp_path: Path) -> None:
        _, answers = asked(tmp_path, *ME, "4", "", "", "1", "", "", "")
        token: dict[str, object] = {"token": "google.json"}
        assert answers.sources == [(GoogleSettings, token | {"calendars": (), "mail": True})]
        _, answers = asked(tmp_path, *ME, "", "3", "", "", "", "")
        assert answers.sources == [(GoogleSettings, token | {"contacts": False, "calendars": ("primary",)})]

    @pytest.mark.parametrize(
        ("topic", "name", "connector"),
        [
            ("contacts", "cards.vcf", VCardSettings),
            ("contacts", "cards/anna.vcf", VCardSettings),
            ("contacts", "people.csv", CsvSettings),
            ("contacts", "Connections.csv", LinkedInSettings),
            ("contacts", "Basic_LinkedInDataExport_10-02-2026.zip", LinkedInSettings),
            ("contacts", "unpacked/Connections.csv", LinkedInSettings),
            ("contacts", "calendar.ics", None),
            ("meetings", "calendar.ics", IcsSettings),
            ("meetings", "saved/invitation.ics", IcsSettings),
            ("messages", "mail.mbox", MailboxSettings),
        ],
    )
    def test_a_dropped_file_says_what_it_is(
        self, tmp_path: Path, topic: Topic, name: str, connector: object
    ) -> None:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
        assert guess(topic, path if path.parent == tmp_path else path.parent) is connector

    def test_two_accounts_never_share_a_variable(self, tmp_path: Path) -> None:
        server = ("10", "https://dav.a-b.example/")
        other = ("10", "https://dav.a.b.example/")
        _, answers = asked(
            tmp_path, *ME, *server, "ann", *server, "ben", *other, "ann", *server, "ann", "", *NO_MORE
        )
        assert [values["password_env"] for _, values in answers.sources] == [
            "TOUCHBASE_DAV_A_B_EXAMPLE_PASSWORD",
            "TOUCHBASE_DAV_A_B_EXAMPLE_2_PASSWORD",
            "TOUCHBASE_DAV_A_B_EXAMPLE_3_PASSWORD",
            "TOUCHBASE_DAV_A_B_EXAMPLE_PASSWORD",
        ]


TYPED = {
    "path": "cards.vcf",
    "url": "https://dav.doe.example/",
    "user": "alex@doe.example",
    "host": "imap.doe.example",
    "list": "Mine",
}
"""An answer to each question."""


def block(place: Place) -> tuple[type[Connector], dict[str, Value]]:
    values: dict[str, Value] = dict(place.fixed) | {one.key: TYPED[one.key] for one in place.asks}
    if account := account_of(place, values):
        values["password_env"] = variable(account)
    return place.connector, values


class TestSettings:
    def test_every_combination_of_answers_can_be_loaded(self, tmp_path: Path) -> None:
        config = tmp_path / "touchbase.toml"
        topics: list[Topic] = ["contacts", "meetings", "messages"]
        kinds = [[None, *map(block, places(topic))] for topic in topics]
        sinks = [block(place) for place in places("tasks")]
        for at, chosen in enumerate(product(*kinds)):
            # A task list shares no table with the sources, so each takes its turn.
            sources, tasks = [one for one in chosen if one], sinks[at % len(sinks)]
            said = Answers(me={"name": "Alex"}, sources=sources, tasks=tasks, passwords={"X": "y"})
            config.write_text(settings_text(said))
            settings = load(config, {})
            if sources:
                found = [type(source) for source in settings.sources]
                assert found == [*(one for one, _ in sources), JournalSettings, VCardSettings]
            assert type(settings.tasks) is tasks[0]
            assert {secret.variable for one in settings.sources for secret in one.secrets()} >= {
                values["password_env"] for _, values in sources if "password_env" in values
            }

    def test_only_what_was_chosen_is_written(self, tmp_path: Path) -> None:
        text = settings_text(
            Answers(
                me={"name": "Alex", "emails": ("a@b.example", "c@d.example")},
                sources=[(IcsSettings, {"path": "~/work.ics"}), (IcsSettings, {"path": "home.ics"})],
                tasks=(MarkdownTasks, {"path": "todo.md"}),
            )
        )
        (tmp_path / "touchbase.toml").write_text(text)
        settings = load(tmp_path / "touchbase.toml", {})
        assert [(source.type, source.name) for source in settings.sources] == [
            ("ics", "work"), ("ics", "work-2"), ("journal", "journal"), ("vcard", "added"),
        ]  # fmt: skip
        assert (settings.tasks.type, settings.digest.path) == ("markdown", Path("digest"))
        tables = [line for line in text.splitlines() if line.startswith(("[", "# ["))]
        assert tables == [
            "[me]", "[store]", "[rules]", *["[[sources]]"] * 4, "[tasks]", "[digest]",
        ]  # fmt: skip

    def test_without_a_source_everything_is_offered_as_a_comment(self, tmp_path: Path) -> None:
        text = settings_text(Answers(me={"name": "Alex"}, tasks=(MarkdownTasks, {"path": "todo.md"})))
        (tmp_path / "touchbase.toml").write_text(text)
        settings = load(tmp_path / "touchbase.toml", {})
        assert (settings.me.name, settings.tasks.type) == ("Alex", "markdown")
        for connector in catalog.SOURCES:
            assert f'type = "{type_of(connector)}"' in text
        assert '# [tasks]\n# type = "vtodo-folder"' in text

    def test_a_password_in_words_cannot_break_the_file(self, tmp_path: Path) -> None:
        said, words = {"user": 'a"b', "password_env": "X"}, 'the password of a\\nb # " x'
        preset: dict[str, Value] = {"preset": "icloud", **said}
        text = settings_text(Answers(sources=[(CardDavSettings, preset)], passwords={"X": words}))
        (tmp_path / "touchbase.toml").write_text(text)
        assert load(tmp_path / "touchbase.toml", {}).sources[0].type == "carddav"

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
                sources=[
                    (VCardSettings, {"path": "my cards"}),
                    (IcsSettings, {"path": "/elsewhere/work.ics"}),
                ]
            )
        )
        (tmp_path / "touchbase.toml").write_text(text)
        patterns = gitignore.patterns(load(tmp_path / "touchbase.toml", {}))
        assert {"/my\\ cards", "/digest/"} <= set(patterns)
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
