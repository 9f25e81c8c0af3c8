"""One event in several calendars happened once and costs once, whatever the copies look like."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.cli.commands.init import copy_rules
from flows.run.look import look, support_now
from flows.settings.loading import load
from people.store import open_store
from tests.support.demo import pulled
from tests.support.stores import with_own_store

TODAY = date(2026, 11, 30)

SETTINGS = """
[me]
emails = ["alex@doe.example"]
time_zone = "Europe/London"

[[sources]]
name = "phone"
type = "vcard"
path = "contacts.vcf"
"""
CARD = "BEGIN:VCARD\nVERSION:3.0\nUID:anna\nFN:Anna Berg\nEMAIL:anna@berg.example\nEND:VCARD\n"
RULES = """
version: 1
weights: {contact: 1}
groups:
  - id: leads
    name: Harbour Leads
    since: 2026-01-10
    fee: 20.00
    fee_per: meeting
    meetings: {title|contains: leads breakfast}
rules:
  - id: breakfast
    for: meeting
    when: {title|contains: leads breakfast}
    then: {cost: 12.00}
"""

BREAKFAST = """
BEGIN:VEVENT
UID:breakfast
DTSTART:20260901T070000Z
DTEND:20260901T083000Z
RRULE:FREQ=WEEKLY;COUNT=4
SUMMARY:Leads breakfast
ORGANIZER:mailto:chair@leads.example
ATTENDEE:mailto:alex@doe.example
ATTENDEE:mailto:anna@berg.example
END:VEVENT
"""
NO_GUESTS = "\n".join(line for line in BREAKFAST.splitlines() if "mailto:" not in line)
OTHER_UID = BREAKFAST.replace("UID:breakfast", "UID:imported-17")
RENAMED = BREAKFAST.replace("Leads breakfast", "Busy")
DECLINED = BREAKFAST.replace("ATTENDEE:mailto:alex", "ATTENDEE;PARTSTAT=DECLINED:mailto:alex")
MOVED = BREAKFAST.replace("T07", "T10").replace("T08", "T11").replace("UID:breakfast", "UID:second")


def network(folder: Path, *calendars: str) -> Path:
    folder.mkdir()
    sources = ""
    for number, events in enumerate(calendars):
        text = f"BEGIN:VCALENDAR\nVERSION:2.0\n{events.strip()}\nEND:VCALENDAR\n"
        (folder / f"{number}.ics").write_text(text)
        sources += f'\n[[sources]]\nname = "calendar{number}"\ntype = "ics"\npath = "{number}.ics"\n'
    (folder / "contacts.vcf").write_text(CARD)
    (folder / "touchbase.toml").write_text(SETTINGS + sources)
    copy_rules(folder / "rules", quiet=True)
    (folder / "rules" / "zz_mine.yaml").write_text(RULES)
    return pulled(with_own_store(folder / "touchbase.toml"), TODAY)


def figures(config: Path) -> dict[str, Any]:
    settings = load(config, {})
    store = open_store(settings.store_url)
    support = support_now(settings, store, TODAY)
    people = look(settings, store, TODAY).people.facts.filter(name="Anna Berg")
    store.close()
    (group,) = support.groups.frame.filter(id="leads").to_dicts()
    (anna,) = people.to_dicts()
    return {
        "meetings": group["meetings_attended"],
        "hours": group["hours"],
        "money": group["money"],
        "contacts": anna["contacts_365d"],
        "given": anna["given"],
        "spent": sum(month.spent for month in support.months("hours")),
    }


ONCE: dict[str, Any] = {
    "meetings": 4,
    "hours": Decimal(12),
    "money": Decimal(128),
    "contacts": 4,
    "given": Decimal(4),
    "spent": Decimal(12),
}
"""Four breakfasts of 90 minutes: each three hours with the travel, 12.00 for food and 20.00 for the seat."""


@pytest.mark.parametrize(
    "calendars",
    [
        (BREAKFAST,),
        (BREAKFAST, BREAKFAST),
        (BREAKFAST, NO_GUESTS),
        (NO_GUESTS, BREAKFAST),
        (BREAKFAST, OTHER_UID),
        (RENAMED, BREAKFAST),
        (RENAMED, OTHER_UID, BREAKFAST),
        (DECLINED, BREAKFAST),
        (BREAKFAST, OTHER_UID, NO_GUESTS, BREAKFAST),
    ],
    ids=lambda calendars: str(len(calendars)),
)
def test_copies_cost_and_count_once(tmp_path: Path, calendars: tuple[str, ...]) -> None:
    assert figures(network(tmp_path / "network", *calendars)) == ONCE


def test_two_meetings_on_one_day_are_two(tmp_path: Path) -> None:
    found = figures(network(tmp_path / "network", BREAKFAST, MOVED))
    assert found == {name: 2 * value for name, value in ONCE.items()}
