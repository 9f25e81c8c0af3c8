"""The demo network: whole, valid, invented, and alive on any day."""

from __future__ import annotations

import csv
import importlib.util
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from flows.cli.demo import network
from flows.cli.demo.network import ANCHOR, examples_folder, write_network
from flows.settings.loading import load
from people.errors import SettingsError
from people.types import Change, Contact, JournalLine, Meeting, Page
from rules.engine.checking.loader import load as load_rules
from tests.support.opening import open_source

NETWORK = examples_folder() / "network"
DAYS = [
    date(2026, 1, 14),  # the anchor itself
    date(2026, 1, 20),
    date(2026, 1, 21),
    date(2025, 12, 31),
    date(2027, 1, 1),
    date(2028, 2, 29),
    date(2024, 2, 29),
    date(2026, 3, 29),  # clocks go forward in London
    date(2031, 10, 26),  # and back
]


def _text(folder: Path, name: str) -> str:
    return (folder / name).read_bytes().decode("latin-1")


def _cards(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): _text(folder, str(path)) for path in sorted(folder.rglob("*.vcf"))}


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _events(folder: Path) -> list[Any]:
    return Calendar.from_ical((folder / "calendar.ics").read_bytes()).walk("VEVENT")


def _event_dates(folder: Path) -> list[tuple[str, str, list[date]]]:
    """Of each event its UID, a property and the dates in it, with icalendar as the reader."""
    rows = []
    for event in _events(folder):
        exdates = event.get("EXDATE", [])
        found = {
            **{name: [event[name].dt] for name in ("DTSTAMP", "DTSTART", "DTEND")},
            "RECURRENCE-ID": [event["RECURRENCE-ID"].dt] if "RECURRENCE-ID" in event else [],
            "EXDATE": [
                day.dt for each in (exdates if isinstance(exdates, list) else [exdates]) for day in each.dts
            ],
            "UNTIL": event.get("RRULE", {}).get("UNTIL", []),
        }
        rows += [(str(event["UID"]), name, [_day(day) for day in days]) for name, days in found.items()]
    return rows


def _connected_on(folder: Path) -> list[date]:
    rows = list(csv.reader((folder / "Connections.csv").read_text("utf-8").splitlines()))
    header = next(index for index, row in enumerate(rows) if row[:1] == ["First Name"])
    return [datetime.strptime(row[6], "%d %b %Y").date() for row in rows[header + 1 :]]  # noqa: DTZ007


def _journal_days(folder: Path) -> list[date]:
    with (folder / "journal.csv").open(encoding="utf-8", newline="") as file:
        return [date.fromisoformat(row["date"]) for row in csv.DictReader(file)]


def _revisions(folder: Path) -> list[date]:
    stamps = re.findall(r"(?m)^REV:([0-9-]+)T", "".join(_cards(folder).values()))
    return [date.fromisoformat(stamp) for stamp in stamps]


def _moved_by(before: list[date], after: list[date]) -> set[timedelta]:
    return {new - old for old, new in zip(before, after, strict=True)}


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_every_date_moves_by_the_same_whole_weeks(tmp_path: Path, today: date) -> None:
    copy = write_network(tmp_path / "demo", today).parent
    by = timedelta(days=(today - ANCHOR).days // 7 * 7)
    assert 0 <= (today - (ANCHOR + by)).days <= 6

    for (uid, name, before), (_, _, after) in zip(_event_dates(NETWORK), _event_dates(copy), strict=True):
        assert _moved_by(before, after) <= {timedelta(0) if "birthday" in uid else by}, (uid, name)
    assert _moved_by(_connected_on(NETWORK), _connected_on(copy)) == {by}
    assert _moved_by(_journal_days(NETWORK), _journal_days(copy)) == {by}
    assert _moved_by(_revisions(NETWORK), _revisions(copy)) == {by}
    groups = zip(load_rules(NETWORK / "rules").groups, load_rules(copy / "rules").groups, strict=True)
    assert {new.since - old.since for old, new in groups if old.since and new.since} == {by}


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_nothing_but_dates_changes(tmp_path: Path, today: date) -> None:
    copy = write_network(tmp_path / "demo", today).parent
    dates = re.compile(rb"\d{8}|\d{4}-\d\d-\d\d|\d\d [A-Z][a-z]{2} \d{4}")

    for path in copy.rglob("*.*"):
        original = NETWORK / path.relative_to(copy)
        assert dates.sub(b"DATE", path.read_bytes()) == dates.sub(b"DATE", original.read_bytes()), path.name
    birthdays = [re.findall(r"(?m)^BDAY.*$", text) for text in _cards(copy).values()]
    assert birthdays == [re.findall(r"(?m)^BDAY.*$", text) for text in _cards(NETWORK).values()]
    assert _text(copy, "touchbase.toml") == _text(NETWORK, "touchbase.toml")
    zones = re.compile(r"(?s)BEGIN:VTIMEZONE.*END:VTIMEZONE")
    assert zones.findall(_text(copy, "calendar.ics")) == zones.findall(_text(NETWORK, "calendar.ics")) != []


def test_on_the_anchor_day_the_copy_is_the_bundled_network(tmp_path: Path) -> None:
    copy = write_network(tmp_path / "new" / "demo", ANCHOR).parent
    copied = {path.relative_to(copy): path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    bundled = {path.relative_to(NETWORK): path.read_bytes() for path in NETWORK.rglob("*") if path.is_file()}
    assert copied == {path: content for path, content in bundled.items() if not path.name.startswith(".")}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(today=st.dates(date(1990, 1, 1), date(2120, 1, 1)))
def test_on_any_day_the_supper_was_one_to_seven_days_ago(tmp_path: Path, today: date) -> None:
    copy = write_network(tmp_path / today.isoformat(), today).parent
    (supper,) = (event for event in _events(copy) if "Supper" in event["SUMMARY"])
    assert 1 <= (today - supper["DTSTART"].dt.date()).days <= 7
    assert supper["DTSTART"].dt.strftime("%A %H:%M") == "Tuesday 19:00"


def test_breakfast_stays_at_seven_in_winter_and_summer(tmp_path: Path) -> None:
    copy = write_network(tmp_path / "demo", date(2026, 7, 1)).parent
    calendar = Calendar.from_ical((copy / "calendar.ics").read_bytes())
    events = recurring_ical_events.of(calendar).between(date(2025, 7, 1), date(2026, 7, 1))
    breakfasts = [event.start for event in events if "Harbour Leads" in event["SUMMARY"]]
    london = [start.astimezone(ZoneInfo("Europe/London")) for start in breakfasts]
    assert {start.strftime("%A %H:%M") for start in london} == {"Wednesday 07:00"}
    assert len({start.utcoffset() for start in london}) == 2
    assert 45 <= len(london) <= 53


def test_a_folder_that_holds_anything_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(SettingsError, match="is not an empty folder") as caught:
        write_network(tmp_path, ANCHOR)
    assert "--dir" in caught.value.help
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    assert write_network(tmp_path, ANCHOR) == tmp_path / "touchbase.toml"


@pytest.mark.parametrize("target", ["file", "file/below"])
def test_a_target_that_cannot_be_a_folder_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(SettingsError) as caught:
        write_network(tmp_path / target, ANCHOR)
    assert caught.value.help
    assert (tmp_path / "file").read_text() == "not a folder"


@pytest.mark.parametrize("today", [date.min, date.max], ids=str)
def test_a_day_at_the_end_of_time_is_refused(tmp_path: Path, today: date) -> None:
    with pytest.raises(SettingsError, match="does not fit"):
        write_network(tmp_path / "demo", today)
    assert not (tmp_path / "demo").exists()


def _installed_in(site: Path) -> ModuleType:
    """Load a copy of the module from ``site``, as if a wheel had put it there."""
    (site / "flows" / "cli" / "demo").mkdir(parents=True)
    path = Path(shutil.copy(network.__file__, site / "flows" / "cli" / "demo"))
    spec = importlib.util.spec_from_file_location("installed_demo_network", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_wheel_carries_the_examples_inside_the_package(tmp_path: Path) -> None:
    module = _installed_in(tmp_path)
    with pytest.raises(SettingsError, match="example network is missing"):
        module.examples_folder()
    shutil.copytree(examples_folder(), tmp_path / "flows" / "examples")
    assert module.examples_folder() == tmp_path.resolve() / "flows" / "examples"
    assert module.write_network(tmp_path / "demo", ANCHOR).is_file()


def test_the_rules_of_the_network_load_without_a_problem() -> None:
    ruleset = load_rules(NETWORK / "rules")
    assert ruleset.problems == ()
    assert {group.id for group in ruleset.groups} == {
        "harbour-leads", "coffee-club", "severnside-chamber", "wica",
    }  # fmt: skip


def test_no_domain_and_no_number_belongs_to_anyone() -> None:
    files = [path for path in NETWORK.rglob("*") if path.is_file()]
    text = re.sub(r"\r*\n ", "", "\n".join(_text(NETWORK, str(path)) for path in files))  # unfolded
    domains = re.findall(r"@([\w.-]+\w)", text) + re.findall(r"https?\\?://([\w.-]+)", text)
    assert {
        domain for domain in domains if not domain.endswith(".example") and domain != "example.com"
    } == set()
    assert len(domains) > 500

    lines = re.findall(
        r"(?m)^(?:item\d+\.)?TEL[^:\n]*:(.+?)(?: ext\..*)?\r*$", "".join(_cards(NETWORK).values())
    )
    numbers = {re.sub(r"^(\+|00)44|^0", "", re.sub(r"[^\d+]", "", line)) for line in lines}
    drama = re.compile(r"1174960\d{3}|2079460\d{3}|1632960\d{3}|7700900\d{3}|8081570\d{3}")
    assert {number for number in numbers if not drama.fullmatch(number)} == set()
    assert len(numbers) > 60


# What the sources tell of it


def _cast() -> list[tuple[str, str]]:
    """Name and address of each row of the README's table of people."""
    section = (NETWORK / "README.md").read_text("utf-8").split("## The cast")[1].split("## ")[0]
    rows = [
        [cell.strip() for cell in line.split("|")] for line in section.splitlines() if line.startswith("| ")
    ]
    return [(row[1], row[2]) for row in rows[1:]]


def _pages(name: str) -> Iterator[Page]:
    configuration = load(NETWORK / "touchbase.toml", {})
    yield from open_source(configuration, name, ANCHOR).changes(None)


def _changes(name: str) -> list[Change]:
    return [change for page in _pages(name) for change in page.changes]


def _contacts(name: str) -> list[Contact]:
    return [change for change in _changes(name) if isinstance(change, Contact)]


def test_about_sixty_people_take_part() -> None:
    cast = _cast()
    assert 55 <= len(cast) <= 70
    addresses = Counter(address for _, address in cast if address)
    assert max(addresses.values()) == 1
    assert sum(not address for _, address in cast) == 3  # known from LinkedIn by name alone


def test_the_cast_is_whoever_the_sources_name() -> None:
    known = {address for _, address in _cast() if address}
    contacts = [c for name in ("phone", "outlook", "android", "linkedin") for c in _contacts(name)]
    people = [contact for contact in contacts if contact.kind == "person"]
    invited = {
        attendee.email
        for meeting in _changes("work")
        if isinstance(meeting, Meeting)
        for attendee in meeting.attendees
        if not (attendee.resource or attendee.organizer or attendee.is_self)
    }
    seen = {email for contact in people for email in contact.emails} | invited
    assert known <= seen
    strangers = {email for email in seen - known if email.split("@")[0] not in ("info", "noreply")}
    assert {email.split("@")[1] for email in strangers} == {"mailbox.example"}  # second, private addresses


@pytest.mark.parametrize(
    ("source", "people", "others"), [("phone", 24, 2), ("outlook", 24, 1), ("android", 15, 0)]
)
def test_each_card_is_read(source: str, people: int, others: int) -> None:
    contacts = _contacts(source)
    assert [contact.name for contact in contacts if contact.rejected] == []
    assert Counter(contact.kind == "person" for contact in contacts) == {
        True: people,
        **({False: others} if others else {}),
    }
    assert [contact.name for contact in contacts if not contact.name or not (contact.emails or others)] == []


def test_hard_cards_keep_what_can_be_kept() -> None:
    by_email = {
        contact.emails[0]: contact
        for name in ("phone", "outlook", "android")
        for contact in _contacts(name)
        if contact.emails
    }
    gwen, after_her = by_email["gwen@parrycatering.example"], by_email["martin@sowerbycoaching.example"]
    assert (gwen.name, gwen.title, after_her.name) == ("Gwen Parry", "Caterer", "Martin Sowerby")
    assert gwen.issues
    assert any(issue.lost for issue in by_email["stuart@nealsurveying.example"].issues)
    assert by_email["felix@moreau-fils.example"].name == "Félix Moreau"
    assert by_email["felix@moreau-fils.example"].organisation == "Moreau & Fils, Ltd"
    assert by_email["felix.moreau@mailbox.example"].birthday == "1970-10-06"
    assert by_email["eleanor@vossceramics.example"].birthday == "--05-19"
    assert by_email["imran@sheikhmotors.example"].birthday == "--07-16"
    assert by_email["claire@beaumont.example"].name == "Beaumont, Claire"
    assert by_email["amy@coatesflowers.example"].name == "🌻 Amy Coates ☕"
    assert "“slow but sure”" in (by_email["fiona@ashworthwealth.example"].note or "")
    assert by_email["owen@priceinsurance.example"].note == "offers: insurance"
    assert (by_email["gareth@lloydlettings.example"].note or "").startswith("Café Zinc")
    assert by_email["victor@craneproperty.example"].labels == ("do-not-contact",)
    twins = by_email["chloe@bartonupholstery.example"], by_email["imran@sheikhmotors.example"]
    assert twins[0].uid == twins[1].uid
    assert twins[0].record != twins[1].record


@pytest.mark.parametrize("source", ["work", "linkedin", "journal"])
def test_calendar_and_tables_are_read_without_a_problem(source: str) -> None:
    assert [problem for page in _pages(source) for problem in page.problems] == []


def test_the_calendar_holds_what_the_readme_tells() -> None:
    meetings = [change for change in _changes("work") if isinstance(change, Meeting)]
    titles = Counter(meeting.title for meeting in meetings)
    assert titles["Harbour Leads weekly breakfast"] > 60
    assert titles["Harbourside Coffee Club"] > 16
    (breakfast,) = (meeting for meeting in meetings if "new year" in (meeting.title or ""))
    assert len(breakfast.attendees) > 30
    called_off = [m.title for m in meetings if m.status == "cancelled"]
    assert sorted(filter(None, called_off)) == [
        "Eleanor / Alex", "Site visit, Holt Garden Rooms", "WICA members' lunch",
    ]  # fmt: skip
    assert {m.my_response for m in meetings if m.title == "Cloudberry account review"} == {"declined"}
    assert {
        m.attendees[-1].resource
        for m in meetings
        if "George" in (m.title or "") and "year" in (m.title or "")
    } == {True}


def test_the_journal_uses_every_kind_both_ways() -> None:
    lines = [change for change in _changes("journal") if isinstance(change, JournalLine)]
    assert {(line.kind, line.direction) for line in lines} == {
        (kind, direction)
        for kind in ("purchase", "referral", "introduction", "participation", "mention", "contact")
        for direction in ("given", "received")
    } - {("contact", "received")}
    groups = {group.id for group in load_rules(NETWORK / "rules").groups}
    assert {line.group for line in lines if line.group} <= groups
