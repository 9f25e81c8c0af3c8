"""The people, the calendar and the habits of the simulated month, by one seed. All are invented."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from people.planning.working_days import WorkingDays

START = date(2026, 1, 5)
"""A Monday. Its thirtieth day is a Tuesday, so that both have a run."""
DAYS = WorkingDays("GB")
CADENCE = {"client": 30, "prospect": 60, "referral-partner": 90, "": 180}
"""Days between contacts that the starter rules aim for, by label."""
MOST_IN_TOUCH = 8
"""The people at a meeting, the user included, that still counts as contact with each (rules/meetings.yaml)."""
SETTINGS = """
[me]
name = "Alex Doe"
emails = ["alex@doeworks.example"]
time_zone = "Europe/London"
region = "GB"
[digest]
path = "digest"
"""
PHONE = '[[sources]]\nname = "phone"\ntype = "vcard"\npath = "phone.vcf"\n'
WORK = '[[sources]]\nname = "work"\ntype = "ics"\npath = "calendar.ics"\n'

_LABELS = {"client": 5, "prospect": 15, "referral-partner": 5, "do-not-contact": 1, "": 74}
_GIVEN = (
    "Nina", "Will", "Sophie", "Tom", "Amara", "Felix", "Grace", "Hugo", "Ines", "Jack", "Kate", "Leo", "Maya",
    "Noah", "Olga", "Priya", "Rosa", "Sam", "Tess", "Umar", "Vera", "Yusuf", "Zoe", "Ben", "Clara", "Dan",
    "Ella", "Finn", "Hana", "Ivan",
)  # fmt: skip
_FIRST = (
    "Ash", "Brook", "Carr", "Dun", "Elm", "Fen", "Gold", "Hart", "Ing", "Ket", "Lang", "Mor", "Nor", "Pem",
)  # fmt: skip
_LAST = (
    "by", "combe", "den", "field", "ford", "gate", "ham", "ings", "ley", "man", "ridge", "ston", "well", "wick",
)  # fmt: skip
_TRADES = ("Ceramics", "Interiors", "Legal", "Logistics", "Print", "Software", "Studios", "Translations")
_TITLES = (
    "Account Manager",
    "Architect",
    "Bookkeeper",
    "Buyer",
    "Consultant",
    "Designer",
    "Head of Sales",
    "",
)
_EVENTS = ("Chamber mixer", "Supper club", "Regional expo", "Makers' networking evening")


@dataclass(eq=False)
class Person:
    """Somebody with a card, or somebody met in the month who has none."""

    number: int
    name: str
    firm: str
    title: str
    label: str
    born: date | None
    met: date | None = None
    contacts: set[date] = field(default_factory=set)

    @property
    def email(self) -> str:
        """An address of their own."""
        return f"{self.name.lower().replace(' ', '.')}@{self.firm.split()[0].lower()}{self.number}.example"

    def last_contact(self, before: date) -> date | None:
        """The last day before a day on which they were in touch."""
        return max((day for day in self.contacts if day < before), default=None)

    def card(self) -> str:
        """The vCard on the phone."""
        given, family = self.name.split(" ", 1)
        lines = [
            "BEGIN:VCARD",
            "VERSION:3.0",
            f"UID:c{self.number}",
            f"N:{family};{given};;;",
            f"FN:{self.name}",
            f"EMAIL:{self.email}",
            f"TEL;TYPE=CELL:07700 {900000 + self.number}",
            f"ORG:{self.firm}",
            *([f"TITLE:{self.title}"] if self.title else []),
            *([f"BDAY:{self.born.isoformat()}"] if self.born else []),
            *([f"CATEGORIES:{self.label}"] if self.label else []),
            "END:VCARD",
        ]
        return "\r\n".join(lines) + "\r\n"


@dataclass(frozen=True)
class Meeting:
    """An event in the calendar. ``known_from`` is the day on which it was booked."""

    number: int
    day: date
    title: str
    guests: tuple[Person, ...]
    known_from: date

    def text(self) -> str:
        """The event as it stands in the file."""
        rows = (f"ATTENDEE;PARTSTAT=ACCEPTED;CN={g.name}:mailto:{g.email}\r\n" for g in self.guests)
        return (
            f"BEGIN:VEVENT\r\nUID:m{self.number}\r\nDTSTAMP:{self.known_from:%Y%m%d}T000000Z\r\n"
            f"DTSTART:{self.day:%Y%m%d}T100000Z\r\nDTEND:{self.day:%Y%m%d}T110000Z\r\n"
            f"SUMMARY:{self.title}\r\nORGANIZER:mailto:alex@doeworks.example\r\n"
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:alex@doeworks.example\r\n"
            f"{''.join(rows)}END:VEVENT\r\n"
        )


class World:
    """The book of ``people`` cards, a year of meetings before the start, and the month."""

    def __init__(self, seed: int, people: int, meetings: int, days: int, away: range) -> None:
        self.rng = random.Random(seed)
        names = {self._name(): None for _ in range(people * 3)}
        self.names = iter(names)
        self.cards = [self._person(number, born=True) for number in range(people)]
        self.new: list[Person] = []
        self.meetings: list[Meeting] = []
        for back in range(365, 0, -1):
            self._live(START - timedelta(days=back), meetings, strangers=False)
        for number in range(days):
            if number not in away:
                self._live(START + timedelta(days=number), meetings, strangers=True)

    def _name(self) -> str:
        rng = self.rng
        return f"{rng.choice(_GIVEN)} {rng.choice(_FIRST)}{rng.choice(_LAST)}"

    def _person(self, number: int, *, born: bool) -> Person:
        rng = self.rng
        firm = f"{rng.choice(_FIRST)}{rng.choice(_LAST)} {rng.choice(_TRADES)}"
        label = rng.choices(list(_LABELS), list(_LABELS.values()))[0] if born else ""
        day = date(rng.randrange(1955, 2003), 1, 1) + timedelta(days=rng.randrange(365)) if born else None
        return Person(number, next(self.names), firm, rng.choice(_TITLES), label, day)

    def _live(self, day: date, meetings_a_month: int, *, strangers: bool) -> None:
        """The meetings of one day. In the month, a quarter of them bring somebody new, and some are events."""
        if day.weekday() >= 5:
            return
        mean = meetings_a_month / 21.7
        for _ in range(int(mean) + (self.rng.random() < mean % 1)):
            if self.rng.random() < 0.05:
                guests = self._some(self.rng.randrange(2, 5))
                guests += self._strangers(day, self.rng.randrange(2, 6)) if strangers else []
                self._book(day, self.rng.choice(_EVENTS), guests, ahead=True)
            elif strangers and self.rng.random() < 0.28:
                self._book(day, "Coffee", self._strangers(day, 1), ahead=self.rng.random() < 0.5)
            else:
                self._book(day, "Lunch", self._some(1), ahead=self.rng.random() < 0.5)

    def _some(self, count: int) -> list[Person]:
        """People of the book. Those who matter are met more often."""
        weights = [0 if p.label == "do-not-contact" else 3 if p.label else 1 for p in self.cards]
        return list(dict.fromkeys(self.rng.choices(self.cards, weights, k=count)))

    def _strangers(self, day: date, count: int) -> list[Person]:
        found = [self._person(len(self.cards) + len(self.new) + at, born=False) for at in range(count)]
        for person in found:
            person.met = day
        self.new += found
        return found

    def _book(self, day: date, title: str, guests: list[Person], *, ahead: bool) -> None:
        known = day - timedelta(days=self.rng.randrange(2, 15) if ahead else 0)
        self.meetings.append(Meeting(len(self.meetings), day, title, tuple(guests), known))
        # Of more people at one table the starter rules say: seen together, which is no contact yet.
        if len(guests) < MOST_IN_TOUCH:
            for guest in guests:
                guest.contacts.add(day)

    def write(self, folder: Path, today: date) -> None:
        """Write the files as they are in the morning of ``today``."""
        (folder / "phone.vcf").write_text("".join(person.card() for person in self.cards), "utf-8")
        known = "".join(one.text() for one in self.meetings if min(one.known_from, one.day) < today)
        text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Month//EN\r\n{known}END:VCALENDAR\r\n"
        (folder / "calendar.ics").write_text(text, "utf-8")

    def by_email(self) -> dict[str, Person]:
        """Everybody by address."""
        return {person.email: person for person in (*self.cards, *self.new)}

    def meets_again(self, person: Person, after: date, until: date) -> bool:
        """Whether another meeting with a new person stands in the calendar."""
        return any(after < one.day <= until and person in one.guests for one in self.meetings)


def morning(day: date) -> datetime:
    """When the daily run of a weekday starts."""
    return datetime(day.year, day.month, day.day, 6, 30, tzinfo=UTC)


def working_days(days: int) -> Iterable[date]:
    """The days of the month that have a run."""
    return (day for day in (START + timedelta(days=n) for n in range(days)) if DAYS.on_or_after(day) == day)
