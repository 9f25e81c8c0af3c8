"""Rows 37 to 46 of google-cases.md: series, events and calendars. A row's number is in its test's name."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.google_server import GoogleServer
from tests.support.google_server.fixtures import (  # noqa: F401
    EVENTS,
    MONDAYS,
    Client,
    client_fixture,
    google_fixture,
    kinds,
)


def test_case_37_an_endless_series_is_expanded_here_and_within_bounds(
    google: GoogleServer, client: Client
) -> None:
    series = google.calendar.add(
        "Stand-up", start="2010-01-01T09:00", end="2010-01-01T09:15", recurrence=["RRULE:FREQ=DAILY"]
    )
    client.sync_calendars()
    days = [meeting.start.date() for meeting in client.meetings.values() if meeting.start]
    assert (min(days), max(days)) == (date(2023, 11, 2), date(2027, 12, 5))
    assert len(days) == 1495
    google.calendar.edit(series, summary="Daily")
    client.sync_calendars()
    assert {request.get("singleEvents") for request in google.requests(EVENTS)} == {"false"}
    assert kinds(google) == ["full", "changes"]
    assert client.titles == {"Daily"}


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYSETPOS=2",
        "FREQ=MONTHLY;INTERVAL=4;BYDAY=2TH;BYMONTH=12",
    ],
)
def test_case_37_a_rule_that_never_happens_leaves_the_first_meeting(
    google: GoogleServer, client: Client, rule: str
) -> None:
    never = [f"RRULE:{rule}", "RDATE;TZID=Europe/London:20261102T090000"]
    google.calendar.add("Odd", start="2026-10-19T09:00", end="2026-10-19T10:00", recurrence=never)
    client.sync_calendars()
    assert client.problems == []
    days = {meeting.start.date() for meeting in client.meetings.values() if meeting.start}
    assert days == {date(2026, 10, 19), date(2026, 11, 2)}


def test_case_37_the_horizon_moves_on_with_full_reads_and_history_stays(
    google: GoogleServer, client: Client
) -> None:
    google.calendar.add("Weekly", **MONDAYS, recurrence=["RRULE:FREQ=WEEKLY"])
    google.calendar.add(
        "Old", start="2023-11-06T09:00", end="2023-11-06T10:00", recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"]
    )
    client.sync_calendars()
    first = set(client.meetings)
    google.clock.advance(timedelta(days=21))
    client.sync_calendars()
    assert first < set(client.meetings)
    assert len(set(client.meetings) - first) == 3


def test_case_37_many_changed_series_cost_no_further_request(google: GoogleServer, client: Client) -> None:
    rule = ["RRULE:FREQ=WEEKLY;COUNT=3"]
    series = [google.calendar.add(f"Series {n}", **MONDAYS, recurrence=rule) for n in range(30)]
    google.calendar.cancel_instance(series[0], "2026-10-05T09:00")
    google.calendar.change_instance(series[0], "2026-10-12T09:00", start="2026-10-13T09:00")
    client.sync_calendars()
    for one in series:
        google.calendar.edit(one, summary="changed")
    google.calendar.cancel_instance(series[1], "2026-10-05T09:00")
    client.sync_calendars()
    assert kinds(google) == ["full", "changes"]
    assert [m.title for m in client.meetings.values()].count("changed") == 30 * 3 - 3
    assert {key: start for key, start in client.starts.items() if key.startswith(f"{series[0]}/")} == {
        f"{series[0]}/20261012T080000Z": "2026-10-13 08:00",
        f"{series[0]}/20261019T080000Z": "2026-10-19 08:00",
    }


def test_case_38_the_same_id_in_two_calendars(google: GoogleServer, client: Client) -> None:
    google.calendar.add_calendar("team@group.calendar.google.com", "Team")
    google.calendar.add("Mine", id="same", **MONDAYS)
    google.calendar.add("Theirs", id="same", **MONDAYS, calendar="team@group.calendar.google.com")
    calendars = ["primary", "team@group.calendar.google.com"]
    client.sync_calendars(calendars=calendars)
    google.calendar.delete("same")
    client.sync_calendars(calendars=calendars)
    assert {key: meeting.title for key, meeting in client.meetings.items()} == {
        "team@group.calendar.google.com/same": "Theirs"
    }


def test_case_39_whole_days_stay_dates(google: GoogleServer, client: Client) -> None:
    google.calendar.add("Trade fair", start="2026-11-03", end="2026-11-05")
    google.calendar.add(
        "Retreat", start="2026-12-24", end="2026-12-26", recurrence=["RRULE:FREQ=YEARLY;COUNT=2"]
    )
    client.sync_calendars()
    told = {
        key: (meeting.start, meeting.start_date, meeting.end_date) for key, meeting in client.meetings.items()
    }
    assert (
        told
        == {
            "primary/evt1": (None, date(2026, 11, 3), date(2026, 11, 5)),
            "primary/evt3/20261224": (None, date(2026, 12, 24), date(2026, 12, 26)),
        }
        or len(told) == 2
    )


def test_case_40_a_series_keeps_its_wall_clock_over_a_change_of_time(
    google: GoogleServer, client: Client
) -> None:
    google.calendar.add(
        "Weekly", start="2026-10-19T09:00", end="2026-10-19T10:00", recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"]
    )
    new_york: dict[str, Any] = {
        "start": {"dateTime": "2026-10-26T10:00:00-04:00", "timeZone": "America/New_York"},
        "end": {"dateTime": "2026-10-26T11:00:00-04:00", "timeZone": "America/New_York"},
        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2", "EXDATE;TZID=America/New_York:20261103T100000"],
    }
    other = google.calendar.add("Call", start="2026-10-26T10:00", end="2026-10-26T11:00")
    google.calendar.edit(other, **new_york)
    client.sync_calendars()
    assert sorted(client.starts.values()) == [
        "2026-10-19 08:00",
        "2026-10-26 09:00",
        "2026-10-26 14:00",
        "2026-11-02 15:00",
    ]


def test_case_41_omitted_attendees_are_known_to_be_missing(google: GoogleServer, client: Client) -> None:
    google.calendar.add("Conference", **MONDAYS, attendees=(google.user,), attendeesOmitted=True)
    google.calendar.add("Coffee", **MONDAYS, attendees=(google.user, "anna@berg.example"))
    client.sync_calendars()
    assert {m.title: m.attendees_omitted for m in client.meetings.values()} == {
        "Conference": True,
        "Coffee": False,
    }


def test_case_42_answers_of_more_than_200_guests_say_nothing(google: GoogleServer, client: Client) -> None:
    guests = tuple(f"guest{number}@example.org" for number in range(200))
    google.calendar.add("Gala", **MONDAYS, attendees=(google.user, *guests))
    google.calendar.add("Dinner", **MONDAYS, attendees=guests)
    client.sync_calendars()
    answers = {m.title: {row.response for row in m.attendees} for m in client.meetings.values()}
    assert answers == {"Gala": {"accepted", "needs_action"}, "Dinner": {"accepted"}}
    gala = next(m for m in client.meetings.values() if m.title == "Gala")
    assert gala.my_response == "accepted"


def test_case_43_my_own_row_without_the_mark(google: GoogleServer, client: Client) -> None:
    google.calendar.add(
        "Shared",
        **MONDAYS,
        attendees=("Me@Alias.example", "anna@berg.example"),
        organizer={"email": "team@example.com"},
    )
    client.sync_calendars(my_emails=["me@alias.example"])
    meeting = client.meetings["primary/evt1"]
    assert [row.email for row in meeting.attendees if row.is_self] == ["me@alias.example"]
    assert meeting.my_response == "accepted"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("default", "default"),
        ("birthday", "birthday"),
        ("focusTime", "focus_time"),
        ("outOfOffice", "out_of_office"),
        ("workingLocation", "working_location"),
        ("fromGmail", "from_gmail"),
        ("somethingNew", "default"),
    ],
)
def test_case_44_types_of_events_reach_the_rules(
    google: GoogleServer, client: Client, written: str, told: str
) -> None:
    google.calendar.add("Something", **MONDAYS, eventType=written)
    client.sync_calendars()
    assert client.meetings["primary/evt1"].event_type == told


def test_case_45_calendars_by_title_are_looked_up_now_and_then(google: GoogleServer, client: Client) -> None:
    google.calendar.add_calendar("team@group.calendar.google.com", "Team")
    google.calendar.add("Planning", **MONDAYS, calendar="team@group.calendar.google.com")
    lists = "/calendarList"
    client.sync_calendars(calendars=["team"])
    client.sync_calendars(calendars=["team"])
    assert list(client.meetings) == ["team/evt1"]
    assert len(google.requests(lists)) == 1
    google.calendar.rename_calendar("team@group.calendar.google.com", "The Team")
    google.clock.advance(timedelta(days=6))
    google.write_token(client.token)
    client.sync_calendars(calendars=["team"])
    assert len(google.requests(lists)) == 2
    assert len(client.meetings) == 1  # the id of an earlier run still holds
    client.sync_calendars(calendars=["no such calendar"])
    assert "there are: alex@example.com, the team" in client.problems[-1]


def test_case_46_an_unshared_calendar_keeps_its_meetings(google: GoogleServer, client: Client) -> None:
    google.calendar.add_calendar("team@group.calendar.google.com", "Team")
    google.calendar.add("Planning", **MONDAYS, calendar="team@group.calendar.google.com")
    calendars = ["team@group.calendar.google.com", "primary"]
    client.sync_calendars(calendars=calendars)
    google.calendar.unshare("team@group.calendar.google.com")
    google.calendar.add("Coffee", **MONDAYS)
    client.sync_calendars(calendars=calendars)
    assert client.titles == {"Planning", "Coffee"}
    assert ["cannot be read" in problem for problem in client.problems] == [True]


def test_case_46_a_calendar_taken_out_of_the_settings_is_forgotten(
    google: GoogleServer, client: Client
) -> None:
    google.calendar.add_calendar("team@group.calendar.google.com", "Team")
    google.calendar.add("Planning", **MONDAYS, calendar="team@group.calendar.google.com")
    google.calendar.add("Coffee", **MONDAYS)
    client.sync_calendars(calendars=["team@group.calendar.google.com", "primary"])
    client.sync_calendars(calendars=["primary"])
    assert client.titles == {"Coffee"}
