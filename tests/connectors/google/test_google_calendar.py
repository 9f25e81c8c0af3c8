"""Rows 24 to 36 of google-cases.md: reading a calendar. A row's number is in its test's name.

Row 26 is about a parameter that we never send; its test shows that, and that we would understand the
refusal.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.google.client.errors import (
    NotFound,
)
from people.errors import CursorExpired, RetryLater
from tests.support.google_server import Fault, GoogleServer
from tests.support.google_server.fixtures import (  # noqa: F401
    EVENTS,
    MONDAYS,
    Client,
    client_fixture,
    google_fixture,
    kinds,
)


def test_case_24_gone_token_is_a_full_sync_that_removes_absentees(
    google: GoogleServer, client: Client
) -> None:
    google.calendar.add("Coffee", start="2026-10-20T09:00", end="2026-10-20T10:00")
    lost = google.calendar.add("Lost", start="2026-10-21T09:00", end="2026-10-21T10:00")
    client.sync_calendars()
    events = google.calendar.shelf("primary").events
    events.expire_tokens()
    events.purge(lost)
    pages = client.sync_calendars()
    assert client.starts == {"evt1": "2026-10-20 08:00"}
    assert [(page.complete, page.scope, page.cursor is not None) for page in pages] == [
        (True, "calendars/primary", True)
    ]
    assert kinds(google) == ["full", "changes", "full"]


def test_case_25_a_full_sync_that_is_called_expired_too_ends(google: GoogleServer, client: Client) -> None:
    google.calendar.add("Coffee", start="2026-10-20T09:00", end="2026-10-20T10:00")
    client.sync_calendars()
    before = client.known.cursor
    google.faults.append(Fault("error", EVENTS, times=9, code=410, reason="fullSyncRequired"))
    with pytest.raises(RetryLater, match="full read in answer to a full read"):
        client.sync_calendars()
    assert kinds(google) == ["full", "changes", "full"]
    assert client.known.cursor == before
    assert client.starts == {"evt1": "2026-10-20 08:00"}


def test_case_26_updated_min_is_never_used(google: GoogleServer, client: Client) -> None:
    client.sync_calendars()
    client.sync_calendars()
    assert [request.get("updatedMin") for request in google.requests(EVENTS)] == ["", ""]
    api = client.api()
    old = (google.clock.now() - timedelta(days=60)).isoformat()
    request = api.service("calendar").events().list(calendarId="primary", updatedMin=old)
    with pytest.raises(CursorExpired):
        api.read(request, "read the calendar")


def test_case_27_reading_a_deleted_event_is_no_expiry(google: GoogleServer, client: Client) -> None:
    event = google.calendar.add("Coffee", start="2026-10-20T09:00", end="2026-10-20T10:00")
    google.calendar.delete(event)
    api = client.api()
    with pytest.raises(NotFound):
        api.read(api.service("calendar").events().get(calendarId="primary", eventId=event), "read an event")


def test_case_28_a_token_goes_alone(google: GoogleServer, client: Client) -> None:
    series = google.calendar.add("Weekly", **MONDAYS, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    client.sync_calendars()
    google.calendar.edit(series, summary="Weekly 1:1")
    client.sync_calendars()  # the stand-in answers 400 when they are mixed
    assert kinds(google) == ["full", "changes"]
    assert client.titles == {"Weekly 1:1"}


def test_case_29_deleted_events_are_asked_for_from_the_first(google: GoogleServer, client: Client) -> None:
    client.sync_calendars()
    client.sync_calendars()
    assert [request.get("showDeleted") for request in google.requests(EVENTS)] == ["true", "true"]


def test_case_30_an_empty_page_is_not_the_end(google: GoogleServer, client: Client) -> None:
    google.calendar.add("Coffee", start="2026-10-20T09:00", end="2026-10-20T10:00")
    google.calendar.shelf("primary").events.empty_pages = 2
    client.sync_calendars()
    assert client.starts == {"evt1": "2026-10-20 08:00"}
    assert len(google.requests(EVENTS)) == 3


def test_case_31_a_baseline_of_tombstones_is_read_to_its_end(google: GoogleServer, client: Client) -> None:
    google.calendar.shelf("primary").events.page_limit = 50
    for number in range(527):
        event = google.calendar.add(f"Event {number}", start="2026-10-20T09:00", end="2026-10-20T10:00")
        if number < 515:
            google.calendar.delete(event)
    client.sync_calendars()
    assert len(client.meetings) == 12
    assert len(google.requests(EVENTS)) == 11


def test_case_32_a_last_page_without_a_token_is_an_error(google: GoogleServer, client: Client) -> None:
    client.sync_calendars()
    before = client.known.cursor
    google.calendar.shelf("primary").events.token_missing = True
    with pytest.raises(RetryLater, match="no sync token"):
        client.sync_calendars()
    assert client.known.cursor == before


@pytest.mark.parametrize("when", ["before the first sync", "between syncs"])
def test_case_33_a_cancelled_instance_is_taken_out(google: GoogleServer, client: Client, when: str) -> None:
    series = google.calendar.add("Weekly", **MONDAYS, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    if when == "between syncs":
        client.sync_calendars()
    google.calendar.cancel_instance(series, "2026-10-12T09:00")
    client.sync_calendars()
    assert client.starts == {
        "evt1/20261005T080000Z": "2026-10-05 08:00",
        "evt1/20261019T080000Z": "2026-10-19 08:00",
    }


@pytest.mark.parametrize("recurrence", [None, ["RRULE:FREQ=DAILY"]])
def test_case_34_a_cancelled_event_is_known_by_its_id_alone(
    google: GoogleServer, client: Client, recurrence: list[str] | None
) -> None:
    gone = google.calendar.add("Gone", **MONDAYS)
    google.calendar.add("Kept", **MONDAYS, id=f"{gone}0")
    google.calendar.edit(gone, recurrence=recurrence)
    client.sync_calendars()
    google.calendar.delete(gone)
    client.sync_calendars()
    assert list(client.starts) == [f"{gone}0"]


def test_case_35_a_cancelled_instance_in_a_plain_listing_is_no_meeting(
    google: GoogleServer, client: Client
) -> None:
    series = google.calendar.add("Weekly", **MONDAYS, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])
    google.calendar.cancel_instance(series, "2026-10-05T09:00")
    api = client.api()
    listing = api.service("calendar").events().list(calendarId="primary", showDeleted=False)
    assert [item["status"] for item in api.read(listing, "list")["items"]] == ["confirmed", "cancelled"]
    client.sync_calendars()
    assert list(client.starts) == ["evt1/20261012T080000Z"]


@pytest.mark.parametrize("when", ["before the first sync", "between syncs"])
def test_case_36_a_moved_instance_is_matched_on_its_original_start(
    google: GoogleServer, client: Client, when: str
) -> None:
    series = google.calendar.add("Weekly", **MONDAYS, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])
    if when == "between syncs":
        client.sync_calendars()
    google.calendar.change_instance(series, "2026-10-12T09:00", start="2026-10-14T15:00")
    client.sync_calendars()
    assert client.starts == {
        "evt1/20261005T080000Z": "2026-10-05 08:00",
        "evt1/20261012T080000Z": "2026-10-14 14:00",
    }
    google.calendar.change_instance(series, "2026-10-12T09:00", start="2026-10-15T15:00")
    google.calendar.edit(series, summary="Weekly 1:1")
    client.sync_calendars()
    assert client.starts["evt1/20261012T080000Z"] == "2026-10-15 14:00"
    assert client.meetings["primary/evt1/20261005T080000Z"].title == "Weekly 1:1"
