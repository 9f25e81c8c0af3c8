"""Address books and calendars on every real server: the contract of sources, and discovery from the root."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote
from uuid import uuid4

import pytest
import requests

from connectors.caldav.calendars import CalDavSource
from connectors.carddav import source as cards
from connectors.carddav.source import CardDavSource
from connectors.shared.dav import collection, source
from connectors.shared.dav.server import Server
from tests.connectors.test_dav_sources import calendars
from tests.contracts.sources import Known, SourceContract
from tests.support.dav_servers import SERVERS, DavServer

pytestmark = pytest.mark.dav


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavServer]:
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine members are several requests and several pages; some servers take a second to store a hundred."""
    monkeypatch.setattr(collection, "PER_REQUEST", 4)
    monkeypatch.setattr(source, "PAGE_SIZE", 4)
    monkeypatch.setattr(cards, "_HEAP", 300)


class Collection:
    """One collection as another client writes it: a request per member."""

    many = 9
    keeps_ids = True
    ending: str
    kind: str

    def __init__(self, server: DavServer, home: str) -> None:
        self.server = server
        self.name = f"c{uuid4().hex[:12]}"
        self.url = f"{home}{self.name}/"
        self.texts: dict[str, str] = {}
        self._http = requests.Session()
        self._http.auth = server.login()

    def call(self, method: str, url: str, body: str = "", kind: str = "application/xml") -> None:
        headers = {"Content-Type": f"{kind}; charset=utf-8"}
        answer = self._http.request(method, url, data=body.encode(), headers=headers, timeout=60)
        assert answer.status_code in (200, 201, 204), f"{method} {url}: {answer.status_code} {answer.text}"

    def put(self, names: list[str]) -> None:
        texts = {name: self.texts.get(name) or self.text(name, "old") for name in names}
        for name in self.texts.keys() - texts.keys():
            self.call("DELETE", self._member(name))
        for name in names:
            if name not in self.texts:
                self.call("PUT", self._member(name), texts[name], self.kind)
        self.texts = texts

    def edit(self, name: str) -> None:
        self.texts[name] = self.text(name, "new")
        self.call("PUT", self._member(name), self.texts[name], self.kind)

    def remove(self) -> None:
        self.call("DELETE", self.url)

    def text(self, name: str, what: str) -> str:
        raise NotImplementedError

    def _member(self, name: str) -> str:
        return f"{self.url}{quote(name)}.{self.ending}"


class Book(Collection):
    ending, kind = "vcf", "text/vcard"

    def __init__(self, server: DavServer) -> None:
        super().__init__(server, server.books)
        self.call(
            "MKCOL",
            self.url,
            '<d:mkcol xmlns:d="DAV:" xmlns:a="urn:ietf:params:xml:ns:carddav"><d:set><d:prop>'
            "<d:resourcetype><d:collection/><a:addressbook/></d:resourcetype>"
            f"<d:displayname>{self.name}</d:displayname></d:prop></d:set></d:mkcol>",
        )

    def text(self, name: str, what: str) -> str:
        return (
            f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}\r\nFN:{name}\r\nN:{name};;;;\r\n"
            f"ORG:{what}\r\nEND:VCARD\r\n"
        )

    def source(self, known: Known) -> CardDavSource:
        user, password = self.server.user, self.server.password
        return CardDavSource(
            "book",
            Server(self.server.url),
            user=user,
            password=password,
            wanted=[self.name],
            known=known.hashes,
        )


class Calendar(Collection):
    ending, kind = "ics", "text/calendar"

    def __init__(self, server: DavServer) -> None:
        super().__init__(server, server.home)
        self.call(
            "MKCALENDAR",
            self.url,
            '<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop>'
            f"<d:displayname>{self.name}</d:displayname></d:prop></d:set></c:mkcalendar>",
        )

    def text(self, name: str, what: str) -> str:
        return (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\n"
            f"UID:{self.name}-{name}\r\nDTSTAMP:20260101T000000Z\r\n"
            f"DTSTART:20261105T090000Z\r\nDTEND:20261105T100000Z\r\nSUMMARY:{what} {name}\r\n"
            "END:VEVENT\r\nEND:VCALENDAR\r\n"
        )

    def source(self, known: Known) -> CalDavSource:  # noqa: ARG002 - what is known is told by hashes
        return calendars(Server(self.server.url), [self.name], self.server.user)


class TestAddressBookContract(SourceContract):
    @pytest.fixture
    def world(self, server: DavServer) -> Iterator[Book]:
        book = Book(server)
        yield book
        book.remove()


class TestCalendarContract(SourceContract):
    @pytest.fixture
    def world(self, server: DavServer) -> Iterator[Calendar]:
        calendar = Calendar(server)
        yield calendar
        calendar.remove()
