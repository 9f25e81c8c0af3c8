"""Contacts in CSV files of address books, CRMs and spreadsheets."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from connectors.csv.columns import Wanted
from connectors.csv.settings import CsvSettings
from connectors.csv.source import CsvSource
from people.errors import UserMustAct
from people.store import Store
from people.store.db import schema
from people.store.ingest import already_read
from people.store.ingest.reading import Reading
from people.store.resolving.resolution import resolve_store
from people.types import Contact, Problem
from tests.contracts.sources import Known, SourceContract
from tests.support.demo import command
from tests.support.paths import ROOT


class CsvWorld:
    many = 1100
    keeps_ids = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, str] = {}

    def source(self, known: Known) -> CsvSource:
        return CsvSource("sheet", self.path, known=known.hashes)

    def put(self, names: list[str]) -> None:
        self.rows = {name: f"{name},Berg,{name}@berg.example,Firm" for name in names}
        self._write()

    def edit(self, name: str) -> None:
        self.rows[name] = self.rows[name].replace("Firm", "Another firm")
        self._write()

    def _write(self) -> None:
        self.path.write_text("First Name,Last Name,Email,Company\n" + "\n".join(self.rows.values()) + "\n")


class TestCsvContract(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> CsvWorld:
        return CsvWorld(tmp_path / "contacts.csv")


def read(
    tmp_path: Path, text: str | bytes, columns: Wanted | None = None
) -> tuple[list[Contact], list[Problem]]:
    path = tmp_path / "contacts.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    pages = list(CsvSource("sheet", path, columns).changes(None))
    contacts = [change for page in pages for change in page.changes if isinstance(change, Contact)]
    return contacts, [problem for page in pages for problem in page.problems]


KNOWN = {
    "google": """\
First Name,Middle Name,Last Name,Nickname,Organization Name,Organization Title,Birthday,\
Labels,E-mail 1 - Label,\
E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value
Jörg,,Grün,Joe,Grün Ltd,Owner,1985-03-14,Friends ::: * myContacts,Work,\
J@gruen.example ::: joe@x.example,,Mobile,+49 30 1
""",
    "google, old": """\
Name,Given Name,Additional Name,Family Name,Nickname,Birthday,Group Membership,\
E-mail 1 - Type,E-mail 1 - Value,\
E-mail 2 - Type,E-mail 2 - Value,Phone 1 - Type,Phone 1 - Value,Organization 1 - Name,Organization 1 - Title
Jörg Grün,Jörg,,Grün,Joe,1985-03-14,* myContacts ::: Friends,* Work,j@gruen.example,Home,\
joe@x.example,Mobile,+49 30 1,\
Grün Ltd,Owner
""",
    "outlook": """\
Title,First Name,Last Name,Company,Job Title,Mobile Phone,Birthday,Categories,\
E-mail Address,E-mail 2 Address,Nickname
,Jörg,Grün,Grün Ltd,Owner,+49 30 1,1985-03-14,Friends;myContacts,j@gruen.example,joe@x.example,Joe
""",
    "outlook, german": """\
Anrede;Vorname;Nachname;Firma;Position;Mobiltelefon;Geburtstag;Kategorien;E-Mail-Adresse;\
E-Mail 2: Adresse;Spitzname
;Jörg;Grün;Grün Ltd;Owner;+49 30 1;14.03.1985;Friends;j@gruen.example;joe@x.example;Joe
""",
    "outlook, french": """\
Titre;Prénom;Nom;Société;Fonction;Tél. mobile;Anniversaire;Catégories;\
Adresse de messagerie;Adresse de messagerie 2;Surnom
;Jörg;Grün;Grün Ltd;Owner;+49 30 1;14/03/1985;Friends;j@gruen.example;joe@x.example;Joe
""",
    "outlook, spanish": """\
Nombre;Apellidos;Organización;Cargo;Móvil;Cumpleaños;Categorías;Dirección de correo electrónico;\
Dirección del correo electrónico 2;Apodo
Jörg;Grün;Grün Ltd;Owner;+49 30 1;14/03/1985;Friends;j@gruen.example;joe@x.example;Joe
""",
    "thunderbird": """\
First Name,Last Name,Display Name,Nickname,Primary Email,Secondary Email,Mobile Number,\
Job Title,Organization,\
Birth Year,Birth Month,Birth Day
Jörg,Grün,Jörg Grün,Joe,j@gruen.example,joe@x.example,+49 30 1,Owner,Grün Ltd,1985,3,14
""",
    "hubspot": """\
Record ID,First Name,Last Name,Nickname,Email,Work email,Mobile Phone Number,Company Name,\
Job Title,Date of birth
77,Jörg,Grün,Joe,j@gruen.example,joe@x.example,+49 30 1,Grün Ltd,Owner,1985-03-14
""",
}


@pytest.mark.parametrize("program", KNOWN)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_known_columns_need_no_settings(tmp_path: Path, program: str, codec: str) -> None:
    (contact,), problems = read(tmp_path, KNOWN[program].replace("\n", "\r\n").encode(codec))
    assert (contact.name, contact.given_name, contact.family_name) == ("Jörg Grün", "Jörg", "Grün")
    assert contact.emails == ("j@gruen.example", "joe@x.example")
    assert (contact.phones, contact.organisation, contact.title) == (("+49 30 1",), "Grün Ltd", "Owner")
    assert (contact.birthday, contact.nickname) == ("1985-03-14", "Joe")
    assert set(contact.labels) <= {"Friends", "myContacts"}
    assert contact.source_id == ("77" if program == "hubspot" else "j@gruen.example")
    assert len(problems) == (codec == "cp1252")


def test_columns_are_named_in_the_settings(tmp_path: Path) -> None:
    columns = {"given_name": "Rufname kurz", "email": "Netzpost", "id": "Nr"}
    text = "Nr\tRufname kurz\tNetzpost\tFarbe\n7\tAnna\tanna@berg.example\tblau\n"
    (contact,), _ = read(tmp_path, text, columns=columns)
    assert (contact.source_id, contact.name, contact.emails) == ("7", "Anna", ("anna@berg.example",))
    with pytest.raises(UserMustAct, match="no column 'Netzpst'; did you mean 'Netzpost'"):
        read(tmp_path, text, columns=columns | {"email": "Netzpst"})
    with pytest.raises(ValidationError, match="'given' is not a field of a contact"):
        CsvSettings(name="x", type="csv", path=tmp_path, columns={"given": "Vorname"})


@pytest.mark.parametrize("text", ["", "colour,size\nred,3\n", "PK\x03\x04"])
def test_a_file_without_known_columns_says_how_to_name_them(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserMustAct, match="has no header with a name or an e-mail address"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    "row",
    [
        "Bob Lee,bob@x.example,,Email,,",
        "Bob Lee,,Phone,Email,South,Company",
        "Bob Lee,,Name,Email,Phone,7",
        ",,Name,Email,Phone,Company",
        "Bob Lee,https://bob.example,Phone,Email,,",
        "Bob Lee,bob@x.example,Ann,Email,South,7",
    ],
)
def test_a_row_that_speaks_of_columns_is_no_header(tmp_path: Path, row: str) -> None:
    header = "Name,Email,Lead Owner,Preferred Contact Method,Region X,Score\n"
    contacts, _ = read(tmp_path, f"{header}{row}\nAnna,anna@x.example,,Email,,\n")
    assert contacts[-1].emails == ("anna@x.example",)
    with pytest.raises(UserMustAct):
        read(tmp_path, f"{row}\nAnna,,,Email,,\n")


@pytest.mark.parametrize(
    "notes", ["Company,Acme GmbH\n", "Name of the list,,\n", "E-Mail\n\n", "Phone,7,8,9\n"]
)
def test_notes_may_stand_before_the_header(tmp_path: Path, notes: str) -> None:
    contacts, _ = read(tmp_path, f"{notes}Name,Email\nAnna,anna@x.example\n")
    assert [(one.name, one.emails) for one in contacts] == [("Anna", ("anna@x.example",))]


def test_a_year_may_be_the_name_of_a_column(tmp_path: Path) -> None:
    (anna,), _ = read(tmp_path, "Name,Email,2024,2025\nAnna,a@x.example,7,8\n")
    assert anna.extra == ("2024: 7", "2025: 8")


def test_a_file_whose_rows_name_nobody_removes_nobody(tmp_path: Path) -> None:
    with pytest.raises(UserMustAct, match=r"no row of CSV file .* names anybody; line 1 was read"):
        read(tmp_path, "Email,Shelf\nAnna,A1\nBen,A2\n")
    assert read(tmp_path, "Email,Shelf\n,\n") == ([], [])


def test_odd_rows_are_kept_with_a_problem(tmp_path: Path) -> None:
    contacts, problems = read(
        tmp_path,
        "First Name,Last Name,Email\nAnna\nBen,Ode,ben@ode.example,x,y\nCy,Low,,,\n,,\n,,nobody\n"
        'Dee,"Open,dee@x.example\n',
    )
    assert [contact.given_name for contact in contacts] == ["Anna", "Ben", "Cy", "Dee"]
    assert [(problem.where, problem.message) for problem in problems] == [
        ("contacts.csv:2", "has 1 cells instead of 3; the others were read as empty"),
        ("contacts.csv:3", "has 5 cells instead of 3; 'x,y' was left out"),
        ("contacts.csv:6", "names nobody; the row was left out"),
        ("contacts.csv:7", "a quotation mark is not closed; the row was read without it"),
    ]


def test_ids_come_from_the_address_or_the_name_and_stay_unique(tmp_path: Path) -> None:
    text = "Name,Email,Company\nAnna,A@x.example,Firm\nBen,b@x.example,Firm\nCy,,Firm\nCy,,Firm\nCy,,Other\n"
    contacts, _ = read(tmp_path, text)
    ids = [contact.source_id for contact in contacts]
    assert ids[:2] == ["a@x.example", "b@x.example"]
    assert ids[3] == f"{ids[2]}-2"
    assert len(set(ids)) == 5


ANNA, BOB = "Anna Berg,info@acme.example,1\n", "Bob Lee,INFO@acme.example,2\n"
HEAD = "Name,Email,Shelf\n"


def test_two_people_with_one_address_keep_their_ids_in_any_order(tmp_path: Path) -> None:
    def ids(rows: str) -> dict[str | None, str]:
        return {one.name: one.source_id for one in read(tmp_path, HEAD + rows)[0]}

    both = {"Anna Berg": "info@acme.example/anna-berg", "Bob Lee": "info@acme.example/bob-lee"}
    assert ids(ANNA + BOB) == ids(BOB + ANNA) == both
    assert ids(ANNA + BOB + ANNA).keys() == both.keys()
    assert ids(ANNA) == {"Anna Berg": "info@acme.example"}


def test_numbers_never_collide(tmp_path: Path) -> None:
    text = "Id,Name\n7-2,Cy\n7,\n7,\n7,Bo Ode\n7,Bo Ode\n"
    contacts, _ = read(tmp_path, text.replace("7,\n", "7,Dee\n"))
    assert sorted(one.source_id for one in contacts) == ["7-2", "7/bo-ode", "7/bo-ode-2", "7/dee", "7/dee-2"]


@pytest.mark.parametrize("rows", [BOB + ANNA, ANNA + BOB])
def test_a_second_row_with_an_address_takes_nobody_elses_person(
    tmp_path: Path, memory: Store, rows: str
) -> None:
    path = tmp_path / "contacts.csv"

    def people() -> dict[str, str]:
        reading = Reading(memory, "sheet", datetime(2026, 11, 1, tzinfo=UTC))
        source = CsvSource("sheet", path, known=already_read.hashes(memory, "sheet"))
        for page in source.changes(None):
            reading.apply(page)
        resolve_store(memory, region="DE", overrides=tmp_path / "none", now=datetime(2026, 11, 1, tzinfo=UTC))
        query = sa.select(schema.contacts.c.doc, schema.contacts.c.person_id)
        with memory.read() as connection:
            found = connection.execute(query.where(schema.contacts.c.gone_at.is_(None)))
            return {json.loads(row.doc)["name"]: row.person_id for row in found}

    path.write_text(HEAD + ANNA)
    anna = people()["Anna Berg"]
    path.write_text(HEAD + rows)
    both = people()
    assert both["Anna Berg"] == anna != both["Bob Lee"]
    path.write_text(HEAD + BOB)
    assert people() == {"Bob Lee": both["Bob Lee"]}


def test_the_id_of_who_has_no_address_is_made_of_name_and_firm(tmp_path: Path) -> None:
    (before,), _ = read(tmp_path, "Name,Phone,Company\nAnna,+49 30 1,Firm\n")
    (after,), _ = read(tmp_path, "Company,Name,Phone\nFIRM,Anna,+49 30 2\n")
    assert before.source_id == after.source_id
    (one, other), _ = read(tmp_path, "Name,Phone\n,+49 30 1\n,+49 30 2\n")
    assert one.source_id != other.source_id


def test_columns_that_are_left_over_are_kept_and_named_once(tmp_path: Path) -> None:
    text = "Name,Shoe size,Empty,Farbe\nAnna,38,,blau\nBen,43,,\n"
    (anna, _), (problem,) = read(tmp_path, text)
    assert anna.extra == ("Shoe size: 38", "Farbe: blau")
    assert (problem.where, problem.message) == (
        "contacts.csv:1",
        "columns 'Shoe size', 'Farbe' are not known; rules find the values under custom",
    )
    (anna, _), problems = read(tmp_path, text, {"custom": "Shoe size", "ignore": ["Farbe"]})
    assert (anna.custom, anna.extra, problems) == ((("Shoe size", "38"),), (), [])


def test_a_column_without_a_name_is_kept_and_named_by_its_number(tmp_path: Path) -> None:
    (anna,), (problem,) = read(tmp_path, "Name,,E-mail,\nAnna,blue,a@x.example,\n")
    assert (anna.emails, anna.extra) == (("a@x.example",), ("column 2: blue",))
    assert problem.message == "column 'column 2' is not known; rules find the values under custom"
    (ben,), problems = read(tmp_path, "Name,,E-mail,\nBen,,b@x.example,\n")
    assert (ben.extra, problems) == ((), [])


def test_several_columns_may_be_one_field(tmp_path: Path) -> None:
    text = "Name,Post 1,Post 2,E-Mail\nAnna,a@x.example,b@x.example,c@x.example\n"
    (anna,), problems = read(tmp_path, text, {"email": ["Post 1", "Post 2"]})
    assert anna.emails == ("a@x.example", "b@x.example")
    assert (anna.extra, problems) == (("E-Mail: c@x.example",), [])
    with pytest.raises(UserMustAct, match="no column 'Post 3'"):
        read(tmp_path, text, {"email": ["Post 1", "Post 3"]})


@pytest.mark.parametrize(
    ("header", "name", "given", "family"),
    [
        ("Name,Vorname", "Anna Berg", "Anna", "Berg"),
        ("Nom,Prénom", "Anna Berg", "Anna", "Berg"),
        ("Apellidos,Nombre", "Anna Berg", "Anna", "Berg"),
        ("Name,Firma", "Berg", None, None),
        ("Nom,Société", "Berg", None, None),
    ],
)
def test_a_name_means_what_the_columns_beside_it_say(
    tmp_path: Path, header: str, name: str, given: str | None, family: str | None
) -> None:
    (contact,), _ = read(tmp_path, f"{header}\nBerg,Anna\n")
    assert (contact.name, contact.given_name, contact.family_name) == (name, given, family)


def test_the_whole_column_says_whether_the_day_comes_first(tmp_path: Path) -> None:
    months_first = "Name,Birthday\nAnna,3/4/1985\nBen,3/14/1985\n"
    assert [one.birthday for one in read(tmp_path, months_first)[0]] == ["1985-03-04", "1985-03-14"]
    assert [one.birthday for one in read(tmp_path, "Vorname,Geburtstag\nAnna,3/4/1985\n")[0]] == [
        "1985-04-03"
    ]
    (anna,), _ = read(tmp_path, "Name,Birthday\nAnna,3/4/1985\n")
    assert (anna.birthday, anna.extra) == (None, ("birthday: 3/4/1985",))
    assert anna.issues[0].message == "birthday '3/4/1985' is not one day for certain; write it as 1985-03-14"


@pytest.mark.parametrize(
    ("cell", "emails"),
    [
        ("Anna Berg <Anna@Berg.example>", ("anna@berg.example",)),
        ("mailto:a@x.example", ("a@x.example",)),
        ("a@x.example; b@x.example", ("a@x.example", "b@x.example")),
        ('"a@x.example, b@x.example"', ("a@x.example", "b@x.example")),
        ("/o=ExchangeLabs/ou=Group/cn=anna", ()),
    ],
)
def test_addresses_are_found_however_they_are_written(
    tmp_path: Path, cell: str, emails: tuple[str, ...]
) -> None:
    (contact,), _ = read(tmp_path, f"Name,E-mail Address\nAnna,{cell}\n")
    assert contact.emails == emails
    assert contact.extra == (() if emails else (f"E-mail Address: {cell}",))


def test_each_column_says_what_it_became(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text(
        "Vorname;E-Mail;E-Mail-Typ;Straße privat;Farbe\nAnna;a@x.example;SMTP;Am Bach 3;\nBo;;;;\n"
    )
    columns = CsvSource("sheet", path).columns()
    assert [(one.name, one.field, one.known, one.rows, one.example) for one in columns] == [
        ("Vorname", "given_name", True, 2, "Anna"),
        ("E-Mail", "email", True, 1, "a@x.example"),
        ("E-Mail-Typ", "", True, 1, "SMTP"),
        ("Straße privat", "address", True, 1, "Am Bach 3"),
        ("Farbe", "custom", False, 0, ""),
    ]


def test_the_page_shows_what_the_command_prints(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "csv.md").read_text("utf-8")
    settings, sheet, screen = re.findall(r"^```\w*\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "touchbase.toml").write_text(settings)
    (tmp_path / "customers.csv").write_text(sheet)
    printed = command("contacts", "--source", "customers", "--config", tmp_path / "touchbase.toml").stdout
    shown = screen.partition("...\n")[2]
    assert shown.startswith("Columns of customers")
    assert shown in printed
