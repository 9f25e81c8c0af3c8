"""Our client against the stand-in, for tests. Not imported by the package itself: this needs pytest."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from connectors.google.client.api import Api, Patience
from connectors.google.client.auth import Login
from connectors.google.labels import GoogleLabels
from connectors.google.part import GoogleCursor
from connectors.google.source import GoogleSource
from connectors.google.tasks import GoogleTasksSink
from people.types import Contact, Meeting, Page
from tests.contracts.sources import Known
from tests.support.google_server import GoogleServer

START = datetime(2026, 11, 1, 9, tzinfo=UTC)
"""A Sunday, a week after the end of summer time in London."""


@dataclass
class Client:
    """One user of Touchbase: a token file, what is known, and a patience whose waits move the clock."""

    google: GoogleServer
    folder: Path
    known: Known = field(default_factory=Known)
    waits: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.token = self.google.write_token(self.folder / "google.json")

    def source(self, **options: Any) -> GoogleSource:
        usual: dict[str, Any] = {
            "endpoint": self.google.endpoint,
            "my_emails": [self.google.user],
            "today": self.google.clock.now().date(),
            "time_zone": "Europe/London",
            "now": self.google.clock.now,
            "known": self.known.hashes,
            "patience": self.patience(),
        }
        return GoogleSource("google", self.token, **{**usual, **options})

    def sync(self, **options: Any) -> list[Page]:
        """One sync; each page is saved as it comes, as the store does. Raises what the source raises."""
        pages = []
        self.known.interrupt()
        for page in self.source(**options).changes(self.known.cursor):
            self.known.apply(page)
            self.problems += (problem.message for problem in page.problems)
            pages.append(page)
        return pages

    def tasks(self, **options: Any) -> GoogleTasksSink:
        return GoogleTasksSink(self.token, endpoint=self.google.endpoint, patience=self.patience(), **options)

    def labels(self, **options: Any) -> GoogleLabels:
        return GoogleLabels(
            "google", self.token, endpoint=self.google.endpoint, patience=self.patience(), **options
        )

    def api(self, **options: Any) -> Api:
        return Api(
            Login(self.token), **{"endpoint": self.google.endpoint, "patience": self.patience(), **options}
        )

    def patience(self) -> Patience:
        return Patience(sleep=self._wait, rng=random.Random(1))

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.google.clock.advance(timedelta(seconds=seconds))

    @property
    def contacts(self) -> dict[str, Contact]:
        """Known contacts by name."""
        found = (record for record in self.known.records.values() if isinstance(record, Contact))
        return {contact.name or contact.source_id: contact for contact in found}

    @property
    def meetings(self) -> dict[str, Meeting]:
        """Known meetings by their id below the calendars."""
        found = (record for record in self.known.records.values() if isinstance(record, Meeting))
        return {meeting.source_id.removeprefix("calendars/"): meeting for meeting in found}

    def sync_calendars(self, **options: Any) -> list[Page]:
        """A sync without contacts."""
        return self.sync(contacts=False, **options)

    @property
    def starts(self) -> dict[str, str]:
        """Start of each meeting of the primary calendar, in UTC, by its id there."""
        return {
            key.removeprefix("primary/"): f"{m.start:%Y-%m-%d %H:%M}" if m.start else f"{m.start_date}"
            for key, m in self.meetings.items()
            if key.startswith("primary/")
        }

    @property
    def titles(self) -> set[str | None]:
        return {meeting.title for meeting in self.meetings.values()}

    @property
    def cursor(self) -> GoogleCursor:
        return GoogleCursor.parse(self.known.cursor)


EVENTS = "/calendars/primary/events"
MONDAYS: dict[str, Any] = {"start": "2026-10-05T09:00", "end": "2026-10-05T10:00"}


def wait_until(happened: Callable[[], object]) -> None:
    """Wait for something another thread is about to do; fail after ten seconds."""
    for _ in range(1000):
        if happened():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen")


def kinds(google: GoogleServer) -> list[str]:
    """What each request for events was: a full read, or changes."""
    return ["changes" if request.get("syncToken") else "full" for request in google.requests(EVENTS)]


@cache
def _running() -> GoogleServer:
    return GoogleServer(start=START).start()


def fresh_google() -> GoogleServer:
    """An empty account. One address serves all tests: the client library takes its time with a new one."""
    google = _running()
    google.reset()
    return google


@pytest.fixture(name="google")
def google_fixture() -> GoogleServer:
    return fresh_google()


@pytest.fixture(name="client")
def client_fixture(google: GoogleServer, tmp_path: Path) -> Client:
    return Client(google, tmp_path)
