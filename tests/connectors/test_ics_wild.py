"""Calendars as programs in the wild really write them: guests, zones, copies, rules, times."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.ics.event import ITSELF
from connectors.ics.source import IcsSource
from people.types import Meeting, Problem

LONDON = ZoneInfo("Europe/London")


def calendar(*events: str, head: str = "") -> str:
    """A calendar of these events; of each only the inner lines are given."""
    inner = "".join(f"BEGIN:VEVENT\nUID:u{at}\n{event}\nEND:VEVENT\n" for at, event in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{inner}END:VCALENDAR\n"


def read(path: Path, text: str | bytes | None = None) -> tuple[list[Meeting], list[Problem]]:
    """The meetings of a file or folder, by their start, and the problems."""
    if text is not None:
        path = path / "calendar.ics"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    today = date(2026, 11, 1)
    pages = list(
        IcsSource("work", path, my_emails=["me@x.example"], today=today, time_zone=LONDON).changes(None)
    )
    meetings = [change for page in pages for change in page.changes if isinstance(change, Meeting)]
    return sorted(meetings, key=when), [problem for page in pages for problem in page.problems]


def when(meeting: Meeting) -> str:
    """The start in UTC, or the day."""
    return f"{meeting.start:%Y-%m-%d %H:%M}" if meeting.start else str(meeting.start_date)


@pytest.mark.parametrize(
    ("line", "email", "name"),
    [
        (
            "ATTENDEE;CN=Pat O'Brien:mailto:pat.o'brien@firm.example",
            "pat.o'brien@firm.example",
            "Pat O'Brien",
        ),
        ("ATTENDEE:mailto:'anna@berg.example'", "anna@berg.example", None),
        ("ATTENDEE;CN=\"'anna@berg.example'\":mailto:'anna@berg.example'", "anna@berg.example", None),
        ("ATTENDEE;CN=anna@berg.example:invalid:nomail", "anna@berg.example", None),
        ("ATTENDEE;CN=Anna Berg (anna@berg.example):invalid:nomail", "anna@berg.example", "Anna Berg"),
        ("ATTENDEE;CN=Anna Berg <anna@berg.example>:", "anna@berg.example", "Anna Berg"),
        (
            'ATTENDEE;CN="Anna "Annie" Berg":mailto:anna@berg.example',
            "anna@berg.example",
            'Anna "Annie" Berg',
        ),
        ("ATTENDEE;CN=Sales: Anna Berg:mailto:anna@berg.example", "anna@berg.example", "Sales: Anna Berg"),
        ("ATTENDEE;CN=Berg; Anna:mailto:anna@berg.example", "anna@berg.example", "Berg; Anna"),
        ("ATTENDEE:X-KEY=00ff;CN=Anna Berg:mailto:anna@berg.example", "anna@berg.example", "Anna Berg"),
        ("ATTENDEE;CN=anna@berg.example:mailto:Anna Berg", "anna@berg.example", "Anna Berg"),
        ("ATTENDEE;RSVP;CN=Anna Berg:mailto:anna@berg.example", "anna@berg.example", "Anna Berg"),
        ("ATTENDEE;CN=Anna Berg;RSVP:mailto:anna@berg.example", "anna@berg.example", "Anna Berg"),
        ("ATTENDEE;CN=Anna Berg:mailto:<anna@berg.example>", "anna@berg.example", "Anna Berg"),
        ("ATTENDEE:mailto:Anna Berg <anna@berg.example>", "anna@berg.example", "Anna Berg"),
        ("ATTENDEE:Anna Berg <anna@berg.example>", "anna@berg.example", "Anna Berg"),
        ("ATTENDEE:mailto:Anna%20Berg%20%3Canna@berg.example%3E", "anna@berg.example", "Anna Berg"),
        ("ATTENDEE;CN=Anna Berg:mailto:mailto:anna@berg.example", "anna@berg.example", "Anna Berg"),
        ('ATTENDEE;CN=Anna Berg:"mailto:anna@berg.example"', "anna@berg.example", "Anna Berg"),
        ("ATTENDEE;CN=Anna Berg:SMTP:anna@berg.example", "anna@berg.example", "Anna Berg"),
        (
            "ATTENDEE;CN=Anna;SENT-BY=mailto:office@berg.example:mailto:anna@berg.example",
            "anna@berg.example",
            "Anna",
        ),
        ("ATTENDEE;CN=Anna;X-EMAIL=anna@berg.example:urn:uuid:1", "anna@berg.example", "Anna"),
    ],
)
def test_each_guest_is_found(tmp_path: Path, line: str, email: str, name: str | None) -> None:
    (meeting,), problems = read(tmp_path, calendar(f"DTSTART:20261105T090000Z\n{line}"))
    assert [(guest.email, guest.name) for guest in meeting.attendees] == [(email, name)]
    assert problems == []
    (meeting,), _ = read(
        tmp_path, calendar(f"DTSTART:20261105T090000Z\n{line}".replace("ATTENDEE", "ORGANIZER"))
    )
    assert meeting.organizer == email


def test_an_answer_behind_a_bad_name_counts(tmp_path: Path) -> None:
    line = "ATTENDEE;CN=Sales: Anna; Berg;PARTSTAT=DECLINED:mailto:anna@berg.example"
    (meeting,), _ = read(tmp_path, calendar(f"DTSTART:20261105T090000Z\n{line}"))
    assert [guest.response for guest in meeting.attendees] == ["declined"]


def test_the_address_of_an_assistant_or_delegate_is_nobody_elses(tmp_path: Path) -> None:
    lines = (
        'ATTENDEE;CN=Anna;SENT-BY="mailto:office@x.example";DELEGATED-TO="mailto:b@x.example":invalid:nomail',
        "ORGANIZER;CN=Boss;SENT-BY=mailto:office@x.example:invalid:nomail",
    )
    (meeting,), (problem,) = read(tmp_path, calendar("DTSTART:20261105T090000Z\n" + "\n".join(lines)))
    assert (meeting.attendees, meeting.organizer, meeting.attendees_omitted) == ((), None, True)
    assert problem.message == "event 'u0': guests without an e-mail address were left out: 'Anna', 'Boss'"


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        ('"(UTC-05:00) Eastern Time (US & Canada)"', "16:00"),
        ('"(GMT-05.00) Eastern Time (US and Canada)"', "16:00"),
        ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', "10:00"),
        ('"(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi"', "06:30"),
        ('"(UTC-07:00) Chihuahua, La Paz, Mazatlan"', "19:00"),
        ('"GMT -0500 (Standard) / GMT -0400 (Daylight)"', "16:00"),
        ('"GMT-05.00/-04.00"', "16:00"),
        ('"(GMT +01:00)"', "11:00"),
        ("UTC+01", "11:00"),
        ('"GMT-5"', "17:00"),
        ("UTC+5:30", "06:30"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "16:00"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern", "10:00"),
        ("Eastern Standard Time 1", "16:00"),
        ("Eastern Daylight Time", "16:00"),
        ('"tzone://Microsoft/Utc"', "12:00"),
        ("TZID=Europe/Berlin", "10:00"),
        ("America/New York", "16:00"),
        ("europe/berlin", "10:00"),
        ("Berlin", "10:00"),
        ("PDT", "19:00"),
    ],
)
def test_zones_by_names_that_are_not_their_own(tmp_path: Path, zone: str, utc: str) -> None:
    (meeting,), problems = read(tmp_path, calendar(f"DTSTART;TZID={zone}:20260706T120000"))
    assert (when(meeting), problems) == (f"2026-07-06 {utc}", [])


@pytest.mark.parametrize("name", ["Customized Time Zone", "Mars/Olympus", "UTC+25", "0", "local"])
def test_a_zone_that_nobody_knows_is_not_guessed(tmp_path: Path, name: str) -> None:
    (meeting,), (problem,) = read(tmp_path, calendar(f"DTSTART;TZID={name}:20260706T120000"))
    assert when(meeting) == "2026-07-06 11:00"
    assert problem.message == f"time zone '{name}' is unknown; its times were read in yours"
    assert problem.where == "calendar.ics:3"


def vtimezone(name: str, offset: str, more: str = "") -> str:
    return (
        f"BEGIN:VTIMEZONE\nTZID:{name}\n{more}BEGIN:STANDARD\nDTSTART:19700101T000000\n"
        f"TZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}\nEND:STANDARD\nEND:VTIMEZONE\n"
    )


@pytest.mark.parametrize(("offset", "utc"), [("0200", "10"), ("+02:00", "10"), ("-0300", "15"), ("+2", "10")])
def test_offsets_as_programs_write_them(tmp_path: Path, offset: str, utc: str) -> None:
    head = vtimezone("(UTC+01:00) Mine", offset)
    (meeting,), _ = read(tmp_path, calendar('DTSTART;TZID="(UTC+01:00) Mine":20260706T120000', head=head))
    assert when(meeting) == f"2026-07-06 {utc}:00", "the file's own definition wins over a guess"


def test_the_place_of_a_zone_that_cannot_be_built_is_its_name(tmp_path: Path) -> None:
    head = vtimezone("Mine", "nonsense", "X-LIC-LOCATION:Europe/Berlin\n")
    (meeting,), problems = read(tmp_path, calendar("DTSTART;TZID=Mine:20260706T120000", head=head))
    assert (when(meeting), problems) == ("2026-07-06 10:00", [])


def test_floating_times_are_in_the_zone_of_their_calendar(tmp_path: Path) -> None:
    head = "X-WR-TIMEZONE:America/New_York\n"
    events = ("DTSTART:20260706T120000", "DTSTART:20260707", "DTSTART:20260708T120000Z")
    meetings, _ = read(tmp_path, calendar(*events, head=head))
    assert list(map(when, meetings)) == ["2026-07-06 16:00", "2026-07-07", "2026-07-08 12:00"]


@pytest.mark.parametrize("between", ["", "\n", "\N{ZERO WIDTH NO-BREAK SPACE}"])
def test_method_and_zones_belong_to_their_calendar(tmp_path: Path, between: str) -> None:
    kept = calendar("DTSTART;TZID=Mine:20260706T120000", head="METHOD:REQUEST\n" + vtimezone("Mine", "+0200"))
    off = calendar("DTSTART;TZID=Mine:20260707T120000", head="METHOD:CANCEL\n" + vtimezone("Mine", "-0500"))
    text = kept.rstrip() + between + off.replace("u0", "u1")
    meetings, _ = read(tmp_path, text)
    assert [(when(meeting), meeting.status) for meeting in meetings] == [
        ("2026-07-06 10:00", "confirmed"),
        ("2026-07-07 17:00", "cancelled"),
    ]


INVITATION = "SEQUENCE:{}\nDTSTAMP:2026010{}T000000Z\nDTSTART:2026110{}T090000Z\nSUMMARY:{}"
OLD, NEW = INVITATION.format(0, 1, 5, "Old"), INVITATION.format(1, 1, 6, "New")
LATER = INVITATION.format(0, 2, 7, "Later")
CANCEL, REPLY = "METHOD:CANCEL\n", "METHOD:REPLY\n"
BARE = "SEQUENCE:1\nDTSTAMP:20260109T000000Z"


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (calendar(OLD), calendar(NEW), [("New", "confirmed")]),
        (calendar(OLD), calendar(LATER), [("Later", "confirmed")]),
        (calendar(OLD), calendar(OLD, head=CANCEL), [("Old", "cancelled")]),
        (calendar(OLD), calendar(NEW, head=CANCEL), [("New", "cancelled")]),
        (calendar(OLD), calendar(OLD), [("Old", "confirmed")]),
        (calendar(OLD), calendar(LATER, head=REPLY), [("Old", "confirmed")]),
        (calendar(OLD), calendar(BARE, head=CANCEL), [("Old", "cancelled")]),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_latest_version_of_an_event_counts_in_whichever_file_it_is(
    tmp_path: Path, first: str, second: str, kept: list[tuple[str, str]], turned: bool
) -> None:
    for name, text in zip("ab", (second, first) if turned else (first, second), strict=True):
        (tmp_path / f"{name}.ics").write_text(text)
    meetings, problems = read(tmp_path)
    assert sorted((meeting.title, meeting.status) for meeting in meetings) == sorted(kept)
    assert problems == []


def test_an_older_version_in_another_calendar_is_named(tmp_path: Path) -> None:
    (tmp_path / "export.ics").write_text(calendar(OLD, NEW))
    (tmp_path / "update.ics").write_text(calendar(INVITATION.format(3, 1, 8, "Newest")))
    meetings, (problem,) = read(tmp_path)
    assert [meeting.title for meeting in meetings] == ["New", "Newest"]
    assert (problem.where, problem.message) == (
        "export.ics:3",
        "event 'Old': a newer version of it is in update.ics, which counts",
    )


def test_one_instance_is_changed_or_cancelled_by_an_invitation_of_its_own(tmp_path: Path) -> None:
    series = "DTSTART:20261102T090000Z\nSUMMARY:Weekly\nRRULE:FREQ=WEEKLY;COUNT=3"
    (tmp_path / "1.ics").write_text(calendar(series))
    moved = "RECURRENCE-ID:20261109T090000Z\nDTSTART:20261110T100000Z\nSUMMARY:Moved\nSEQUENCE:1"
    (tmp_path / "2.ics").write_text(calendar(moved))
    off = "RECURRENCE-ID:20261116T090000Z\nDTSTART:20261116T090000Z\nSUMMARY:Weekly\nSEQUENCE:1"
    (tmp_path / "3.ics").write_text(calendar(off, head=CANCEL))
    meetings, _ = read(tmp_path)
    assert [(when(meeting), meeting.title, meeting.status, meeting.file) for meeting in meetings] == [
        ("2026-11-02 09:00", "Weekly", "confirmed", "1.ics"),
        ("2026-11-10 10:00", "Moved", "confirmed", "2.ics"),
        ("2026-11-16 09:00", "Weekly", "cancelled", "3.ics"),
    ]


def test_an_unchanged_invitation_is_not_read_again_and_an_update_is(tmp_path: Path) -> None:
    (tmp_path / "a.ics").write_text(calendar(OLD))
    (meeting,), _ = read(tmp_path)
    known = {meeting.raw_hash or "": [meeting.source_id]}

    def again() -> list[str | None]:
        today = date(2026, 11, 1)
        source = IcsSource(
            "work", tmp_path, my_emails=["me@x.example"], today=today, time_zone=LONDON, known=known
        )
        return [
            change.title
            for page in source.changes(None)
            for change in page.changes
            if isinstance(change, Meeting)
        ]

    assert again() == []
    (tmp_path / "a.ics").write_text(calendar(OLD.replace("DTSTAMP:20260101", "DTSTAMP:20260131")))
    assert again() == [], "an export renews every DTSTAMP"
    (tmp_path / "b.ics").write_text(calendar(LATER.replace("DTSTAMP:2026010", "DTSTAMP:2026020")))
    assert again() == ["Later"]


TIMED = "DTSTART;TZID=Europe/Berlin:20261102T090000\nDTEND;TZID=Europe/Berlin:20261102T100000"
WHOLE = "DTSTART;VALUE=DATE:20261102\nDTEND;VALUE=DATE:20261103"


@pytest.mark.parametrize(
    ("series", "place", "moved", "days"),
    [
        (TIMED, ";TZID=Europe/Berlin:20261109T090000", ";VALUE=DATE:20261109", ["2026-11-09"]),
        (TIMED, ";VALUE=DATE:20261109", ":20261110T100000Z", ["2026-11-10 10:00"]),
        (TIMED, ":20261109", ":20261110T100000Z", ["2026-11-10 10:00"]),
        (TIMED, ";TZID=Europe/Berlin:20261109T000000", ":20261110T100000Z", ["2026-11-10 10:00"]),
        (TIMED, ":20261109T000000", ";VALUE=DATE:20261110", ["2026-11-10"]),
        (TIMED, ":20261109T080000Z", ":20261110T100000Z", ["2026-11-10 10:00"]),
        (WHOLE, ";TZID=Europe/Berlin:20261109T000000", ";VALUE=DATE:20261110", ["2026-11-10"]),
        (WHOLE, ":20261108T230000Z", ";VALUE=DATE:20261110", ["2026-11-10"]),
        (WHOLE, ":20261109T050000Z", ";VALUE=DATE:20261110", ["2026-11-10"]),
        (WHOLE, ":20261109T000000", ":20261110T100000Z", ["2026-11-10 10:00"]),
        (WHOLE, ":20261109T140000Z", ":20261110T100000Z", ["2026-11-10 10:00"]),
    ],
)
def test_a_moved_instance_stands_once_whatever_kind_its_place_is(
    tmp_path: Path, series: str, place: str, moved: str, days: list[str]
) -> None:
    master = f"{series}\nRRULE:FREQ=WEEKLY;COUNT=3"
    exception = f"RECURRENCE-ID{place}\nDTSTART{moved}\nSUMMARY:Moved"
    meetings, problems = read(tmp_path, calendar(master, exception).replace("UID:u1", "UID:u0"))
    assert problems == []
    assert len(meetings) == 3
    assert [when(meeting) for meeting in meetings if meeting.title == "Moved"] == days
    assert len({meeting.source_id for meeting in meetings}) == 3
    ids = {meeting.source_id for meeting in meetings}
    expected, _ = read(tmp_path, calendar(master))
    assert ids == {meeting.source_id for meeting in expected}, "an instance keeps its id when it moves"


@pytest.mark.parametrize(
    "rule",
    ["FREQ=MINUTELY;INTERVAL=240", "FREQ=WEEKLY;UNTL=20261119", "FREQ=HOURLY", "D1 #5", "FREQ=DAILY;COUNT=x"],
)
def test_a_refused_rule_leaves_the_event_itself(tmp_path: Path, rule: str) -> None:
    (meeting,), (problem,) = read(tmp_path, calendar(f"DTSTART:20261105T090000Z\nRRULE:{rule}"))
    assert when(meeting) == "2026-11-05 09:00"
    assert problem.where == "calendar.ics:3"
    assert problem.message.endswith(ITSELF)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY\\;COUNT=3",
        "FREQ=WEEKLY\\;BYDAY=MO\\,MO\\;COUNT=3",
        "RRULE:FREQ=WEEKLY;COUNT=3",
        "FREQ=WEEKLY;UNTIL=20261116T235959Z;COUNT=-1;INTERVAL=1",
        "FREQ=WEEKLY;UNTIL=2026-11-16T23:59:59Z",
    ],
)
def test_rules_that_are_nearly_right_are_understood(tmp_path: Path, rule: str) -> None:
    meetings, problems = read(tmp_path, calendar(f"DTSTART:20261102T090000Z\nRRULE:{rule}"))
    assert (len(meetings), problems) == (3, [])


@pytest.mark.parametrize(
    ("lines", "start", "end"),
    [
        ("DTSTART;VALUE=DATE:20261105Z\nDTEND;VALUE=DATE:20261106Z", "2026-11-05", "2026-11-06"),
        ("DTSTART;VALUE=DATE:2026-11-05", "2026-11-05", "2026-11-06"),
        ("DTSTART:20261105T090000Z\nDTEND:20261105T240000Z", "2026-11-05 09:00", "2026-11-06 00:00"),
        ("DTSTART:2026-11-05T09:00:00Z\nDTEND:2026-11-05 10:00Z", "2026-11-05 09:00", "2026-11-05 10:00"),
        ("DTSTART:2026-11-05T09:00:00.000+01:00", "2026-11-05 08:00", "2026-11-05 08:00"),
        ("DTSTART:20261105T090000-0500", "2026-11-05 14:00", "2026-11-05 14:00"),
        ("DTSTART:20261105T0900Z\nDTEND:20261105100000Z", "2026-11-05 09:00", "2026-11-05 10:00"),
        ("DTSTART:20261105T090060Z\nDURATION:P1H", "2026-11-05 09:00", "2026-11-05 10:00"),
        ("DTSTART:20261105T090000Z\nDURATION:P1H30M", "2026-11-05 09:00", "2026-11-05 10:30"),
        ("DTSTART:20261105T090000Z\nDURATION:1D", "2026-11-05 09:00", "2026-11-06 09:00"),
        ("DTSTART;FOO;VALUE=DATE:20261105", "2026-11-05", "2026-11-06"),
        ("DTSTART;VALUE=DATE:20261105T000000", "2026-11-05", "2026-11-06"),
        ("DTSTART:2026-11-5T09:00Z", "2026-11-05 09:00", "2026-11-05 09:00"),
        ("DTSTART;TZID=Europe/Berlin:2026/11/05 09:00", "2026-11-05 08:00", "2026-11-05 08:00"),
    ],
)
def test_times_that_are_nearly_right(tmp_path: Path, lines: str, start: str, end: str) -> None:
    (meeting,), problems = read(tmp_path, calendar(lines))
    assert when(meeting) == start
    assert end == (f"{meeting.end:%Y-%m-%d %H:%M}" if meeting.end else str(meeting.end_date))
    assert problems == []


@pytest.mark.parametrize("start", ["20261305", "2026-11-05T25:00:00Z", "T240000", "20261105T09", "1 Nov"])
def test_times_that_are_wrong_are_named(tmp_path: Path, start: str) -> None:
    meetings, (problem,) = read(tmp_path, calendar(f"DTSTART:{start}"))
    assert meetings == []
    assert "is not a date" in problem.message


def test_single_dates_with_a_z(tmp_path: Path) -> None:
    meetings, _ = read(
        tmp_path, calendar("DTSTART;VALUE=DATE:20261210\nRRULE:FREQ=DAILY;COUNT=1\nRDATE:20251210Z")
    )
    assert list(map(when, meetings)) == ["2025-12-10", "2026-12-10"]


def test_the_calendar_of_a_phone_is_in_quoted_printable(tmp_path: Path) -> None:
    encoding = "CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE"
    lines = (
        f"SUMMARY;{encoding}:Kaffee=20mit=20Zo=C3=AB=20und=",
        "=20Max",
        "DESCRIPTION;ENCODING=QUOTED-PRINTABLE;CHARSET=windows-1251:=CF=F0=E8=0D=0A=E2=E5=F2=",
    )
    text = calendar("\n".join(("DTSTART:20261105T090000Z", *lines)))
    folder = tmp_path / "phone"
    folder.mkdir()
    (folder / "phone.vcs").write_text(text.replace("VERSION:2.0", "VERSION:1.0"))
    (meeting,), problems = read(folder)
    assert (meeting.title, meeting.description, problems) == ("Kaffee mit Zoë und Max", "При\nвет", [])


def test_one_bad_character_spoils_only_itself(tmp_path: Path) -> None:
    events = (
        "DTSTART:20261105T090000Z\nSUMMARY:Müller",
        "DTSTART:20261106T090000Z\nSUMMARY:Treffen\nLOCATION:Caf",
    )
    data = calendar(*events).encode().replace(b"Caf", b"Caf\xc3")
    meetings, (problem,) = read(tmp_path, data)
    assert [meeting.title for meeting in meetings] == ["Müller", "Treffen"]
    assert problem.where == "calendar.ics:12"
