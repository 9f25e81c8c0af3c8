"""Calendars that mean harm, or were broken by others: they end soon, and say what is wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.ics.source import IcsSource
from connectors.shared.recurrence import check_rule
from people.types import Meeting, Page
from tests.support.paths import shared

TODAY = date(2026, 11, 1)
GOOD = "BEGIN:VEVENT\nUID:good\nDTSTART:20261105T090000Z\nEND:VEVENT\n"


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Processor time, which a busy machine does not stretch."""
    began = time.process_time()
    yield
    assert time.process_time() - began < seconds


def pages(
    path: Path, data: str | bytes | None = None, today: date = TODAY, past_days: int = 1100
) -> list[Page]:
    if data is not None:
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    source = IcsSource(
        "work", path, my_emails=[], today=today, time_zone=ZoneInfo("Europe/London"), past_days=past_days
    )
    return list(source.changes(None))


def event(lines: str, start: str = "20251105T090000Z") -> str:
    return f"BEGIN:VEVENT\nUID:bad\nDTSTART:{start}\n{lines}\nEND:VEVENT\n"


def calendar(*components: str) -> str:
    return "BEGIN:VCALENDAR\n" + "".join(components) + "END:VCALENDAR\n"


def minutes(count: int) -> list[str]:
    first = 20250101
    return [f"{first + n // 1440 % 28}T{n // 60 % 24:02}{n % 60:02}{n // 40320:02}Z" for n in range(count)]


ALL = {name: ",".join(map(str, range(n))) for name, n in (("HOUR", 24), ("MINUTE", 60), ("SECOND", 60))}
RULES = {
    "secondly": "RRULE:FREQ=SECONDLY",
    "minutely": "RRULE:FREQ=MINUTELY;COUNT=10",
    "interval 0": "RRULE:FREQ=DAILY;INTERVAL=0",
    "hourly for ever": "RRULE:FREQ=HOURLY",
    "hourly 100,000 times": "RRULE:FREQ=HOURLY;COUNT=100000",
    "every second of every day": f"RRULE:FREQ=DAILY;BYHOUR={ALL['HOUR']};BYMINUTE={ALL['MINUTE']};"
    f"BYSECOND={ALL['SECOND']}",
    "no such day": "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "no such day, hourly": "RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
    "no such weekday": "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO",
    "no such leap day": "RRULE:FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",
    "a count beyond counting": "RRULE:FREQ=DAILY;COUNT=99999999999999999999",
    "a bomb of zeros": "RRULE:FREQ=DAILY;INTERVAL=" + "0" * 100_000,
    "a list without end": "RRULE:FREQ=YEARLY;BYYEARDAY=" + ",".join(["1"] * 100_000),
    "100,000 dates": "RDATE:" + ",".join(minutes(60_000)) + "\nRDATE:" + ",".join(minutes(40_000)),
    "100,000 lines of dates": "\n".join(f"RDATE:{minute}" for minute in minutes(100_000)),
    "100,000 exceptions": "RRULE:FREQ=DAILY\nEXDATE:" + ",".join(minutes(60_000)),
}


@pytest.mark.parametrize("lines", RULES.values(), ids=RULES.keys())
def test_a_hostile_rule_is_refused_by_name_and_costs_no_event(tmp_path: Path, lines: str) -> None:
    with at_most(5):
        (page,) = pages(tmp_path / "calendar.ics", calendar(event(lines), GOOD))
    assert [change.uid for change in page.changes if isinstance(change, Meeting)] == ["bad", "good"]
    assert {problem.where for problem in page.problems} == {"calendar.ics:2"}
    assert page.complete


def test_a_daily_series_of_100_000_is_read_within_the_window_and_pointed_out(tmp_path: Path) -> None:
    lines = "RRULE:FREQ=DAILY;COUNT=100000"
    found = pages(tmp_path / "calendar.ics", calendar(event(lines, "20200101T090000Z")))
    (problem,) = found[-1].problems
    assert (
        problem.message
        == "event 'bad': it repeats 100000 times; only the instances within the window were read"
    )
    assert sum(len(page.changes) for page in found) == (date(2027, 12, 1) - date(2023, 10, 1)).days


def test_an_endless_series_from_the_dawn_of_time_is_refused(tmp_path: Path) -> None:
    (page,) = pages(tmp_path / "calendar.ics", calendar(event("RRULE:FREQ=DAILY", "00010101T000000Z"), GOOD))
    assert "takes too long to expand" in page.problems[0].message
    assert len(page.changes) == 1


def test_a_daily_series_of_centuries_is_read(tmp_path: Path) -> None:
    found = pages(tmp_path / "calendar.ics", calendar(event("RRULE:FREQ=DAILY", "16010101T090000Z")))
    assert found[-1].problems == ()
    assert sum(len(page.changes) for page in found) == (date(2027, 12, 1) - date(2023, 10, 1)).days


def test_100_000_changed_instances_of_one_series(tmp_path: Path) -> None:
    events = (event(f"RECURRENCE-ID:{minute}") for minute in minutes(100_000))
    (page,) = pages(tmp_path / "calendar.ics", calendar(*events, GOOD))
    (problem,) = page.problems
    what = "it has 100000 changed instances, more than 5000; only the event itself was read"
    assert problem.message == f"event 'bad': {what}"
    assert len(page.changes) == 1


def test_100_000_events_of_their_own_end_with_a_named_problem(tmp_path: Path) -> None:
    events = (f"BEGIN:VEVENT\nUID:u{n}\nDTSTART:{m}\nEND:VEVENT\n" for n, m in enumerate(minutes(100_000)))
    with at_most(60):
        found = pages(tmp_path / "calendar.ics", calendar(*events))
    assert sum(len(page.changes) for page in found) == 50_000
    (problem,) = found[-1].problems
    assert "more than 50000 meetings" in problem.message
    assert not found[-1].complete, "what was left out must not count as removed"


def test_many_costly_series_share_one_budget(tmp_path: Path) -> None:
    events = [event("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30").replace("bad", f"u{n}") for n in range(500)]
    with at_most(30):
        (page,) = pages(tmp_path / "calendar.ics", calendar(*events))
    assert "and those before it take too long to expand" in page.problems[-2].message
    assert len(page.changes) == 500
    assert not page.complete


TEXTS = {
    "components without end": "BEGIN:VCALENDAR\n" * 100_000,
    "events without end": "BEGIN:VEVENT\n" * 50_000,
    "ten million letters on one line": calendar("X-LONG:" + "a" * 10_000_000 + "\n", GOOD),
    "a million folds": calendar(event("DESCRIPTION:" + "\n ".join("a" * 1_000_000))),
    "a million empty lines": "BEGIN:VCALENDAR\n" + "\n" * 1_000_000,
    "no colon": calendar(event("RRULE;B" + "=a" * 50_000)),
    "a quote without end": calendar(event('ATTENDEE;CN="' + "a" * 500_000)),
    "parameters without end": calendar(event("ATTENDEE" + ";A=b" * 20_000 + ":mailto:a@b.example")),
    "ends without begins": "END:VEVENT\n" * 50_000,
    "zone by the second": calendar(
        "BEGIN:VTIMEZONE\nTZID:Q\nBEGIN:STANDARD\nDTSTART:19700101T000000\nRRULE:FREQ=SECONDLY\n"
        "TZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:STANDARD\nEND:VTIMEZONE\n",
        "BEGIN:VEVENT\nUID:1\nDTSTART;TZID=Q:20261105T090000\nEND:VEVENT\n",
    ),
    "zones that are paths": calendar(
        *(
            f"BEGIN:VEVENT\nUID:{n}\nDTSTART;TZID={zone}:20261105T090000\nEND:VEVENT\n"
            for n, zone in enumerate(("../../etc/passwd", "/etc/passwd", "America", "x" * 5000, "."))
        )
    ),
    "the end of time": calendar(event("DTEND:99991231T235959Z\nRRULE:FREQ=YEARLY", "99991231T000000Z"), GOOD),
    "a duration beyond time": calendar(event("DURATION:P99999999D", "20261105T090000Z"), GOOD),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_hostile_text_ends_soon(tmp_path: Path, text: str) -> None:
    with at_most(5):
        found = pages(tmp_path / "calendar.ics", text)
    assert len(found[-1].problems) <= 201
    if GOOD in text:
        assert "good" in {change.uid for change in found[-1].changes if isinstance(change, Meeting)}


def test_all_calendars_of_others_are_read_and_each_problem_names_its_place() -> None:
    root = shared("calendars")
    files = sorted(root.rglob("*.ics"))
    assert len(files) >= 162
    meetings = 0
    for path in files:
        with at_most(5):
            # A window around all of them, for they are of all ages.
            found = pages(path, today=date(2015, 1, 1), past_days=20_000)
        meetings += sum(len(page.changes) for page in found)
        for problem in found[-1].problems:
            assert problem.where.startswith(path.name)
            assert problem.message
            assert problem.help
    assert meetings > 400


def test_the_calendars_of_others_as_one_folder() -> None:
    found = pages(shared("calendars"), today=date(2015, 1, 1), past_days=20_000)
    ids = [change.source_id for page in found for change in page.changes]
    assert len(ids) == len(set(ids)) > 300


@pytest.mark.parametrize(
    ("rule", "safe"),
    [
        ("FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=MO"),
        ("BYDAY=MO;FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"),
        ("FREQ=DAILY;UNTIL=99991231T235959", "FREQ=DAILY;UNTIL=99991231"),
    ],
)
def test_honest_rules_pass(rule: str, safe: str) -> None:
    assert check_rule(rule, date(2026, 1, 1), date(2027, 1, 1))[0] == safe


parts = st.sampled_from(
    [
        *("BYMONTH=2", "BYMONTH=1,6,12", "BYMONTHDAY=30", "BYMONTHDAY=-1", "BYMONTHDAY=29", "BYDAY=MO"),
        *("BYDAY=-1FR", "BYDAY=53SU", "BYYEARDAY=366", "BYYEARDAY=-1", "BYWEEKNO=53", "BYSETPOS=366"),
        *("BYSETPOS=-1", "BYHOUR=9,17", "BYMINUTE=0,30", "INTERVAL=3", "INTERVAL=999999999", "COUNT=7"),
        *("UNTIL=20261201", "UNTIL=00010101T000000Z", "WKST=SU", "BYMONTH=13", "BYDAY=", "COUNT=-1", "X-A=b"),
    ]
)


@settings(max_examples=100, deadline=None)
@given(
    frequency=st.sampled_from(["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    chosen=st.lists(parts, max_size=5),
    start=st.dates(date(1601, 1, 1), date(2030, 1, 1)),
)
def test_any_mixture_of_rule_parts_ends_soon(
    tmp_path_factory: pytest.TempPathFactory, frequency: str, chosen: list[str], start: date
) -> None:
    rule = ";".join([f"FREQ={frequency}", *chosen])
    path = tmp_path_factory.mktemp("ics") / "calendar.ics"
    text = calendar(event(f"RRULE:{rule}", f"{start:%Y%m%d}T090000Z"), GOOD)
    with at_most(3):
        found = pages(path, text)
    assert "good" in {change.uid for page in found for change in page.changes if isinstance(change, Meeting)}


LINES = (
    """
BEGIN:VCALENDAR|END:VCALENDAR|BEGIN:VEVENT|END:VEVENT|BEGIN:VALARM|END:VALARM|BEGIN:VTIMEZONE
END:VTIMEZONE|TZID:Q|UID:1|UID:2|DTSTART:20261105T090000Z|DTSTART;TZID=Q:20261105T090000
DTSTART;VALUE=DATE:20261105|DTEND:20261104|DURATION:-P1D|RRULE:FREQ=DAILY;COUNT=3|EXDATE:20261106T090000Z
RDATE;VALUE=PERIOD:20261105T090000Z/PT1H|RDATE:20261107|EXDATE:x|RECURRENCE-ID:20261105T090000Z
RECURRENCE-ID;RANGE=THISANDFUTURE:20261106T090000Z|ATTENDEE:x|ORGANIZER:mailto:a@b.example|SEQUENCE:x
:|;| folded""".strip()
    .replace("\n", "|")
    .split("|")
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=25))
def test_any_mixture_of_lines_is_read_without_a_crash(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    path = tmp_path_factory.mktemp("ics") / "calendar.ics"
    found = pages(path, "\n".join(lines))
    ids = [change.source_id for page in found for change in page.changes]
    assert len(ids) == len(set(ids))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_a_crash(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("ics") / "calendar.ics"
    for content in (
        data,
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n" + data + b"\nEND:VEVENT\nEND:VCALENDAR\n",
    ):
        assert pages(path, content)[-1].cursor
