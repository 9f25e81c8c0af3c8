"""The inbox: what each line says, and that odd files and doubtful lines never become a wrong person."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.inbox.source import MAX_BYTES, InboxSource, read_lines
from connectors.inbox.thought import Thought, day_of, understand
from people.errors import SkipThis, SourceMissing, UserMustAct
from people.types import JournalLine
from tests.contracts.sources import Known, SourceContract

TODAY = date(2026, 11, 28)  # a Saturday
LONDON = ZoneInfo("Europe/London")


class InboxWorld:
    many = 1100
    keeps_ids = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, str] = {}

    def source(self, known: Known) -> InboxSource:  # noqa: ARG002 - a file source needs no hashes
        return InboxSource("inbox", self.path, TODAY, LONDON)

    def put(self, names: list[str]) -> None:
        letters = str.maketrans("0123456789", "abcdefghij")
        self.rows = {name: f"called {name.translate(letters)} Berg" for name in names}
        self._write()

    def edit(self, name: str) -> None:
        self.rows[name] += ", sent the offer"
        self._write()

    def _write(self) -> None:
        self.path.write_text("\n".join([*self.rows.values(), ""]))


class TestInboxContract(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> InboxWorld:
        return InboxWorld(tmp_path / "inbox.txt")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "inbox.txt"


def changed_on(path: Path, day: date) -> None:
    """Let the file be last changed at noon of a day."""
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))


def read(path: Path, today: date = TODAY, days: dict[str, date] | None = None) -> list[JournalLine]:
    pages = InboxSource("inbox", path, today, LONDON, days).changes(None)
    return [change for page in pages for change in page.changes if isinstance(change, JournalLine)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "met Freya Lind, Lind Interiors, freya@lind.example, needs a bookkeeper",
            Thought("met", "Freya Lind", ("met",), emails=("freya@lind.example",), firm="Lind Interiors",
                    needs=("a bookkeeper",)),
        ),
        (
            "called Anna Berg about the shop, 20 min",
            Thought("contact", "Anna Berg", ("called about the shop",), hours=Decimal("0.33")),
        ),
        ("2026-11-27 coffee with Tom Hale", Thought("contact", "Tom Hale", ("coffee",), when="2026-11-27")),
        (
            "- Met up with Freya Lind at Supper club on Friday, offers curtains, +44 7911 123456",
            Thought("met", "Freya Lind", ("met",), when="on Friday", phones=("+44 7911 123456",),
                    event="Supper club", offers=("curtains",)),
        ),
        ("met Tom Hale (Hale Joinery), he needs a van, lovely chat",
         Thought("met", "Tom Hale", ("met", "lovely chat"), firm="Hale Joinery", needs=("a van",))),
        ("met Jean-Luc O’Neill of Ångström AB at Mässan",
         Thought("met", "Jean-Luc O’Neill", ("met",), firm="Ångström AB", event="Mässan")),
        ("yesterday spoke to anna berg", Thought("contact", "anna berg", ("spoke",), when="yesterday")),
        ("Fri: mailed TOM@hale.example, sent the offer",
         Thought("contact", "", ("mailed", "sent the offer"), when="Fri", emails=("tom@hale.example",))),
        ("I had a coffee with Tom Hale for 45 min",
         Thought("contact", "Tom Hale", ("coffee",), hours=Decimal("0.75"))),
        ("call with Anna Berg, 1.5 h", Thought("contact", "Anna Berg", ("call",), hours=Decimal("1.5"))),
        ("2026-11-27 14:05 - saw José García-López at the market",
         Thought("contact", "José García-López", ("saw at the market",), when="2026-11-27")),
        ("intro Anna Berg to Tom Hale",
         Thought("introduction", "Anna Berg", ("intro",), other="Tom Hale", direction="given")),
    ],
)  # fmt: skip
def test_a_line_is_understood(line: str, expected: Thought) -> None:
    assert understand(line) == expected


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("buy milk", "does not say what happened"),
        ("call Anna Berg", "does not say what happened"),
        ("mail Anna Berg the offer", "does not say what happened"),
        ("Freya Lind needs a bookkeeper", "does not say what happened"),
        ("metal prices are up", "does not say what happened"),
        ("called Anna Berg tomorrow", "has not happened yet"),
        ("2026-02-30 called Anna Berg", "'2026-02-30' is not a date"),
        ("called , about the shop", "names no person"),
        ("lunch with Anna Berg and Tom Hale", "names several people"),
        ("called +44 7911 123456", "'+44 7911 123456' is not a name"),
        ("called that very nice man with a hat", "'that very nice man with a hat' is not a name"),
        ("intro Anna Berg", "does not name two people"),
    ],
)
def test_a_line_in_doubt_is_refused(line: str, problem: str) -> None:
    with pytest.raises(SkipThis) as caught:
        understand(line)
    assert caught.value.message == problem
    assert caught.value.help


@given(st.text(max_size=200), st.sampled_from(["", "met ", "called ", "intro ", "2026-11-27 met "]))
def test_any_line_is_understood_or_refused(text: str, start: str) -> None:
    with suppress(SkipThis):
        thought = understand(start + text)
        assert thought.person
        assert thought.note
        assert thought.when is None or day_of(thought.when, TODAY) <= date.max


@pytest.mark.parametrize(
    ("when", "day"),
    [("today", 28), ("yesterday", 27), ("Sat", 28), ("last Saturday", 21), ("on Friday", 27), ("sunday", 22)],
)
def test_a_word_is_a_day(when: str, day: int) -> None:
    assert day_of(when, TODAY) == date(2026, 11, day)


def test_a_whole_line_of_the_journal(path: Path) -> None:
    path.write_text(
        "# notes\n\nyesterday met Ida Lind at Supper club, Lind Interiors, f@x.example, needs tea\n"
    )
    (line,) = read(path)
    assert line.model_dump(exclude={"source_id"}, exclude_none=True) == {
        "source": "inbox",
        "date": date(2026, 11, 27),
        "person": "f@x.example",
        "kind": "met",
        "note": "Supper club; Lind Interiors; f@x.example; needs: tea",
        "file": "inbox.txt",
        "line": 3,
    }


def test_a_line_without_a_date_keeps_the_day_on_which_it_was_first_read(path: Path) -> None:
    path.write_text("called Anna Berg\nyesterday saw Tom Hale\n")
    changed_on(path, TODAY)
    first = read(path)
    assert [line.date.day for line in first] == [28, 27]
    days = {line.source_id: line.date for line in first}
    path.write_text("2026-11-01 wrote Ben Dahl\ncalled Anna Berg\nyesterday saw Tom Hale\ncalled Anna Berg\n")
    changed_on(path, date(2026, 11, 29))
    later = read(path, date(2026, 12, 5), days)
    assert [(line.date.month, line.date.day) for line in later] == [(11, 1), (11, 28), (11, 27), (11, 29)]


def test_an_old_file_is_not_about_today(path: Path) -> None:
    path.write_text("called Anna Berg\n")
    changed_on(path, date(2026, 11, 3))
    assert [line.date for line in read(path)] == [date(2026, 11, 3)]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_phone_may_write_it(path: Path, codec: str, end: str) -> None:
    path.write_bytes(f"called Jürgen Groß{end}saw Tom Hale{end}".encode(codec))
    assert [line.person for line in read(path)] == ["Jürgen Groß", "Tom Hale"]


def test_invisible_characters_change_nothing(path: Path) -> None:
    path.write_text("called Anna Berg\n")
    (plain,) = read(path)
    path.write_text("\u202acalled\u200b Anna\u00a0Berg\u202c\x00\n")
    (marked,) = read(path)
    assert (marked.source_id, marked.person) == (plain.source_id, "Anna Berg")


def test_what_is_no_ordinary_file_is_refused(path: Path) -> None:
    with pytest.raises(SourceMissing):
        read(path)
    os.mkfifo(path)
    with pytest.raises(UserMustAct, match="not a regular file"):
        read(path)
    path.unlink()
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(UserMustAct, match="larger than 8 MiB"):
        read(path)


def test_a_line_without_end_is_unclear(path: Path) -> None:
    path.write_text("called " + "Anna " * 1000 + "\ncalled Tom Hale\n")
    long, short = read_lines(path)
    assert long.problem is not None
    assert long.problem.message == "is too long"
    assert short.thought is not None
