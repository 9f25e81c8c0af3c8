"""What the columns of a CSV file mean: those of known programs, and those that the settings name.

Known are Google Contacts, Outlook in four languages, Thunderbird and HubSpot.

Names are compared in plain letters and without digits, so that ``E-mail 2 Address`` is ``E-mail Address``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from connectors.shared.csv_text import DELIMITERS, cells_of
from people.errors import UserMustAct
from people.text import did_you_mean, fold

FIELDS = {
    "id": "record id, contact id, id",
    "name": "name, full name, display name, anzeigename, nom complet, nom a afficher, nombre completo",
    "given_name": "first name, given name, vorname, prenom, nombre",
    "middle_name": "middle name, additional name, weitere vornamen, deuxieme prenom, segundo nombre",
    "family_name": "last name, family name, surname, nachname, nom, nom de famille, apellidos, apellido",
    "prefix": "name prefix, salutation, anrede, tratamiento, civilite",
    "suffix": "name suffix, suffix, suffixe, sufijo",
    "nickname": "nickname, spitzname, rufname, surnom, apodo, sobrenombre",
    "email": "email, e mail, email address, e mail address, e mail value, primary email, secondary email, "
    "e mail adresse, primare e mail adresse, sekundare e mail adresse, adresse de messagerie, "
    "adresse e mail, direccion de correo electronico, direccion del correo electronico, correo electronico, "
    "mail, work email",
    "phone": "phone, phone number, phone value, telephone, telefon, telefono, mobile, mobile phone, "
    "mobile phone number, mobile number, primary phone, business phone, home phone, work phone, other phone, "
    "car phone, company main phone, telefon geschaftlich, telefon privat, telefon firma, mobiltelefon, "
    "haupttelefon, handynummer, telefone, telephone bureau, telephone domicile, tel mobile, "
    "telephone principal, telefono del trabajo, telefono particular, numero de telefono particular, "
    "telefono principal, movil, telefono movil, telefono de la organizacion",
    "organisation": "company, company name, organization, organisation, organization name, firma, societe, "
    "entreprise, organizacion, compania, empresa, associated company, primary company",
    "title": "job title, organization title, position, role, fonction, puesto, cargo, berufsbezeichnung",
    "department": "department, organization department, abteilung, service, departamento",
    "note": "notes, note, notizen, notas, remarques, kommentar",
    "birthday": "birthday, date of birth, birthdate, geburtstag, geburtsdatum, anniversaire, "
    "date de naissance, cumpleanos, fecha de nacimiento",
    "anniversary": "anniversary, jahrestag, anniversaire de mariage ou fete, aniversario",
    "labels": "labels, groups, group membership, categories, kategorien, categorias, tags, lists",
    "url": "website, website value, website url, web page, webseite, page web, pagina web, url, linkedin url",
    "street": "street, street address, address street, business street, home street, home address, "
    "work address, strasse geschaftlich, strasse privat, rue bureau, rue domicile, calle del trabajo, "
    "calle particular",
    "city": "city, address city, business city, home city, work city, ort, ort geschaftlich, ort privat, "
    "ville bureau, ville domicile, ciudad, ciudad de trabajo, ciudad del trabajo",
    "region": "state, state region, address region, business state, home state, work state",
    "postal_code": "postal code, zip, zip code, address postal code, business postal code, home postal code, "
    "home zip code, work zip code, postleitzahl geschaftlich, postleitzahl privat, code postal bureau, "
    "code postal domicile, codigo postal del trabajo, codigo postal",
    "country": "country, country region, address country, business country region, home country region, "
    "home country, work country, land region geschaftlich, land region privat, pays region bureau, "
    "pais o region del trabajo, pais",
    "birth_year": "birth year, geburtsjahr",
    "birth_month": "birth month, geburtsmonat",
    "birth_day": "birth day",
}
"""The names of each field's columns, in the letters of ``spelled``."""

_KNOWN = {name: field for field, names in FIELDS.items() for name in names.split(", ")}
_WHO = frozenset(("name", "given_name", "family_name", "email", "organisation"))
_HEADER_WITHIN = 20
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_OTHER_SIGNS = re.compile(r"[\W\d_]+")


class Header(NamedTuple):
    """The header's line (from 1), the delimiter, and each column's written name and field ('' if unknown)."""

    line: int
    delimiter: str
    names: list[str]
    fields: list[str]


def spelled(name: str) -> str:
    """The name of a column in plain letters, without digits and signs."""
    return _OTHER_SIGNS.sub(" ", fold(_CAPITAL_INSIDE.sub(" ", name.replace("ß", "ss")))).strip()


def find_header(lines: Sequence[str], wanted: Mapping[str, str], where: str) -> Header:
    """Find the header among the first lines. ``wanted`` maps fields to columns, as the settings say.

    Raises ``UserMustAct`` if there is none, or if a wanted column is missing.
    """
    best: tuple[int, Header] | None = None
    for at, line in enumerate(lines[:_HEADER_WITHIN], start=1):
        for delimiter in DELIMITERS:
            names = [cell.strip() for cell in cells_of(line.lstrip("\ufeff"), delimiter)]
            fields = _fields(names, wanted)
            known = sum(map(bool, fields))
            if _WHO & set(fields) and (best is None or known > best[0]):
                best = known, Header(at, delimiter, names, fields)
    if best is None:
        columns = " or ".join(repr(name) for name in wanted.values()) or "a name or an e-mail address"
        raise UserMustAct(
            f"{where} has no header with {columns}",
            help='name its columns in the source: columns = {given_name = "Vorname", email = "Mail"}',
        )
    header = best[1]
    for field, column in wanted.items():
        if field not in header.fields:
            hint = did_you_mean(column, header.names, otherwise=f"it has {', '.join(header.names)[:200]}")
            raise UserMustAct(
                f"{where} has no column '{column}'; {hint}", help="correct columns in the settings"
            )
    return header


def _fields(names: Sequence[str], wanted: Mapping[str, str]) -> list[str]:
    by_column = {fold(column): field for field, column in wanted.items()}
    fields = []
    for name in names:
        known = _KNOWN.get(spelled(name), "")
        fields.append(by_column.get(fold(name)) or ("" if known in wanted else known))
    if "title" not in fields and "organisation" in fields and spelled("Title") in map(spelled, names):
        fields[list(map(spelled, names)).index("title")] = "title"
    return fields
