"""Accounts to play with: a small network for demonstrations, and a large one for measuring."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta

from tests.support.google_server.server import GoogleServer

_PEOPLE = (
    ("Anna Berg", "Berg Interiors", "Managing Director", "chamber", "needs: bookkeeping"),
    ("Tom Hale", "Hale & Sons", "Joiner", "bni", "offers: joinery"),
    ("Priya Nair", "Nair Legal", "Solicitor", "bni", "offers: contracts"),
    ("Luis Ortega", "Ortega Print", "Owner", "chamber", "offers: printing"),
    ("Marta Kowalska", "Kowalska Books", "Bookkeeper", "bni", "offers: bookkeeping"),
    ("Sven Lindqvist", "Lindqvist Design", "Designer", "", "offers: web design"),
    ("Grace Osei", "Osei Catering", "Chef", "chamber", "needs: printing"),
    ("Yuki Tanaka", "Tanaka Tea", "Importer", "", "needs: web design"),
)


def fill_small(google: GoogleServer, today: date) -> None:
    """Eight people with labels, meetings with them around ``today`` (past, coming, and weekly), and mail."""
    groups = {name: google.people.add_group(name) for name in ("bni", "chamber")}
    for number, (name, firm, title, group, wish) in enumerate(_PEOPLE):
        first, _, last = name.partition(" ")
        email = f"{first}@{last}.example".lower()
        key, _, value = wish.partition(": ")
        person = google.people.add(
            name,
            emails=[email],
            phoneNumbers=[{"value": f"+44 117 946 {number:04}"}],
            organizations=[{"name": firm, "title": title, "current": True}],
            userDefined=[{"key": key, "value": value}],
            birthdays=[{"date": {"month": 1 + number, "day": 10 + number}}],
        )
        if group:
            google.people.join(person, groups[group])
        _meet(google, f"Coffee with {first}", today - timedelta(days=12 + 25 * number), email)
    _meet(google, "Lunch with Tom", today + timedelta(days=9), "tom@hale.example")
    google.calendar.add(
        "One-to-one with Priya",
        **_hour(today - timedelta(days=70)),
        attendees=(google.user, "priya@nair.example"),
        recurrence=["RRULE:FREQ=WEEKLY;INTERVAL=2"],
    )
    everyone = (google.user, *(f"{n.split()[0]}@{n.split()[1]}.example".lower() for n, *_ in _PEOPLE))
    google.calendar.add("Chamber autumn mixer", **_hour(today - timedelta(days=2)), attendees=everyone)
    _write(google, today)


def _write(google: GoogleServer, today: date) -> None:
    """Mail: one that waits for an answer, one that was answered, a mailing, and an out-of-office reply."""

    def days_ago(days: int) -> datetime:
        return datetime.combine(today - timedelta(days=days), time(9), UTC)

    gmail = google.gmail
    gmail.receive("Marta Kowalska <marta@kowalska.example>", at=days_ago(5))
    sent = gmail.send("Sven Lindqvist <sven@lindqvist.example>", at=days_ago(3))
    gmail.receive(
        "Sven Lindqvist <sven@lindqvist.example>",
        at=days_ago(3) + timedelta(minutes=1),
        thread=sent,
        Auto_Submitted="auto-replied",
    )
    gmail.receive(
        "Yuki Tanaka <yuki@tanaka.example>",
        at=days_ago(4),
        labels=("INBOX", "CATEGORY_PROMOTIONS"),
        List_Unsubscribe="<mailto:leave@tanaka.example>",
    )
    question = gmail.receive("Grace Osei <grace@osei.example>", at=days_ago(8))
    gmail.send("Grace Osei <grace@osei.example>", at=days_ago(7), thread=question)


def fill_large(google: GoogleServer, today: date, *, contacts: int, events: int) -> None:
    """Plain but complete data; each 50th event is a weekly series, each fourth of those with an exception."""
    chance = random.Random(7)
    labels = [google.people.add_group(f"label {number}") for number in range(8)]
    for number in range(contacts):
        person = google.people.add(
            f"Given{number} Family{number % 977}",
            emails=[f"person{number}@firm{number % 331}.example", f"p{number}@home.example"],
            phoneNumbers=[{"value": f"+44 20 7946 {number:05}", "type": "work"}],
            organizations=[{"name": f"Firm {number % 331}", "title": "Owner"}],
            biographies=[{"value": f"Met at event {number % 50}"}],
        )
        if number % 3 == 0:
            google.people.join(person, chance.choice(labels))
    for number in range(events):
        day = today - timedelta(days=chance.randrange(-60, 1000))
        guests = (google.user, *(f"person{chance.randrange(contacts)}@firm.example" for _ in range(3)))
        event = google.calendar.add(f"Event {number}", **_hour(day), attendees=guests)
        if number % 50 == 0:
            google.calendar.edit(event, recurrence=["RRULE:FREQ=WEEKLY;COUNT=26"])
        if number % 200 == 0:
            moved = _hour(day + timedelta(days=8))
            google.calendar.change_instance(
                event, _hour(day + timedelta(days=7))["start"], start=moved["start"]
            )


def _meet(google: GoogleServer, title: str, day: date, guest: str) -> None:
    google.calendar.add(title, **_hour(day), attendees=(google.user, guest))


def _hour(day: date) -> dict[str, str]:
    return {"start": f"{day.isoformat()}T10:00", "end": f"{day.isoformat()}T11:00"}
