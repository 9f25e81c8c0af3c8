"""A mail address leads to its server: real DNS, real https, and every way in which it fails (RFC 6764)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import requests
from pydantic import ValidationError

from connectors.base import Me, Surroundings
from connectors.caldav.calendars import CalDavSource
from connectors.caldav.settings import CalDavSettings
from connectors.carddav.settings import CardDavSettings
from connectors.shared.dav import domain as dav_domain
from connectors.shared.dav.domain import MailDomain
from people.errors import LoginNeeded, RetryLater, TouchbaseError, UserMustAct
from people.types import Contact, Meeting
from tests.connectors.test_dav_sources import event
from tests.support.dav_servers import DavServer, free_port, radicale
from tests.support.dns_server import Zone, dns_server
from tests.support.mail_server import write_certificate
from tests.support.small_dav import Call, Reply, SmallDav, small_dav

pytestmark = pytest.mark.dav

SRV = "_caldavs._tcp.doe.test"
HOSTS = "DNS:doe.test,DNS:dav.doe.test,DNS:mail.doe.test,DNS:other.test,DNS:localhost,IP:127.0.0.1"


AROUND = Surroundings(
    folder=Path(),
    me=Me(emails=("alex@doe.test",), time_zone="Europe/London"),
    today=date(2026, 11, 1),
    environ={"TOUCHBASE_CALDAV_PASSWORD": "secret", "TOUCHBASE_CARDDAV_PASSWORD": "secret"},
)


@pytest.fixture
def zone() -> Iterator[Zone]:
    found = Zone()
    with dns_server(found):
        yield found


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDav]:
    """A calendar server behind https, whose certificate this process trusts."""
    write_certificate(tmp_path, HOSTS)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "cert.pem"))
    with small_dav(tmp_path) as running:
        for user in ("alex", "alex@doe.test", "alex@mail.doe.test"):
            running.texts[running.add_calendar(f"{user}/work")] = {"a.ics": event("a")}
        yield running


def port(server: SmallDav | DavServer) -> int:
    return int(server.url.rstrip("/").rpartition(":")[2])


def source(email: str = "alex@doe.test", **more: str) -> CalDavSource:
    settings = CalDavSettings.model_validate({"name": "cal", "type": "caldav", "email": email, **more})
    return settings.open(AROUND)


def titles(found: CalDavSource, cursor: str | None = None) -> list[str | None]:
    pages = list(found.changes(cursor))
    return [change.title for page in pages for change in page.changes if isinstance(change, Meeting)]


def failure(**more: str) -> TouchbaseError:
    with pytest.raises(TouchbaseError) as told:
        list(source(**more).changes(None))
    return told.value


def hosts(server: SmallDav) -> set[str]:
    """The hosts that got a login."""
    return {
        call.headers["Host"].partition(":")[0] for call in server.calls if "Authorization" in call.headers
    }


class TestFound:
    def test_the_srv_record_names_host_and_port(self, zone: Zone, server: SmallDav) -> None:
        zone.records[SRV, "SRV"] = [f"0 1 {port(server)} dav.doe.test."]
        assert titles(source()) == ["Lunch"]
        assert hosts(server) == {"dav.doe.test"}

    def test_the_txt_record_names_the_path(self, zone: Zone, server: SmallDav) -> None:
        zone.records |= {
            (SRV, "SRV"): [f"0 1 {port(server)} dav.doe.test."],
            (SRV, "TXT"): ['"v=1" "path=/my dav/"'],
        }

        def below(call: Call) -> Reply | None:
            if call.path == "/my dav/":
                return server.honest(call._replace(path="/"))
            return Reply(404) if call.path in ("/", "/.well-known/caldav") else None

        server.trouble = below
        assert titles(source()) == ["Lunch"]

    def test_the_best_server_comes_first_and_the_next_one_if_it_is_down(
        self, zone: Zone, server: SmallDav
    ) -> None:
        zone.records[SRV, "SRV"] = [
            f"20 0 {port(server)} mail.doe.test.",
            f"10 1 {port(server)} dav.doe.test.",
            f"10 9 {free_port()} doe.test.",
        ]
        assert titles(source()) == ["Lunch"]
        assert hosts(server) == {"dav.doe.test"}

    def test_the_well_known_address_redirects(self, zone: Zone, server: SmallDav) -> None:
        zone.records[SRV, "SRV"] = [f"0 1 {port(server)} doe.test."]
        home = f"https://dav.doe.test:{port(server)}/"
        server.trouble = lambda call: (
            Reply(301, headers={"Location": home}) if call.path == "/.well-known/caldav" else None
        )
        assert titles(source()) == ["Lunch"]
        assert hosts(server) == {"dav.doe.test"}

    def test_a_later_run_asks_no_dns(self, zone: Zone, server: SmallDav) -> None:
        zone.records[SRV, "SRV"] = [f"0 1 {port(server)} dav.doe.test."]
        cursor = list(source().changes(None))[-1].cursor
        zone.records, zone.asked = {}, []
        server.calls.clear()
        assert titles(source(), cursor) == []
        assert [kind for _, kind in zone.asked if kind not in ("A", "AAAA")] == []
        assert [call.method for call in server.calls] == ["PROPFIND", "PROPFIND"]

    def test_a_server_that_moved_is_found_again(self, zone: Zone, server: SmallDav) -> None:
        zone.records[SRV, "SRV"] = [f"0 1 {port(server)} dav.doe.test."]
        cursor = list(source().changes(None))[-1].cursor
        zone.records[SRV, "SRV"] = [f"0 1 {port(server)} mail.doe.test."]
        server.trouble = lambda call: Reply(410) if call.headers["Host"].startswith("dav.") else None
        assert titles(source(), cursor) == ["Lunch"]

    def test_a_server_may_know_the_user_by_the_part_before_the_at(self, zone: Zone, server: SmallDav) -> None:
        zone.records[SRV, "SRV"] = [f"0 1 {port(server)} dav.doe.test."]
        short = "Basic YWxleDpzZWNyZXQ="  # alex:secret

        def strict(call: Call) -> Reply | None:
            known = call.headers.get("Authorization") == short
            return None if known else Reply(401, headers={"WWW-Authenticate": 'Basic realm="dav"'})

        server.trouble = strict
        assert titles(source()) == ["Lunch"]
        assert sum(call.headers.get("Authorization", short) != short for call in server.calls) == 1


class TestNotFound:
    @pytest.fixture(autouse=True)
    def _nothing_listens(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The domain's own port for https is closed, whatever this machine runs."""
        monkeypatch.setattr(dav_domain, "_HTTPS", free_port())

    @pytest.mark.usefixtures("zone")
    def test_without_a_record_and_a_server(self) -> None:
        error = failure()
        assert isinstance(error, RetryLater)
        assert "no CalDAV server is found for doe.test: doe.test has no SRV record for it" in error.message
        assert error.message.endswith("/.well-known/caldav does not answer")
        assert error.help == "put the address of the server into url of source 'cal'"

    def test_the_domain_says_that_it_has_none(self, zone: Zone) -> None:
        zone.records[SRV, "SRV"] = ["0 0 0 ."]
        error = failure()
        assert isinstance(error, UserMustAct)
        assert error.message == f"doe.test says that it has no server for this (SRV record {SRV})"

    def test_only_http(self, zone: Zone) -> None:
        zone.records["_caldav._tcp.doe.test", "SRV"] = ["0 0 80 dav.doe.test."]
        assert "doe.test names a server for http only, where others can read the password" in str(failure())

    def test_dns_is_silent(self, zone: Zone, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(dav_domain, "_PATIENCE", 0.3)
        zone.silent = True
        assert f"DNS does not answer for {SRV} (LifetimeTimeout)" in str(failure())

    def test_a_web_site_that_is_not_a_server(self, zone: Zone, server: SmallDav) -> None:
        zone.records[SRV, "SRV"] = [f"0 1 {port(server)} dav.doe.test."]
        server.trouble = lambda _: Reply(200, "<html>Welcome</html>", "text/html")
        error = failure()
        assert isinstance(error, UserMustAct)
        assert f"https://dav.doe.test:{port(server)}/ does not answer as a CalDAV server does" in str(error)
        assert hosts(server) == set()

    def test_a_wrong_password(self, zone: Zone, server: SmallDav) -> None:
        zone.records[SRV, "SRV"] = [f"0 1 {port(server)} dav.doe.test."]
        server.trouble = lambda _: Reply(401, headers={"WWW-Authenticate": 'Basic realm="dav"'})
        assert isinstance(failure(), LoginNeeded)

    def test_a_certificate_of_another_host(self, zone: Zone, server: SmallDav) -> None:
        zone.records[SRV, "SRV"] = [f"0 1 {port(server)} bad.doe.test."]
        assert "the certificate of https://bad.doe.test" in str(failure())


class TestThePasswordStaysAtHome:
    @pytest.fixture(autouse=True)
    def _nothing_listens(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(dav_domain, "_HTTPS", free_port())

    def test_a_record_of_another_domain(self, zone: Zone, server: SmallDav) -> None:
        zone.records[SRV, "SRV"] = [f"0 1 {port(server)} other.test."]
        told = "doe.test names the server other.test of another domain, where the password is not sent"
        assert told in str(failure())
        assert server.calls == []

    def test_a_redirect_to_another_domain(self, zone: Zone, server: SmallDav) -> None:
        zone.records[SRV, "SRV"] = [f"0 1 {port(server)} dav.doe.test."]
        away = f"https://other.test:{port(server)}/"
        server.trouble = lambda _: Reply(302, headers={"Location": away})
        assert f"sends us to {away.rstrip('/')}, where the password is not sent" in str(failure())
        assert hosts(server) == set()

    def test_a_sibling_within_the_registered_domain_is_the_same_owner(
        self, zone: Zone, server: SmallDav
    ) -> None:
        zone.records["_caldavs._tcp.mail.doe.test", "SRV"] = [f"0 1 {port(server)} dav.doe.test."]
        assert titles(source("alex@mail.doe.test")) == ["Lunch"]

    @pytest.mark.parametrize(
        ("domain", "host"),
        [
            ("doe.co.uk", "evil.co.uk"),
            ("alex.github.io", "evil.github.io"),
            ("github.io", "evil.github.io"),
            ("localhost", "evil.localhost"),
            ("doe.test", "evildoe.test"),
            ("doe.test", "doe.test.evil.example"),
        ],
    )
    def test_neighbours_are_strangers(self, zone: Zone, domain: str, host: str) -> None:
        zone.records[f"_caldavs._tcp.{domain}", "SRV"] = [f"0 1 443 {host}."]
        found = MailDomain(domain, "caldav").places()
        assert not [url for url in found.urls if "evil" in url]
        assert host in found.remarks[0]

    @pytest.mark.parametrize("label", ["evil.example/x", r"evil\.example#", "evil@x", r"a\032b", "-x"])
    def test_a_name_that_would_be_another_address(self, zone: Zone, label: str) -> None:
        zone.records[SRV, "SRV"] = [f"0 1 443 {label}.doe.test."]
        found = MailDomain("doe.test", "caldav").places()
        assert not [url for url in found.urls if "evil" in url or " " in url or "-x" in url]
        assert found.remarks == [f"the SRV record {SRV} names no host"]

    @pytest.mark.parametrize("path", ["@evil.example/", "evil", "https://evil.example/", "//evil.example/"])
    def test_a_path_stays_on_the_host(self, zone: Zone, path: str) -> None:
        zone.records |= {(SRV, "SRV"): ["0 1 443 dav.doe.test."], (SRV, "TXT"): [f'"path={path}"']}
        found = MailDomain("doe.test", "caldav").places()
        assert {url.split("/")[2].partition(":")[0] for url in found.urls} == {"dav.doe.test"}


def test_a_real_server_behind_its_well_known_address(
    zone: Zone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_certificate(tmp_path, HOSTS)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "cert.pem"))
    with radicale(tmp_path / "radicale", tmp_path) as server:
        made = requests.put(
            f"{server.books}people/",
            data="BEGIN:VCARD\r\nVERSION:3.0\r\nUID:a\r\nFN:Anna Berg\r\nEND:VCARD\r\n",
            headers={"Content-Type": "text/vcard"},
            auth=server.login(),
            timeout=30,
        )
        assert made.status_code == 201
        zone.records["_carddavs._tcp.doe.test", "SRV"] = [f"0 1 {port(server)} dav.doe.test."]
        settings = CardDavSettings(name="book", type="carddav", email="alex@doe.test")
        (card,) = [change for page in settings.open(AROUND).changes(None) for change in page.changes]
        assert isinstance(card, Contact)
        assert card.name == "Anna Berg"
        assert settings.check(AROUND).message.startswith(f"https://dav.doe.test:{port(server)}/")
        assert "people (1)" in settings.check(AROUND).message


@pytest.mark.parametrize(
    "email", ["alex@", "alex@127.0.0.1", "alex@[::1]", "alex@a b.test", "alex@x/y", "a@..test"]
)
def test_an_address_without_a_domain_is_refused(email: str) -> None:
    with pytest.raises(ValidationError, match=r"no domain|address is missing"):
        CalDavSettings.model_validate({"name": "x", "type": "caldav", "email": email})


def test_a_domain_with_umlauts_is_asked_for_as_dns_knows_it() -> None:
    found = CalDavSettings.model_validate({"name": "x", "type": "caldav", "email": "alex@Bücher.test."})
    assert found.server.mail_domain == "xn--bcher-kva.test"
