"""The contract of all sources, kept by a Google account: by the events of a calendar, and by its mail."""

from __future__ import annotations

import pytest

from connectors.google.source import GoogleSource, MailWanted
from tests.contracts.sources import Known, SourceContract, SourceWorld, read
from tests.support.google_server import GoogleServer
from tests.support.google_server.fixtures import MONDAYS, Client, client_fixture, google_fixture  # noqa: F401


class GoogleWorld:
    """Events by name. One that was deleted and comes back is restored from Google's bin, id and all."""

    many = 3
    keeps_ids = True

    def __init__(self, google: GoogleServer, client: Client) -> None:
        self._google = google
        self._client = client

    def source(self, known: Known) -> GoogleSource:
        return self._client.source(known=known.hashes)

    def put(self, names: list[str]) -> None:
        calendar = self._google.calendar
        there = {event["id"]: event["summary"] for event in calendar.shelf("primary").events.live()}
        for event_id, name in there.items():
            if name not in names:
                calendar.delete(event_id)
        for name in names:
            if name not in there.values():
                calendar.add(name, id=name.lower(), **MONDAYS)

    def edit(self, name: str) -> None:
        self._google.calendar.edit(name.lower(), location="Harbour Hotel")


class TestGoogleSource(SourceContract):
    @pytest.fixture
    def world(self, google: GoogleServer, client: Client) -> GoogleWorld:
        return GoogleWorld(google, client)


class MailWorld:
    """Mails by name, from a person each. A mail is never edited."""

    many = 120
    keeps_ids = True

    def __init__(self, google: GoogleServer, client: Client) -> None:
        self._google = google
        self._client = client
        self._ids: dict[str, str] = {}

    def source(self, known: Known) -> GoogleSource:  # noqa: ARG002 - mail is known by its history
        return self._client.source(contacts=False, calendars=[], mail=MailWanted())

    def put(self, names: list[str]) -> None:
        gmail = self._google.gmail
        for name in self._ids.keys() - set(names):
            gmail.purge(self._ids.pop(name))
        for name in names:
            if name not in self._ids:
                message_id = f"<{name}@mail.example>"
                self._ids[name] = gmail.receive(f"{name} <{name}@firm.example>", message_id=message_id)

    def edit(self, name: str) -> None:
        self._google.gmail.relabel(self._ids[name], add=("STARRED",), remove=("UNREAD",))


class TestGoogleMail(SourceContract):
    forgets = False

    @pytest.fixture
    def world(self, google: GoogleServer, client: Client) -> MailWorld:
        return MailWorld(google, client)

    def test_an_edit_is_told_and_nothing_else(self, world: SourceWorld) -> None:
        """A label is all that can change, and it says nothing about contact."""
        world.put(["Person00001", "Person00002"])
        known = Known()
        read(world, known)
        before = dict(known.records)
        world.edit("Person00002")
        read(world, known)
        assert known.records == before
        assert known.told == 2
