"""Names of columns: Google Contacts, Outlook in four languages, Thunderbird in three, HubSpot, plain words.

They are in the letters of ``connectors.columns.spelled``. Words for *at work*, *at home* and *other* are
taken off before a name is looked up, so ``Business Street 2`` and ``Rue (bureau)`` are streets at work.
"""

from __future__ import annotations

import re

_NAMED = """
id: record id, contact id, id
name: name, full name, display name, anzeigename, nom complet, nom a afficher, nombre completo, nombre para
    mostrar
given_name: first name, given name, forename, vorname, prenom
middle_name: middle name, additional name, weitere vornamen, zweiter vorname, deuxieme prenom, segundo
    nombre
family_name: last name, family name, surname, sur name, nachname, familienname, nom de famille, apellidos,
    apellido, cognome, sobrenome
prefix: name prefix, salutation, anrede, tratamiento, civilite
suffix: name suffix, suffix, namenszusatz, suffixe, sufijo
nickname: nickname, nick name, spitzname, rufname, surnom, apodo, sobrenombre
email: email, e mail, email address, e mail address, e mail value, primary email, secondary email,
    additional email addresses, additional emails, emails, e mails, mail, mail address, e mail adresse,
    email adresse, mailadresse, primare e mail adresse, sekundare e mail adresse, adresse de messagerie,
    adresse de courrier, adresse e mail, adresse mail, adresse electronique, adresse electronique
    principale, adresse electronique secondaire, premiere adresse electronique, deuxieme adresse
    electronique, courriel, direccion de correo electronico, direccion del correo electronico, correo
    electronico, correo electronico principal, correo electronico secundario, correo, alternate email
phone: phone, phone number, phone value, telephone, telephone number, telefon, telefonnummer, tel, telefono,
    telefone, telefone movil, numero de telefono, mobile, mobile phone, mobile phone number, mobile number,
    cell, cell phone, primary phone, car phone, mobiltelefon, mobilnummer, mobil, mobil tel nr, handy,
    handynummer, haupttelefon, autotelefon, tel mobile, telephone mobile, telephone portable, portable,
    telephone principal, telephone voiture, telefono principal, movil, telefono movil, telefono del coche,
    numero de movil, whatsapp number, festnetz, particular
company_phone: company main phone, telefon firma, telefon zentrale, telephone societe, telefono de la
    organizacion, numero de centralita de la organizacion
organisation: company, company name, organization, organisation, organization name, organisation name,
    employer, firma, unternehmen, societe, entreprise, organizacion, compania, empresa, azienda, associated
    company, primary company, primary associated company
title: job title, organization title, position, role, jobtitle, fonction, puesto, cargo, berufsbezeichnung,
    arbeitstitel, titel der position, titre du poste
department: department, organization department, abteilung, service, departamento
note: notes, note, notizen, notiz, bemerkungen, bemerkung, notas, remarques, commentaire, kommentar,
    comments, description
birthday: birthday, date of birth, birthdate, birth date, dob, geburtstag, geburtsdatum, anniversaire, date
    de naissance, cumpleanos, fecha de nacimiento
anniversary: anniversary, jahrestag, anniversaire de mariage ou fete, aniversario
labels: labels, groups, group membership, categories, category, kategorien, kategorie, gruppen, gruppe,
    group, categorias, categoria, groupes, etiquetas, tags, lists
url: website, website value, website url, web page, personal web page, webseite, site web, page web, pagina
    web, url, homepage, linkedin, linkedin url, linkedin profile url, linked in,
    linked in url, linked in profile url, blog
street: street, street address, address street, address, address line, mailing street, strasse, adresse,
    anschrift, rue, calle, direccion
extended: address extended address, street address line
po_box: po box, address po box, postfach, boite postale, b p, apartado postal, apartado postal de la
    direccion
city: city, address city, town, ort, stadt, wohnort, ville, ciudad
region: state, state region, state province, province, county, address region, region, bundesland,
    bundesland kanton, dep region, pays etat, provincia o estado, provincia, estado
postal_code: postal code, zip, zip code, zip postal code, post code, postcode, address postal code,
    postleitzahl, plz, code postal, codigo postal
country: country, country region, address country, land, land region, pays, pays region, pais o region, pais
birth_year: birth year, geburtsjahr, annee de naissance, ano de nacimiento
birth_month: birth month, geburtsmonat, mois, mois de naissance, mes de nacimiento
birth_day: birth day, jour, jour de naissance, dia de nacimiento
custom:
ignore:
"""
"""The fields that settings can name, and the columns that are known by themselves."""

_PAIRED = """
formatted: address formatted
email_label: e mail label
phone_label: phone label
event: event value
event_label: event label
relation: relation value
relation_label: relation label
custom_value: custom field value
custom_label: custom field label
related spouse: spouse, partner, ehepartner, conjoint e, conyuge
related child: children, kinder, enfants, hijos
related manager: manager, manager s name, vorgesetzter, name des der vorgesetzten, responsable, name des r
    vorgesetzten, nombre del director
related assistant: assistant, assistant s name, assistent in, name assistent, nom de l assistant e
"""
"""Fields whose label stands in a column of its own, and relations."""

_KEPT = """
fax, fax number, fax nummer, telecopie, pager, pager number, pager nummer, callback, ruckmeldung, rappel,
devolucion de llamada, radio phone, funktelefon, radio telephone, radiotelefono, telex, isdn, rnis, tty tdd
phone, telefon fur horbehinderte, telephone tdd tty, numero de teletipo, telefon assistent, assistant s
phone, telephone de l assistant e, recepteur de radiomessagerie, localizador, im value, imaddress, im
address, screen name, messenger name, nom de l ecran, nom a l ecran, hobby, loisirs, passe temps, aficiones,
profession, beruf, profesion, occupation, schools, school, location, emplacement, office location, buro,
bureau, ubicacion, referred by, empfohlen von, recommande par, keywords, stichworter, mots cles, account,
konto, compte, billing information, abrechnungsinformation, informations facturation, facturacion, mileage,
reisekilometer, kilometrage, kilometraje, government id number, regierungsnr, code gouvernement,
organizational id number, organisationsnr, numero d identification de l organisation, user, benutzer,
utilisateur, usuario, custom, benutzerdef, divers, maiden name, short name, subject, organization symbol,
organization location, organization job description, jot value, external id value, calendar link value,
contact owner, lead status, lifecycle stage, marketing contact status, industry, create date, create date
gmt, created date, last activity date, last activity date gmt, last modified date, last contacted, original
source, original source drill down, original traffic source, lead source, email domain, associated company
ids, associated company ids primary, associated company primary, number of employees, content topics,
favorite content topics, preferred channels
"""
"""Numbers that do not ring at the person, messengers, and what else address books and HubSpot write."""

_IGNORED = """
e mail type, e mail display name, e mail typ, e mail angezeigter name, type de messagerie, nom complet de l
adresse de messagerie, tipo de correo electronico, nombre de pantalla de correo electronico, gender,
geschlecht, sexe, genero, priority, prioritat, priorite, prioridad, private, privat, prive, privado,
sensitivity, vertraulichkeit, critere de diffusion, confidencialidad, internet free busy, internet frei
gebucht, disponibilite internet, initials, initialen, initiales, iniciales, language, sprache, langue,
idioma, directory server, verzeichnisserver, serveur d annuaire, photo, file as, yomi name, given name yomi,
additional name yomi, family name yomi, given yomi, surname yomi, company yomi, vorname yomi, nachname yomi,
firma yomi, prenom yomi, nom yomi, societe yomi, yomi especificada, apellido yomi, compania yomi, phonetic
first name, phonetic middle name, phonetic last name, organization label, organization yomi name, address
label, website label, im label, im service, jot label, external id label, calendar link label, country code
"""
"""Columns that say nothing about a person: the kind of an address, a priority, how a name is pronounced."""

_WORK = "business|work|geschaftlich|dienstlich|bureau|professionnel|professionnelle|(?:de |del )?trabajo"
_HOME = "home|private|privat|(?:du )?domicile|personal|personnel|prive|privee|particular|(?:del )?domicilio"
_OTHER = "other|weitere[rs]?(?: [er]\\b)?|autre|otr[ao]"
_KIND = re.compile(rf"\b(?:(?P<work>{_WORK})|(?P<home>{_HOME})|(?P<other>{_OTHER}))\b")
_NUMBERED = re.compile(r"(.+?) (\d+) - (.+)")
_OLD = re.compile(r"^Type$")  # until 2024
ADDRESS = frozenset(("street", "extended", "po_box", "city", "region", "postal_code", "country", "formatted"))


def _table(text: str) -> dict[str, list[str]]:
    fields = re.findall(r"^(\w[\w ]*):(.*(?:\n .*)*)", text, re.MULTILINE)
    return {field: _names(names) for field, names in fields}


def _names(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := " ".join(part.split()))]


def _by_name() -> dict[str, str]:
    known = dict.fromkeys(_names(_IGNORED), "ignore") | dict.fromkeys(_names(_KEPT), "extra")
    for field, names in (_table(_NAMED) | _table(_PAIRED)).items():
        known |= dict.fromkeys(names, field)
    return known


FIELDS = tuple(_table(_NAMED))
"""The fields that the settings can name."""
BY_NAME = _by_name()
"""The field of each known name; ``extra`` for columns that are kept as ``column: cell``."""


_FACTS = {
    "ignore": "",
    "extra": "custom",
    "event": "custom",
    "relation": "related",
    "company_phone": "phone",
    "custom_value": "custom",
    **dict.fromkeys(ADDRESS, "address"),
}


def fact(field: str) -> str:
    """The fact about a person that a field becomes; "" for none.

    >>> fact("birth_day"), fact("phone_label"), fact("related spouse"), fact("nickname")
    ('birthday', 'phone', 'related', 'nickname')
    """
    if field.startswith("birth_"):
        return "birthday"
    field = field.removesuffix("_label").partition(" ")[0]
    return _FACTS.get(field, field)


def kind_of(name: str) -> tuple[str, str]:
    """Split a spelled name into its kind and the rest.

    >>> kind_of("business street"), kind_of("strasse privat"), kind_of("city")
    (('work', 'street'), ('home', 'strasse'), ('', 'city'))
    """
    match = _KIND.search(name)
    if match is None:
        return "", name
    rest = " ".join(f"{name[: match.start()]} {name[match.end() :]}".split())
    return match.lastgroup or "", rest


def numbered(name: str) -> tuple[str, str]:
    """Split a name of Google's into the number and the rest.

    >>> numbered("Address 2 - Street"), numbered("Home Street 2")
    (('2', 'Address Street'), ('', 'Home Street 2'))
    """
    match = _NUMBERED.fullmatch(name.strip())
    return (match[2], f"{match[1]} {_OLD.sub('Label', match[3])}") if match else ("", name)
