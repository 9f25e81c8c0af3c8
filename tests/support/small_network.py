"""A small network on one day: Felix, who you meet, and three others."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from flows.cli.commands.init import copy_rules
from tests.support.demo import pulled
from tests.support.stores import with_own_store

TODAY = date(2026, 11, 30)

SETTINGS = """
[me]
name = "Alex Doe"
emails = ["alex@doe.example"]
time_zone = "Europe/London"

[[sources]]
name = "phone"
type = "vcard"
path = "contacts.vcf"

[[sources]]
name = "work"
type = "ics"
path = "calendar.ics"

[[sources]]
name = "journal"
type = "journal"
path = "journal.csv"
"""

CARDS = r"""
BEGIN:VCARD
VERSION:3.0
UID:felix
FN:Felix Moreau
N:Moreau;Felix;;;
ORG:Moreau & Fils
TITLE:Managing Director
TEL:+447700900133
EMAIL:felix@moreau.example
CATEGORIES:client
NOTE:Needs: bookkeeping\nOffers: wine
BDAY:1976-12-02
END:VCARD
BEGIN:VCARD
VERSION:3.0
UID:priya
FN:Priya Nair
N:Nair;Priya;;;
ORG:Nair Books
EMAIL:priya@nair.example
END:VCARD
BEGIN:VCARD
VERSION:3.0
UID:owen
FN:Owen Price
ORG:Price Books
EMAIL:owen@price.example
NOTE:Offers: bookkeeper
END:VCARD
BEGIN:VCARD
VERSION:3.0
UID:tom
FN:Tom Hale
N:Hale;Tom;;;
EMAIL:tom@hale.example
END:VCARD
"""

JOURNAL = """date,person,kind,direction,other,group,hours,amount,outcome,note
2026-10-14,Felix Moreau,referral,given,Tom Hale,,,,,New cellar
2026-11-02,Felix Moreau,referral,received,Priya Nair,,,,met,
2026-10-01,Owen Price,contact,,,,,,,
"""


def event(uid: str, start: str, end: str, title: str, guests: str = "", **more: str) -> str:
    """One VEVENT; ``guests`` is a list of ``Name <address>``, or ``!Name <address>`` for one who declined."""
    lines = [f"UID:{uid}", f"SUMMARY:{title}", f"DTSTART:{start}", f"DTEND:{end}"]
    lines += [f"{name}:{value}" for name, value in more.items()]
    for guest in filter(None, guests.split(", ")):
        name, _, address = guest.strip("!>").rpartition(" <")
        answer = "DECLINED" if guest.startswith("!") else "ACCEPTED"
        lines.append(f'ATTENDEE;CN="{name or address}";PARTSTAT={answer}:mailto:{address}')
    return "\n".join(["BEGIN:VEVENT", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"])


ME = "Alex Doe <alex@doe.example>"
FELIX = "Felix Moreau <felix@moreau.example>"
LUNCH = event("lunch", "20260811T110000Z", "20260811T123000Z", "Lunch with Félix", f"{ME}, {FELIX}")
FAIR = event("fair", "20250303T170000Z", "20250303T190000Z", "Wine fair", f"{ME}, {FELIX}")
CELLAR = event(
    "cellar",
    "20261130T100000Z",
    "20261130T113000Z",
    "Cellar plans",
    f"{ME}, {FELIX}",
    LOCATION="Harbour Hotel",
)


def written(
    folder: Path, *events: str, settings: str = SETTINGS, cards: str = CARDS, journal: str = JOURNAL
) -> Path:
    """Write the files of a network with the starter rules; nothing is read yet. Returns the settings file."""
    folder.mkdir(exist_ok=True)
    config = folder / "touchbase.toml"
    config.write_text(settings)
    calendar = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", *events, "END:VCALENDAR", ""])
    (folder / "calendar.ics").write_text(calendar)
    (folder / "contacts.vcf").write_text(cards)
    (folder / "journal.csv").write_text(journal)
    copy_rules(folder / "rules", quiet=True)
    return with_own_store(config)


def world(folder: Path, *events: str, cards: str = CARDS, journal: str = JOURNAL) -> Path:
    """The same, pulled and resolved on ``TODAY``."""
    return pulled(written(folder, *events, cards=cards, journal=journal), TODAY)
