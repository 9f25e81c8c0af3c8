"""Rows 65 to 71 of google-cases.md, and the practice of the client. A row's number is in its test's name."""

from __future__ import annotations

import json
import random
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Unanswered
from connectors.google.client.api import Patience
from connectors.google.client.errors import BrokenAnswer, RateLimited, Unavailable
from connectors.google.source import GoogleSource
from people.errors import LoginNeeded, RetryLater, SuspiciousEmptiness
from people.store import Store
from people.store.ingest.reading import Reading
from tests.contracts.sinks import follow_up
from tests.support.google_server import Fault, GoogleServer
from tests.support.google_server.fixtures import MONDAYS, Client, client_fixture, google_fixture  # noqa: F401
from tests.support.paths import ROOT

CONNECTIONS = "/people/me/connections"


def test_case_65_an_expired_access_token_is_refreshed_and_kept(google: GoogleServer, client: Client) -> None:
    google.people.add("Anna Berg")
    before = json.loads(client.token.read_text())
    google.oauth.expire_access()
    client.sync()
    after = json.loads(client.token.read_text())
    assert list(client.contacts) == ["Anna Berg"]
    assert after["token"] not in (None, before["token"])
    assert {**after, "token": 0, "expiry": 0} == {**before, "token": 0, "expiry": 0}
    assert client.token.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in client.folder.iterdir()] == ["google.json"]
    count = len(google.requests("/token"))
    client.sync()
    assert len(google.requests("/token")) == count


def test_case_65_a_token_without_access_is_refreshed_first(google: GoogleServer, client: Client) -> None:
    google.write_token(client.token, fresh=False)
    client.sync()
    assert google.log[0].path == "/token"


def test_case_66_a_dead_login_stops_the_source_and_keeps_everything(
    google: GoogleServer, client: Client
) -> None:
    google.people.add("Anna Berg")
    client.sync()
    cursor, token = client.known.cursor, client.token.read_text()
    google.oauth.revoke()
    with pytest.raises(LoginNeeded) as caught:
        client.sync()
    assert caught.value.help == "log in again: touchbase login google --source google"
    assert "expired or was withdrawn" in caught.value.message
    assert (client.known.cursor, client.token.read_text()) == (cursor, token)
    assert list(client.contacts) == ["Anna Berg"]
    assert len(google.requests("/token")) == 1
    assert client.waits == []


@pytest.mark.parametrize("kind", ["truncate", "garble"])
def test_case_67_a_truncated_answer_is_asked_for_again(
    google: GoogleServer, client: Client, kind: Any
) -> None:
    google.people.add("Anna Bérg")
    google.faults.append(Fault(kind, CONNECTIONS))
    client.sync(calendars=[])
    assert list(client.contacts) == ["Anna Bérg"]
    assert len(client.waits) == 1


@pytest.mark.parametrize("kind", ["truncate", "garble"])
def test_case_67_and_when_it_stays_so_the_token_is_kept(
    google: GoogleServer, client: Client, kind: Any
) -> None:
    client.sync(calendars=[])
    before = client.known.cursor
    google.faults.append(Fault(kind, CONNECTIONS, times=99))
    with pytest.raises((BrokenAnswer, Unavailable)):
        client.sync(calendars=[])
    assert client.known.cursor == before
    assert len(google.requests(CONNECTIONS)) == 6


@pytest.mark.parametrize("kind", ["drop", "drop_after"])
def test_case_68_a_post_is_sent_once_when_the_connection_drops(
    google: GoogleServer, client: Client, kind: Any
) -> None:
    sink = client.tasks()
    sink.ensure(follow_up(1))  # so that a connection is kept alive
    google.faults.append(Fault(kind, "POST /tasks/v1/lists"))
    before = len(google.requests("POST"))
    with pytest.raises(RetryLater):
        sink.ensure(follow_up(2))
    assert len(google.requests("POST")) == before + 1
    sink.ensure(follow_up(2))
    assert len(google.tasks.all()) == 2


def test_case_69_a_crash_between_pages_is_replayed(google: GoogleServer, client: Client) -> None:
    google.people.add("Anna Berg")
    google.calendar.add("Coffee", **MONDAYS)
    client.known.apply(next(client.source().changes(None)))  # and here the process dies
    client.known.interrupt()
    assert list(client.contacts) == ["Anna Berg"]
    google.people.add("Tom Hale")
    client.sync()
    assert (sorted(client.contacts), client.titles) == (["Anna Berg", "Tom Hale"], {"Coffee"})
    tokens = [bool(request.get("syncToken")) for request in google.requests(CONNECTIONS)]
    assert tokens == [False, True]


def test_case_70_waits_differ_from_client_to_client() -> None:
    def pauses(error: RetryLater, seed: int) -> list[float]:
        patience = Patience(rng=random.Random(seed))
        return [patience.pause(error, attempt, 0.0) or 0 for attempt in (1, 2, 3, 4)]

    limited = [pauses(RateLimited(""), seed) for seed in range(20)]
    failing = [pauses(Unavailable(""), seed) for seed in range(20)]
    assert len({tuple(row) for row in limited + failing}) == 40
    assert all(60 <= seconds <= 75 for row in limited for seconds in row)
    for row in failing:
        assert all(base / 2 <= seconds <= base for base, seconds in zip((1, 2, 4, 8), row, strict=True))
    assert Patience().pause(Unavailable(""), 5, 0.0) is None
    assert Patience().pause(Unavailable("", retry_after=30), 1, 220.0) is None


def test_case_72_one_that_is_out_of_reach_has_one_patience_per_run_and_says_each_wait(
    google: GoogleServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    waits: list[float] = []
    unanswered = Unanswered()  # what the sources, steps and retries of one run share
    google.faults += [Fault("error", CONNECTIONS, code=503) for _ in range(99)]
    errors = []
    for _ in range(6):
        patience = Patience(sleep=waits.append, unanswered=unanswered)
        source = GoogleSource(
            "google", google.write_token(tmp_path / "google.json"), endpoint=google.endpoint, calendars=[],
            today=google.clock.now().date(), patience=patience,
        )  # fmt: skip
        with pytest.raises(Unavailable) as caught:
            list(source.changes(None))
        errors.append(caught.value)
    assert (len(waits), len(google.requests(CONNECTIONS))) == (4, 5 + 5)
    assert sum(waits) <= 60
    assert all(error.gave_up for error in errors)
    assert len(caplog.messages) == len(waits)
    assert re.fullmatch(r"Google does not answer, trying again in \d s \(attempt 2\)", caplog.messages[0])


def test_case_71_a_full_sync_that_lost_most_people_removes_nobody(
    google: GoogleServer, client: Client, memory: Store
) -> None:
    people = [google.people.add(f"Person {number}") for number in range(30)]
    google.calendar.add("Coffee", **MONDAYS)

    def read(cursor: str | None) -> str | None:
        reading = Reading(memory, "google", google.clock.now())
        for page in client.source(known={}).changes(cursor):
            reading.apply(page)
            cursor = page.cursor
        return cursor

    cursor = read(None)
    google.people.listed.expire_tokens()
    for person in people[5:]:
        google.people.listed.purge(person)  # a silent cap: no tombstones
    with pytest.raises(SuspiciousEmptiness, match="5 left of 30"):
        read(cursor)
    for person in people[5:20]:
        google.people.edit(person)
    read(cursor)


class TestPractice:
    def test_threads_may_share_a_client(self, google: GoogleServer, client: Client) -> None:
        people = [google.people.add(f"Person {number}") for number in range(20)]
        api = client.api()

        def fetch(resource: str) -> bool:
            service = api.service("people").people()
            answer = api.read(service.get(resourceName=resource, personFields="names"), "read a person")
            return bool(answer["resourceName"] == resource)

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(fetch, people * 3))

    def test_each_thread_has_its_own_transport(self, client: Client) -> None:
        api, held = client.api(), []
        threads = [threading.Thread(target=lambda: held.append(api.service("people"))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert held[0] is not held[1]
        assert held[0]._http is not held[1]._http

    def test_a_get_that_is_too_long_for_an_address(self, google: GoogleServer, client: Client) -> None:
        google.people.listed.padding = 3000
        anna = google.people.add("Anna Berg")
        client.sync(calendars=[])
        google.people.delete(anna)
        client.sync(calendars=[])
        assert client.contacts == {}
        assert google.requests(CONNECTIONS)[-1].headers["x-http-method-override"] == "GET"

    @pytest.mark.parametrize("code", [500, 502, 503, 408])
    def test_a_failing_server_is_asked_again(self, google: GoogleServer, client: Client, code: int) -> None:
        google.people.add("Anna Berg")
        google.faults.append(Fault("error", CONNECTIONS, times=3, code=code))
        client.sync(calendars=[])
        assert list(client.contacts) == ["Anna Berg"]
        assert [round(seconds) for seconds in client.waits] == sorted(round(s) for s in client.waits)

    def test_a_switched_off_api_is_named(self, google: GoogleServer, client: Client) -> None:
        google.faults.append(
            Fault("error", CONNECTIONS, code=403, reason="SERVICE_DISABLED", old_style=False)
        )
        with pytest.raises(Exception, match="list contacts") as caught:
            client.sync(calendars=[])
        assert "Cloud console" in getattr(caught.value, "help", "")

    def test_nobody_there(self, client: Client) -> None:
        with pytest.raises(Unavailable):
            client.sync(endpoint="http://127.0.0.1:9")
        assert len(client.waits) == 4  # all for the contacts; the calendar is asked once, without a wait

    def test_no_error_tells_a_secret(self, google: GoogleServer, client: Client) -> None:
        secrets = [
            json.loads(client.token.read_text())[key] for key in ("token", "refresh_token", "client_secret")
        ]
        google.faults.append(Fault("error", CONNECTIONS, code=400, reason="INVALID_ARGUMENT"))
        with pytest.raises(Exception, match="contacts") as caught:
            client.sync(calendars=[])
        told = f"{caught.value!r} {caught.value} {getattr(caught.value, 'help', '')}"
        assert not [secret for secret in secrets if secret in told]
        assert "syncToken" not in told

    def test_the_package_costs_nothing_to_import(self) -> None:
        import subprocess
        import sys

        code = "import sys, connectors.google; sys.exit('googleapiclient' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
