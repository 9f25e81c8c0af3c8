"""The command line without Prefect: start-up, settings, init, contacts, export, rules, identity."""

from __future__ import annotations

import csv
import gc
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
import vobject
import yaml

from flows.cli import commands
from flows.cli.console import error_text
from flows.cli.lazy import Row
from flows.cli.main import COMMANDS, cli, main
from flows.settings.loading import load
from people.errors import SettingsError, UserMustAct
from people.store import open_store
from tests.support.demo import PEOPLE, TODAY, command, network, pulled, run
from tests.support.generate import commands_page, json_page
from tests.support.marks import ABOUT_SQLITE
from tests.support.paths import ROOT
from tests.support.stores import copy_network


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo network, pulled and resolved without Prefect."""
    return pulled(network(tmp_path_factory.mktemp("demo") / "network"))


@pytest.fixture
def mine(judged: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return copy_network(judged, tmp_path / "network")


def shown(*words: str | Path) -> str:
    return command(*words, "--today", TODAY.isoformat()).output


def imported(modules: list[str], config: Path, *words: str) -> list[str]:
    """Which of these modules a command imports, in a process of its own."""
    script = (
        "import json, sys\nfrom click.testing import CliRunner\nfrom flows.cli.main import cli\n"
        "done = CliRunner().invoke(cli, sys.argv[2:])\n"
        "assert done.exit_code in (0, 1), done.output\n"
        "print(json.dumps([name for name in json.loads(sys.argv[1]) if name in sys.modules]))\n"
    )
    called = [sys.executable, "-c", script, json.dumps(modules), *words, "--config", str(config)]
    found: list[str] = json.loads(subprocess.run(called, check=True, cwd=ROOT, capture_output=True).stdout)
    return found


class TestStart:
    @ABOUT_SQLITE
    def test_no_simple_command_imports_prefect_google_or_polars(self, judged: Path) -> None:
        for words in (
            ["status"],
            ["follow-ups"],
            ["contacts"],
            ["rules", "check", "--no-store"],
            ["identity", "review"],
        ):
            heavy = ["prefect", "googleapiclient", "polars", "alembic", "matplotlib"]
            assert imported(heavy, judged, *words) == []

    @ABOUT_SQLITE
    def test_commands_that_look_import_no_more_than_they_use(self, judged: Path) -> None:
        for words in (["people", "Berg"], ["explain", "anna.berg@example.com"]):
            assert imported(["numpy", "prefect"], judged, *words) == []
        for word in ("status", "follow-ups"):
            assert imported(["phonenumbers", "imaplib", "filelock"], judged, word) == []

    @ABOUT_SQLITE
    def test_status_reads_the_rules_only_if_they_changed_since_a_run_found_them_sound(
        self, mine: Path
    ) -> None:
        assert imported(["yaml"], mine, "status") == ["yaml"]
        run(mine)
        assert imported(["yaml"], mine, "status") == []
        edited = mine.with_name("rules") / "cadence.yaml"
        edited.write_text(edited.read_text("utf-8") + "  - id: broken\n", "utf-8")
        assert imported(["yaml"], mine, "status") == ["yaml"]
        (problem, *_) = json.loads(command("status", "--json", "--config", mine).output)["rules"]
        assert problem["where"].startswith("rules/cadence.yaml:")
        run(mine)
        assert json.loads(command("status", "--json", "--config", mine).output)["rules"]

    def test_the_process_ends_without_a_search_for_cycles(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "argv", ["touchbase", "--version"])
        monkeypatch.setattr(sys, "path", list(sys.path))
        before = os.umask(0o022)
        try:
            with pytest.raises(SystemExit):
                main()
            assert gc.get_freeze_count()
        finally:
            gc.unfreeze()
            os.umask(before)

    def test_every_command_has_help_with_an_example(self) -> None:
        def below(group: click.Group) -> list[click.Command]:
            found: list[click.Command] = []
            for name in group.list_commands(click.Context(group)):
                item = group.get_command(click.Context(group), name)
                assert item is not None
                found += [item, *(below(item) if isinstance(item, click.Group) else [])]
            return found

        for item in below(cli):
            assert "Example: touchbase" in (item.epilog or ""), item.name
            assert item.help, item.name

    def test_a_command_is_one_file_and_one_row(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "wave.py").write_text(
            "import click\n\n@click.command()\n@click.argument('who')\n"
            "def wave_at(who: str) -> int:\n    click.echo(f'Hello, {who}!')\n    return 0\n"
        )
        monkeypatch.setattr(commands, "__path__", [*commands.__path__, str(tmp_path)])
        monkeypatch.setitem(COMMANDS, "wave-at", Row("wave", "Greet somebody."))
        assert "wave-at        Greet somebody." in command("--help").output
        assert "flows.cli.commands.wave" not in sys.modules
        assert command("wave-at", "Anna").output == "Hello, Anna!\n"

    def test_the_list_of_commands_imports_none_of_them(self) -> None:
        script = (
            "import sys\nfrom click.testing import CliRunner\nfrom flows.cli.main import cli\n"
            "assert CliRunner().invoke(cli, ['--help']).exit_code == 0\n"
            "heavy = {'pydantic', 'sqlalchemy', 'polars', 'prefect'} & sys.modules.keys()\n"
            "sys.exit(f'{heavy}' if heavy else 0)\n"
        )
        subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)

    def test_the_page_of_commands_is_true(self) -> None:
        assert (ROOT / "docs" / "commands.md").read_text("utf-8") == commands_page.page(), (
            "run: make generate"
        )

    def test_the_page_of_json_documents_is_true(self) -> None:
        assert (ROOT / "docs" / "json.md").read_text("utf-8") == json_page.page(), "run: make generate"

    def test_every_document_is_on_the_page(self) -> None:
        def printing(group: click.Group, prefix: str = "") -> set[str]:
            names: set[str] = set()
            for name in group.list_commands(click.Context(group)):
                item = group.get_command(click.Context(group), name)
                assert item is not None
                names |= {prefix + name} if any("--json" in option.opts for option in item.params) else set()
                names |= printing(item, f"{prefix}{name} ") if isinstance(item, click.Group) else set()
            return names

        assert printing(cli) == {name for names in json_page.DOCUMENTS for name in names}

    def test_the_weights_in_the_page_on_identity_are_true(self) -> None:
        text = (ROOT / "docs" / "identity.md").read_text("utf-8")
        assert "| e-mail same | +18 / " in text
        assert text == commands_page.identity_page(), "run: make generate"

    def test_a_mistyped_command_is_guessed(self) -> None:
        with pytest.raises(click.UsageError, match="Did you mean 'follow-ups'"):
            command("followups")


class TestSettings:
    def write(self, folder: Path, text: str) -> Path:
        path = folder / "touchbase.toml"
        path.write_text(text)
        return path

    def test_all_mistakes_come_at_once_each_with_its_remedy(self, tmp_path: Path) -> None:
        path = self.write(
            tmp_path,
            '[me]\nnmae = "x"\ntime_zone = "Europe/Lodnon"\n[tasks]\ncapacity = 3\n'
            '[[sources]]\nname = "a"\ntype = "vcrd"\npath = "x"\n',
        )
        with pytest.raises(SettingsError) as refused:
            load(path, {})
        told = refused.value.message
        assert "me.nmae: unknown key; did you mean 'name'?" in told
        assert "did you mean 'Europe/London'" in told
        assert "tasks.capacity: unknown key; did you mean 'capacity_per_day'?" in told
        assert "did you mean 'vcard'" in told

    def test_the_environment_wins_over_the_file(self, tmp_path: Path) -> None:
        path = self.write(
            tmp_path, '[tasks]\ncapacity_per_day = 3\n[[sources]]\nname="a"\ntype="vcard"\npath="x"\n'
        )
        environment = {
            "TOUCHBASE_TASKS__CAPACITY_PER_DAY": "8",
            "TOUCHBASE_SOURCES__0__PATH": "y",
            "TOUCHBASE_ME__EMAILS": '["A@example.com"]',
            "TOUCHBASE_CONFIG": "elsewhere",
        }
        settings = load(path, environment)
        assert settings.tasks.capacity_per_day == 8
        assert str(settings.sources[0].path) == "y"  # type: ignore[attr-defined]  # a vcard source has a path
        assert settings.me.emails == ("a@example.com",)

    def test_two_sources_of_one_name_are_refused(self, tmp_path: Path) -> None:
        source = '[[sources]]\nname = "a"\ntype = "vcard"\npath = "x"\n'
        with pytest.raises(SettingsError, match="two sources are named 'a'"):
            load(self.write(tmp_path, source * 2), {})

    def test_a_missing_file_names_the_command_that_makes_one(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="no settings file") as refused:
            load(tmp_path / "touchbase.toml", {})
        assert "touchbase init" in refused.value.help

    @ABOUT_SQLITE
    def test_the_contracts_example_is_read(self, tmp_path: Path) -> None:
        path = self.write(
            tmp_path,
            """
            [me]
            name = "Alex Doe"
            emails = ["alex@example.com"]
            time_zone = "Europe/London"
            region = "GB"
            currency = "GBP"
            [store]
            url = "sqlite:///touchbase.db"
            [rules]
            path = "rules"
            [[sources]]
            name = "google"
            type = "google"
            token = "google.json"
            calendars = ["primary"]
            endpoint = "http://127.0.0.1:9000"
            [[sources]]
            name = "journal"
            type = "journal"
            path = "journal.csv"
            [tasks]
            path = "tasks"
            capacity_per_day = 5
            [budget]
            hours_per_month = 12
            money_per_month = 150
            """,
        )
        settings = load(path, {})
        assert settings.tasks.type == "vtodo-folder"
        assert settings.store_url == f"sqlite:///{tmp_path / 'touchbase.db'}"


class TestInit:
    def test_it_writes_a_network_that_loads_and_never_overwrites(self, tmp_path: Path) -> None:
        assert command("init", tmp_path / "new").exit_code == 0
        config = tmp_path / "new" / "touchbase.toml"
        load(config, {})
        assert json.loads(command("rules", "check", "--config", config, "--json").output) == []
        config.write_text("# mine\n")
        assert "kept" in command("init", tmp_path / "new").output
        assert config.read_text() == "# mine\n"


class TestExport:
    def test_vcards_say_what_people_say(self, judged: Path) -> None:
        cards = list(vobject.readComponents(shown("export", "--vcf", "--config", judged)))
        people = json.loads(shown("people", "--json", "--config", judged))
        assert len(cards) == len(people)
        assert {card.fn.value for card in cards} == {person["name"] for person in people}

    def test_no_cell_of_the_table_is_a_formula(self, judged: Path) -> None:
        text = shown("export", "--csv", "--config", judged)
        assert text.startswith('"id","name"')
        rows = list(csv.DictReader(io.StringIO(text)))
        assert len(rows) == PEOPLE
        assert not any((cell or "")[:1] in ("=", "+", "-", "@") for row in rows for cell in row.values())


class TestRules:
    def test_an_edit_is_shown_by_its_effect_before_it_is_used(self, mine: Path) -> None:
        cadence = mine.parent / "rules" / "cadence.yaml"
        changed = mine.parent / "edited" / "cadence.yaml"
        changed.parent.mkdir()
        changed.write_text(cadence.read_text().replace("cadence: 60d", "cadence: 90d"))
        assert changed.read_text() != cadence.read_text()
        words = ("rules", "diff", changed, "--config", mine, "--json", "--today", TODAY.isoformat())
        told = command(*words)
        assert told.return_value == 1
        before = {p["id"]: p for p in json.loads(shown("people", "--json", "--config", mine))}
        shutil.copyfile(changed, cadence)
        after = {p["id"]: p for p in json.loads(shown("people", "--json", "--config", mine))}
        for kind, field in (("cadence", "cadence_days"), ("stale", "stale"), ("tier", "tier")):
            said = {i for c in json.loads(told.output)["changes"] if c["kind"] == kind for i in c["ids"]}
            assert said == {i for i in before if before[i][field] != after[i][field]}, kind

    def test_git_revisions_can_be_compared(self, mine: Path) -> None:
        folder = mine.parent
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]
        for step in (["init", "-q"], ["add", "rules"], ["commit", "-qm", "rules"]):
            subprocess.run([*git, *step], cwd=folder, check=True)
        words = ("rules", "diff", "--since", "HEAD", "--config", mine, "--today", TODAY.isoformat())
        assert command(*words).return_value == 0
        cadence = folder / "rules" / "cadence.yaml"
        cadence.write_text(cadence.read_text().replace("cadence: 60d", "cadence: 90d"))
        told = command(*words, "--markdown")
        assert told.return_value == 1
        assert "cadence 60d" in told.output
        with pytest.raises(UserMustAct, match="git cannot show"):
            command("rules", "diff", "--since", "nothing", "--config", mine)

    def test_the_starter_rules_pass_their_tests(self, judged: Path) -> None:
        told = json.loads(command("rules", "test", "--config", judged, "--json").output)
        assert told["failed"] == 0
        assert told["passed"] > 30

    def test_history_is_replayed(self, judged: Path) -> None:
        words = (
            "rules",
            "backtest",
            "--from",
            "2025-12-22",
            "--to",
            "2026-01-14",
            "--config",
            judged,
            "--json",
        )
        told = json.loads(command(*words).output)
        assert [week["monday"] for week in told["weeks"]] == [
            "2025-12-22",
            "2025-12-29",
            "2026-01-05",
            "2026-01-12",
        ]
        assert sum(week["created"] for week in told["weeks"]) > 0

    def test_the_schema_and_the_fields_can_be_printed(self) -> None:
        assert yaml.safe_load(command("rules", "schema").output)["title"]
        assert "days_since_contact" in command("rules", "fields", "person").output


class TestIdentity:
    def records(self, config: Path, name: str) -> list[list[str]]:
        return [
            person["records"] for person in json.loads(shown("people", name, "--json", "--config", config))
        ]

    def test_the_cards_of_one_person_are_one_and_father_and_son_are_two(self, judged: Path) -> None:
        (priya,) = self.records(judged, "priya nair")
        assert {record.partition(":")[0] for record in priya} == {
            "phone",
            "outlook",
            "linkedin",
            "work",
            "post",
        }
        assert len(self.records(judged, "arthur penrose")) == 2
        pairs = json.loads(command("identity", "review", "--json", "--config", judged).output)
        assert {pairs[0]["a"]["name"], pairs[0]["b"]["name"]} == {"Arthur Penrose"}
        assert any("landline same" in line for line in pairs[0]["evidence"])

    def test_a_merge_can_be_undone_and_stays_undone(self, mine: Path) -> None:
        (records,) = self.records(mine, "sofia marino")
        phone = next(record for record in records if record.startswith("phone:"))
        outlook = next(record for record in records if record.startswith("outlook:"))
        command("identity", "different", phone, outlook, "--config", mine)
        assert len(self.records(mine, "sofia marino")) == 2
        pulled(mine)
        assert len(self.records(mine, "sofia marino")) == 2
        assert "never" in (mine.parent / "identity.txt").read_text()
        command("identity", "undo", phone, outlook, "--config", mine)
        assert len(self.records(mine, "sofia marino")) == 1
        told = json.loads(command("identity", "history", "sofia marino", "--json", "--config", mine).output)
        kinds = [event["kind"] for event in told["events"] if event["kind"] in ("split", "merged")]
        assert kinds == ["split", "merged"]

    def test_two_entries_can_be_made_one(self, mine: Path) -> None:
        (one,), (other,) = (r[:1] for r in self.records(mine, "arthur penrose"))
        command("identity", "same", one, other, "--config", mine)
        assert len(self.records(mine, "arthur penrose")) == 1
        assert (
            json.loads(command("identity", "review", "--json", "--config", mine).output)[0]["a"]["name"]
            != "Arthur Penrose"
        )

    def test_a_name_that_means_several_lists_them_with_firm_tier_and_last_contact(self, mine: Path) -> None:
        with pytest.raises(UserMustAct) as refused:
            shown("explain", "arthur penrose", "--config", mine)
        assert [re.sub("p[0-9a-f]{12}", "ID", line) for line in refused.value.message.splitlines()] == [
            "'arthur penrose' may mean 2 people:",
            "    Arthur Penrose                   general  last 3 Jun 2025  ID",
            "    Arthur Penrose  Penrose Roofing  general  last 3 Jun 2025  ID",
        ]
        assert "Arthur Penrose  Penrose Roofing  general" in error_text(refused.value)
        with pytest.raises(UserMustAct, match="'penrose' may mean 2 people:\n    Arthur Penrose  "):
            command("identity", "history", "penrose", "--config", mine)


def test_what_strangers_wrote_reaches_the_terminal_harmless(tmp_path: Path) -> None:
    (tmp_path / "a.vcf").write_text(
        "BEGIN:VCARD\nVERSION:3.0\nFN:Eve \x1b[31m\u202eEvil\nEMAIL:eve@example.com\nEND:VCARD\n"
    )
    (tmp_path / "touchbase.toml").write_text('[[sources]]\nname="a"\ntype="vcard"\npath="a.vcf"\n')
    output = command("contacts", "--config", tmp_path / "touchbase.toml").output
    assert "\x1b" not in output
    assert "\u202e" not in output
    assert "Eve" in output


def test_a_table_says_what_its_columns_became(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("Vorname;E-Mail;Farbe\nAnna;anna@berg.example;\x1b[31mblau\n")
    (tmp_path / "touchbase.toml").write_text('[[sources]]\nname="a"\ntype="csv"\npath="people.csv"\n')
    config = ("--config", tmp_path / "touchbase.toml")
    output = command("contacts", "--source", "a", *config).output
    assert "Columns of a: people.csv\n" in output
    assert re.search(r"Farbe +custom \(left over\) +1 +\[31mblau", output)
    assert "people.csv:1: column 'Farbe' is not known" in output
    assert "Columns of" not in command("contacts", *config).output
    rows = json.loads(command("contacts", "--columns", "--json", *config).stdout)
    assert [(one["column"], one["field"], one["known"], one["rows"]) for one in rows] == [
        ("Vorname", "given_name", True, 1),
        ("E-Mail", "email", True, 1),
        ("Farbe", "custom", False, 1),
    ]
    (card,) = json.loads(command("contacts", "--source", "a", "--json", *config).stdout)
    assert card["extra"] == ["Farbe: [31mblau"]


def test_a_store_that_does_not_exist_yet_is_empty(tmp_path: Path) -> None:
    (tmp_path / "touchbase.toml").write_text("")
    for words in (["people"], ["follow-ups"], ["status"]):
        assert command(*words, "--config", tmp_path / "touchbase.toml").exit_code == 0
    open_store(f"sqlite:///{tmp_path / 'touchbase.db'}").close()


def test_without_rules_a_meeting_counts_by_its_size(mine: Path) -> None:
    (mine.parent / "rules" / "meetings.yaml").unlink()
    (sofia,) = json.loads(shown("people", "sofia", "--json", "--config", mine))
    assert sofia["last_contact"] == "2025-10-30"
