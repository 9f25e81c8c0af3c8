"""LinkedIn's Connections.csv, with the preamble, the gaps and the dates of its many editions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connectors.linkedin.source import LinkedInSource
from connectors.shared.dates import order_of, read_date
from people.errors import UserMustAct
from people.types import Contact, Problem
from tests.contracts.sources import Known, SourceContract

PREAMBLE = (
    "Notes:\n"
    '"When exporting your connection data, you may notice that some of the email addresses are missing.'
    ' You will only see email addresses for connections who have allowed it"\n'
    "\n"
)
HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"


class LinkedInWorld:
    many = 1100
    keeps_ids = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, str] = {}

    def source(self, known: Known) -> LinkedInSource:  # noqa: ARG002 - a file source needs no hashes
        return LinkedInSource("linkedin", self.path)

    def put(self, names: list[str]) -> None:
        address = "https://www.linkedin.com/in"
        self.rows = {name: f"{name},Berg,{address}/{name},,Firm,Boss,05 Jun 2025" for name in names}
        self._write()

    def edit(self, name: str) -> None:
        self.rows[name] = self.rows[name].replace("Firm", "Another firm")
        self._write()

    def _write(self) -> None:
        self.path.write_text(PREAMBLE + HEADER + "\n".join(self.rows.values()) + "\n")


class TestLinkedInContract(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> LinkedInWorld:
        return LinkedInWorld(tmp_path / "Connections.csv")


class TestLinkedInWithoutAddressesContract(SourceContract):
    """Exports before 2020 had no URL; ids then come from the name and the day."""

    @pytest.fixture
    def world(self, tmp_path: Path) -> LinkedInWorld:
        class Old(LinkedInWorld):
            def _write(self) -> None:
                rows = (row.split(",") for row in self.rows.values())
                kept = "".join(f"{row[0]},{row[1]},,{row[4]},{row[5]},{row[6]}\n" for row in rows)
                self.path.write_text(HEADER.replace("URL,", "") + kept)

        return Old(tmp_path / "Connections.csv")


def read(tmp_path: Path, text: str | bytes) -> tuple[list[Contact], list[Problem]]:
    path = tmp_path / "Connections.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    pages = list(LinkedInSource("linkedin", path).changes(None))
    contacts = [change for page in pages for change in page.changes if isinstance(change, Contact)]
    return contacts, [problem for page in pages for problem in page.problems]


def test_a_whole_row(tmp_path: Path) -> None:
    (contact,), problems = read(
        tmp_path,
        PREAMBLE + HEADER + "Anna,Berg,https://www.linkedin.com/in/anna-berg-12345,ANNA@Berg.example,"
        '"Berg Interiors, Ltd",Managing Director,05 Jun 2025\n',
    )
    assert problems == []
    assert contact == Contact(
        source="linkedin",
        source_id="in/anna-berg-12345",
        name="Anna Berg",
        given_name="Anna",
        family_name="Berg",
        emails=("anna@berg.example",),
        organisation="Berg Interiors, Ltd",
        title="Managing Director",
        urls=("https://www.linkedin.com/in/anna-berg-12345",),
        connected_on=date(2025, 6, 5),
        file="Connections.csv",
        index=0,
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://www.linkedin.com/in/anna-berg",
        "http://linkedin.com/in/Anna-Berg/",
        "https://uk.linkedin.com/in/anna%2Dberg?trk=x",
    ],
)
def test_spellings_of_one_profile_are_one_id(tmp_path: Path, address: str) -> None:
    (contact,), _ = read(tmp_path, f"{HEADER}Anna,Berg,{address},,,,05 Jun 2025\n")
    assert contact.source_id == "in/anna-berg"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "http://[", "in/anna"])
def test_what_is_no_web_address_is_not_kept_as_one(tmp_path: Path, address: str) -> None:
    (contact,), _ = read(tmp_path, f"{HEADER}Anna,Berg,{address},,,,05 Jun 2025\n")
    assert contact.urls == ()
    assert contact.source_id.startswith("row-")


def test_members_who_hid_are_left_out_unless_something_tells_of_them(tmp_path: Path) -> None:
    contacts, problems = read(
        tmp_path,
        f"{HEADER},,,,,,05 Jun 2025\n"
        ",,https://www.linkedin.com/in/hidden-1,,,,05 Jun 2025\n"
        ",,,someone@example.com,,,05 Jun 2025\n"
        ",,,,Firm,Boss,05 Jun 2025\n",
    )
    assert problems == []
    assert [(contact.name, contact.emails, contact.urls) for contact in contacts] == [
        (None, (), ("https://www.linkedin.com/in/hidden-1",)),
        (None, ("someone@example.com",), ()),
    ]


def test_bad_rows_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    contacts, problems = read(
        tmp_path,
        f"{HEADER}Anna,Berg\n"
        'Bert,"Never closed,,,,,05 Jun 2025\n'
        "Carl,Ode,,,,,soon\n"
        "Dora,Eng,https://www.linkedin.com/in/dora,,,,05 Jun 2025\n"
        "Dora,Eng,https://www.linkedin.com/in/dora,,,,05 Jun 2025\n",
    )
    assert [(problem.where, problem.message) for problem in problems] == [
        ("Connections.csv:2", "has 2 cells instead of 7; the others were read as empty"),
        ("Connections.csv:3", "a quotation mark is not closed; the row was read without it"),
        ("Connections.csv:4", "'soon' is not a date"),
        ("Connections.csv:6", "in/dora is here a second time; the first row counts"),
    ]
    assert [(contact.given_name, contact.connected_on) for contact in contacts] == [
        ("Anna", None),
        ("Bert", date(2025, 6, 5)),
        ("Carl", None),
        ("Dora", date(2025, 6, 5)),
    ]


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    (contact,), problems = read(tmp_path, "Connected On,Tags,Last Name,First Name\n5/16/18,x,Berg,Anna\n")
    assert problems == []
    assert (contact.name, contact.connected_on, contact.organisation) == (
        "Anna Berg",
        date(2018, 5, 16),
        None,
    )


ROW = "Jörg,Grün,https://www.linkedin.com/in/joerg,j@gruen.example,Grün & Co,Owner,05 Jun 2025\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_what_a_spreadsheet_saved(tmp_path: Path, codec: str, delimiter: str) -> None:
    text = f"{PREAMBLE}{HEADER}{ROW},,,,,,\n".replace(",", delimiter).replace("\n", "\r\n")
    (contact,), problems = read(tmp_path, text.encode(codec))
    assert (contact.name, contact.organisation, contact.title) == ("Jörg Grün", "Grün & Co", "Owner")
    assert (contact.emails, contact.connected_on) == (("j@gruen.example",), date(2025, 6, 5))
    assert len(problems) == (codec == "cp1252")


def test_lines_that_a_spreadsheet_put_into_quotes_as_a_whole(tmp_path: Path) -> None:
    row = '"Anna,""Berg, MBA"",https://www.linkedin.com/in/anna,,Berg Ltd,Owner,05 Jun 2025"\n'
    for header in (HEADER, f'"{HEADER.strip()}"\n'):
        (contact,), problems = read(tmp_path, header + row)
        assert (contact.family_name, contact.title, problems) == ("Berg, MBA", "Owner", [])


@pytest.mark.parametrize(
    "header",
    [
        "firstName,lastName,profileUrl,Email,Organization,Job Title,Connection Date",
        "First_Name,Last_Name,LinkedIn_URL,E-mail Address,Company Name,Current Position,connected-on",
        "Vorname,Nachname,URL,E-Mail,Firma,Title,Connected On",
    ],
)
def test_columns_that_other_tools_rename(tmp_path: Path, header: str) -> None:
    (contact,), problems = read(tmp_path, f"{header}\n{ROW}")
    assert (contact.name, contact.emails, contact.organisation) == (
        "Jörg Grün",
        ("j@gruen.example",),
        "Grün & Co",
    )
    assert (contact.title, contact.connected_on, problems) == ("Owner", date(2025, 6, 5), [])


@pytest.mark.parametrize(
    ("row", "firm", "title"),
    [
        ("Anna,Berg,https://x.example/a,,Berg, Sons and Co,Owner,05 Jun 2025", "Berg, Sons and Co", "Owner"),
        ("Anna,Berg,https://x.example/a,,Berg,Owner, Baker, Cook,05 Jun 2025", "Berg", "Owner, Baker, Cook"),
        ("Anna,Berg,https://x.example/a,,Berg,Sons,Owner,05 Jun 2025", "Berg,Sons", "Owner"),
    ],
)
def test_a_comma_without_quotes_moves_no_other_cell(tmp_path: Path, row: str, firm: str, title: str) -> None:
    (contact,), (problem,) = read(tmp_path, f"{HEADER}{row}\n")
    assert (contact.organisation, contact.title) == (firm, title)
    assert contact.connected_on == date(2025, 6, 5)
    assert problem.message.endswith(f"'{firm if ',' in firm else title}' was read as one")


@pytest.mark.parametrize("cell", ['"Anna,Berg\n,x"', "Anna,\0Berg", '"a\0,b"', f"Anna,{'x' * 200_000}"])
def test_odd_rows_end_no_read(tmp_path: Path, cell: str) -> None:
    contacts, _ = read(tmp_path, f"{HEADER}{cell}\n{ROW}")
    assert contacts[-1].name == "Jörg Grün"
    read(tmp_path, f"{cell}\n{HEADER}{ROW}")


def test_one_bad_character_spoils_no_other_name(tmp_path: Path) -> None:
    rows = ROW.encode() + ROW.replace("joerg", "bo").encode().replace(b"Owner", b"Chef\xf0\x9f")
    (first, second), (problem,) = read(tmp_path, HEADER.encode() + rows)
    assert first.name == second.name == "Jörg Grün"
    assert second.title == "Chef\N{REPLACEMENT CHARACTER}"
    assert problem.where == "Connections.csv:3"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(tmp_path: Path, codec: str) -> None:
    text = f"{PREAMBLE}{HEADER}Zoë,Łuk,https://www.linkedin.com/in/zo%C3%AB,,,,05 Jun 2025\r\n"
    (contact,), problems = read(tmp_path, text.encode(codec))
    assert (contact.name, contact.source_id) == ("Zoë Łuk", "in/zoë")
    assert problems == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no header"),
        ("name,mail\nAnna,a@b.example\n", "no header"),
        ("PK\x03\x04rest", "damaged or cut short"),
    ],
)
def test_what_is_no_export_is_a_clear_error(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserMustAct, match=said):
        read(tmp_path, text)


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UserMustAct, match="does not exist"):
        list(LinkedInSource("linkedin", tmp_path / "Connections.csv").changes(None))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("05 Jun 2025", date(2025, 6, 5)),
        ("5 June 2025", date(2025, 6, 5)),
        ("Jun 05, 2025", date(2025, 6, 5)),
        ("05-Jun-25", date(2025, 6, 5)),
        ("2025-06-05", date(2025, 6, 5)),
        ("12. März 2024", date(2024, 3, 12)),
        ("5 févr. 2024", date(2024, 2, 5)),
        ("5 de jun. de 2025", date(2025, 6, 5)),
        ("5 giu 2025", date(2025, 6, 5)),
        ("5 mrt. 2025", date(2025, 3, 5)),
        ("1 paź 2024", date(2024, 10, 1)),
        ("2025年6月5日", date(2025, 6, 5)),
        ("31/12/2019", date(2019, 12, 31)),
        ("12/31/19, 3:13 PM", date(2019, 12, 31)),
        ("7/7/2019", date(2019, 7, 7)),
        ("05 Haz 2025", date(2025, 6, 5)),
        ("5 июня 2025 г.", date(2025, 6, 5)),
        ("5. čvn 2025", date(2025, 6, 5)),
        ("45813", date(2025, 6, 5)),
    ],
)
def test_dates_that_mean_one_day(text: str, day: date) -> None:
    assert read_date(text, None) == (day, "")


@pytest.mark.parametrize("text", ["5 jui 2025", "6/5/2018", "05.06.18"])
def test_dates_that_may_mean_two_days_are_not_guessed(text: str) -> None:
    assert read_date(text, None) == (None, f"'{text}' can be read as more than one date")


@pytest.mark.parametrize("text", ["soon", "31 Feb 2025", "05 Jun", "5 6 2025", "Jun Jul 2025", "13/13/2019"])
def test_what_is_no_date(text: str) -> None:
    assert read_date(text, None) == (None, f"'{text}' is not a date")


def test_the_whole_column_tells_the_order_of_day_and_month() -> None:
    assert order_of(["6/5/2018", "31/5/2018", ""]) == "day first"
    assert order_of(["6/5/2018", "5/31/2018"]) == "month first"
    assert order_of(["6/5/18, 3:13 PM", "05 Jun 2025"]) == "month first"
    assert order_of(["6/5/2018"]) is None
    assert order_of(["31/5/2018", "5/31/2018"]) is None
    assert read_date("6/5/2018", "day first") == (date(2018, 5, 6), "")
    assert read_date("6/5/2018", "month first") == (date(2018, 6, 5), "")
