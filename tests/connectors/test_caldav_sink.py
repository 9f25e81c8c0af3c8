"""Tasks on real CalDAV servers; requests and icalendar are the other client that handles them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import icalendar
import pytest
import requests

from connectors.caldav.sink import CalDavSink
from connectors.caldav.task_list import TaskCalendar
from connectors.vtodo.task import utc_now
from people.errors import LoginNeeded, RetryLater, SuspiciousEmptiness, UserMustAct
from tests.contracts.sinks import DUE, SinkContract, follow_up, is_closed, state_of
from tests.support.dav_servers import SERVERS, DavServer, radicale

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
pytestmark = pytest.mark.dav


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavServer]:
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param)) as running:
        yield running


class Calendar:
    """One calendar as another client sees it."""

    def __init__(self, server: DavServer, name: str) -> None:
        self.server = server
        self.name = name
        self.url = f"{server.home}{name}/"
        self._http = requests.Session()
        self._http.auth = server.login()

    def sink(self, *, delivered: int = 0, url: str | None = None, **options: object) -> CalDavSink:
        values = {"user": self.server.user, "password": self.server.password, **options}
        return CalDavSink(
            url or self.server.url,
            list_name=self.name,
            time_zone=NEW_YORK,
            now=lambda: NOW,
            delivered=delivered,
            **values,  # type: ignore[arg-type]
        )

    def call(self, method: str, url: str, body: str | bytes = b"", **headers: str) -> requests.Response:
        response = self._http.request(method, url, data=body, headers=headers)
        assert response.status_code < 400 or response.status_code == 404, response.text
        return response

    def paths(self) -> list[str]:
        answer = self.call("PROPFIND", self.url, Depth="1")
        if answer.status_code == 404:
            return []
        found = ET.fromstring(answer.content).iterfind("{DAV:}response/{DAV:}href")
        return sorted(
            urljoin(self.url, href.text or "") for href in found if (href.text or "").endswith(".ics")
        )

    def todos(self) -> Iterator[tuple[str, icalendar.Calendar, icalendar.Todo]]:
        for path in self.paths():
            calendar = icalendar.Calendar.from_ical(self.call("GET", path).content)
            assert isinstance(calendar, icalendar.Calendar)
            for todo in calendar.todos:
                yield path, calendar, todo

    def todo(self, ref: str) -> icalendar.Todo:
        (found,) = (todo for _, _, todo in self.todos() if todo["UID"] == ref)
        return found

    def count(self) -> int:
        return sum(not str(todo["UID"]).startswith("own") for _, _, todo in self.todos())

    def title(self, ref: str) -> str:
        return str(self.todo(ref)["SUMMARY"])

    def notes(self, ref: str) -> str:
        return str(self.todo(ref).get("DESCRIPTION", ""))

    def change(self, ref: str, **values: object) -> None:
        for path, calendar, todo in list(self.todos()):
            if todo["UID"] == ref:
                for name, value in values.items():
                    todo.pop(name.replace("_", "-"), None)
                    if value is not None:
                        todo.add(name.replace("_", "-"), value)
                self.put(path, calendar)

    def put(self, path: str, calendar: icalendar.Calendar) -> None:
        self.call("PUT", path, calendar.to_ical(), **{"Content-Type": "text/calendar"})

    def complete(self, ref: str) -> None:
        self.change(ref, STATUS="COMPLETED", COMPLETED=NOW, PERCENT_COMPLETE=100)

    def cancel(self, ref: str) -> None:
        self.change(ref, STATUS="CANCELLED")

    def move(self, ref: str, due: date) -> None:
        self.change(ref, DUE=due)

    def retitle(self, ref: str, title: str) -> None:
        self.change(ref, SUMMARY=title)

    def add_note(self, ref: str, text: str) -> None:
        self.change(ref, DESCRIPTION=f"{self.notes(ref)}\n{text}")

    def edit_note(self, ref: str, before: str, after: str) -> None:
        self.change(ref, DESCRIPTION=self.notes(ref).replace(before, after))

    def untick(self, ref: str) -> None:
        self.change(ref, STATUS="NEEDS-ACTION", COMPLETED=None, PERCENT_COMPLETE=0)

    def copy(self, ref: str) -> None:
        for _, calendar, todo in list(self.todos()):
            if todo["UID"] == ref:
                todo.pop("UID")
                todo.add("UID", "a-copy")
                self.put(f"{self.url}a-copy.ics", calendar)

    def delete(self, ref: str) -> None:
        for path, _, todo in list(self.todos()):
            if todo["UID"] == ref:
                self.call("DELETE", path)

    def add_own(self, title: str) -> None:
        self._http.request("MKCALENDAR", self.url)  # one that is there stays
        calendar, todo = icalendar.Calendar(), icalendar.Todo()
        calendar.add("PRODID", "-//Somebody//Else//EN")
        calendar.add("VERSION", "2.0")
        todo.add("UID", f"own-{title}")
        todo.add("DTSTAMP", NOW)
        todo.add("SUMMARY", title)
        calendar.add_component(todo)
        self.put(f"{self.url}{title.replace(' ', '-')}.ics", calendar)

    def everything(self) -> str:
        return "".join(str(todo) for _, _, todo in self.todos())

    def own_titles(self) -> list[str]:
        return [str(todo["SUMMARY"]) for _, _, todo in self.todos() if str(todo["UID"]).startswith("own")]


_numbers = iter(range(10**6))


@pytest.fixture
def calendar(server: DavServer) -> Iterator[Calendar]:
    """A calendar that is not there yet."""
    found = Calendar(server, f"tasks-{next(_numbers)}")
    yield found
    found.call("DELETE", found.url)


class TestCalDavContract(SinkContract):
    @pytest.fixture
    def desk(self, calendar: Calendar) -> Calendar:
        return calendar


class TestWriting:
    def test_what_another_client_wrote_meanwhile_is_read_and_kept(
        self, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ref = calendar.sink().ensure(follow_up())
        # Between our reading and our writing, every time but the last.
        edits = ["She likes tea.", "Not on Mondays."]
        with_edits(monkeypatch, lambda: for_the_last(edits, lambda text: calendar.add_note(ref, text)))
        calendar.sink().ensure(follow_up(title="Write to Anna"))
        assert edits == []
        assert calendar.title(ref) == "Write to Anna"
        assert {"She likes tea.", "Not on Mondays."} <= set(calendar.notes(ref).splitlines())

    def test_a_tick_meanwhile_wins(self, calendar: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
        ref = calendar.sink().ensure(follow_up())
        ticks = [ref]
        with_edits(monkeypatch, lambda: for_the_last(ticks, calendar.complete))
        calendar.sink().withdraw(ref, "You met")
        state = state_of(calendar.sink(), follow_up().key)
        assert state is not None
        assert (state.status, state.completed_at) == ("done", NOW)

    def test_two_that_make_the_same_task_make_one(
        self, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calendar.sink().ensure(follow_up(2))
        rival = [follow_up()]
        one = calendar.sink()
        with_edits(monkeypatch, lambda: for_the_last(rival, calendar.sink().ensure))
        one.ensure(follow_up())
        assert calendar.count() == 2

    def test_a_task_that_never_rests_is_tried_later(
        self, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ref = calendar.sink().ensure(follow_up())
        with_edits(monkeypatch, lambda: calendar.add_note(ref, "again"))
        with pytest.raises(RetryLater, match="keeps changing a task"):
            calendar.sink().ensure(follow_up(title="Write to Anna"))

    def test_what_a_client_added_stays(self, calendar: Calendar) -> None:
        ref = calendar.sink().ensure(follow_up())
        calendar.change(ref, X_APPLE_SORT_ORDER="42", LOCATION="The café", RELATED_TO="own-1")
        calendar.sink().ensure(follow_up(title="Write to Anna", priority="high"))
        todo = calendar.todo(ref)
        assert [str(todo[name]) for name in ("X-APPLE-SORT-ORDER", "LOCATION", "RELATED-TO", "SUMMARY")] == [
            "42",
            "The café",
            "own-1",
            "Write to Anna",
        ]

    def test_a_task_that_a_client_moved_to_another_address_is_found(self, calendar: Calendar) -> None:
        ref = calendar.sink().ensure(follow_up())
        ((path, found, _),) = calendar.todos()
        calendar.call("DELETE", path)
        calendar.put(f"{calendar.url}EFA1-22.ics", found)
        calendar.sink().ensure(follow_up(title="Write to Anna"))
        assert calendar.title(ref) == "Write to Anna"
        calendar.sink().withdraw(ref, "met")
        assert is_closed(state_of(calendar.sink(), follow_up().key))
        assert len(calendar.paths()) == 1


def for_the_last(rest: list[Any], act: Callable[[Any], object]) -> None:
    """Take the last of ``rest`` out of it, if there is one left, and act on it."""
    if rest:
        act(rest.pop())


def with_edits(monkeypatch: pytest.MonkeyPatch, edit: Callable[[], object]) -> None:
    """Let another client do something after each of our readings, just before we write."""
    write = TaskCalendar.write

    def late(self: TaskCalendar, *arguments: object, **options: object) -> None:
        # The other client's own writes go through requests, or through an unpatched sink.
        monkeypatch.setattr(TaskCalendar, "write", write)
        edit()
        monkeypatch.setattr(TaskCalendar, "write", late)
        write(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(TaskCalendar, "write", late)


class TestFinding:
    def test_the_address_may_name_the_calendar_itself(self, calendar: Calendar) -> None:
        ref = calendar.sink().ensure(follow_up())
        direct = calendar.sink(url=calendar.url.rstrip("/"))
        assert [state.ref for state in direct.states()] == [ref]
        assert direct.ensure(follow_up(2)) != ref
        assert calendar.count() == 2

    def test_a_calendar_that_the_user_renamed_stays_ours(self, calendar: Calendar) -> None:
        calendar.sink().ensure(follow_up())
        body = (
            '<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop>'
            "<d:displayname>People</d:displayname></d:prop></d:set></d:propertyupdate>"
        )
        calendar.call("PROPPATCH", calendar.url, body, **{"Content-Type": "application/xml"})
        calendar.sink().ensure(follow_up(2))
        assert calendar.count() == 2

    def test_a_calendar_that_vanished_is_not_a_user_who_deleted_everything(self, calendar: Calendar) -> None:
        calendar.sink().ensure(follow_up())
        calendar.call("DELETE", calendar.url)
        with pytest.raises(SuspiciousEmptiness, match="with 1 open tasks in it"):
            list(calendar.sink(delivered=1).states())
        calendar.sink().withdraw("touchbase-x", "met")
        assert calendar.count() == 0

    def test_a_missing_calendar_is_an_error_where_none_may_be_made(self, calendar: Calendar) -> None:
        with pytest.raises(UserMustAct, match=f"no calendar '{calendar.name}'"):
            calendar.sink(create_list=False).ensure(follow_up())

    def test_a_name_of_any_letters(self, server: DavServer) -> None:
        desk = Calendar(server, "Menschen & Töne/../<b>")
        ref = desk.sink().ensure(follow_up())
        assert [state.ref for state in desk.sink().states()] == [ref]


class TestTroubles:
    def test_a_wrong_password_names_the_setting(self, tmp_path: Path) -> None:
        with radicale(tmp_path) as server, pytest.raises(LoginNeeded) as caught:
            Calendar(server, "tasks").sink(password="wrong").ensure(follow_up())
        assert "password_env" in caught.value.help
        assert "wrong" not in caught.value.message

    def test_a_server_that_is_down_is_tried_later(self, tmp_path: Path) -> None:
        with radicale(tmp_path) as server:
            sink = Calendar(server, "tasks").sink()
        with pytest.raises(RetryLater, match="does not answer"):
            sink.ensure(follow_up())

    def test_an_address_that_is_no_calendar_server(self, server: DavServer) -> None:
        desk = Calendar(server, "tasks")
        with pytest.raises((UserMustAct, LoginNeeded)):
            desk.sink(url=f"{server.url}nowhere/at/all").ensure(follow_up())


def test_its_clock_is_the_real_one() -> None:
    assert abs((utc_now() - datetime.now(UTC)).total_seconds()) < 60


class Laptop:
    """A folder that vdirsyncer keeps in step with the calendar, and todoman on top of it."""

    def __init__(self, folder: Path, calendar: Calendar) -> None:
        self.tasks = folder / "tasks"
        self.tasks.mkdir(parents=True)
        self._folder = folder
        server = calendar.server
        kind = "digest" if server.digest else "basic"
        login = f'username = "{server.user}"\npassword = "{server.password}"\nauth = "{kind}"\n'
        login = login if server.user else ""
        (folder / "vdirsyncer").write_text(
            f'[general]\nstatus_path = "{folder}/status/"\n'
            '[pair tasks]\na = "here"\nb = "there"\ncollections = null\nconflict_resolution = "b wins"\n'
            f'[storage here]\ntype = "filesystem"\npath = "{self.tasks}"\nfileext = ".ics"\n'
            f'[storage there]\ntype = "caldav"\nurl = "{calendar.url}"\n{login}'
        )
        (folder / "todoman.py").write_text(
            f"path = '{self.tasks}'\ndate_format = '%Y-%m-%d'\ntime_format = ''\n"
            f"cache_path = '{folder}/cache.sqlite3'\n"
        )

    def sync(self) -> None:
        for step in ("discover", "sync"):
            self._run("vdirsyncer", "-c", str(self._folder / "vdirsyncer"), step)

    def todo(self, *words: str) -> str:
        return self._run("todo", "--config", str(self._folder / "todoman.py"), *words)

    def number(self, title: str) -> str:
        listed = json.loads(self.todo("--porcelain", "list"))
        (found,) = (item["id"] for item in listed if item["summary"] == title)
        return str(found)

    def _run(self, program: str, *words: str) -> str:
        path = Path(sys.executable).parent / program
        environment = {**os.environ, "TZ": "America/New_York", "HOME": str(self._folder)}
        ran = subprocess.run(
            [str(path), *words], env=environment, capture_output=True, text=True, input="y\ny\n", check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout


def test_done_moved_and_deleted_in_todoman_come_back_through_vdirsyncer(
    calendar: Calendar, tmp_path: Path
) -> None:
    sink = calendar.sink()
    refs = [sink.ensure(follow_up(number)) for number in (1, 2, 3, 4)]
    laptop = Laptop(tmp_path / "laptop", calendar)
    laptop.sync()
    assert len(list(laptop.tasks.glob("*.ics"))) == 4
    laptop.todo("done", laptop.number("Call Anna Berg 1"))
    laptop.todo("edit", "--due", "2026-12-24", laptop.number("Call Anna Berg 2"))
    laptop.todo("delete", "--yes", laptop.number("Call Anna Berg 3"))
    laptop.sync()
    states = {state.ref: state for state in calendar.sink().states()}
    assert [states[ref].status if ref in states else "gone" for ref in refs] == [
        "done", "open", "gone", "open",
    ]  # fmt: skip
    assert states[refs[0]].completed_at is not None
    assert [states[refs[1]].due, states[refs[3]].due] == [date(2026, 12, 24), DUE]
    # Ours again, and back to the laptop.
    calendar.sink().ensure(follow_up(2, title="Write to Anna"))
    calendar.sink().withdraw(refs[3], "You met")
    laptop.sync()
    (listed,) = json.loads(laptop.todo("--porcelain", "list"))
    assert listed["summary"] == "Write to Anna"
    assert datetime.fromtimestamp(listed["due"], NEW_YORK).date() == date(2026, 12, 24)
