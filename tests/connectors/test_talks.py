"""Calls and messages that a machine recorded: a CSV of any program, and an Android phone's backups."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.android.source import AndroidSource
from connectors.interactions.source import InteractionsSource
from people.errors import UserMustAct
from people.types import JournalLine, Page, Source
from tests.contracts.sources import Known, SourceContract
from tests.support.demo import command

LONDON = ZoneInfo("Europe/London")


def lines_of(source: Source) -> list[tuple[str, str, str | None]]:
    found = [change for page in source.changes(None) for change in page.changes]
    return [(str(line.date), line.person, line.note) for line in found if isinstance(line, JournalLine)]


def problems_of(source: Source) -> list[str]:
    return [f"{one.where} {one.message}" for page in source.changes(None) for one in page.problems]


def interactions(path: Path) -> InteractionsSource:
    return InteractionsSource("calls", path, zone=LONDON, region="GB")


def android(path: Path) -> AndroidSource:
    return AndroidSource("phone", path, zone=LONDON, region="GB")


class InteractionsWorld:
    many = 600
    keeps_ids = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, str] = {}

    def source(self, known: Known) -> InteractionsSource:  # noqa: ARG002 - a file source needs no hashes
        return interactions(self.path)

    def put(self, names: list[str]) -> None:
        self.rows = {name: f"2026-03-01,{name}@example.com,out,call,5" for name in names}
        self._write()

    def edit(self, name: str) -> None:
        self.rows[name] = self.rows[name].replace("2026-03-01", "2026-03-02")
        self._write()

    def _write(self) -> None:
        self.path.write_text(
            "when,who,direction,channel,minutes\n" + "".join(f"{r}\n" for r in self.rows.values())
        )


class TestInteractionsContract(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> InteractionsWorld:
        return InteractionsWorld(tmp_path / "interactions.csv")


class TestInteractions:
    def test_the_talks_of_a_day_are_one_line(self, tmp_path: Path) -> None:
        path = tmp_path / "calls.csv"
        path.write_text(
            "Who,when,minutes,channel,direction\n"
            "07900 900123,2026-03-01T09:00,4,call,out\n"
            "+447900900123,2026-03-01T17:00,8,call,incoming\n"
            "Anna@Berg.example,2026-03-01T23:30:00Z,,mail,sent\n"
            "anna@berg.example,2026-07-01T23:30:00Z,,mail,sent\n"
            "Ben Cole,2026-03-02,,,\n"
            "07900 900124,2026-03-02T10:00,0,call,out\n"
            "07900 900125,2026-03-02T10:00,,call,missed\n"
        )
        assert lines_of(interactions(path)) == [
            ("2026-03-01", "+447900900123", "2 calls, 12 min"),
            ("2026-03-01", "anna@berg.example", "mail"),
            ("2026-03-02", "Ben Cole", "message"),
            ("2026-07-02", "anna@berg.example", "mail"),
        ]

    def test_a_wrong_line_is_named_and_the_others_are_read(self, tmp_path: Path) -> None:
        path = tmp_path / "calls.csv"
        path.write_text(
            "when,who,direction,channel,minutes,mood\n"
            "yesterday,Anna,out,call,1\n2026-03-01,,out,call,1\n2026-03-01,Anna,up,call,1\n"
            "2026-03-01,Anna,out,cal,1\n2026-03-01,Anna,out,call,long\n2026-03-01,Anna,out,call,3\n"
        )
        assert lines_of(interactions(path)) == [("2026-03-01", "Anna", "call, 3 min")]
        assert problems_of(interactions(path)) == [
            "calls.csv:1 column 'mood' is not used",
            "calls.csv:2 'yesterday' is not a time",
            "calls.csv:3 names no person",
            "calls.csv:4 'up' is not a direction",
            "calls.csv:5 'cal' is not a channel",
            "calls.csv:6 'long' is not a number of minutes",
        ]

    def test_an_empty_date_of_a_program_and_a_guessed_encoding_are_named(self, tmp_path: Path) -> None:
        path = tmp_path / "calls.csv"
        path.write_bytes("when,who\n0001-01-01T00:00:00+00:00,Anna\n2026-03-01,Zoë\n".encode("cp1252"))
        source = InteractionsSource("calls", path, zone=ZoneInfo("America/New_York"), region="GB")
        assert lines_of(source) == [("2026-03-01", "Zoë", "message")]
        assert problems_of(source) == [
            "calls.csv:1 is not in UTF-8; it was read as cp1252",
            "calls.csv:2 '0001-01-01T00:00:00+00:00' is not a time",
        ]

    def test_a_file_without_its_header_says_which(self, tmp_path: Path) -> None:
        path = tmp_path / "calls.csv"
        path.write_text("date,person\n2026-03-01,Anna\n")
        with pytest.raises(UserMustAct, match="no column 'when'") as told:
            list(interactions(path).changes(None))
        assert told.value.help == "make its first line: when,who,direction,channel,minutes"


AT = 1_772_355_600_000
"""1 March 2026, 9:00 in London."""
SMS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>\n<smses count="3">\n'
    f' <sms address="+447900900123" date="{AT}" type="1" body="Lunch? &#55357;&#56832;&#0;" />\n'
    f' <sms address="07900900123" date="{AT + 1}" type="2" body="Yes" />\n'
    f' <sms address="AMAZON" date="{AT}" type="1" body="Your parcel" />\n'
    f' <sms address="+447900900123" date="{AT + 2}" type="3" body="A draft" />\n'
    f' <mms date="{AT}" msg_box="2" address="+447900900124~+447900900125"><part text="Hi"/></mms>'
    "</smses>\n"
)
CALLS = (
    f'<calls count="3"><call number="+447900900123" duration="605" date="{AT}" type="2" />'
    f'<call number="+447900900124" duration="0" date="{AT}" type="3" />'
    f'<call number="" duration="60" date="{AT}" type="1" /></calls>'
)


class AndroidWorld:
    many = 600
    keeps_ids = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.texts: dict[str, str] = {}

    def source(self, known: Known) -> AndroidSource:  # noqa: ARG002 - a file source needs no hashes
        return android(self.path)

    def put(self, names: list[str]) -> None:
        numbers = {name: 900_000 + int(name.removeprefix("Person")) for name in names}
        self.texts = {
            name: f'<sms address="+447900{number}" date="{AT}" type="2"/>' for name, number in numbers.items()
        }
        self._write()

    def edit(self, name: str) -> None:
        self.texts[name] = self.texts[name].replace(str(AT), str(AT + 86_400_000))
        self._write()

    def _write(self) -> None:
        self.path.write_text(f"<smses>{''.join(self.texts.values())}</smses>")


class TestAndroidContract(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> AndroidWorld:
        return AndroidWorld(tmp_path / "sms.xml")


class TestAndroid:
    def test_numbers_and_days_are_read_and_never_a_text(self, tmp_path: Path) -> None:
        (tmp_path / "sms-1.xml").write_text(SMS)
        # The next backup holds the same messages once more.
        (tmp_path / "sms-2.xml").write_text(SMS)
        (tmp_path / "calls-1.xml").write_text(CALLS)
        assert lines_of(android(tmp_path)) == [
            ("2026-03-01", "+447900900123", "call, 10 min"),
            ("2026-03-01", "+447900900123", "2 texts"),
            ("2026-03-01", "+447900900124", "text"),
            ("2026-03-01", "+447900900125", "text"),
        ]
        pages = list(android(tmp_path).changes(None))
        assert pages[-1].complete
        assert "Lunch" not in "".join(page.model_dump_json() for page in pages)

    @pytest.mark.parametrize("size", [1, 7, 64])
    def test_a_forbidden_reference_may_lie_across_two_pieces(
        self, tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("connectors.android.backup._CHUNK", size)
        (tmp_path / "sms.xml").write_text(SMS)
        assert len(lines_of(android(tmp_path / "sms.xml"))) == 3

    def test_a_backup_that_is_cut_short_removes_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "sms.xml").write_text(SMS[: SMS.index("AMAZON")])
        pages = list(android(tmp_path).changes(None))
        assert not pages[-1].complete
        assert "cut short" in pages[-1].problems[0].message
        assert sum(len(page.changes) for page in pages) == 1

    def test_entities_are_refused(self, tmp_path: Path) -> None:
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><smses><sms body="&b;"/></smses>'
        (tmp_path / "sms.xml").write_text(bomb)
        pages: list[Page] = list(android(tmp_path).changes(None))
        assert not pages[-1].complete


def test_they_count_as_contact_and_a_number_that_nobody_has_is_no_mistake(tmp_path: Path) -> None:
    config = tmp_path / "touchbase.toml"
    command("init", tmp_path, "--no-input")
    (tmp_path / "cards.vcf").write_text(
        "BEGIN:VCARD\nVERSION:3.0\nFN:Anna Berg\nTEL:07900 900123\nEND:VCARD\n"
    )
    (tmp_path / "sms.xml").write_text(SMS)
    config.write_text(
        '[me]\nregion = "GB"\nemails = ["alex@example.com"]\n'
        '[[sources]]\nname = "android"\ntype = "android"\npath = "sms.xml"\n'
        '[[sources]]\nname = "phone"\ntype = "vcard"\npath = "cards.vcf"\n'
        '[tasks]\ntype = "vtodo-folder"\npath = "tasks"\n'
    )
    day = ("--today", "2026-03-03", "--config", config)
    ran = json.loads(command("run", "--json", *day).stdout)
    assert ran["status"] == "ok", ran
    (anna,) = json.loads(command("people", "--json", *day).stdout)
    assert anna["last_contact"] == "2026-03-01"
    assert "+447900900124" not in command("inbox", "--config", config).output
