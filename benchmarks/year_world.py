"""The people, files and habits of the simulated year: what happens outside Touchbase, by one seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

SOURCES = {
    "phone": "phone.vcf", "outlook": "outlook.vcf", "work": "calendar.ics", "journal": "journal.csv",
    "post": "mail.mbox",
}  # fmt: skip
LABELS = ("vip", "prospect", "referral-partner", "do-not-contact", "")
SETTINGS = """
[me]
name = "Alex Doe"
emails = ["alex@doeworks.example"]
time_zone = "Europe/London"
region = "GB"
[tasks]
capacity_per_day = {capacity}
[[sources]]
name = "phone"
type = "vcard"
path = "phone.vcf"
[[sources]]
name = "outlook"
type = "vcard"
path = "outlook.vcf"
[[sources]]
name = "work"
type = "ics"
path = "calendar.ics"
[[sources]]
name = "journal"
type = "journal"
path = "journal.csv"
[[sources]]
name = "post"
type = "mailbox"
path = "mail.mbox"
"""
ME = "alex@doeworks.example"
MAILS = {"sent": 4, "received": 4, "newsletter": 2, "away": 1, "in copy": 1}
"""Kinds of mail, and how often each one comes. The first two are contact."""
_GIVEN = ("Anna", "Ben", "Chloe", "Dan", "Eva", "Finn", "Greta", "Hugo", "Ines", "Jan", "Kira", "Leo")
_PARTS = ("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va")


@dataclass
class Card:
    """One card; ``last`` is the day of the last contact that Touchbase has been able to read of."""

    record: str
    name: str
    email: str
    phone: str
    label: str
    last: date | None = None

    def text(self) -> str:
        """The card as a vCard."""
        given, family = self.name.split(" ", 1)
        lines = [
            "BEGIN:VCARD",
            "VERSION:3.0",
            f"UID:{self.record.partition(':')[2]}",
            f"N:{family};{given};;;",
            f"FN:{self.name}",
            f"EMAIL:{self.email}",
            f"TEL:{self.phone}",
            *([f"CATEGORIES:{self.label}"] if self.label else []),
            "END:VCARD",
        ]
        return "\r\n".join(lines) + "\r\n"


@dataclass
class World:
    """All of it; ``folder`` gets the sources' files."""

    folder: Path
    rng: random.Random
    cards: list[Card] = field(default_factory=list)
    meetings: list[tuple[date, Card, int]] = field(default_factory=list)
    lines: list[tuple[date, Card]] = field(default_factory=list)
    mails: list[tuple[date, Card, str]] = field(default_factory=list)
    same: list[tuple[str, str]] = field(default_factory=list)
    faulty: dict[str, str] = field(default_factory=dict)

    def populate(self, people: int, start: date) -> None:
        """Cards on the phone, half of a third of them in Outlook too, and contact before the start."""
        names = {f"{self.rng.choice(_GIVEN)} {self._family()}": None for _ in range(people * 2)}
        for number, name in enumerate(list(names)[:people]):
            label = self.rng.choices(LABELS, (10, 30, 10, 4, 46))[0]
            source = "outlook" if number % 3 == 0 else "phone"
            card = Card(
                f"{source}:c{number}",
                name,
                f"{name.lower().replace(' ', '.')}@mail{number}.example",
                f"+44 7700 {900000 + number}",
                label,
            )
            self.cards.append(card)
            if number % 6 == 0:
                self.cards.append(Card(f"phone:d{number}", name, card.email, card.phone, label))
            self.lines.append((start - timedelta(days=self.rng.randrange(1, 150)), card))

    def _family(self) -> str:
        return "".join(self.rng.choices(_PARTS, k=4)).title()

    def live(self, today: date, meetings_a_month: int, mails_a_month: int = 0) -> None:
        """One day: meetings, some of them booked ahead; mail; a call in the journal; who is one person."""
        for _ in range(self._times(mails_a_month / 30)):
            kind = self.rng.choices(list(MAILS), list(MAILS.values()))[0]
            self.mails.append((today, self.rng.choice(self.cards), kind))
        for _ in range(self._times(meetings_a_month / 30)):
            day = today + timedelta(days=self.rng.choice((0, 0, 0, 0, 2, 5, 9)))
            self.meetings.append((day, self.rng.choice(self.cards), len(self.meetings)))
        for _ in range(self._times(0.4)):
            self.lines.append((today, self.rng.choice(self.cards)))
        if self.rng.random() < 0.12:
            one, other = self.rng.sample(self.cards, 2)
            self.same.append((one.record, other.record))
        if self.same and self.rng.random() < 0.05:
            self.same.pop(self.rng.randrange(len(self.same)))
        self.faulty = {
            name: self.rng.choice(("missing", "cut", "garbage"))
            for name in SOURCES
            if self.rng.random() < 0.02
        }

    def _times(self, mean: float) -> int:
        return int(mean) + (self.rng.random() < mean % 1)

    def write(self, *, faults: bool) -> None:
        """Write the sources' files and the user's decisions; with ``faults`` some of them broken."""
        for name, file in SOURCES.items():
            text, path = self._text(name), self.folder / file
            fault = self.faulty.get(name) if faults else None
            if fault == "missing":
                path.unlink(missing_ok=True)
            elif fault == "cut":
                path.write_text(text[: len(text) // 8], "utf-8")
            elif fault == "garbage":
                path.write_bytes(b"\x00\xff\xfe<html>503 Service Unavailable</html>")
            else:
                path.write_text(text, "utf-8")
        decisions = "".join(f"always {one} {other}\n" for one, other in self.same)
        (self.folder / "identity.txt").write_text(decisions, "utf-8")

    def _text(self, name: str) -> str:
        if name == "work":
            events = "".join(_event(*meeting) for meeting in self.meetings)
            return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Year//EN\r\n{events}END:VCALENDAR\r\n"
        if name == "journal":
            head = "date,person,kind,direction,other,group,hours,amount,outcome,note\n"
            return head + "".join(f"{day},{card.email},contact,,,,,,,\n" for day, card in self.lines)
        if name == "post":
            return "".join(_mail(*mail, number) for number, mail in enumerate(self.mails))
        return "".join(card.text() for card in self.cards if card.record.startswith(f"{name}:"))

    def learn(self, source: str, today: date) -> None:
        """Touchbase has read this source: what happened in it up to today is known to it."""
        told = [(day, card) for day, card, _ in self.meetings] if source == "work" else self.lines
        if source == "post":
            # A file that is cut short is read as far as it goes.
            whole = () if source in self.faulty else self.mails
            told = [(day, card) for day, card, kind in whole if kind in ("sent", "received")]
        if source in ("work", "journal", "post"):
            for day, card in told:
                if day <= today:
                    card.last = max(card.last or day, day)


def _event(day: date, card: Card, number: int) -> str:
    return (
        f"BEGIN:VEVENT\r\nUID:m{number}\r\nDTSTAMP:{day:%Y%m%d}T000000Z\r\n"
        f"DTSTART:{day:%Y%m%d}T100000Z\r\nDTEND:{day:%Y%m%d}T110000Z\r\nSUMMARY:{card.name} / Alex\r\n"
        "ORGANIZER:mailto:alex@doeworks.example\r\n"
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:alex@doeworks.example\r\n"
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{card.email}\r\nEND:VEVENT\r\n"
    )


def _mail(day: date, card: Card, kind: str, number: int) -> str:
    sender, to = (ME, card.email) if kind == "sent" else (card.email, ME)
    more = {
        "newsletter": "List-Unsubscribe: <mailto:no@x.example>\n",
        "away": "Auto-Submitted: auto-replied\n",
    }
    if kind == "in copy":
        to = "someone@else.example"
        more[kind] = f"Cc: {ME}\n"
    return (
        f"From x@x.example Mon Jan  5 09:00:00 2026\nMessage-ID: <{number}@year.example>\n"
        f"Date: {day:%d} {day:%b} {day:%Y} 09:00:00 +0000\nFrom: {sender}\nTo: {to}\n{more.get(kind, '')}\nHello\n\n"
    )
