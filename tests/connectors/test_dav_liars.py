"""Servers that answer as iCloud and Nextcloud do, and address books that do not fit into memory."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

import pytest

from connectors.carddav.source import CardDavSource
from connectors.shared.dav import collection
from connectors.shared.dav.collection import Text
from connectors.shared.dav.server import Server
from connectors.shared.dav.source import Arriving
from people.errors import UserMustAct
from people.types import Contact, Meeting, Problem
from tests.connectors.test_dav_sources import add_calendar, calendars, event
from tests.contracts.sources import Known
from tests.support.small_dav import Call, Reply, SmallDav, dav_error, small_dav

pytestmark = pytest.mark.dav

WORK = "/home/alex/Work/"


@pytest.fixture
def small() -> Iterator[SmallDav]:
    """A server with two events in one calendar."""
    with small_dav() as found:
        found.texts[add_calendar(found, "Work")] = {"a.ics": event("a"), "b.ics": event("b")}
        yield found


@dataclass
class Reader:
    """A calendar source that reads on from what it knows."""

    server: Server
    known: Known = field(default_factory=Known)
    problems: list[Problem] = field(default_factory=list)

    def titles(self) -> Counter[str | None]:
        self.problems = []
        for page in calendars(self.server).changes(self.known.cursor):
            self.known.apply(page)
            self.problems += page.problems
        return Counter(one.title for one in self.known.records.values() if isinstance(one, Meeting))


def is_sync(call: Call) -> bool:
    return "sync-collection" in call.body or "sync-token" in call.body


class TestLikeICloud:
    @pytest.fixture
    def icloud(self, small: SmallDav) -> SmallDav:
        """It names another host for each user, lists a calendar as its own member, and refuses each token."""
        port = small.url.rstrip("/").rpartition(":")[2]

        def trouble(call: Call) -> Reply | None:
            if call.headers["Host"].startswith("127."):
                return Reply(301, headers={"Location": f"http://localhost:{port}{call.path}"})
            if is_sync(call):
                return dav_error("valid-sync-token", namespace="DAV:")
            if call.method == "PROPFIND" and call.path == WORK and call.headers["Depth"] == "1":
                itself = (
                    f"<d:response><d:href>{WORK.rstrip('/')}</d:href><d:propstat><d:prop>"
                    '<d:getetag>"itself"</d:getetag><d:resourcetype/></d:prop>'
                    "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"
                )
                honest = small.honest(call)
                return honest._replace(body=honest.body.replace("</d:multistatus>", itself))
            return None

        small.trouble = trouble
        return small

    def test_it_is_read_from_the_users_host(self, icloud: SmallDav) -> None:
        reader = Reader(Server(icloud.url, domain="localhost"))
        assert reader.titles() == {"Lunch": 2}
        icloud.texts[WORK]["b.ics"] = event("b", "Dinner")
        assert reader.titles() == {"Lunch": 1, "Dinner": 1}
        del icloud.texts[WORK]["a.ics"]
        assert reader.titles() == {"Dinner": 1}
        assert reader.problems == []

    def test_without_the_preset_the_other_host_gets_no_password(self, icloud: SmallDav) -> None:
        with pytest.raises(UserMustAct, match="where the password is not sent"):
            Reader(Server(icloud.url)).titles()
        assert {call.headers["Host"].partition(":")[0] for call in icloud.calls} == {"127.0.0.1"}


class TestLikeNextcloud:
    def test_a_token_that_skips_changes_is_never_asked_for(self, small: SmallDav) -> None:
        nothing = '<d:multistatus xmlns:d="DAV:"><d:sync-token>http://sabre.io/ns/sync/7</d:sync-token></d:multistatus>'
        small.trouble = lambda call: Reply(207, nothing) if is_sync(call) else None
        reader = Reader(Server(small.url))
        assert reader.titles() == {"Lunch": 2}
        small.texts[WORK] = {"b.ics": event("b", "Dinner"), "c.ics": event("c", "Tea")}
        assert reader.titles() == {"Dinner": 1, "Tea": 1}


def test_a_path_may_be_listed_and_given_in_two_spellings(small: SmallDav) -> None:
    small.texts[WORK] = {"a@x y.ics": event("a")}

    def spelled(call: Call) -> Reply | None:
        reply = small.honest(call._replace(body=unquote(call.body)))
        if call.method == "PROPFIND":
            return reply._replace(body=reply.body.replace("a@x y.ics", "a%40x%20y.ics"))
        return reply

    small.trouble = spelled
    reader = Reader(Server(small.url))
    small.calls.clear()
    assert reader.titles() == {"Lunch": 1}
    assert "GET" not in {call.method for call in small.calls}
    small.calls.clear()
    assert reader.titles() == {"Lunch": 1}
    assert {call.method for call in small.calls} == {"PROPFIND"}


class TestMemory:
    def test_large_answers_are_asked_for_in_smaller_parts(
        self, small: SmallDav, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(collection, "LARGE", 4000)
        monkeypatch.setattr(collection, "PER_REQUEST", 8)
        padded = {f"{at:02}.ics": event(f"{at}", "Lunch" + "!" * 1000) for at in range(12)}
        plain = {f"{at:02}.ics": event(f"{at}") for at in range(12, 40)}
        small.texts[WORK] = padded | plain
        assert sum(Reader(Server(small.url)).titles().values()) == 40
        asked = [call.body.count("<d:href>") for call in small.calls if call.method == "REPORT"]
        assert asked[0] == 8
        assert min(asked) == 3
        assert asked[-2] == 8  # small ones again

    def test_pictures_are_dropped_while_others_still_arrive(self) -> None:
        def texts() -> Iterator[tuple[str, Text]]:
            picture = "\r\n ".join(["QUJD" * 18] * 3600)
            for at in range(150):
                head = f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{at}\r\nFN:Person {at}\r\n"
                data = f"{head}PHOTO;ENCODING=b:{picture}\r\nEND:VCARD\r\n"
                yield "/book/", Text(f"/book/{at}.vcf", '"1"', data.encode())

        source = CardDavSource("book", Server("http://127.0.0.1:1/"), user="", password="")
        tracemalloc.start()
        records = source.read(Arriving(150, texts()), {"/book/": "Book"}, ())
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert sum(isinstance(change, Contact) for change in records.changes) == 150
        # The pictures are 40 MB.
        assert most < 28 << 20
