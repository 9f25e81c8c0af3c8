"""The contract of all sources, kept by a Google account. Its records are the events of a calendar."""

from __future__ import annotations

import pytest

from connectors.google.source import GoogleSource
from tests.contracts.sources import Known, SourceContract
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
