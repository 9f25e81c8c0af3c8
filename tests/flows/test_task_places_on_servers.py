"""Tasks at Google and on CalDAV servers: accounts and lists that come and go, and answers that lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from flows.settings.loading import load
from people.errors import SuspiciousEmptiness, TouchbaseError
from tests.connectors.test_caldav_sink import Calendar
from tests.flows.test_task_places import ALL_OPEN, NAMES, Network
from tests.support.crash_points import all_of
from tests.support.dav_proxy import Answer, Proxy, proxy_of
from tests.support.dav_servers import SERVERS, DavServer
from tests.support.google_server import GoogleServer
from tests.support.google_server.fixtures import fresh_google


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network(tmp_path / "network")


class TestGoogle:
    @pytest.fixture
    def google(self, network: Network) -> GoogleServer:
        google = fresh_google()
        google.write_token(network.folder / "google.json")
        self.network = network
        self.point(google)
        network.run(0)
        return google

    def point(self, google: GoogleServer, title: str = "Touchbase") -> None:
        self.network.point(type="google", token="google.json", endpoint=google.endpoint, list=title)

    def id_of(self, google: GoogleServer, name: str) -> str:
        return next(str(task["id"]) for task in google.tasks.all() if task["title"] == f"Call {name}")

    def shown(self, google: GoogleServer) -> list[str]:
        open_ones = [task for task in google.tasks.all() if task["status"] == "needsAction"]
        return sorted(str(task["title"]).removeprefix("Call ") for task in open_ones)

    def test_another_account_is_asked_about_and_the_right_one_is_as_before(
        self, network: Network, google: GoogleServer
    ) -> None:
        network.run()
        ours = (google.tasks.lists, google.tasks.default)
        google.tasks.lists = {}
        google.tasks.default = google.tasks.add_list("My Tasks")
        for _ in range(2):
            with pytest.raises(SuspiciousEmptiness, match="3 of 3 open tasks are suddenly gone") as asked:
                network.run()
            assert "touchbase login google --tasks" in asked.value.help
        assert self.shown(google) == []
        google.tasks.lists, google.tasks.default = ours
        network.run()
        assert network.statuses() == ALL_OPEN
        assert self.shown(google) == list(NAMES)

    def test_a_deleted_list_is_asked_about(self, network: Network, google: GoogleServer) -> None:
        google.tasks.delete_list("Touchbase")
        with pytest.raises(SuspiciousEmptiness):
            network.run()
        assert network.statuses() == ALL_OPEN

    def test_a_renamed_list_is_followed(self, network: Network, google: GoogleServer) -> None:
        network.run()
        google.tasks.lists[google.tasks.list_named("Touchbase")].entry["title"] = "People"
        google.tasks.delete(self.id_of(google, "anna"))
        network.run()
        assert network.statuses() == {**ALL_OPEN, "anna": "dismissed"}
        assert [row.entry["title"] for row in google.tasks.lists.values()] == ["My Tasks", "People"]

    def test_another_list_and_back(self, network: Network, google: GoogleServer) -> None:
        for title in ("New", "Touchbase", "@default"):
            self.point(google, title)
            network.run()
            assert network.statuses() == ALL_OPEN
            assert self.shown(google) == list(NAMES)

    def test_notes_of_the_users_own(self, network: Network, google: GoogleServer) -> None:
        for name in NAMES:
            google.tasks.change(self.id_of(google, name), notes="my own words")
        network.run()
        assert network.statuses() == ALL_OPEN
        google.tasks.complete(self.id_of(google, "anna"))
        network.run()
        assert network.statuses() == {**ALL_OPEN, "anna": "done"}

    def test_a_task_dragged_to_another_list_is_still_closed(
        self, network: Network, google: GoogleServer
    ) -> None:
        network.run()
        before = {item.person_id: item for item in all_of(load(network.folder / "touchbase.toml"))}
        google.tasks.move(self.id_of(google, "anna"), google.tasks.default)
        network.run()
        after = {item.person_id: item for item in all_of(load(network.folder / "touchbase.toml"))}
        assert before["anna"].ref != after["anna"].ref
        assert str(after["anna"].ref).startswith(google.tasks.default)
        assert network.statuses() == ALL_OPEN

    def test_unticked_and_undeleted_are_open_again(self, network: Network, google: GoogleServer) -> None:
        anna, ben = self.id_of(google, "anna"), self.id_of(google, "ben")
        google.tasks.complete(anna)
        google.tasks.delete(ben)
        network.run()
        assert network.statuses() == {"anna": "done", "ben": "dismissed", "cleo": "open"}
        google.tasks.change(anna, status="needsAction", hidden=False)
        google.tasks.change(ben, deleted=False)
        network.run()
        assert network.statuses() == ALL_OPEN


@pytest.fixture(scope="module", params=SERVERS)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavServer]:
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.mark.dav
class TestCalDav:
    @pytest.fixture
    def server(self, shared: DavServer) -> Iterator[DavServer]:
        """The server without calendars of earlier tests."""
        yield shared
        for name in ("people", "another", "other"):
            Calendar(shared, name).call("DELETE", Calendar(shared, name).url)

    @pytest.fixture
    def proxy(self, server: DavServer, network: Network, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
        monkeypatch.setenv("TOUCHBASE_CALDAV_PASSWORD", server.password)
        with proxy_of(server.url) as running:
            network.point(type="caldav", url=running.url, user=server.user, list="people")
            network.run(0)
            yield running

    def test_answers_that_lie(self, network: Network, proxy: Proxy) -> None:
        empty = b'<?xml version="1.0"?><multistatus xmlns="DAV:"></multistatus>'
        data = re.compile(rb"<C:calendar-data>.*?</C:calendar-data>", re.DOTALL)

        def answering(status: int, kind: str, body: bytes | None) -> None:
            def spoil(method: str, _path: str, answer: Answer) -> Answer:
                if method != "REPORT":
                    return answer
                return Answer(status, kind, data.sub(b"", answer.body) if body is None else body)

            proxy.spoil = spoil

        for status, kind, body in [
            (200, "text/html", b"<html>Log in to the hotel's network</html>"),
            (207, "text/xml", empty),
            (404, "text/plain", b"not found"),
            (207, "text/xml", None),
            (207, "text/html", b"<html>"),
            (503, "text/plain", b""),
        ]:
            answering(status, kind, body)
            with suppress(TouchbaseError):
                network.run()
            assert network.statuses() == ALL_OPEN, (status, kind)
        proxy.spoil = lambda _method, _path, answer: answer
        network.run()
        assert network.statuses() == ALL_OPEN

    def test_another_list_and_back(self, network: Network, proxy: Proxy, server: DavServer) -> None:
        for name in ("another", "people"):
            network.point(type="caldav", url=proxy.url, user=server.user, list=name)
            network.run()
            network.run()
            assert network.statuses() == ALL_OPEN
        assert Calendar(server, "people").count() == 3

    @pytest.mark.usefixtures("proxy")
    def test_a_task_moved_to_another_list_is_followed(self, network: Network, server: DavServer) -> None:
        calendar, other = Calendar(server, "people"), Calendar(server, "other")
        calendar.call("MKCALENDAR", other.url)
        path = next(path for path, _, todo in calendar.todos() if todo["SUMMARY"] == "Call anna")
        name = path.rsplit("/", 1)[1]
        calendar.call("MOVE", path, Destination=f"{other.url}{name}")
        network.run()
        assert network.statuses() == ALL_OPEN
        other.complete(name.removesuffix(".ics"))
        network.run()
        assert network.statuses() == {**ALL_OPEN, "anna": "done"}

    @pytest.mark.usefixtures("proxy")
    def test_a_fresh_server_is_asked_about(self, network: Network, server: DavServer) -> None:
        network.run()
        calendar = Calendar(server, "people")
        calendar.call("DELETE", calendar.url)
        with pytest.raises(SuspiciousEmptiness):
            network.run()
        calendar.call("MKCALENDAR", calendar.url)
        with pytest.raises(SuspiciousEmptiness, match="3 of 3 open tasks are suddenly gone"):
            network.run()
        assert network.statuses() == ALL_OPEN

    @pytest.mark.usefixtures("proxy")
    def test_a_deleted_task_is_dismissed(self, network: Network, server: DavServer) -> None:
        calendar = Calendar(server, "people")
        ref = next(str(todo["UID"]) for _, _, todo in calendar.todos() if todo["SUMMARY"] == "Call anna")
        calendar.delete(ref)
        network.run()
        assert network.statuses() == {**ALL_OPEN, "anna": "dismissed"}
