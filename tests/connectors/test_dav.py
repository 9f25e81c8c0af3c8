"""One WebDAV request as servers of every kind answer it; each is a real HTTP server."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from connectors.caldav.task_list import TaskCalendar
from connectors.shared.dav.client import CALDAV, DAV, DavClient, NotDav
from people.errors import LoginNeeded, RetryLater, UserMustAct

Reply = tuple[int, dict[str, str], str]
BASIC = f"Basic {b64encode('änna:geheim'.encode()).decode()}"
CALENDAR = """<?xml version="1.0"?>
<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">
 <d:response><d:href>/cal%20one/</d:href>
  <d:propstat><d:status>HTTP/1.1 200 OK</d:status>
   <d:prop><d:resourcetype><d:collection/><c:calendar/></d:resourcetype><d:displayname>One</d:displayname></d:prop>
  </d:propstat>
  <d:propstat><d:status>HTTP/1.1 404 Not Found</d:status><d:prop><d:getetag/></d:prop></d:propstat>
 </d:response>
 <d:response><d:href>/gone</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response>
</d:multistatus>"""


@contextmanager
def answering(reply: Callable[[str, str, dict[str, str]], Reply]) -> Iterator[str]:
    """A server that answers each request with what ``reply`` says of its method, path and headers."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, text = reply(self.command, self.path, dict(self.headers.items()))
            body = text.encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_PROPFIND = do_REPORT = do_MKCALENDAR = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def client(url: str, user: str = "änna") -> DavClient:
    return DavClient(url, user=user, password="geheim", timeout=10)


def calendar(url: str) -> TaskCalendar:
    return TaskCalendar(url, user="änna", password="geheim", name="tasks", timeout=10)


def test_what_a_server_says_of_several_addresses() -> None:
    with answering(lambda *_: (207, {}, CALENDAR)) as url:
        (found,) = client(url).request("PROPFIND", url, Depth="0").resources()
    assert found.href == "/cal%20one/"
    assert found.text(f"{DAV}displayname") == "One"
    assert found.text(f"{DAV}getetag") is None
    assert found.kinds() == {f"{DAV}collection", f"{CALDAV}calendar"}


class TestLogin:
    def test_it_is_sent_at_once_in_utf8(self) -> None:
        seen: list[str | None] = []

        def reply(_method: str, _path: str, headers: dict[str, str]) -> Reply:
            seen.append(headers.get("Authorization"))
            return 207, {}, CALENDAR

        with answering(reply) as url:
            client(url).request("PROPFIND", url)
        assert seen == [BASIC]

    def test_a_server_may_want_digest(self) -> None:
        seen: list[str] = []

        def reply(method: str, _path: str, headers: dict[str, str]) -> Reply:
            given = headers.get("Authorization", "")
            seen.append(given.partition(" ")[0])
            said = dict(re.findall(r'(\w+)="?([^",]+)"?', given))
            want = md5_of(f"{md5_of('anna:dav:geheim')}:n1:{md5_of(f'{method}:/')}")
            if said.get("response") == want:
                return 207, {}, CALENDAR
            return 401, {"WWW-Authenticate": 'Digest realm="dav", nonce="n1"'}, ""

        with answering(reply) as url:
            assert client(url, "anna").request("PROPFIND", url).status == 207
        assert seen[-1] == "Digest"

    def test_a_login_of_another_file_is_never_sent(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password theirs\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        seen: list[str | None] = []

        def reply(_method: str, _path: str, headers: dict[str, str]) -> Reply:
            seen.append(headers.get("Authorization"))
            return 207, {}, CALENDAR

        with answering(reply) as url:
            client(url, "").request("PROPFIND", url)
        assert seen == [None]

    def test_a_wrong_one_is_said(self) -> None:
        wants = {"WWW-Authenticate": 'Basic realm="dav"'}
        with answering(lambda *_: (401, wants, "")) as url, pytest.raises(LoginNeeded):
            calendar(url).find()


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_the_method_and_the_login_stay(self, status: int) -> None:
        seen: list[tuple[str, str | None]] = []

        def reply(method: str, path: str, headers: dict[str, str]) -> Reply:
            if path == "/":
                return status, {"Location": "/dav/"}, ""
            seen.append((method, headers.get("Authorization")))
            return 207, {}, CALENDAR

        with answering(reply) as url:
            assert client(url).request("PROPFIND", url).url == f"{url}dav/"
        assert seen == [("PROPFIND", BASIC)]

    def test_no_other_host_is_asked(self) -> None:
        away = {"Location": "http://localhost:1/"}
        with answering(lambda *_: (302, away, "")) as url, pytest.raises(NotDav, match="localhost"):
            client(url).request("PROPFIND", url)

    def test_one_without_end_ends(self) -> None:
        with answering(lambda *_: (302, {"Location": "/"}, "")) as url, pytest.raises(UserMustAct):
            calendar(url).find()


@pytest.mark.parametrize(
    "text",
    ["<html><body>Please log in</body></html>", "", "{}", "<d:multistatus xmlns:d='DAV:'>", "\x00"],
)
@pytest.mark.parametrize("status", [200, 207])
def test_a_web_page_is_not_a_calendar_server(status: int, text: str) -> None:
    with answering(lambda *_: (status, {}, text)) as url:
        with pytest.raises(UserMustAct, match="does not answer as a CalDAV server does") as told:
            calendar(url).find()
        assert "[tasks] url" in told.value.help


def test_a_pause_is_told_in_seconds() -> None:
    with answering(lambda *_: (429, {"Retry-After": "7"}, "")) as url, pytest.raises(RetryLater) as told:
        calendar(url).find()
    assert told.value.retry_after == 7
    past = {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}
    with answering(lambda *_: (503, past, "")) as url, pytest.raises(RetryLater) as told:
        calendar(url).find()
    assert told.value.retry_after == 0


def md5_of(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
