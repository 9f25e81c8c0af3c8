"""A seeded network as files: cards of three address books in mixed flavours, calendars, a journal, settings.

Who is who comes from ``benchmarks.identity_contacts``. Half of the people were met twice in the year before
``TODAY``, the others once or three times; every fifth journal line is a referral. ``change`` edits a share
of all of it, as a day in the life of a network does. Nothing here is used at run time.

    python -m benchmarks.network FOLDER [--cards N] [--meetings N] [--seed N]
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

from benchmarks.identity_contacts import contacts
from people.types import Contact

TODAY = date(2026, 11, 2)
ME = "alex@doeworks.example"
BOOKS = ("phone", "outlook", "google")
CALENDARS = ("work", "sales", "board", "trade", "family")
LABELS = ("vip", "prospect", "client", "referral-partner", "")
KINDS = ("contact", "contact", "contact", "mention", "referral")
SETTINGS = f"""[me]
name = "Alex Doe"
emails = ["{ME}"]
time_zone = "Europe/London"
region = "GB"
""" + "".join(
    f'[[sources]]\nname = "{name}"\ntype = "{kind}"\npath = "{path}"\n'
    for name, kind, path in (
        *((book, "vcard", f"{book}.vcf") for book in BOOKS),
        *((name, "ics", f"{name}.ics") for name in CALENDARS),
        ("journal", "journal", "journal.csv"),
    )
)


def write(folder: Path, cards: int, *, meetings: int | None = None, seed: int = 1) -> Path:
    """Fill ``folder`` with ``cards`` cards and as many meetings as told (default: one a card).

    Returns the settings file. The same arguments give the same files.
    """
    from flows.cli.commands.init import copy_rules

    folder.mkdir(parents=True, exist_ok=True)
    # Guests and LinkedIn profiles are no cards of an address book, so more are drawn than wanted.
    drawn = [card for card in contacts(seed, cards * 3 // 2 + 20)[0] if card.source in BOOKS][:cards]
    chance = random.Random(f"network {seed}")
    for book in BOOKS:
        mine = (card for card in drawn if card.source == book)
        _write(folder / f"{book}.vcf", (vcard(card, chance) for card in mine))
    reached = [card.emails[0] for card in drawn if card.emails]
    total = cards if meetings is None else meetings
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Touchbase//benchmark//EN\r\n"
    for at, name in enumerate(CALENDARS):
        events = (event(n, chance.choice(reached), chance) for n in range(at, total, len(CALENDARS)))
        _write(folder / f"{name}.ics", chain([head], events, ["END:VCALENDAR\r\n"]))
    lines = (_line(chance.choice(reached), chance) for _ in range(cards // 10))
    _write(folder / "journal.csv", [_HEADER, *lines])
    copy_rules(folder / "rules", quiet=True)
    settings = folder / "touchbase.toml"
    settings.write_text(SETTINGS, "utf-8")
    return settings


def change(folder: Path, share: float, *, seed: int = 2) -> int:
    """Edit that share of the cards and meetings in place; return how many records that were."""
    chance, edited = random.Random(f"change {seed}"), 0
    for name, line in _EDITED:
        path = folder / name
        text = path.read_bytes().decode().split("\r\n")
        places = [at for at, found in enumerate(text) if found.startswith(line)]
        for at in chance.sample(places, int(len(places) * share)):
            text[at] += " (moved)"
            edited += 1
        path.write_bytes("\r\n".join(text).encode())
    return edited


_EDITED = (*((f"{book}.vcf", "FN:") for book in BOOKS), *((f"{name}.ics", "SUMMARY:") for name in CALENDARS))


def vcard(card: Contact, chance: random.Random) -> str:
    """The card as its address book would export it: 3.0 with groups, 2.1, or 4.0."""
    writer = {"phone": _apple, "outlook": _outlook, "google": _google}[card.source]
    return "\r\n".join(("BEGIN:VCARD", *writer(card, chance), "END:VCARD", ""))


def _apple(card: Contact, chance: random.Random) -> Iterator[str]:
    yield from ("VERSION:3.0", "PRODID:-//Apple Inc.//iPhone OS 18.2//EN", *_name(card))
    for at, email in enumerate(card.emails):
        yield f"item{at}.EMAIL;type=INTERNET;type=HOME:{email}"
        yield f"item{at}.X-ABLabel:_$!<Home>!$_"
    yield from (f"TEL;type=CELL;type=VOICE:{phone}" for phone in card.phones)
    yield from _rest(card, chance)
    yield f"REV:{TODAY - timedelta(days=chance.randrange(2000))}T08:00:00Z"


def _outlook(card: Contact, chance: random.Random) -> Iterator[str]:
    yield from ("VERSION:2.1", *_name(card))
    yield from (f"EMAIL;PREF;INTERNET:{email}" for email in card.emails)
    yield from (f"TEL;WORK;VOICE:{phone}" for phone in card.phones)
    note = "Met at the fair=2C hall 3=0D=0AAsked for a quote"
    yield f"NOTE;ENCODING=QUOTED-PRINTABLE:{note}"
    yield from _rest(card, chance)


def _google(card: Contact, chance: random.Random) -> Iterator[str]:
    yield from ("VERSION:4.0", *_name(card))
    yield from (f"EMAIL;TYPE=home;PREF={at + 1}:{email}" for at, email in enumerate(card.emails))
    yield from (f"TEL;VALUE=text;TYPE=cell:{phone}" for phone in card.phones)
    yield from _rest(card, chance)


def _name(card: Contact) -> Iterator[str]:
    yield f"UID:{card.source_id}"
    yield f"N:{card.family_name or ''};{card.given_name or ''};{card.middle_name or ''};;{card.suffix or ''}"
    yield f"FN:{card.name or card.organisation or ''}"


def _rest(card: Contact, chance: random.Random) -> Iterator[str]:
    yield from (f"{key}:{text}" for key, text in (("ORG", card.organisation), ("TITLE", card.title)) if text)
    if card.birthday:
        yield f"BDAY:{card.birthday}"
    for home in card.addresses:
        yield f"ADR:;;{home.street};{home.city};;{home.postal_code};"
    label = chance.choices(LABELS, (3, 10, 10, 5, 72))[0]
    if label:
        yield f"CATEGORIES:{label}"


def event(number: int, guest: str, chance: random.Random) -> str:
    """An hour with one guest, on some day from two years before ``TODAY`` to a month after."""
    day = TODAY + timedelta(days=chance.randrange(-730, 30))
    return (
        f"BEGIN:VEVENT\r\nUID:m{number}\r\nDTSTAMP:{day:%Y%m%d}T000000Z\r\n"
        f"DTSTART:{day:%Y%m%d}T{chance.randrange(8, 18):02}0000Z\r\nDURATION:PT1H\r\n"
        f"SUMMARY:{chance.choice(('Coffee', 'Call', 'Review', 'Lunch'))} {number}\r\n"
        f"ORGANIZER:mailto:{ME}\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}\r\n"
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{guest}\r\nEND:VEVENT\r\n"
    )


_HEADER = "date,person,kind,direction,other,group,hours,amount,outcome,note\r\n"


def _line(person: str, chance: random.Random) -> str:
    day, kind = TODAY - timedelta(days=chance.randrange(700)), chance.choice(KINDS)
    direction = chance.choice(("given", "received")) if kind == "referral" else ""
    outcome = chance.choice(("open", "won")) if kind == "referral" else ""
    return f"{day},{person},{kind},{direction},,,,,{outcome},\r\n"


def _write(path: Path, parts: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(parts)


def main() -> None:
    """Write one and say where."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cards", type=int, default=1_000)
    parser.add_argument("--meetings", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(write(options.folder, options.cards, meetings=options.meetings, seed=options.seed))


if __name__ == "__main__":
    main()
