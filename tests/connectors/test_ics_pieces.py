"""Well-formed events are found as pieces of text; what is read is the same as line by line."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.ics import guest_lines, text
from connectors.ics.parts.block import Block
from connectors.ics.parts.cut import LONGEST, well_formed
from connectors.ics.source import IcsSource
from connectors.ics.text import CalendarText, take_apart
from people.types import Meeting
from tests.support.paths import ROOT, shared

LONDON = ZoneInfo("Europe/London")
LINES = (
    "BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VALARM", "END:VALARM",
    "BEGIN:VTIMEZONE", "TZID:Office", "END:VTIMEZONE", "begin:vevent", "END:VEVENT ", "item1.END:VEVENT",
    "END:VEVENTBEGIN:VEVENT", "UID:a", "UID;X=1:b", "UID:c\n d", "SUMMARY:One\n\t two\n \n three", "SUMMARY",
    "DTSTAMP:20260101T000000Z", "DTSTAMP:2026\n 0101", "DTSTART:20260105T090000Z", "x.SUMMARY:grouped", "",
    " folded", "\tfolded", " ", "RRULE:FREQ=DAILY", "BEGIN:VTODO", "END:VTODO", "METHOD:CANCEL", "\x0c",
    "RECURRENCE-ID:20260105T090000Z", "ATTENDEE:mailto:a@b.example", "DESCRIPTION:" + "x" * 70_000,
)  # fmt: skip
EVENT = ("BEGIN:VEVENT", "UID:e", "DTSTART:20260105T090000Z", "END:VEVENT")


def line_by_line(data: bytes, monkeypatch: pytest.MonkeyPatch) -> CalendarText:
    with monkeypatch.context() as patched:
        patched.setattr(text, "well_formed", lambda _: iter(()))
        return take_apart(data)


def seen(found: CalendarText) -> object:
    def of(block: Block) -> object:
        first = {name: block.first(name) for name, _ in block.lines}
        at = found.calendars.index(block.calendar)
        return block.name, block.line, at, block.stamp, block.lines, first, block.uid

    calendars = [
        (each.cancelled, each.answer, each.zone, list(map(of, each.zones))) for each in found.calendars
    ]
    # Asked for first, because then the event is still one piece.
    uids = [block.uid for block in found.events]
    return uids, list(map(of, found.events)), calendars, found.title, found.problems, found.damaged


lines = st.lists(st.sampled_from(LINES) | st.just("\n".join(EVENT)), max_size=25)


@settings(max_examples=300, deadline=None)
@given(lines)
def test_any_mixture_of_pieces_and_damage_is_read_as_line_by_line(mixed: list[str]) -> None:
    data = "\n".join(["BEGIN:VCALENDAR", *mixed, *EVENT, "END:VCALENDAR", ""]).encode()
    with pytest.MonkeyPatch.context() as patched:
        assert seen(take_apart(data)) == seen(line_by_line(data, patched))


def test_the_calendar_of_the_example_is_all_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    data = (ROOT / "examples/network/calendar.ics").read_bytes()
    assert seen(take_apart(data)) == seen(line_by_line(data, monkeypatch))
    pieces = list(well_formed(data.decode().replace("\r\n", "\n")))
    assert len(pieces) == data.count(b"BEGIN:VEVENT")


def test_other_peoples_calendars_are_read_as_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = 0
    for file in shared("calendars").rglob("*.ics"):
        data = file.read_bytes()
        assert seen(take_apart(data)) == seen(line_by_line(data, monkeypatch)), file
        pieces += len(list(well_formed(data.decode("utf-8", "replace").replace("\r\n", "\n"))))
    assert pieces


def test_a_huge_event_is_read_line_by_line_where_its_long_line_is_refused() -> None:
    big = "BEGIN:VEVENT\nUID:a\nRRULE:" + "x" * (LONGEST + 1) + "\nEND:VEVENT\n"
    assert list(well_formed(big)) == []
    assert take_apart(f"BEGIN:VCALENDAR\n{big}END:VCALENDAR\n".encode()).problems == [
        (4, "RRULE is longer than 1 MiB and was left out")
    ]


PARAMETERS = (
    "CN=Anna Berg", 'CN="Berg, Anna"', "CN=Zoë", "ROLE=CHAIR", "PARTSTAT=ACCEPTED", "RSVP", "cn=x", "CN=",
    "CN=a^nb", "CN=x@y.example", 'CN="a"b"', "EMAIL=k@l.example", 'SENT-BY="mailto:s@t.example"', "CN=a,b",
    "CN= lead", "CN='q'", "CN=mailto:z@w.example", "CN=a=b", "CN= ", "CN=tab\tx", "LANGUAGE=en",
)  # fmt: skip
VALUES = (
    "mailto:a.b+c@d.example", "MAILTO:A@B.Example", "mailto:x@y", "x@y.example", "mailto:", "mailto:a@b.",
    "mailto:a@@b.c", "mailto:" + "a" * 70 + "@b.c", "mailto:a@" + "b." * 100 + "c", "mailto:a@b.c ",
    "mailto:<a@b.c>", "mailto:o'k@b.c", "urn:uuid:1", "mailto:a@..b",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PARAMETERS), max_size=4), st.sampled_from(VALUES))
def test_a_plain_guest_line_is_read_as_any_other(parameters: list[str], value: str) -> None:
    line = ";".join(["ATTENDEE", *parameters]) + f":{value}"
    # Called past its memory, which would give the first answer again.
    read = guest_lines._read_line
    quick = read(line)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(guest_lines, "_plain", lambda _: None)
        slow = read(line)
    assert (quick.email, quick.name, dict(quick.parameters)) == (slow.email, slow.name, dict(slow.parameters))


class TestWhatAnEventDependsOn:
    """A known event is not read again unless something that shapes it changed."""

    HEAD = "BEGIN:VCALENDAR\nVERSION:2.0\n"
    ZONE = (
        "BEGIN:VTIMEZONE\nTZID:Office\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:{0}\nTZOFFSETTO:{0}\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    SERIES = (
        "BEGIN:VEVENT\nUID:s\nDTSTAMP:{0}\nLAST-MODIFIED:{0}\nDTSTART;TZID=Office:20261102T090000\n"
        "RRULE:FREQ=DAILY;COUNT=3\nSUMMARY:Standup\nEND:VEVENT\n"
    )
    MOVED = (
        "BEGIN:VEVENT\nUID:s\nRECURRENCE-ID;TZID=Office:20261103T090000\n"
        "DTSTART;TZID=Office:20261103T{0}0000\nSUMMARY:Standup\nEND:VEVENT\n"
    )
    TAIL = "END:VCALENDAR\n"

    def read(self, path: Path, content: str, before: list[Meeting]) -> tuple[list[Meeting], set[str]]:
        path.write_text(content)
        known: dict[str, list[str]] = {}
        for meeting in before:
            known.setdefault(meeting.raw_hash or "", []).append(meeting.source_id)
        source = IcsSource("work", path, my_emails=[], today=date(2026, 11, 1), time_zone=LONDON, known=known)
        pages = list(source.changes(None))
        meetings = [change for page in pages for change in page.changes if isinstance(change, Meeting)]
        return meetings, {key for page in pages for key in page.unchanged}

    def whole(self, *, offset: str = "+0200", stamp: str = "20260101T000000Z", hour: str = "10") -> str:
        event = self.SERIES.format(stamp) + self.MOVED.format(hour)
        return self.HEAD + self.ZONE.format(offset) + event + self.TAIL

    def test_what_exports_renew_is_no_change(self, tmp_path: Path) -> None:
        path = tmp_path / "a.ics"
        first, _ = self.read(path, self.whole(), [])
        again, unchanged = self.read(path, self.whole(stamp="20261101T000000Z"), first)
        assert (len(first), again) == (3, [])
        assert unchanged == {meeting.source_id for meeting in first}

    def test_a_changed_instance_reads_its_whole_series(self, tmp_path: Path) -> None:
        path = tmp_path / "a.ics"
        first, _ = self.read(path, self.whole(), [])
        again, unchanged = self.read(path, self.whole(hour="11"), first)
        assert (len(again), unchanged) == (3, set())

    def test_another_method_reads_all_of_its_calendar(self, tmp_path: Path) -> None:
        path = tmp_path / "a.ics"
        first, _ = self.read(path, self.whole(), [])
        cancelled = self.whole().replace("VERSION:2.0\n", "VERSION:2.0\nMETHOD:CANCEL\n")
        again, unchanged = self.read(path, cancelled, first)
        assert {meeting.status for meeting in again} == {"cancelled"}
        assert unchanged == set()

    def test_a_zone_that_stands_in_another_calendar_of_the_file_counts(self, tmp_path: Path) -> None:
        path = tmp_path / "a.ics"
        event = self.HEAD + self.SERIES.format("20260101T000000Z") + self.TAIL
        first, _ = self.read(path, self.HEAD + self.ZONE.format("+0200") + self.TAIL + event, [])
        again, unchanged = self.read(path, self.HEAD + self.ZONE.format("+0500") + self.TAIL + event, first)
        assert [moved.start != met.start for moved, met in zip(again, first, strict=True)] == [True] * 3
        assert unchanged == set()
