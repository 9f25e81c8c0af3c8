"""The journal: a CSV file people keep by hand, and `touchbase log` adds to."""

from __future__ import annotations

import multiprocessing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.journal.source import HEADER, JournalSource, append_line
from people.errors import UserMustAct
from people.text import clean
from people.types import JournalLine, Page
from tests.contracts.sources import Known, SourceContract

FIRST = ",".join(HEADER)


class JournalWorld:
    many = 1100
    keeps_ids = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, str] = {}

    def source(self, known: Known) -> JournalSource:  # noqa: ARG002 - a file source needs no hashes
        return JournalSource("journal", self.path)

    def put(self, names: list[str]) -> None:
        self.rows = {name: f"2026-10-01,{name},contact,,,,,,," for name in names}
        self._write()

    def edit(self, name: str) -> None:
        self.rows[name] += "now with a note"
        self._write()

    def _write(self) -> None:
        self.path.write_text("\n".join([FIRST, *self.rows.values(), ""]))


class TestJournalContract(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> JournalWorld:
        return JournalWorld(tmp_path / "journal.csv")


def pages(path: Path, data: bytes | str) -> list[Page]:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(JournalSource("journal", path).changes(None))


def read(path: Path, *lines: str) -> tuple[list[JournalLine], list[str]]:
    """The journal lines of these lines below the header, and the problems as ``place message``."""
    found = pages(path, "\n".join([FIRST, *lines]))
    told = [change for page in found for change in page.changes if isinstance(change, JournalLine)]
    return told, [f"{problem.where} {problem.message}" for page in found for problem in page.problems]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.csv"


def test_a_whole_line(journal: Path) -> None:
    (line,), problems = read(
        journal, "2026-10-01,Anna Berg,referral,given,Tom Hale,bni-central,0.5,1200.00,introduced,By e-mail"
    )
    assert problems == []
    assert line.model_dump(exclude={"source_id"}) == {
        "source": "journal",
        "date": date(2026, 10, 1),
        "person": "Anna Berg",
        "kind": "referral",
        "direction": "given",
        "other": "Tom Hale",
        "group": "bni-central",
        "hours": Decimal("0.5"),
        "amount": Decimal("1200.00"),
        "outcome": "introduced",
        "note": "By e-mail",
        "file": "journal.csv",
        "line": 2,
    }


def test_each_bad_line_is_named_with_its_remedy_and_the_rest_is_read(journal: Path) -> None:
    found = pages(
        journal,
        f"{FIRST}\n"
        "01/10/2026,Anna,contact,,,,,,,\n"
        "2026-02-30,Anna,contact,,,,,,,\n"
        "2026-10-01,Anna,refferal,given,,,,,,\n"
        "2026-10-01,Anna,referral,up,,,,,,\n"
        '2026-10-01,Anna,contact,,,,"1,5",,,\n'
        "2026-10-01,Anna,purchase,given,,,,-3,,\n"
        "2026-10-01,Anna,contact,,,,,,,note,with,commas\n"
        "2026-10-01,Anna\n"
        "2026-10-01,,contact,,,,,,,\n"
        '2026-10-01,Anna,contact,,,,,,,"never closed\n'
        "2026-10-01,Bert,contact,,,,,,,\n",
    )
    assert [(problem.where, problem.message) for problem in found[-1].problems] == [
        ("journal.csv:2", "'01/10/2026' is not a date"),
        ("journal.csv:3", "'2026-02-30' is not a date"),
        ("journal.csv:4", "'refferal' is not a kind; did you mean 'referral'?"),
        ("journal.csv:5", "'up' is not a direction"),
        ("journal.csv:6", "'1,5' is not a number of hours"),
        ("journal.csv:7", "'-3' is not a number of amount"),
        ("journal.csv:8", "has 12 cells instead of 10"),
        ("journal.csv:9", "has 2 cells instead of 10"),
        ("journal.csv:10", "names no person"),
        ("journal.csv:11", "a quotation mark is not closed"),
    ]
    assert all(problem.help for problem in found[-1].problems)
    assert [change.person for change in found[-1].changes if isinstance(change, JournalLine)] == ["Bert"]


def test_problems_are_told_again_while_the_file_stays_as_it_is(journal: Path) -> None:
    first = pages(journal, f"{FIRST}\n2026-99-01,Anna,contact,,,,,,,\n")
    (again,) = JournalSource("journal", journal).changes(first[-1].cursor)
    assert again.changes == ()
    assert again.problems == first[-1].problems != ()


@pytest.mark.parametrize(
    "data",
    [
        f"{FIRST}\r\n2026-10-01,Zoë,contact,,,,,,,\r\n".encode(),
        f"{FIRST}\n2026-10-01,Zoë,contact,,,,,,,".encode("utf-8-sig"),
        f"{FIRST}\r2026-10-01,Zoë,contact,,,,,,,\r".encode(),
        f"{FIRST}\n2026-10-01,Zoë,contact,,,,,,,\n".encode("utf-16"),
        f"{FIRST.upper()}\n\n,,,,,,,,,\n2026-10-01, Zoë ,CONTACT,,,,,,,\n".encode(),
    ],
    ids=["windows line ends", "byte order mark", "old Mac line ends", "UTF-16", "spreadsheet leftovers"],
)
def test_files_as_programs_save_them(journal: Path, data: bytes) -> None:
    (page,) = pages(journal, data)
    (line,) = page.changes
    assert isinstance(line, JournalLine)
    assert (line.person, line.kind) == ("Zoë", "contact")
    assert page.problems == ()


def test_cp1252_is_read_and_said(journal: Path) -> None:
    (page,) = pages(journal, f"{FIRST}\n2026-10-01,Zoë,contact,,,,,,,\n".encode("cp1252"))
    (line,) = page.changes
    assert isinstance(line, JournalLine)
    assert line.person == "Zoë"
    assert [problem.message for problem in page.problems] == ["is not in UTF-8; it was read as cp1252"]


def test_a_quoted_note_may_run_over_lines(journal: Path) -> None:
    (first, second), problems = read(
        journal, '2026-10-01,Anna,contact,,,,,,,"one', 'two ""three"""', "2026-10-02,Bert,contact,,,,,,,"
    )
    assert problems == []
    assert first.note == 'one\ntwo "three"'
    assert (second.person, second.line) == ("Bert", 4)


def test_equal_lines_count_each_and_keep_their_ids(journal: Path) -> None:
    line = "2026-10-01,Anna,contact,,,,,,,"
    (one, two), _ = read(journal, line, line)
    assert two.source_id == f"{one.source_id}-2"
    (_, still_one, still_two), _ = read(journal, "2026-10-02,Bert,contact,,,,,,,", line, line)
    assert (still_one.source_id, still_two.source_id) == (one.source_id, two.source_id)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "begins with ''"),
        ("name;date\n", "separated by semicolons"),
        ("2026-10-01,Anna,contact,,,,,,,\n", "not with its header"),
        ("date,person,kind\n", "not with its header"),
    ],
)
def test_another_header_is_a_clear_error(journal: Path, data: str, said: str) -> None:
    with pytest.raises(UserMustAct, match=said) as caught:
        pages(journal, data)
    assert FIRST in caught.value.help


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UserMustAct, match="does not exist"):
        list(JournalSource("journal", tmp_path / "nowhere.csv").changes(None))


def test_a_line_that_is_added_is_read_back(journal: Path) -> None:
    append_line(
        journal,
        on=date(2026, 11, 1),
        person="Anna Berg",
        kind="referral",
        direction="given",
        other="Tom",
        hours=Decimal("1E+1"),
        amount=Decimal("99.50"),
        note='She said: "yes",\nthen left',
    )
    append_line(journal, on=date(2026, 11, 2), person="Tom", kind="contact")
    (page,) = JournalSource("journal", journal).changes(None)
    assert page.problems == ()
    first, second = (line for line in page.changes if isinstance(line, JournalLine))
    assert first.note == 'She said: "yes",\nthen left'
    assert (first.hours, first.amount) == (Decimal(10), Decimal("99.50"))
    assert (second.person, second.date) == ("Tom", date(2026, 11, 2))


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_adding_keeps_the_files_encoding_and_line_ends(journal: Path, codec: str, end: str) -> None:
    newline = end or "\n"
    journal.write_bytes(f"{FIRST}{newline}2026-10-01,Zoë,contact,,,,,,,{end}".encode(codec))
    append_line(journal, on=date(2026, 11, 1), person="Jürgen", kind="contact")
    text = journal.read_bytes().decode(codec)
    assert (
        text
        == f"{FIRST}{newline}2026-10-01,Zoë,contact,,,,,,,{newline}2026-11-01,Jürgen,contact,,,,,,,{newline}"
    )


def test_what_the_files_encoding_cannot_hold_is_not_written(journal: Path) -> None:
    before = f"{FIRST}\n2026-10-01,Zoë,contact,,,,,,,\n".encode("cp1252")
    journal.write_bytes(before)
    with pytest.raises(UserMustAct, match="cp1252"):
        append_line(journal, on=date(2026, 11, 1), person="李小龍", kind="contact")
    assert journal.read_bytes() == before


def test_nothing_is_added_to_a_file_that_is_no_journal(tmp_path: Path) -> None:
    other = tmp_path / "letters.txt"
    other.write_text("Dear Anna,\n")
    with pytest.raises(UserMustAct, match="not with its header"):
        append_line(other, on=date(2026, 11, 1), person="Anna", kind="contact")
    assert other.read_text() == "Dear Anna,\n"


def test_a_line_that_could_not_be_read_back_is_refused(journal: Path) -> None:
    with pytest.raises(UserMustAct, match="names no person"):
        append_line(journal, on=date(2026, 11, 1), person=" \n", kind="contact")
    with pytest.raises(UserMustAct, match="is not a number"):
        append_line(journal, on=date(2026, 11, 1), person="Anna", kind="contact", hours=Decimal("NaN"))
    assert not journal.exists()


def test_no_cell_is_a_formula_for_a_spreadsheet(journal: Path) -> None:
    append_line(journal, on=date(2026, 11, 1), person='=HYPERLINK("x")', kind="contact", note="@SUM(1)")
    assert "'=HYPERLINK" in journal.read_text()
    assert "'@SUM" in journal.read_text()


BIDI = str.maketrans("", "", "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def kept(text: str) -> str:
    """What a cell keeps of a text: all but control characters, direction marks and outer white space."""
    return clean(text).translate(BIDI).strip()


cells = st.text() | st.text(alphabet="'=+-@|\t\r\n\", ;a\u202e")


@settings(max_examples=150)
@given(person=cells.filter(kept), note=cells)
def test_any_text_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, person: str, note: str
) -> None:
    journal = tmp_path_factory.mktemp("journal") / "journal.csv"
    append_line(journal, on=date(2026, 11, 1), person=person, kind="contact", note=note)
    append_line(journal, on=date(2026, 11, 1), person="after", kind="contact")
    (page,) = JournalSource("journal", journal).changes(None)
    first, second = (line for line in page.changes if isinstance(line, JournalLine))
    assert first.person == kept(person)
    assert first.note == (kept(note) or None)
    assert second.person == "after"


def _add(path: Path, writer: int) -> None:
    for number in range(20):
        append_line(
            path, on=date(2026, 11, 1), person=f"w{writer} n{number}", kind="contact", note="long " * 500
        )


def test_writers_at_the_same_time_never_mix_their_lines(journal: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_add, args=(journal, number)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    (page,) = JournalSource("journal", journal).changes(None)
    assert page.problems == ()
    people = {line.person for line in page.changes if isinstance(line, JournalLine)}
    assert people == {f"w{writer} n{number}" for writer in range(4) for number in range(20)}


def test_hostile_journals_end_soon(journal: Path) -> None:
    unclosed = "\n".join('2026-10-01,"x' for _ in range(20_000))
    found = pages(journal, f"{FIRST}\n{unclosed}\n2026-10-01,Anna,contact,,,,,,,\n")
    assert found[-1].problems[0].where == "journal.csv:2"
    assert found[-1].problems[-1].message == "and 19800 more problems"
    assert [change.person for change in found[-1].changes if isinstance(change, JournalLine)] == ["Anna"]
