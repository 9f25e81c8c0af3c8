"""Calendars in .ics files: what one event says, how series expand, and which files there are."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.ics.event import ITSELF
from connectors.ics.source import IcsSource
from people.errors import UserMustAct
from people.types import Attendee, Meeting, Page, Problem
from tests.contracts.sources import Known, SourceContract, read

LONDON = ZoneInfo("Europe/London")
TODAY = date(2026, 11, 1)
ME = "alex@example.com"


def source(path: Path, *, today: date = TODAY, zone: ZoneInfo = LONDON, past_days: int = 1100) -> IcsSource:
    return IcsSource("work", path, my_emails=[ME.upper()], today=today, time_zone=zone, past_days=past_days)


def calendar(*events: str, head: str = "") -> str:
    """A calendar of these events; of each only the inner lines are given."""
    told = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{told}END:VCALENDAR\n"


class CalendarWorld:
    """One calendar file; each record is an event of its own."""

    many = 600
    keeps_ids = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events: dict[str, str] = {}

    def source(self, known: Known) -> IcsSource:  # noqa: ARG002 - a file source needs no hashes
        return source(self.path)

    def put(self, names: list[str]) -> None:
        self.events = {
            name: f"UID:{name}@example.com\nDTSTART:20261105T090000Z\nSUMMARY:{name}" for name in names
        }
        self._write()

    def edit(self, name: str) -> None:
        self.events[name] += " moved\nLOCATION:Harbour"
        self._write()

    def _write(self) -> None:
        self.path.write_text(calendar(*self.events.values()))


class TestCalendarFileContract(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> CalendarWorld:
        return CalendarWorld(tmp_path / "calendar.ics")


class TestFolderContract(SourceContract):
    """A vdir: one event in a file."""

    @pytest.fixture
    def world(self, tmp_path: Path) -> CalendarWorld:
        class Folder(CalendarWorld):
            def _write(self) -> None:
                self.path.mkdir(exist_ok=True)
                for file in self.path.iterdir():
                    file.unlink()
                for number, (name, event) in enumerate(self.events.items()):
                    (self.path / f"{number % 7}{name}.ics").write_text(calendar(event))

        return Folder(tmp_path / "calendars")


class TestSeriesContract(SourceContract):
    """All records are instances of one series, so that removing one is an EXDATE's doing."""

    @pytest.fixture
    def world(self, tmp_path: Path) -> CalendarWorld:
        class Series(CalendarWorld):
            def put(self, names: list[str]) -> None:
                days = [date.fromordinal(date(2024, 1, 1).toordinal() + int(name[6:])) for name in names]
                values = ",".join(f"{day:%Y%m%d}T090000Z" for day in days)
                self.events = {"": f"UID:series\nDTSTART:{values[:16]}\nRDATE:{values}"}
                self._write()

            def edit(self, name: str) -> None:
                day = date.fromordinal(date(2024, 1, 1).toordinal() + int(name[6:]))
                changed = f"UID:series\nRECURRENCE-ID:{day:%Y%m%d}T090000Z\nDTSTART:{day:%Y%m%d}T110000Z"
                self.events[name] = changed
                self._write()

        return Series(tmp_path / "calendar.ics")


def told(tmp_path: Path, text: str | bytes, zone: ZoneInfo = LONDON) -> tuple[list[Meeting], list[Problem]]:
    path = tmp_path / "calendar.ics"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return everything(list(source(path, zone=zone).changes(None)))


def everything(pages: list[Page]) -> tuple[list[Meeting], list[Problem]]:
    meetings = [change for page in pages for change in page.changes if isinstance(change, Meeting)]
    return meetings, [problem for page in pages for problem in page.problems]


def one(tmp_path: Path, event: str, zone: ZoneInfo = LONDON) -> Meeting:
    """The only meeting of a calendar with one event, which has no problem."""
    (meeting,), problems = told(tmp_path, calendar(f"UID:u1\n{event.strip()}"), zone)
    assert problems == []
    return meeting


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_a_whole_event(tmp_path: Path) -> None:
    meeting = one(
        tmp_path,
        """
DTSTART;TZID=America/New_York:20261105T090000
DTEND;TZID=America/New_York:20261105T103000
SUMMARY:Coffee\\, cake\\nand talk
DESCRIPTION:First line\\nSecond \\\\n line
LOCATION:Harbour Hotel
STATUS:TENTATIVE
CATEGORIES:Networking,Tea\\, coffee
CATEGORIES:networking lunch
ORGANIZER;CN=Chair:mailto:Chair@Example.org
ATTENDEE;CN="Berg, Anna";PARTSTAT=ACCEPTED:mailto:anna@berg.example
ATTENDEE;CN=alex@example.com;PARTSTAT=TENTATIVE:MAILTO:Alex@Example.com
ATTENDEE;CUTYPE=ROOM;CN=Room 4;PARTSTAT=ACCEPTED:mailto:room4@example.com
""",
    )
    assert meeting.model_copy(update={"raw_hash": None}) == Meeting(
        source="work",
        source_id="u1",
        calendar="calendar",
        uid="u1",
        title="Coffee, cake and talk",
        description="First line\nSecond \\n line",
        location="Harbour Hotel",
        start=utc(2026, 11, 5, 14),
        end=utc(2026, 11, 5, 15, 30),
        status="tentative",
        my_response="tentative",
        organizer="chair@example.org",
        attendees=(
            Attendee(email="anna@berg.example", name="Berg, Anna", response="accepted"),
            Attendee(email=ME, response="tentative", is_self=True),
            Attendee(email="room4@example.com", name="Room 4", response="accepted", resource=True),
            Attendee(email="chair@example.org", name="Chair", response="accepted", organizer=True),
        ),
        labels=("Networking", "Tea, coffee", "networking lunch"),
        file="calendar.ics",
    )


@pytest.mark.parametrize(
    ("lines", "start", "end"),
    [
        ("DTSTART;VALUE=DATE:20261105", "2026-11-05", "2026-11-06"),
        ("DTSTART:20261105\nDTEND:20261108", "2026-11-05", "2026-11-08"),
        ("DTSTART:20261105\nDTEND:20261105", "2026-11-05", "2026-11-06"),
        ("DTSTART:20261105\nDURATION:P2D", "2026-11-05", "2026-11-07"),
    ],
)
def test_whole_days_stay_dates(tmp_path: Path, lines: str, start: str, end: str) -> None:
    meeting = one(tmp_path, lines)
    assert meeting.all_day
    assert (str(meeting.start_date), str(meeting.end_date)) == (start, end)
    assert (meeting.start, meeting.end) == (None, None)


@pytest.mark.parametrize(
    ("lines", "start", "end"),
    [
        ("DTSTART:20261105T090000Z", utc(2026, 11, 5, 9), utc(2026, 11, 5, 9)),
        ("DTSTART:20261105T090000Z\nDURATION:PT45M", utc(2026, 11, 5, 9), utc(2026, 11, 5, 9, 45)),
        (
            "DTSTART;TZID=W. Europe Standard Time:20261105T090000\nDTEND:20261105T100000",
            utc(2026, 11, 5, 8),
            utc(2026, 11, 5, 9),
        ),
        (
            'DTSTART;TZID="/mozilla.org/20050126_1/Europe/Berlin":20260705T090000\nDURATION:PT1H',
            utc(2026, 7, 5, 7),
            utc(2026, 7, 5, 8),
        ),
        # Eight hours by the clock, although summer time begins in between.
        (
            "DTSTART;TZID=Europe/London:20260328T220000\nDURATION:PT8H",
            utc(2026, 3, 28, 22),
            utc(2026, 3, 29, 6),
        ),
        ("DTSTART:20261105T090000\nDTEND:20261105", utc(2026, 11, 5, 14), None),
    ],
)
def test_times_become_utc(tmp_path: Path, lines: str, start: datetime, end: datetime | None) -> None:
    (meeting,), _ = told(tmp_path, calendar(f"UID:u1\n{lines}"), ZoneInfo("America/New_York"))
    assert meeting.start == start
    assert end is None or meeting.end == end


def test_floating_times_are_the_users(tmp_path: Path) -> None:
    event = "DTSTART:20261105T090000\nDTEND:20261105T100000"
    assert one(tmp_path, event, LONDON).start == utc(2026, 11, 5, 9)
    assert one(tmp_path, event, ZoneInfo("Asia/Tokyo")).start == utc(2026, 11, 5, 0)


def test_an_unknown_zone_is_named_and_its_times_are_the_users(tmp_path: Path) -> None:
    meetings, problems = told(
        tmp_path, calendar(*(f"UID:{n}\nDTSTART;TZID=Mars/Olympus:20261105T090000" for n in range(3)))
    )
    assert [meeting.start for meeting in meetings] == [utc(2026, 11, 5, 9)] * 3
    assert [problem.message for problem in problems] == [
        "time zone 'Mars/Olympus' is unknown; its times were read in yours"
    ]


def test_lotus_notes_writes_the_hour_into_a_zones_rules(tmp_path: Path) -> None:
    rule = "FREQ=YEARLY;BYMINUTE=0;BYHOUR=2;BYDAY=-1SU;BYMONTH="
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Western/Central Europe\n"
        f"BEGIN:STANDARD\nDTSTART:19501029T020000\nRRULE:{rule}10\n"
        "TZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\n"
        f"BEGIN:DAYLIGHT\nDTSTART:19500326T020000\nRRULE:{rule}3\n"
        "TZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT\nEND:VTIMEZONE\n"
    )
    meetings, problems = told(
        tmp_path,
        calendar(
            'UID:1\nDTSTART;TZID="Western/Central Europe":20261101T160000',
            'UID:2\nDTSTART;TZID="Western/Central Europe":20260701T160000',
            head=zone,
        ),
    )
    assert [meeting.start for meeting in meetings] == [utc(2026, 11, 1, 15), utc(2026, 7, 1, 14)]
    assert problems == []


def test_a_zone_defined_in_the_file_counts_in_that_file_alone(tmp_path: Path) -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Customised\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:+0330\nTZOFFSETTO:+0330\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    event = "UID:u1\nDTSTART;TZID=Customised:20261105T090000"
    (meeting,), problems = told(tmp_path, calendar(event, head=zone))
    assert (meeting.start, problems) == (utc(2026, 11, 5, 5, 30), [])
    (meeting,), problems = told(tmp_path, calendar(event))
    assert meeting.start == utc(2026, 11, 5, 9)
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("partstat", "response"),
    [
        ("ACCEPTED", "accepted"),
        ("declined", "declined"),
        ("DELEGATED", "declined"),
        ("TENTATIVE", "tentative"),
        ("NEEDS-ACTION", "needs_action"),
        ("X-OTHER", "needs_action"),
    ],
)
def test_my_response(tmp_path: Path, partstat: str, response: str) -> None:
    meeting = one(tmp_path, f"DTSTART:20261105T090000Z\nATTENDEE;PARTSTAT={partstat}:mailto:{ME}")
    assert meeting.my_response == response


def test_without_a_row_of_mine_there_is_no_response_of_mine(tmp_path: Path) -> None:
    meeting = one(tmp_path, "DTSTART:20261105T090000Z\nATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@berg.example")
    assert meeting.my_response is None


def test_an_organiser_comes_to_their_own_meeting(tmp_path: Path) -> None:
    mine = one(
        tmp_path, f"DTSTART:20261105T090000Z\nORGANIZER:mailto:{ME}\nATTENDEE:mailto:anna@berg.example"
    )
    assert mine.my_response == "accepted"
    alone = one(tmp_path, f"DTSTART:20261105T090000Z\nORGANIZER:mailto:{ME}")
    assert (alone.attendees, alone.organizer) == ((), ME)
    listed = one(
        tmp_path,
        "DTSTART:20261105T090000Z\nORGANIZER:mailto:anna@berg.example\nATTENDEE:mailto:ANNA@berg.example",
    )
    assert [(row.email, row.response, row.organizer) for row in listed.attendees] == [
        ("anna@berg.example", "accepted", True)
    ]


def test_a_guest_without_an_address_is_named_and_makes_the_list_incomplete(tmp_path: Path) -> None:
    (meeting,), (problem,) = told(
        tmp_path,
        calendar(
            "UID:u1\nDTSTART:20261105T090000Z\n"
            "ATTENDEE;CN=Anna:invalid:nomail\n"
            "ATTENDEE;CN=Tom;EMAIL=tom@hale.example:/aMTIzNA/principal/\n"
            "ATTENDEE:mailto:tom@hale.example"
        ),
    )
    assert [row.email for row in meeting.attendees] == ["tom@hale.example"]
    assert meeting.attendees_omitted
    assert (problem.where, problem.message) == (
        "calendar.ics:3",
        "event 'u1': guests without an e-mail address were left out: 'Anna'",
    )


@pytest.mark.parametrize(
    ("lines", "event_type"),
    [
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", "out_of_office"),
        ("X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", "working_location"),
        ("X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "default"),
        ("CATEGORIES:Birthday", "birthday"),
        ("X-NEXTCLOUD-BC-FIELD-TYPE:BDAY", "birthday"),
        ("CATEGORIES:Focus time", "focus_time"),
    ],
)
def test_event_types(tmp_path: Path, lines: str, event_type: str) -> None:
    assert one(tmp_path, f"DTSTART:20261105T090000Z\n{lines}").event_type == event_type


def test_a_cancellation_sent_by_mail_is_cancelled(tmp_path: Path) -> None:
    (meeting,), _ = told(tmp_path, calendar("UID:1\nDTSTART:20261105T090000Z", head="METHOD:CANCEL\n"))
    assert meeting.status == "cancelled"


def starts(meetings: list[Meeting]) -> dict[str, str]:
    """The last step of each instance's id, and when it really starts."""
    return {m.source_id.rpartition("/")[2]: f"{m.start or m.start_date}"[:16] for m in meetings}


def test_a_series_with_a_moved_a_cancelled_and_an_excluded_instance(tmp_path: Path) -> None:
    meetings, problems = told(
        tmp_path,
        calendar(
            "UID:weekly\nSUMMARY:One-to-one\nDTSTART;TZID=Europe/London:20261012T090000\n"
            "DTEND;TZID=Europe/London:20261012T100000\nRRULE:FREQ=WEEKLY;COUNT=5\n"
            "EXDATE;TZID=Europe/London:20261102T090000",
            "UID:weekly\nSUMMARY:Later\nRECURRENCE-ID;TZID=Europe/London:20261019T090000\n"
            "DTSTART;TZID=Europe/London:20261020T150000",
            "UID:weekly\nSTATUS:CANCELLED\nRECURRENCE-ID:20261026T090000Z\n"
            "DTSTART;TZID=Europe/London:20261026T090000",
        ),
    )
    assert problems == []
    assert starts(meetings) == {
        "20261012T080000Z": "2026-10-12 08:00",
        "20261019T080000Z": "2026-10-20 14:00",
        "20261026T090000Z": "2026-10-26 09:00",
        "20261109T090000Z": "2026-11-09 09:00",
    }
    assert {meeting.series for meeting in meetings} == {"weekly"}
    assert sorted(meeting.status for meeting in meetings) == [
        "cancelled",
        "confirmed",
        "confirmed",
        "confirmed",
    ]
    assert {meeting.title for meeting in meetings} == {"One-to-one", "Later", None}


def test_this_and_future_moves_the_rest_and_keeps_their_ids(tmp_path: Path) -> None:
    meetings, _ = told(
        tmp_path,
        calendar(
            "UID:d\nDTSTART:20261102T090000Z\nRRULE:FREQ=DAILY;COUNT=4",
            "UID:d\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261104T090000Z\nDTSTART:20261104T110000Z",
        ),
    )
    assert starts(meetings) == {
        "20261102T090000Z": "2026-11-02 09:00",
        "20261103T090000Z": "2026-11-03 09:00",
        "20261104T090000Z": "2026-11-04 11:00",
        "20261105T090000Z": "2026-11-05 11:00",
    }


def test_a_series_keeps_its_hour_across_summer_time(tmp_path: Path) -> None:
    meetings, _ = told(
        tmp_path, calendar("UID:d\nDTSTART;TZID=Europe/London:20261024T090000\nRRULE:FREQ=DAILY;COUNT=3")
    )
    assert [f"{meeting.start:%d %H}" for meeting in meetings if meeting.start] == ["24 08", "25 09", "26 09"]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;UNTIL=20261104", ["02", "03", "04"]),
        ("FREQ=DAILY;UNTIL=20261104T090000", ["02", "03", "04"]),
        ("FREQ=DAILY;UNTIL=20261104T085959Z", ["02", "03"]),
        ("freq=weekly; byday=mo,we ;count=3;", ["02", "04", "09"]),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1;COUNT=3;X-NOTE=1", ["02", "07", "04"]),
        ("RSCALE=GREGORIAN;FREQ=DAILY;SKIP=OMIT;COUNT=2;UNTIL=20261103T235959Z", ["02", "03"]),
    ],
)
def test_rules_as_programs_write_them(tmp_path: Path, rule: str, days: list[str]) -> None:
    meetings, problems = told(tmp_path, calendar(f"UID:d\nDTSTART:20261102T090000Z\nRRULE:{rule}"))
    assert problems == []
    assert [f"{meeting.start:%d}" for meeting in meetings if meeting.start] == days


def test_whole_day_series_are_dates(tmp_path: Path) -> None:
    meetings, _ = told(tmp_path, calendar("UID:d\nDTSTART:20261102\nRRULE:FREQ=DAILY;UNTIL=20261104T000000Z"))
    assert starts(meetings) == {
        "20261102": "2026-11-02",
        "20261103": "2026-11-03",
        "20261104": "2026-11-04",
    }


def test_a_floating_series_has_the_same_ids_in_every_zone(tmp_path: Path) -> None:
    text = calendar("UID:d\nDTSTART:20261102T090000\nRRULE:FREQ=DAILY;COUNT=2")
    here, _ = told(tmp_path, text, LONDON)
    there, _ = told(tmp_path, text, ZoneInfo("Asia/Tokyo"))
    assert [meeting.source_id for meeting in here] == ["d/20261102T090000", "d/20261103T090000"]
    assert [meeting.source_id for meeting in here] == [meeting.source_id for meeting in there]


@pytest.mark.parametrize(
    ("dates", "ends"),
    [
        ("RDATE:20261103T110000Z,20261104T120000Z", ["02 10", "03 12", "04 13"]),
        ("RDATE;VALUE=PERIOD:20261103T110000Z/PT3H", ["02 10", "03 14"]),
        ("RDATE;VALUE=PERIOD:20261103T110000Z/20261103T113000Z", ["02 10", "03 11"]),
        ("RDATE;VALUE=PERIOD:20261103/20261104", ["02 10", "04 00"]),
        ("RDATE;TZID=Europe/Berlin:20261103T110000", ["02 10", "03 11"]),
        ("RDATE:20261103T110000Z\nEXDATE:20261102T090000Z", ["03 12"]),
    ],
)
def test_single_dates_of_a_series(tmp_path: Path, dates: str, ends: list[str]) -> None:
    lines = f"UID:d\nDTSTART:20261102T090000Z\nDTEND:20261102T100000Z\n{dates}"
    meetings, problems = told(tmp_path, calendar(lines))
    assert problems == []
    assert sorted(f"{meeting.end:%d %H}" for meeting in meetings if meeting.end) == ends


def test_changed_instances_without_their_series_count(tmp_path: Path) -> None:
    (meeting,), _ = told(
        tmp_path, calendar("UID:d\nRECURRENCE-ID:20261102T090000Z\nDTSTART:20261103T090000Z")
    )
    assert (meeting.source_id, meeting.series) == ("d/20261102T090000Z", "d")


def test_of_copies_the_highest_sequence_counts_and_of_equal_ones_each(tmp_path: Path) -> None:
    old = "UID:d\nSEQUENCE:1\nSUMMARY:Old\nDTSTART:20261102T090000Z"
    new = "UID:d\nSEQUENCE:2\nSUMMARY:New\nDTSTART:20261103T090000Z"
    for events in ((old, new), (new, old)):
        (meeting,), problems = told(tmp_path, calendar(*events))
        assert (meeting.title, meeting.source_id, problems) == ("New", "d", [])
    same = new.replace("SEQUENCE:2", "SEQUENCE:1")
    for events in ((old, same), (same, old)):
        meetings, problems = told(tmp_path, calendar(*events))
        assert {meeting.source_id for meeting in meetings} == {"d/20261102T090000Z", "d/20261103T090000Z"}
        assert ["2 different events share its UID" in problem.message for problem in problems] == [True]


def test_a_uid_is_never_a_path_or_a_line(tmp_path: Path) -> None:
    meetings, _ = told(
        tmp_path,
        calendar(
            "UID:../../etc/passwd\nDTSTART:20261102T090000Z",
            "UID:a\\nb\x07 ü\nDTSTART:20261102T090000Z",
            f"UID:{'x' * 5000}\nDTSTART:20261102T090000Z",
        ),
    )
    first, second, third = (meeting.source_id for meeting in meetings)
    assert (first, second) == ("..%2F..%2Fetc%2Fpasswd", "a%0Ab %C3%BC")
    assert third.startswith("long-")
    assert len(third) < 40


def test_bad_events_are_named_and_cost_no_other(tmp_path: Path) -> None:
    meetings, problems = told(
        tmp_path,
        calendar(
            "UID:1\nSUMMARY:No start",
            "UID:2\nSUMMARY:Two starts\nDTSTART:20261102T090000Z\nDTSTART:20261103T090000Z",
            "UID:3\nSUMMARY:No date\nDTSTART:tomorrow",
            "UID:4\nSUMMARY:No day\nDTSTART:20260230T090000Z",
            "UID:5\nSUMMARY:Zero\nDTSTART:20261102T090000Z\nRRULE:FREQ=DAILY;INTERVAL=0",
            "UID:6\nSUMMARY:No rule\nDTSTART:20261102T090000Z\nRRULE:every day",
            "UID:7\nSUMMARY:Ex rule\nDTSTART:20261102T090000Z\nRRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY",
            "SUMMARY:No uid\nDTSTART:20261102T090000Z",
            "UID:9\nSUMMARY:Backwards\nDTSTART:20261102T090000Z\nDTEND:20261102T080000Z",
            "UID:10\nSUMMARY:Good\nDTSTART:20261102T090000Z",
        ),
    )
    assert [meeting.title for meeting in meetings] == [
        *("Zero", "No rule", "Ex rule"),
        *("No uid", "Backwards", "Good"),
    ]
    assert [(problem.where, problem.message) for problem in problems] == [
        (f"calendar.ics:{line}", f"event {message}")
        for line, message in (
            (3, "'No start': it has no readable DTSTART"),
            (7, "'Two starts': it has 2 different DTSTART"),
            (13, "'No date': its DTSTART 'tomorrow' is not a date"),
            (18, "'No day': its DTSTART '20260230T090000Z' is not a date"),
            (23, f"'Zero': its rule 'FREQ=DAILY;INTERVAL=0' is not valid ('INTERVAL=0'); {ITSELF}"),
            (29, f"'No rule': its rule 'every day' is not valid ('EVERY DAY'); {ITSELF}"),
            (35, f"'Ex rule': it excludes days by a rule (EXRULE), which is not supported; {ITSELF}"),
            (42, "'No uid': it has no UID, so each edit makes it a new event"),
            (46, "'Backwards': it ends before it starts; it was read with the end at its start"),
        )
    ]
    assert all(problem.help for problem in problems)


def test_problems_are_told_again_while_nothing_changes(tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    path.write_text(calendar("UID:1\nDTSTART:tomorrow"))
    (first,) = source(path).changes(None)
    (again,) = source(path).changes(first.cursor)
    assert first.problems == again.problems != ()
    assert not again.complete


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings(tmp_path: Path, codec: str) -> None:
    text = calendar("UID:1\nSUMMARY:Zoë\nDTSTART:20261102T090000Z").replace("\n", "\r\n")
    (meeting,), problems = told(tmp_path, text.encode(codec))
    assert meeting.title == "Zoë"
    assert len(problems) == (codec == "cp1252")


def test_the_window_moves_by_months_and_keeps_history(tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    path.write_text(calendar("UID:d\nDTSTART:20260101T120000Z\nRRULE:FREQ=DAILY"))
    known = Known()
    for page in source(path, today=date(2026, 11, 1), past_days=60).changes(None):
        known.apply(page)
    first = dict(known.records)
    assert min(first) == "d/20260901T120000Z"
    assert max(first) == "d/20271130T120000Z"
    (same_month,) = source(path, today=date(2026, 11, 28), past_days=60).changes(known.cursor)
    assert same_month.changes == ()
    for page in source(path, today=date(2027, 1, 1), past_days=60).changes(known.cursor):
        known.apply(page)
    assert set(first) < set(known.records), "what lies before the new window stays"
    assert max(known.records) == "d/20280131T120000Z"


def test_what_lies_outside_the_window_is_not_told(tmp_path: Path) -> None:
    meetings, problems = told(
        tmp_path,
        calendar(
            "UID:old\nDTSTART:20200102T090000Z",
            "UID:long\nDTSTART:20200102\nDTEND:20270101",
            "UID:far\nDTSTART:20300102T090000Z",
            "UID:broken and far\nDTSTART:20300102T090000Z\nRECURRENCE-ID:x",
        ),
    )
    assert [meeting.uid for meeting in meetings] == ["long"]
    assert [problem.message for problem in problems] == [
        "event 'broken and far': its RECURRENCE-ID 'x' is not a date"
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "calendars"
    (root / "work").mkdir(parents=True)
    (root / "work" / "a.ics").write_text(calendar("UID:a\nDTSTART:20261102T090000Z"))
    (root / "work" / "b.ics").write_text(calendar("UID:b\nDTSTART:20261103T090000Z"))
    export = calendar(
        "UID:a\nDTSTART:20261104T090000Z",
        "UID:c\nDTSTART:20261104T100000Z",
        head="X-WR-CALNAME:My family\n",
    )
    (root / "home.ics").write_text(export)
    return root


def test_a_folder_of_calendars(folder: Path) -> None:
    meetings, problems = everything(list(source(folder).changes(None)))
    assert problems == []
    assert sorted((m.calendar, m.source_id, m.file) for m in meetings) == [
        ("My family", "home/a", "home.ics"),
        ("My family", "home/c", "home.ics"),
        ("work", "work/a", "work/a.ics"),
        ("work", "work/b", "work/b.ics"),
    ]


def test_a_vdir_item_that_is_there_twice_counts_once(folder: Path) -> None:
    (folder / "work" / "a copy.ics").write_text(calendar("UID:a\nDTSTART:20261109T090000Z"))
    meetings, problems = everything(list(source(folder).changes(None)))
    assert len(meetings) == 4
    assert [(problem.where, problem.message) for problem in problems] == [
        ("work/a.ics:3", "event 'a': the same event is in work/a copy.ics, which counts")
    ]


def test_odd_files_in_a_folder_are_named_and_nothing_is_taken_for_removed(folder: Path) -> None:
    known = Known()
    for page in source(folder).changes(None):
        known.apply(page)
    os.mkfifo(folder / "pipe.ics")
    (folder / "dangling.ics").symlink_to(folder / "nowhere.ics")
    (folder / "loop").symlink_to(folder)
    (folder / "me.ics").symlink_to(folder / "me.ics")
    (folder / "work" / "a.ics").unlink()
    (folder / ".hidden.ics").write_text("half written")
    (folder / "notes.txt").write_text("no calendar")
    pages = list(source(folder).changes(known.cursor))
    assert not any(page.complete for page in pages)
    assert {problem.where for problem in pages[-1].problems} == {"pipe.ics", "dangling.ics", "me.ics"}
    for page in pages:
        known.apply(page)
    assert len(known.records) == 4
    for odd in ("pipe.ics", "dangling.ics", "me.ics"):
        (folder / odd).unlink()
    for page in source(folder).changes(known.cursor):
        known.apply(page)
    assert set(known.records) == {"home/a", "home/c", "work/b"}


@pytest.mark.parametrize("cut", ["BEGIN:VCALENDAR\n", "", "<html>Please log in</html>", "\x00" * 50])
def test_a_file_that_was_cut_off_removes_nothing(tmp_path: Path, cut: str) -> None:
    path = tmp_path / "calendar.ics"
    path.write_text(calendar("UID:a\nDTSTART:20261102T090000Z"))
    known = Known()
    for page in source(path).changes(None):
        known.apply(page)
    path.write_text(cut)
    pages = list(source(path).changes(known.cursor))
    for page in pages:
        known.apply(page)
    assert set(known.records) == {"a"}
    assert pages[-1].problems


def test_a_missing_path_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UserMustAct, match=r"nowhere\.ics of source 'work' does not exist"):
        list(source(tmp_path / "nowhere.ics").changes(None))


def test_a_change_of_settings_reads_everything_anew(tmp_path: Path) -> None:
    world = CalendarWorld(tmp_path / "calendar.ics")
    world.put(["Person00001"])
    known = Known()
    read(world, known)
    other = IcsSource(
        "work", world.path, my_emails=["new@example.com"], today=TODAY, time_zone=ZoneInfo("Asia/Tokyo")
    )
    assert list(other.changes(known.cursor))[-1].complete


class TestWhatIsKnown:
    """Events that the store holds are named, not read; what was wrong with one is said again."""

    def read(
        self, path: Path, known: dict[str, list[str]], *, today: date = TODAY
    ) -> tuple[list[Meeting], list[Problem], set[str]]:
        found = IcsSource("work", path, my_emails=[ME], today=today, time_zone=LONDON, known=known)
        pages = list(found.changes(None))
        assert pages[-1].complete
        return *everything(pages), {key for page in pages for key in page.unchanged}

    def known(self, meetings: list[Meeting]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for meeting in meetings:
            if meeting.raw_hash:
                found.setdefault(meeting.raw_hash, []).append(meeting.source_id)
        return found

    def test_an_edited_event_alone_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "calendar.ics"
        weekly = "UID:w\nDTSTART:20261102T090000Z\nRRULE:FREQ=WEEKLY;COUNT=3"
        path.write_text(calendar(weekly, "UID:a\nDTSTART:20261103T090000Z\nSUMMARY:Before"))
        first, problems, unchanged = self.read(path, {})
        assert (len(first), problems, unchanged) == (4, [], set())
        path.write_text(calendar(weekly, "UID:a\nDTSTART:20261103T090000Z\nSUMMARY:After"))
        second, problems, unchanged = self.read(path, self.known(first))
        assert [meeting.title for meeting in second] == ["After"]
        assert unchanged == {meeting.source_id for meeting in first if meeting.series}
        assert problems == []

    def test_what_an_event_lacks_is_said_again(self, tmp_path: Path) -> None:
        path = tmp_path / "calendar.ics"
        path.write_text(calendar("DTSTART:20261103T090000Z\nSUMMARY:No UID"))
        first, problems, _ = self.read(path, {})
        assert [meeting.raw_hash for meeting in first] == [None]
        second, again, unchanged = self.read(path, self.known(first))
        assert (second, again, unchanged) == (first, problems, set())
        assert problems

    def test_another_window_reads_all_again(self, tmp_path: Path) -> None:
        path = tmp_path / "calendar.ics"
        path.write_text(calendar("UID:w\nDTSTART:20261102T090000Z\nRRULE:FREQ=WEEKLY"))
        first, _, _ = self.read(path, {})
        later, _, unchanged = self.read(path, self.known(first), today=TODAY + timedelta(days=60))
        assert len(later) > len(first) - 60
        assert unchanged == set()

    def test_a_time_zone_that_the_file_defines_anew_reads_its_events_again(self, tmp_path: Path) -> None:
        path = tmp_path / "calendar.ics"
        zone = (
            "BEGIN:VTIMEZONE\nTZID:Office\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
            "TZOFFSETFROM:{0}\nTZOFFSETTO:{0}\nEND:STANDARD\nEND:VTIMEZONE\n"
        )
        event = "UID:a\nDTSTART;TZID=Office:20261103T090000"
        path.write_text(calendar(event, head=zone.format("+0200")))
        (first,), _, _ = self.read(path, {})
        path.write_text(calendar(event, head=zone.format("+0500")))
        (second,), _, _ = self.read(path, self.known([first]))
        assert (first.start, second.start) == (utc(2026, 11, 3, 7), utc(2026, 11, 3, 4))
