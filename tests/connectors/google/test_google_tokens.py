"""Sync tokens of another calendar or account, and which row of a guest list is the user's."""

from __future__ import annotations

import re

import pytest

from connectors.google.client.errors import Refused
from people.errors import SuspiciousEmptiness
from people.store import Store
from people.store.ingest.reading import Reading
from people.types import Meeting
from tests.support.google_server import Fault, GoogleServer
from tests.support.google_server.fixtures import (  # noqa: F401
    EVENTS,
    MONDAYS,
    Client,
    client_fixture,
    google_fixture,
    kinds,
)

TEAM = "team@group.calendar.google.com"
CONNECTIONS = "/people/me/connections"


def with_token(google: GoogleServer, path: str) -> list[bool]:
    return [bool(request.get("syncToken")) for request in google.requests(path)]


class TestTokensOfOthers:
    def test_a_token_of_another_calendar_is_one_full_read(self, google: GoogleServer, client: Client) -> None:
        google.calendar.add_calendar(TEAM, "Team")
        google.calendar.add("Coffee", **MONDAYS)
        google.calendar.add("Standup", **MONDAYS, calendar=TEAM)
        client.sync_calendars(calendars=["primary", TEAM])
        mine, theirs = client.cursor.calendars["primary"], client.cursor.calendars[TEAM]
        swapped = {"primary": mine.model_copy(update={"token": theirs.token}), TEAM: theirs}
        client.known.cursor = client.cursor.model_copy(update={"calendars": swapped}).model_dump_json()
        google.calendar.edit("evt1", summary="Tea")
        for _ in range(2):
            client.sync_calendars(calendars=["primary", TEAM])
            assert client.titles == {"Tea", "Standup"}
        assert kinds(google) == ["full", "changes", "full", "changes"]

    def test_a_contacts_token_of_another_account_is_one_full_read(
        self, google: GoogleServer, client: Client
    ) -> None:
        google.people.add("Anna Berg")
        client.sync(calendars=[])
        people = client.cursor.people
        assert people is not None
        foreign = people.model_copy(update={"token": "bm90LW91cnM="})
        client.known.cursor = client.cursor.model_copy(update={"people": foreign}).model_dump_json()
        for _ in range(2):
            client.sync(calendars=[])
            assert list(client.contacts) == ["Anna Berg"]
        assert with_token(google, CONNECTIONS) == [False, True, False, True]

    def test_it_is_read_in_full_once_only(self, google: GoogleServer, client: Client) -> None:
        google.calendar.add("Coffee", **MONDAYS)
        client.sync_calendars()
        before = client.known.cursor
        for fault in ("Invalid sync token value.", "Invalid sync token value."):
            google.faults.append(Fault("error", EVENTS, code=400, reason=fault))
        with pytest.raises(Refused):
            client.sync_calendars()
        assert kinds(google) == ["full", "changes", "full"]
        assert (client.known.cursor, client.titles) == (before, {"Coffee"})

    @pytest.mark.parametrize("reason", ["invalid", "badRequest", "INVALID_ARGUMENT", "required"])
    @pytest.mark.parametrize("old_style", [True, False])
    def test_any_other_400_is_not(
        self, google: GoogleServer, client: Client, reason: str, *, old_style: bool
    ) -> None:
        google.calendar.add("Coffee", **MONDAYS)
        client.sync_calendars()
        google.faults.append(Fault("error", EVENTS, code=400, reason=reason, old_style=old_style))
        with pytest.raises(Refused):
            client.sync_calendars()
        assert kinds(google) == ["full", "changes"]

    def test_the_other_account_removes_nobody(
        self, google: GoogleServer, client: Client, memory: Store
    ) -> None:
        people = [google.people.add(f"Person {number}") for number in range(30)]

        def read(cursor: str | None) -> str | None:
            reading = Reading(memory, "google", google.clock.now())
            for page in client.source(known={}, calendars=[]).changes(cursor):
                reading.apply(page)
                cursor = page.cursor
            return cursor

        cursor = read(None)
        assert cursor is not None
        for person in people:
            google.people.listed.purge(person)
        google.people.add("Somebody else")
        foreign = re.sub(r'"token":"[^"]+"', '"token":"bm90LW91cnM="', cursor)
        with pytest.raises(SuspiciousEmptiness):
            read(foreign)
        assert with_token(google, CONNECTIONS) == [False, True, False]
        with memory.read() as connection:
            known = connection.exec_driver_sql(
                "SELECT count(*) FROM contacts WHERE gone_at IS NULL"
            ).scalar_one()
        assert known >= len(people)


class TestWhoseRow:
    def meeting(self, client: Client, title: str) -> Meeting:
        return next(meeting for meeting in client.meetings.values() if meeting.title == title)

    def rows(self, client: Client, title: str) -> dict[str, bool]:
        return {row.email: row.is_self for row in self.meeting(client, title).attendees}

    def test_an_alias_that_google_marks_in_the_primary_calendar_is_the_user_in_another(
        self, google: GoogleServer, client: Client
    ) -> None:
        alias, anna = "alex@alias.example", "anna@berg.example"
        google.calendar.add_calendar(TEAM, "Team")
        coffee = google.calendar.add("Coffee", **MONDAYS)
        google.calendar.edit(
            coffee, attendees=[{"email": "Alex@Alias.example", "responseStatus": "accepted", "self": True}]
        )
        google.calendar.add("Standup", **MONDAYS, calendar=TEAM, attendees=(alias, anna))
        usual = {"calendars": [TEAM, "primary"], "my_emails": ["alex@example.com"]}
        client.sync_calendars(**usual)
        assert self.rows(client, "Standup") == {alias: True, anna: False}
        assert self.meeting(client, "Standup").my_response == "accepted"
        # It is remembered: the next run reads only what changed, and knows it still.
        google.calendar.add("Review", **MONDAYS, calendar=TEAM, attendees=(alias,))
        client.sync_calendars(**usual)
        assert self.rows(client, "Review") == {alias: True}
        assert with_token(google, f"/calendars/{TEAM}/events") == [False, True]

    def test_a_spelling_of_the_users_own_mailbox(self, google: GoogleServer, client: Client) -> None:
        mine, other = "Alex.Doe+work@googlemail.com", "a.b@firm.example"
        google.calendar.add("Coffee", **MONDAYS, attendees=(mine, other))
        client.sync_calendars(my_emails=["alexdoe@gmail.com", "ab@firm.example"])
        assert self.rows(client, "Coffee") == {mine.lower(): True, other: False}

    def test_the_owner_of_a_shared_calendar_is_not_the_user(
        self, google: GoogleServer, client: Client
    ) -> None:
        anna = "anna@berg.example"
        google.calendar.add_calendar(anna, "Anna")
        event = google.calendar.add("Lunch", **MONDAYS, calendar=anna)
        rows = [
            {"email": "Anna@berg.example", "responseStatus": "accepted", "self": True},
            {"email": google.user, "responseStatus": "declined"},
        ]
        google.calendar.edit(event, calendar=anna, attendees=rows)
        client.sync_calendars(calendars=[anna])
        assert self.rows(client, "Lunch") == {anna: False, google.user: True}
        assert self.meeting(client, "Lunch").my_response == "declined"
