"""Whole headers of the programs that write CSV files, and one invented person in each."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from connectors.csv.columns import UNNAMED, find_header
from connectors.csv.source import CsvSource
from people.types import Address, Contact, Problem

HEADERS = {path.stem: path for path in sorted(Path(__file__).with_name("csv_headers").glob("*.txt"))}
WORK = Address(street="Mill Lane 1, Floor 2", city="Köln", postal_code="50667", country="Germany")
HOME = Address(street="Am Bach 3", city="Bonn", postal_code="53111", country="Germany")

ROWS: dict[str, dict[str, str]] = {
    "google": {
        "First Name": "Jörg", "Last Name": "Grün", "Nickname": "Joe", "Photo": "https://photos.example/1",
        "Organization Name": "Grün Ltd", "Organization Title": "Owner", "Organization Department": "Sales",
        "Birthday": " --03-14", "Notes": "Met at\nthe fair", "Labels": "* myContacts ::: Club ::: * starred",
        "E-mail 1 - Label": "Home", "E-mail 1 - Value": "joe@x.example",
        "E-mail 2 - Label": "* Work", "E-mail 2 - Value": "J@gruen.example ::: j2@gruen.example",
        "Phone 1 - Label": "Mobile", "Phone 1 - Value": "+49 170 1 ::: +49 170 2",
        "Phone 2 - Label": "Work Fax", "Phone 2 - Value": "+49 221 9",
        "Address 1 - Label": "Work", "Address 1 - Street": "Mill Lane 1", "Address 1 - City": "Köln",
        "Address 1 - Extended Address": "Floor 2",
        "Address 1 - Postal Code": "50667", "Address 1 - Country": "Germany",
        "Address 1 - Formatted": "Mill Lane 1\nFloor 2\n50667 Köln",
        "Address 2 - Street": "Am Bach 3", "Address 2 - City": "Bonn", "Address 2 - Postal Code": "53111",
        "Address 2 - Country": "Germany",
        "Relation 1 - Label": "Spouse", "Relation 1 - Value": "Ada Grün",
        "Website 1 - Value": "https://gruen.example", "Event 1 - Label": "* Anniversary",
        "Event 1 - Value": "2010-06-05", "Event 2 - Label": "Joined", "Event 2 - Value": "2020-01-01",
        "Custom Field 1 - Label": "needs", "Custom Field 1 - Value": "bookkeeping",
    },
    "google-until-2024": {
        "Name": "Jörg Grün", "Given Name": "Jörg", "Family Name": "Grün", "Nickname": "Joe",
        "Birthday": "1985-03-14", "Notes": "Met at\nthe fair", "Group Membership": "Club ::: * myContacts",
        "E-mail 1 - Type": "* Work", "E-mail 1 - Value": "j@gruen.example",
        "E-mail 2 - Type": "Home", "E-mail 2 - Value": "joe@x.example",
        "Phone 1 - Type": "Mobile", "Phone 1 - Value": "+49 170 1",
        "Phone 2 - Type": "Work Fax", "Phone 2 - Value": "+49 221 9",
        "Address 1 - Formatted": "Mill Lane 1, 50667 Köln",
        "Organization 1 - Name": "Grün Ltd", "Organization 1 - Title": "Owner",
        "Organization 1 - Department": "Sales", "Hobby": "Chess",
        "Relation 1 - Type": "Spouse", "Relation 1 - Value": "Ada Grün",
        "Website 1 - Value": "https://gruen.example",
        "Custom Field 1 - Type": "needs", "Custom Field 1 - Value": "bookkeeping",
    },
    "outlook-english": {
        "Title": "Dr.", "First Name": "Jörg", "Last Name": "Grün", "Company": "Grün Ltd",
        "Department": "Sales", "Job Title": "Owner", "Business Street": "Mill Lane 1",
        "Business Street 2": "Floor 2", "Business City": "Köln", "Business Postal Code": "50667",
        "Business Country/Region": "Germany", "Home Street": "Am Bach 3", "Home City": "Bonn",
        "Home Postal Code": "53111", "Home Country/Region": "Germany", "Assistant's Phone": "+49 221 8",
        "Business Fax": "+49 221 9", "Company Main Phone": "+49 221 0", "Mobile Phone": "+49 170 1",
        "Birthday": "3/14/1985", "Anniversary": "0/0/00", "Categories": "Club;Chess",
        "E-mail Address": "j@gruen.example", "E-mail Type": "SMTP",
        "E-mail Display Name": "Grün (j@gruen.example)", "E-mail 2 Address": "joe@x.example",
        "Gender": "Unspecified", "Hobby": "Chess", "Manager's Name": "Eva Boss", "Notes": "Met at\nthe fair",
        "Priority": "Normal", "Private": "False", "Sensitivity": "Normal", "Spouse": "Ada Grün",
        "Web Page": "https://gruen.example",
    },
    "outlook-on-the-web": {
        "First Name": "Jörg", "Last Name": "Grün", "Title": "Dr.", "E-mail Address": "j@gruen.example",
        "E-mail 2 Address": "joe@x.example", "Mobile Phone": "+49 170 1", "Business Fax": "+49 221 9",
        "Company": "Grün Ltd", "Job Title": "Owner", "Business Street": "Mill Lane 1, Floor 2",
        "Business City": "Köln", "Business Postal Code": "50667", "Business Country/Region": "Germany",
        "Home Street": "Am Bach 3", "Home City": "Bonn", "Home Postal Code": "53111",
        "Home Country/Region": "Germany", "Spouse": "Ada Grün", "Birthday": "1985-03-14",
        "Notes": "Met at\nthe fair", "Personal Web Page": "https://gruen.example",
    },
    "outlook-german": {
        "Anrede": "Dr.", "Vorname": "Jörg", "Nachname": "Grün", "Firma": "Grün Ltd", "Abteilung": "Sales",
        "Position": "Owner", "Straße geschäftlich": "Mill Lane 1", "Straße geschäftlich 2": "Floor 2",
        "Ort geschäftlich": "Köln", "Postleitzahl geschäftlich": "50667",
        "Land/Region geschäftlich": "Germany", "Straße privat": "Am Bach 3", "Ort privat": "Bonn",
        "Postleitzahl privat": "53111", "Land/Region privat": "Germany", "Telefon Assistent": "+49 221 8",
        "Fax geschäftlich": "+49 221 9", "Telefon Firma": "+49 221 0", "Mobiltelefon": "+49 170 1",
        "E-Mail-Adresse": "j@gruen.example", "E-Mail-Typ": "SMTP", "E-Mail: Angezeigter Name": "Jörg Grün",
        "E-Mail 2: Adresse": "joe@x.example", "Geburtstag": "14.03.1985", "Geschlecht": "Keine Angabe",
        "Jahrestag": "00.00.00", "Kategorien": "Club;Schach", "Notizen": "Met at\nthe fair",
        "Partner": "Ada Grün", "Priorität": "Normal", "Privat": "Aus", "Vertraulichkeit": "Normal",
        "Webseite": "https://gruen.example",
    },
    "outlook-french": {
        "Titre": "Dr.", "Prénom": "Jörg", "Nom": "Grün", "Société": "Grün Ltd", "Service": "Sales",
        "Titre 2": "Owner", "Rue (bureau)": "Mill Lane 1", "Rue (bureau) 2": "Floor 2",
        "Ville (bureau)": "Köln", "Code postal (bureau)": "50667", "Pays/Région (bureau)": "Germany",
        "Rue (domicile)": "Am Bach 3", "Ville (domicile)": "Bonn", "Code postal (domicile)": "53111",
        "Pays/Région (domicile)": "Germany", "Téléphone de l'assistant(e)": "+49 221 8",
        "Télécopie (bureau)": "+49 221 9", "Téléphone société": "+49 221 0", "Tél. mobile": "+49 170 1",
        "Adresse de messagerie": "j@gruen.example", "Type de messagerie": "SMTP",
        "Adresse de messagerie 2": "joe@x.example", "Anniversaire": "14/03/1985", "Catégories": "Club;Échecs",
        "Conjoint(e)": "Ada Grün", "Notes": "Met at\nthe fair", "Page Web": "https://gruen.example",
        "Profession": "Baker", "Sexe": "Non spécifié",
    },
    "outlook-spanish": {
        "Title": "Dr.", "Nombre": "Jörg", "Apellidos": "Grün", "Organización": "Grün Ltd",
        "Department": "Sales", "Puesto": "Owner", "Calle del trabajo": "Mill Lane 1",
        "Calle del trabajo 2": "Floor 2", "Ciudad de trabajo": "Köln", "Código postal del trabajo": "50667",
        "País o región del trabajo": "Germany", "Home Street": "Am Bach 3", "Home City": "Bonn",
        "Home Postal Code": "53111", "País o región del domicilio": "Germany", "Business Fax": "+49 221 9",
        "Número de centralita de la organización": "+49 221 0", "Mobile Phone": "+49 170 1",
        "E-mail Address": "j@gruen.example", "Dirección de correo electrónico 2": "joe@x.example",
        "Birthday": "14/03/1985", "Categorías": "Club;Ajedrez", "Spouse": "Ada Grün",
        "Notes": "Met at\nthe fair", "Página web": "https://gruen.example",
    },
    "thunderbird": {
        "First Name": "Jörg", "Last Name": "Grün", "Display Name": "Jörg Grün", "Nickname": "Joe",
        "Primary Email": "j@gruen.example", "Secondary Email": "joe@x.example", "Fax Number": "+49 221 9",
        "Mobile Number": "+49 170 1", "Home Address": "Am Bach 3", "Home City": "Bonn",
        "Home ZipCode": "53111", "Home Country": "Germany", "Work Address": "Mill Lane 1",
        "Work Address 2": "Floor 2", "Work City": "Köln", "Work ZipCode": "50667", "Work Country": "Germany",
        "Job Title": "Owner", "Department": "Sales", "Organization": "Grün Ltd",
        "Web Page 1": "https://gruen.example", "Birth Year": "1985", "Birth Month": "3", "Birth Day": "14",
        "Custom 1": "chess", "Notes": "Met at\nthe fair",
    },
    "thunderbird-british": {
        "First Name": "Jörg", "Last Name": "Grün", "Primary Email": "j@gruen.example",
        "Secondary Email": "joe@x.example", "Mobile Number": "+49 170 1", "Home Address": "Am Bach 3",
        "Home City": "Bonn", "Home Post Code": "53111", "Home Country": "Germany",
        "Work Address": "Mill Lane 1", "Work Address 2": "Floor 2", "Work City": "Köln",
        "Work Post Code": "50667", "Work Country": "Germany", "Job Title": "Owner",
        "Organisation": "Grün Ltd", "Web Page 1": "https://gruen.example", "Birth Year": "1985",
        "Birth Month": "3", "Birth Day": "14", "Notes": "Met at\nthe fair",
    },
    "thunderbird-german": {
        "Vorname": "Jörg", "Nachname": "Grün", "Anzeigename": "Jörg Grün", "Spitzname": "Joe",
        "Primäre E-Mail-Adresse": "j@gruen.example", "Sekundäre E-Mail-Adresse": "joe@x.example",
        "Fax-Nummer": "+49 221 9", "Mobil-Tel.-Nr.": "+49 170 1", "Privat: Adresse": "Am Bach 3",
        "Privat: Ort": "Bonn", "Privat: PLZ": "53111", "Privat: Land": "Germany",
        "Dienstlich: Adresse": "Mill Lane 1", "Dienstlich: Adresse 2": "Floor 2", "Dienstlich: Ort": "Köln",
        "Dienstlich: PLZ": "50667", "Dienstlich: Land": "Germany", "Arbeitstitel": "Owner",
        "Abteilung": "Sales", "Organisation": "Grün Ltd", "Webseite 1": "https://gruen.example",
        "Geburtsjahr": "1985", "Geburtsmonat": "3", "Geburtstag": "14", "Benutzerdef. 1": "chess",
        "Notizen": "Met at\nthe fair",
    },
    "thunderbird-french": {
        "Prénom": "Jörg", "Nom de famille": "Grün", "Nom à afficher": "Jörg Grün", "Surnom": "Joe",
        "Adresse électronique principale": "j@gruen.example",
        "Adresse électronique secondaire": "joe@x.example", "Fax": "+49 221 9", "Portable": "+49 170 1",
        "Adresse privée": "Am Bach 3", "Ville": "Bonn", "Code postal": "53111",
        "Pays/Région (domicile)": "Germany", "Adresse professionnelle": "Mill Lane 1",
        "Adresse professionnelle 2": "Floor 2", "Ville 2": "Köln", "Code postal 2": "50667",
        "Pays/Région (bureau)": "Germany", "Profession": "Owner", "Service": "Sales", "Société": "Grün Ltd",
        "Site web 1": "https://gruen.example", "Année de naissance": "1985", "Mois": "3", "Jour": "14",
        "Divers 1": "chess", "Notes": "Met at\nthe fair",
    },
    "hubspot": {
        "Record ID": "77", "First Name": "Jörg", "Last Name": "Grün", "Email": "j@gruen.example",
        "Additional email addresses": "joe@x.example;j3@x.example", "Mobile Phone Number": "+49 170 1",
        "Contact owner": "Alex", "Lead Status": "Open", "Job Title": "Owner", "Company Name": "Grün Ltd",
        "Street Address": "Mill Lane 1, Floor 2", "City": "Köln", "Postal Code": "50667",
        "Country/Region": "Germany", "Website URL": "https://gruen.example", "Date of birth": "1985-03-14",
        "Associated Company": "Grün Ltd", "Associated Company IDs": "99",
    },
}  # fmt: skip
"""A cell per column. The second column of a name that stands twice has a 2 behind it."""


def names_of(program: str) -> list[str]:
    return next(csv.reader([HEADERS[program].read_text("utf-8").strip()]))


def written(program: str, cells: dict[str, str], delimiter: str = ",") -> str:
    names, keys = names_of(program), list[str]()
    for name in names:
        keys.append(f"{name} 2" if name in keys else name)
    assert cells.keys() <= set(keys), cells.keys() - set(keys)
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows([names, [cells.get(key, "") for key in keys]])
    return file.getvalue()


def read(tmp_path: Path, data: bytes) -> tuple[Contact, list[Problem]]:
    path = tmp_path / "contacts.csv"
    path.write_bytes(data)
    pages = list(CsvSource("sheet", path).changes(None))
    (contact,) = (change for page in pages for change in page.changes if isinstance(change, Contact))
    return contact, [problem for page in pages for problem in page.problems]


@pytest.mark.parametrize("program", HEADERS)
def test_every_column_of_a_program_is_known(program: str) -> None:
    header = find_header([HEADERS[program].read_text("utf-8").strip()], {}, program)
    # Thunderbird in German and French ends its header with a comma.
    assert [one.name for one in header.places if not one.known and one.group != UNNAMED] == []


@pytest.mark.parametrize("program", HEADERS)
def test_a_whole_person_comes_out_of_each_program(tmp_path: Path, program: str) -> None:
    contact, problems = read(tmp_path, written(program, ROWS[program]).encode())
    assert problems == []
    assert (contact.name, contact.given_name, contact.family_name) == ("Jörg Grün", "Jörg", "Grün")
    assert {"j@gruen.example", "joe@x.example"} <= set(contact.emails)
    assert contact.emails[0] == "j@gruen.example"
    assert contact.phones[0] == "+49 170 1"
    assert "+49 221 9" not in contact.phones  # a fax
    assert "+49 221 8" not in contact.phones  # the assistant's
    assert (contact.organisation, contact.title) == ("Grün Ltd", "Owner")
    assert contact.birthday == ("--03-14" if program == "google" else "1985-03-14")
    assert contact.urls == ("https://gruen.example",)
    assert contact.note == (None if program == "hubspot" else "Met at\nthe fair")
    assert contact.source_id == ("77" if program == "hubspot" else "j@gruen.example")
    if program == "google-until-2024":
        assert contact.addresses == (Address(street="Mill Lane 1, 50667 Köln"),)
    else:
        assert set(contact.addresses) == ({WORK} if program == "hubspot" else {WORK, HOME})


def test_what_only_some_programs_have(tmp_path: Path) -> None:
    google, _ = read(tmp_path, written("google", ROWS["google"]).encode())
    assert google.emails == ("j@gruen.example", "j2@gruen.example", "joe@x.example")
    assert google.phones == ("+49 170 1", "+49 170 2")
    assert (google.labels, google.anniversary) == (("Club", "starred"), "2010-06-05")
    assert google.related == (("Spouse", "Ada Grün"),)
    assert google.custom == (
        ("department", "Sales"),
        ("needs", "bookkeeping"),
        ("Joined", "2020-01-01"),
        ("Work Fax", "+49 221 9"),
    )
    german, _ = read(tmp_path, written("outlook-german", ROWS["outlook-german"], ";").encode("cp1252"))
    assert (german.prefix, german.labels, german.anniversary) == ("Dr.", ("Club", "Schach"), None)
    assert german.phones == ("+49 170 1", "+49 221 0")
    assert german.related == (("spouse", "Ada Grün"),)
    assert german.extra == ("Telefon Assistent: +49 221 8", "Fax geschäftlich: +49 221 9")
    french, _ = read(tmp_path, written("outlook-french", ROWS["outlook-french"]).encode())
    assert (french.prefix, french.title) == ("Dr.", "Owner")
    hubspot, _ = read(tmp_path, written("hubspot", ROWS["hubspot"]).encode())
    assert hubspot.emails == ("j@gruen.example", "joe@x.example", "j3@x.example")
    assert "Lead Status: Open" in hubspot.extra


@pytest.mark.parametrize("program", HEADERS)
@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_each_program_in_each_encoding(tmp_path: Path, program: str, codec: str, delimiter: str) -> None:
    expected, _ = read(tmp_path, written(program, ROWS[program]).encode())
    text = written(program, ROWS[program], delimiter)
    contact, problems = read(tmp_path, text.encode(codec, "replace"))
    assert contact == expected
    assert [problem.message for problem in problems] == (
        ["is not in UTF-8; it was read as cp1252"] if codec == "cp1252" else []
    )
