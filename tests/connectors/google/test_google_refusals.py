"""Rows 47 to 52 of google-cases.md: what Calendar refuses; then odd and hostile events.

Rows 47 and 48 are about writing, which we never do in a calendar; their tests show that we would
understand the refusal.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.google.client.errors import (
    AlreadyExists,
    QuotaUsedUp,
    RateLimited,
    ScopeMissing,
    StaleEtag,
)
from tests.support.google_server import Fault, GoogleServer
from tests.support.google_server.fixtures import (  # noqa: F401
    EVENTS,
    MONDAYS,
    Client,
    client_fixture,
    google_fixture,
    kinds,
)


def test_case_47_inserting_with_an_id_that_exists(google: GoogleServer, client: Client) -> None:
    google.calendar.add("Coffee", id="mine", **MONDAYS)
    api = client.api()
    body = {"id": "mine", "start": {"date": "2026-11-01"}, "end": {"date": "2026-11-02"}}
    with pytest.raises(AlreadyExists):
        api.write(api.service("calendar").events().insert(calendarId="primary", body=body), "insert")


def test_case_48_a_stale_if_match(google: GoogleServer, client: Client) -> None:
    event = google.calendar.add("Coffee", **MONDAYS)
    api = client.api()
    patch = api.service("calendar").events().patch(calendarId="primary", eventId=event, body={"summary": "x"})
    patch.headers["If-Match"] = '"old"'
    with pytest.raises(StaleEtag):
        api.write(patch, "patch")
    client.sync_calendars()
    assert {request.method for request in google.requests(EVENTS)} == {"GET", "PATCH"}  # only this test wrote


@pytest.mark.parametrize(
    ("code", "reason"), [(403, "rateLimitExceeded"), (403, "userRateLimitExceeded"), (429, "")]
)
def test_case_50_rate_limits_are_waited_out(
    google: GoogleServer, client: Client, code: int, reason: str
) -> None:
    google.calendar.add("Coffee", **MONDAYS)
    google.faults.append(Fault("error", EVENTS, times=2, code=code, reason=reason))
    client.sync_calendars()
    assert len(client.meetings) == 1
    assert [60 <= seconds <= 75 for seconds in client.waits] == [True, True]


def test_case_50_a_storm_ends_the_attempt(google: GoogleServer, client: Client) -> None:
    google.calendar.requests_a_minute = 0
    with pytest.raises(RateLimited):
        client.sync_calendars()
    assert sum(client.waits) <= 240


@pytest.mark.parametrize("reason", ["quotaExceeded", "dailyLimitExceeded"])
def test_case_51_a_spent_daily_quota_is_left_to_the_next_run(
    google: GoogleServer, client: Client, reason: str
) -> None:
    google.people.add("Anna Berg")
    google.faults.append(Fault("error", EVENTS, times=9, code=403, reason=reason))
    with pytest.raises(QuotaUsedUp) as caught:
        client.sync()
    assert "next run" in caught.value.help
    assert client.waits == []
    assert list(client.contacts) == ["Anna Berg"]  # the other part of the account went on


def test_case_52_a_missing_scope_asks_for_consent_and_is_not_retried(
    google: GoogleServer, client: Client
) -> None:
    google.people.add("Anna Berg")
    google.write_token(client.token, ["contacts.readonly"])
    with pytest.raises(ScopeMissing) as caught:
        client.sync()
    assert "touchbase login google --source google" in caught.value.help
    assert len(google.requests(EVENTS)) == 1
    assert list(client.contacts) == ["Anna Berg"]


class TestEvents:
    def test_a_single_event_becomes_a_series_and_single_again(
        self, google: GoogleServer, client: Client
    ) -> None:
        event = google.calendar.add("Coffee", **MONDAYS)
        client.sync_calendars()
        google.calendar.edit(event, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])
        client.sync_calendars()
        assert list(client.starts) == ["evt1/20261005T080000Z", "evt1/20261012T080000Z"]
        google.calendar.edit(event, recurrence=None)
        client.sync_calendars()
        assert list(client.starts) == ["evt1"]

    def test_what_a_meeting_tells(self, google: GoogleServer, client: Client) -> None:
        google.calendar.add(
            "Lunch \u0007",
            **MONDAYS,
            attendees=(google.user, "Anna@Berg.example"),
            location="Harbour Hotel",
            description="Agenda",
            status="tentative",
        )
        client.sync_calendars()
        meeting = client.meetings["primary/evt1"]
        assert meeting.model_dump(
            include={"title", "location", "description", "status", "uid", "organizer"}
        ) == {
            "title": "Lunch",
            "location": "Harbour Hotel",
            "description": "Agenda",
            "status": "tentative",
            "uid": "evt1@google.com",
            "organizer": "alex@example.com",
        }
        assert (meeting.start, meeting.end) == (
            datetime(2026, 10, 5, 8, tzinfo=UTC),
            datetime(2026, 10, 5, 9, tzinfo=UTC),
        )

    def test_one_bad_event_leaves_the_others(self, google: GoogleServer, client: Client) -> None:
        google.calendar.add("Coffee", **MONDAYS)
        bad = google.calendar.add("Bad", **MONDAYS)
        client.sync_calendars()
        google.calendar.edit(bad, start={"dateTime": "yesterday"})
        google.calendar.edit("evt1", summary="Tea")
        client.known.cursor = None
        client.sync_calendars()
        assert client.titles == {"Tea", "Bad"}
        assert client.problems == ["this event could not be read (ValueError)"]

    @pytest.mark.parametrize(
        "rule",
        [
            "FREQ=SECONDLY",
            "FREQ=HOURLY",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=WEEKLY;BYYEARDAY=1",
            "FREQ=DAILY;BYHOUR="
            + ",".join(map(str, range(24)))
            + ";BYMINUTE="
            + ",".join(map(str, range(60))),
            "nonsense",
        ],
    )
    def test_rules_that_nobody_means_are_refused(
        self, google: GoogleServer, client: Client, rule: str
    ) -> None:
        google.calendar.add("Coffee", **MONDAYS)
        google.calendar.add("Hostile", **MONDAYS, recurrence=[f"RRULE:{rule}"])
        client.sync_calendars()
        assert client.titles == {"Coffee"}
        assert len(client.problems) == 1

    def test_rdate_exdate_and_until(self, google: GoogleServer, client: Client) -> None:
        google.calendar.add(
            "Weekly",
            **MONDAYS,
            recurrence=[
                "RRULE:FREQ=WEEKLY;UNTIL=20261026T090000Z",
                "EXDATE:20261012T080000Z,20261019T080000Z",
                "RDATE;TZID=Europe/London:20261015T110000",
            ],
        )
        client.sync_calendars()
        assert sorted(client.starts.values()) == ["2026-10-05 08:00", "2026-10-15 10:00", "2026-10-26 09:00"]
