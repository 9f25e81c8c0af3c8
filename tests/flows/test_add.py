"""touchbase add: a card and a journal line, nobody twice, and the settings never change unasked."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest

from flows.run.look import look
from flows.settings.loading import load
from people.errors import SettingsError, UserMustAct
from people.store import open_store
from rules.engine.judging.judge import Judgement
from tests.support.demo import command, pulled
from tests.support.dialogue import dialogue
from tests.support.stores import with_own_store

FREYA = (
    "Freya Lind", "--email", "Freya@Lind.example", "--firm", "Lind Interiors", "--phone", "07911 123456",
    "--label", "client",
)  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A network as ``touchbase init`` writes it."""
    command("init", tmp_path)
    return with_own_store(tmp_path / "touchbase.toml")


def journal(config: Path) -> list[str]:
    return (config.parent / "journal.csv").read_text().splitlines()[1:]


def cards(config: Path) -> list[str]:
    return sorted(path.name for path in (config.parent / "people").iterdir())


def people(config: Path, today: str = "2026-11-28") -> list[dict[str, Any]]:
    pulled(config)
    found: list[dict[str, Any]] = json.loads(
        command("people", "--json", "--config", config, "--today", today).output
    )
    return found


def judged(config: Path) -> Judgement:
    settings = load(config)
    with closing(open_store(settings.store_url)) as store:
        return look(settings, store, date(2026, 11, 28)).judgement


def test_a_new_person_is_a_card_and_a_line_of_the_journal(config: Path) -> None:
    words = ("--title", "Owner", "--met", "Supper club", "--date", "2026-11-27")
    wants = ("--needs", "a bookkeeper", "--needs", "van hire", "--offers", "curtains", "--note", "Tea: green")
    output = command("add", *FREYA, *words, *wants, "--config", config).output
    assert output.splitlines() == [
        f"Added Freya Lind: {config.parent}/people/freya-lind.vcf",
        f"Met at Supper club on 2026-11-27: {config.parent}/journal.csv",
        "It counts from the next run: touchbase run",
    ]
    assert journal(config) == ["2026-11-27,Freya Lind,met,,,,,,,Supper club"]
    (freya,) = people(config)
    assert freya["emails"] == ["freya@lind.example"]
    assert freya["phones"] == ["+447911123456"]
    assert (freya["organisation"], freya["title"], freya["labels"]) == ("Lind Interiors", "Owner", ["client"])
    assert (freya["family_name"], freya["last_contact"]) == ("Lind", "2026-11-27")
    (row,) = judged(config).frame.to_dicts()
    assert (row["needs"], row["offers"]) == (["a bookkeeper", "van hire"], ["curtains"])
    assert (row["last_event"], row["days_since_first_event"]) == ("Supper club", 1)


def test_the_rule_for_new_people_asks_to_write_to_them(config: Path) -> None:
    command("add", *FREYA, "--met", "Supper club", "--date", "2026-11-27", "--config", config)
    pulled(config)
    assert [(wish.rule, wish.person) for wish in judged(config).follow_ups] == [
        ("met-someone-new", "Freya Lind")
    ]


def test_adding_twice_does_not_double_before_and_after_a_run(config: Path) -> None:
    command("add", *FREYA, "--config", config)
    again = command("add", *FREYA, "--met", "Supper club", "--date", "2026-11-27", "--config", config).output
    assert again.splitlines() == [
        "Freya Lind is in people/freya-lind.vcf already. To add another person: --new",
        "To record that you met: touchbase log 'Freya Lind' met --date 2026-11-27 --note 'Supper club'",
    ]
    pulled(config)
    command("add", "Freya Lind", "--config", config)
    assert cards(config) == ["freya-lind.vcf"]
    assert journal(config) == []


def test_somebody_known_is_shown_and_nothing_is_written(config: Path) -> None:
    command("add", *FREYA, "--config", config)
    with pytest.raises(UserMustAct, match=r"people/freya-lind.vcf is a card of Freya Lind"):
        command("add", "Freya Lind", "--email", "f@other.example", "--config", config)
    pulled(config)
    for words in (("Freya Lind", "--phone", "1"), ("F. Lind", "--phone", "+447911123456"),
                  ("F. Lind", "--email", "freya@lind.example")):  # fmt: skip
        with pytest.raises(UserMustAct) as caught:
            command("add", *words, "--met", "Market", "--date", "2026-11-27", "--config", config)
        assert "Freya Lind  Lind Interiors  key  no contact  p" in caught.value.message
        assert "touchbase log 'Freya Lind' met --date 2026-11-27 --note Market" in caught.value.help
    assert cards(config) == ["freya-lind.vcf"]


def test_another_person_of_that_name_has_a_card_and_a_line_of_their_own(config: Path) -> None:
    command("add", *FREYA, "--config", config)
    pulled(config)
    command("add", "Freya Lind", "--new", "--met", "Market", "--date", "2026-11-27", "--config", config)
    assert cards(config) == ["freya-lind-2.vcf", "freya-lind.vcf"]
    (line,) = journal(config)
    assert line.startswith("2026-11-27,added:")
    assert [one["name"] for one in people(config)] == ["Freya Lind", "Freya Lind"]
    assert command("status", "--json", "--config", config).output.count("no one matches") == 0


@pytest.mark.parametrize(
    ("name", "file"),
    [("李小龍", "lixiaolong.vcf"), ("../../etc", "etc.vcf"), ("🎈", None), ("A" * 300, "a" * 60 + ".vcf")],
)
def test_any_name_is_a_file_in_the_folder(config: Path, name: str, file: str | None) -> None:
    command("add", name, "--config", config)
    (written,) = cards(config)
    assert file in (None, written)
    assert [one["name"] for one in people(config)] == [name]


@pytest.mark.parametrize("field", ["--firm", "--note", "--title", "--needs"])
def test_what_is_written_is_what_is_read(config: Path, field: str) -> None:
    text = 'Berg; Söhne\\, "A", 1:2\nEND:VCARD'
    command("add", "Anna Berg", field, text, "--config", config)
    assert [one["name"] for one in people(config)] == ["Anna Berg"]


def test_mistakes_are_told_before_anything_is_written(config: Path) -> None:
    for words in (("Anna", "--email", "anna"), (" ",), ("Anna", "--date", "2026-11-01")):
        with pytest.raises(click.UsageError):
            command("add", *words, "--config", config)
    text = config.read_text()
    journal_table = 'type = "journal"\npath = "journal.csv"'
    config.write_text(text.replace(journal_table, 'type = "vcard"\npath = "x.vcf"'))
    with pytest.raises(SettingsError, match="name no journal"):
        command("add", "Anna Berg", "--met", "Market", "--config", config)
    assert cards(config) == []


class TestOldSettings:
    """A network from before ``add`` names no folder for new people."""

    @pytest.fixture
    def old(self, tmp_path: Path) -> Path:
        path = tmp_path / "touchbase.toml"
        path.write_text('# mine\n[me]\nname = "Alex"')
        return with_own_store(path)

    def test_the_lines_to_add_are_named_and_the_file_stays(self, old: Path) -> None:
        before = old.read_bytes()
        with pytest.raises(SettingsError, match="names no folder for new people") as caught:
            command("add", "Anna Berg", "--config", old)
        assert 'path = "people"\nadd_here = true' in caught.value.help
        assert old.read_bytes() == before

    def test_yes_adds_them_at_the_end(self, old: Path) -> None:
        before = old.read_text()
        assert "Added the source 'added'" in command("add", "Anna Berg", "--yes", "--config", old).output
        assert old.read_text().startswith(before)
        command("add", "Ben Dahl", "--config", old)
        assert [one["name"] for one in people(old)] == ["Anna Berg", "Ben Dahl"]

    def test_a_list_that_cannot_grow_at_the_end_is_left_alone(self, old: Path) -> None:
        text = 'sources = [{name = "phone", type = "vcard", path = "a.vcf"}]\n' + old.read_text()
        old.write_text(text)
        with pytest.raises(SettingsError, match="cannot be added at the end"):
            command("add", "Anna Berg", "--yes", "--config", old)
        assert old.read_text() == text

    def test_on_a_terminal_it_asks(self, old: Path) -> None:
        before = old.read_bytes()
        no = dialogue("add", "Anna Berg", "--config", old, answers=[("[Y/n]", "n")])
        assert no[0] == 2
        assert old.read_bytes() == before
        yes = dialogue("add", "Anna Berg", "--config", old, answers=[("[Y/n]", "")])
        assert yes[0] == 0
        assert cards(old) == ["anna-berg.vcf"]


def test_on_a_terminal_the_user_says_who_it_is(config: Path) -> None:
    command("add", *FREYA, "--config", config)
    pulled(config)
    words = ("add", "Freya Lind", "--email", "f@x.example", "--met", "Market", "--date", "2026-11-27",
             "--config", config)  # fmt: skip
    status, screen = dialogue(*words, answers=[("[q] stop", "1")], columns=100)
    assert status == 0
    first, choice, question = screen.splitlines()[:3]
    assert first == "Somebody like Freya Lind is known already:"
    assert choice.startswith("  1  Freya Lind  Lind Interiors  key  no contact  p")
    assert question == "[1] this person, [n] a new person, [q] stop: 1"
    assert journal(config) == ["2026-11-27,Freya Lind,met,,,,,,,Market"]
    dialogue(*words, answers=[("[q] stop", "q")])
    assert cards(config) == ["freya-lind.vcf"]
    dialogue(*words, answers=[("[q] stop", "n")])
    assert cards(config) == ["freya-lind-2.vcf", "freya-lind.vcf"]
