"""Address books and calendars that are read live, from real servers and from servers that lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import requests
from pydantic import ValidationError

from connectors.caldav.calendars import CalDavSource
from connectors.caldav.settings import CalDavSettings
from connectors.carddav.settings import CardDavSettings
from connectors.carddav.source import CardDavSource
from connectors.ics.source import IcsSource
from connectors.shared.dav.server import Server
from people.errors import UserMustAct
from people.types import Contact, Meeting, Page
from tests.contracts.sources import Known, SourceContract
from tests.support.dav_servers import DavServer, radicale
from tests.support.small_dav import Call, Reply, SmallDav, fine, small_dav

pytestmark = pytest.mark.dav

TODAY = date(2026, 11, 1)
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavServer]:
    with radicale(tmp_path_factory.mktemp("radicale")) as found:
        yield found


def calendars(server: Server, wanted: Sequence[str] = (), user: str = "alex") -> CalDavSource:
    ics = IcsSource("cal", Path(), my_emails=["alex@example.com"], today=TODAY, time_zone=LONDON)
    return CalDavSource(server, user=user, password="secret", ics=ics, wanted=wanted)


class Collection:
    """One collection on Radicale; the whole of it is written at once."""

    many = 201
    keeps_ids = True
    kind = "text/vcard"

    def __init__(self, server: DavServer, name: str) -> None:
        self.server = server
        self.url = f"{server.home}{name}/"
        self.texts: dict[str, str] = {}

    def _write(self) -> None:
        answer = requests.put(
            self.url,
            data=self.whole().encode(),
            headers={"Content-Type": self.kind},
            auth=(self.server.user, self.server.password),
            timeout=60,
        )
        assert answer.status_code in (201, 204), answer.text

    def whole(self) -> str:
        return "".join(self.texts.values())

    def edit(self, name: str) -> None:
        self.texts[name] = self.texts[name].replace("old", "new")
        self._write()


class Book(Collection):
    def source(self, known: Known) -> CardDavSource:
        return CardDavSource("book", Server(self.url), user="alex", password="secret", known=known.hashes)

    def put(self, names: list[str]) -> None:
        self.texts = {
            name: f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}\r\nFN:{name}\r\nORG:old\r\nEND:VCARD\r\n"
            for name in names
        }
        self._write()


class Calendar(Collection):
    kind = "text/calendar"

    def source(self, known: Known) -> CalDavSource:  # noqa: ARG002 - what is known is told by hashes
        return calendars(Server(self.url))

    def put(self, names: list[str]) -> None:
        self.texts = {
            name: f"BEGIN:VEVENT\r\nUID:{name}\r\nDTSTAMP:20260101T000000Z\r\n"
            f"DTSTART:20261105T090000Z\r\nSUMMARY:old {name}\r\nEND:VEVENT\r\n"
            for name in names
        }
        self._write()

    def whole(self) -> str:
        return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{super().whole()}END:VCALENDAR\r\n"


class TestAddressBookContract(SourceContract):
    @pytest.fixture
    def world(self, server: DavServer) -> Book:
        return Book(server, f"book-{uuid4().hex}")


class TestCalendarContract(SourceContract):
    @pytest.fixture
    def world(self, server: DavServer) -> Calendar:
        return Calendar(server, f"cal-{uuid4().hex}")


def event(uid: str, title: str = "Lunch") -> str:
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n"
        f"DTSTART:20261105T090000Z\r\nSUMMARY:{title}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def add_calendar(server: SmallDav, name: str) -> str:
    """Make a calendar of the user."""
    path = server.add_calendar(f"alex/{name}")
    server.names[path] = name
    return path


@pytest.fixture
def small() -> Iterator[SmallDav]:
    """A server with two events in one calendar."""
    with small_dav() as found:
        path = add_calendar(found, "Work")
        found.texts[path] = {"a.ics": event("a"), "b.ics": event("b")}
        yield found


def titles(pages: list[Page]) -> set[str | None]:
    return {change.title for page in pages for change in page.changes if isinstance(change, Meeting)}


def asked(server: SmallDav, cursor: str | None) -> list[str]:
    """The methods of one read."""
    server.calls.clear()
    list(calendars(Server(server.url)).changes(cursor))
    return [call.method for call in server.calls]


class TestReading:
    def test_only_what_changed_is_asked_for(self, small: SmallDav) -> None:
        source = calendars(Server(small.url))
        first = list(source.changes(None))
        assert titles(first) == {"Lunch"}
        # The user's calendars, and the members of the only one.
        assert asked(small, first[-1].cursor) == ["PROPFIND", "PROPFIND"]
        small.texts["/home/alex/Work/"]["b.ics"] = event("b", "Dinner")
        assert asked(small, first[-1].cursor) == ["PROPFIND", "PROPFIND", "REPORT"]
        assert "b.ics" in small.calls[-1].body

    def test_a_member_that_is_listed_and_not_given_is_kept(self, small: SmallDav) -> None:
        known = Known()
        for page in calendars(Server(small.url)).changes(None):
            known.apply(page)
        small.texts["/home/alex/Work/"]["b.ics"] = event("b", "Dinner")

        def withheld(call: Call) -> Reply | None:
            if call.method == "REPORT":
                return Reply(207, '<d:multistatus xmlns:d="DAV:"/>')
            return Reply(404) if call.method == "GET" else None

        small.trouble = withheld
        pages = list(calendars(Server(small.url)).changes(known.cursor))
        for page in pages:
            known.apply(page)
        assert len(known.records) == 2
        (problem,) = [problem for page in pages for problem in page.problems if "b.ics" in problem.where]
        assert problem.message == "the server lists it and does not give it"
        small.trouble = fine
        assert titles(list(calendars(Server(small.url)).changes(known.cursor))) >= {"Dinner"}

    def test_without_a_cursor_what_is_listed_and_not_given_is_not_removed(self, small: SmallDav) -> None:
        known = Known()
        for page in calendars(Server(small.url)).changes(None):
            known.apply(page)

        def withheld(call: Call) -> Reply | None:
            if call.method == "REPORT":
                return Reply(207, '<d:multistatus xmlns:d="DAV:"/>')
            return Reply(404) if call.method == "GET" else None

        small.trouble = withheld
        for page in calendars(Server(small.url)).changes(None):
            known.apply(page)
        assert len(known.records) == 2

    def test_another_account_is_asked_where_its_calendars_are(self, small: SmallDav) -> None:
        first = list(calendars(Server(small.url)).changes(None))
        with small_dav() as other:
            path = add_calendar(other, "Home")
            other.texts[path] = {"c.ics": event("c", "Dentist")}
            assert titles(list(calendars(Server(other.url)).changes(first[-1].cursor))) == {"Dentist"}

    def test_what_a_multiget_leaves_out_is_asked_for_alone(self, small: SmallDav) -> None:
        small.trouble = lambda call: (
            Reply(207, '<d:multistatus xmlns:d="DAV:"/>') if call.method == "REPORT" else None
        )
        pages = list(calendars(Server(small.url)).changes(None))
        assert sum(len(page.changes) for page in pages) == 2

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(200, "<html>Please log in</html>", "text/html"),
            Reply(207, "<html>"),
            Reply(404),
            Reply(403),
        ],
    )
    def test_a_listing_that_is_none_removes_nothing(self, small: SmallDav, reply: Reply) -> None:
        first = list(calendars(Server(small.url)).changes(None))
        small.trouble = lambda call: reply if call.path.startswith("/home/alex/Work/") else None
        with pytest.raises(UserMustAct) as told:
            list(calendars(Server(small.url)).changes(first[-1].cursor))
        assert "source 'cal'" in told.value.help

    def test_a_calendar_is_chosen_by_name(self, small: SmallDav) -> None:
        other = add_calendar(small, "Home")
        small.texts[other]["c.ics"] = event("c", "Dentist")
        assert titles(list(calendars(Server(small.url), ["Home"]).changes(None))) == {"Dentist"}
        with pytest.raises(UserMustAct, match="no calendar 'Hom'") as told:
            list(calendars(Server(small.url), ["Hom"]).changes(None))
        assert "Home" in told.value.help

    def test_a_calendar_whose_name_changed_is_the_same(self, small: SmallDav) -> None:
        known = Known()
        for _ in range(2):
            for page in calendars(Server(small.url)).changes(known.cursor):
                known.apply(page)
            small.names["/home/alex/Work/"] = "Office"
        assert len(known.records) == 2

    def test_the_login_goes_to_no_other_host(self, small: SmallDav) -> None:
        port = small.url.rstrip("/").rpartition(":")[2]
        moved = f"http://localhost:{port}/home/alex/"

        def elsewhere(call: Call) -> Reply | None:
            at_first = call.headers.get("Host", "").startswith("127.")
            return Reply(301, headers={"Location": moved}) if at_first else None

        small.trouble = elsewhere
        with pytest.raises(UserMustAct, match="where the password is not sent"):
            list(calendars(Server(small.url)).changes(None))
        assert all(call.headers["Host"].startswith("127.") for call in small.calls)
        pages = list(calendars(Server(small.url, domain="localhost")).changes(None))
        assert titles(pages) == {"Lunch"}

    def test_what_it_reads_is_shown_with_counts(self, small: SmallDav) -> None:
        assert calendars(Server(small.url)).look().message == f"{small.url}: Work (2)"


def test_the_name_of_a_group_is_a_label_of_its_members(server: DavServer) -> None:
    book = Book(server, f"book-{uuid4().hex}")
    book.put(["anna", "ben"])
    known = Known()

    def labels() -> dict[str, tuple[str, ...]]:
        return {key: record.labels for key, record in known.records.items() if isinstance(record, Contact)}

    def read_again() -> None:
        for page in book.source(known).changes(known.cursor):
            known.apply(page)

    read_again()
    assert labels() == {"anna": (), "ben": ()}
    group = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:g\r\nFN:Choir\r\nN:Choir\r\nX-ADDRESSBOOKSERVER-KIND:group\r\n"
    book.texts["g"] = f"{group}X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:anna\r\nEND:VCARD\r\n"
    book._write()
    read_again()
    assert labels() == {"anna": ("Choir",), "ben": (), "g": ()}
    book.texts["g"] = f"{group}X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:ben\r\nEND:VCARD\r\n"
    book._write()
    read_again()
    assert labels() == {"anna": (), "ben": ("Choir",), "g": ()}


class TestSettings:
    def test_a_preset_has_its_addresses(self) -> None:
        icloud = CardDavSettings(name="x", type="carddav", preset="icloud", user="me@icloud.com")
        assert icloud.server == Server("https://contacts.icloud.com/", "icloud.com")
        cloud = CalDavSettings(
            name="x", type="caldav", preset="nextcloud", url="https://c.example/nc", user="me"
        )
        assert cloud.server.url == "https://c.example/nc/remote.php/dav/"

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({"url": "http://dav.example.com/", "user": "me"}, "use https"),
            ({"url": "http://dav.example.com/", "email": "me@example.com"}, "use https"),
            ({"url": "https://me:secret@dav.example.com/"}, "contains a login"),
            ({"user": "me"}, "an address is missing"),
            ({"preset": "nextcloud"}, "needs url"),
            ({"preset": "icloud", "url": "https://x.example/"}, "remove url"),
        ],
    )
    def test_an_address_that_cannot_be_meant_is_refused(self, given: dict[str, str], told: str) -> None:
        with pytest.raises(ValidationError, match=told):
            CardDavSettings.model_validate({"name": "x", "type": "carddav", **given})
