"""Contacts in CSV files of address books, CRMs and spreadsheets."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.csv.columns import Wanted
from connectors.csv.settings import CsvSettings
from connectors.csv.source import CsvSource
from people.errors import UserMustAct
from people.types import Contact, Problem
from tests.contracts.sources import Known, SourceContract


class CsvWorld:
    many = 1100
    keeps_ids = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, str] = {}

    def source(self, known: Known) -> CsvSource:  # noqa: ARG002 - a file source needs no hashes
        return CsvSource("sheet", self.path)

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
    text = "Name,Email,Company\nAnna,A@x.example,Firm\nBen,a@x.example,Firm\nCy,,Firm\nCy,,Firm\nCy,,Other\n"
    contacts, _ = read(tmp_path, text)
    ids = [contact.source_id for contact in contacts]
    assert ids[:2] == ["a@x.example", "a@x.example-2"]
    assert ids[3] == f"{ids[2]}-2"
    assert len(set(ids)) == 5


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
