"""A small CalDAV server in this process, in memory, that refuses and lies on demand (RFC 4791)."""

from __future__ import annotations

import re
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape, unescape

_NAMESPACES = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"'


class Call(NamedTuple):
    """One request."""

    method: str
    path: str
    body: str
    headers: dict[str, str]


class Reply(NamedTuple):
    """One answer."""

    status: int
    body: str = ""
    kind: str = "application/xml; charset=utf-8"
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


Trouble = Callable[[Call], Reply | None]
"""What the server answers in place of its usual answer; None for that one."""


def fine(_call: Call) -> Reply | None:
    """No trouble."""
    return None


def dav_error(name: str, status: int = 403, namespace: str = "urn:ietf:params:xml:ns:caldav") -> Reply:
    """The body of a failed precondition (RFC 4918, 16)."""
    return Reply(status, f'<d:error xmlns:d="DAV:"><x:{name} xmlns:x="{namespace}"/></d:error>')


@dataclass
class SmallDav:
    """The calendars, by path, with their names and texts. ``trouble`` may be set at any time."""

    url: str = ""
    names: dict[str, str] = field(default_factory=dict)
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    trouble: Trouble = fine
    calls: list[Call] = field(default_factory=list)

    def clear(self) -> None:
        """Forget everything, as a fresh server of the same address."""
        self.names, self.texts, self.trouble, self.calls = {}, {}, fine, []

    def add_calendar(self, name: str) -> str:
        """Make a calendar, and return its path."""
        path = f"/home/{name}/"
        self.names[path], self.texts[path] = name, {}
        return path

    def all_texts(self) -> list[str]:
        """Every text of every calendar."""
        return [text for calendar in self.texts.values() for text in calendar.values()]

    def answer(self, call: Call) -> Reply:
        """Answer one request, truly or with ``trouble``."""
        self.calls.append(call)
        return self.trouble(call) or self.honest(call)

    def honest(self, call: Call) -> Reply:
        """Answer one request truly."""
        reply: Reply = getattr(self, f"_{call.method.lower()}", self._unknown)(call)
        return reply

    def _unknown(self, _call: Call) -> Reply:
        return Reply(405)

    def _propfind(self, call: Call) -> Reply:
        if call.path in self.names:
            members = (
                f"<d:response><d:href>{escape(call.path + name)}</d:href>"
                f"{_props(f'<d:getetag>{_etag(text)}</d:getetag><d:resourcetype/>')}</d:response>"
                for name, text in self.texts[call.path].items()
                if call.headers.get("Depth") == "1"
            )
            return _multistatus([self._about(call.path), *members])
        home = _home(call)
        if call.path not in ("/", home):
            return Reply(404)
        about = f"<d:response><d:href>{call.path}</d:href>{_props(_links(home))}</d:response>"
        listed = call.headers.get("Depth") == "1" and call.path == home
        below = [path for path in self.names if listed and path.startswith(home)]
        return _multistatus([about, *map(self._about, below)])

    def _about(self, path: str) -> str:
        kinds = "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>"
        named = f"<d:displayname>{escape(self.names[path])}</d:displayname>"
        return f"<d:response><d:href>{escape(path)}</d:href>{_props(kinds + named)}</d:response>"

    def _report(self, call: Call) -> Reply:
        found = self.texts.get(call.path)
        if found is None:
            return Reply(404)
        wanted = {unescape(href) for href in re.findall(r"<d:href>(.*?)</d:href>", call.body)}
        return _multistatus(
            f"<d:response><d:href>{escape(call.path + name)}</d:href>"
            + _props(
                f"<d:getetag>{_etag(text)}</d:getetag>"
                f"<c:calendar-data>{escape(text).replace(chr(13), '&#13;')}</c:calendar-data>"
            )
            + "</d:response>"
            for name, text in found.items()
            if not wanted or call.path + name in wanted
        )

    def _get(self, call: Call) -> Reply:
        folder, _, name = call.path.rpartition("/")
        text = self.texts.get(f"{folder}/", {}).get(name)
        if text is None:
            return Reply(404)
        return Reply(200, text, "text/calendar; charset=utf-8", {"ETag": _etag(text)})

    def _put(self, call: Call) -> Reply:
        folder, _, name = call.path.rpartition("/")
        calendar = self.texts.get(f"{folder}/")
        if calendar is None:
            return Reply(409)
        before = calendar.get(name)
        if "If-None-Match" in call.headers and before is not None:
            return Reply(412)
        if call.headers.get("If-Match", "*") not in ("*", _etag(before or "")):
            return Reply(412)
        calendar[name] = call.body
        return Reply(201 if before is None else 204)

    def _delete(self, call: Call) -> Reply:
        if call.path in self.names:
            del self.names[call.path], self.texts[call.path]
            return Reply(204)
        folder, _, name = call.path.rpartition("/")
        return Reply(404 if self.texts.get(f"{folder}/", {}).pop(name, None) is None else 204)

    def _mkcalendar(self, call: Call) -> Reply:
        path = call.path if call.path.endswith("/") else f"{call.path}/"
        if path in self.names:
            return Reply(405)
        named = re.search("<d:displayname>(.*?)</d:displayname>", call.body)
        self.names[path] = unescape(named[1]) if named else path.rstrip("/").rpartition("/")[2]
        self.texts[path] = {}
        return Reply(201)


def _home(call: Call) -> str:
    """The folder of the user's calendars. Each account has its own; no password is wrong."""
    login = call.headers.get("Authorization", "").removeprefix("Basic ")
    user = b64decode(login).decode().partition(":")[0]
    return f"/home/{user}/" if user else "/home/"


def _links(home: str) -> str:
    return (
        f"<d:current-user-principal><d:href>{home}</d:href></d:current-user-principal>"
        f"<c:calendar-home-set><d:href>{home}</d:href></c:calendar-home-set>"
    )


def _props(inner: str) -> str:
    return f"<d:propstat><d:prop>{inner}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>"


def _multistatus(responses: Iterator[str] | list[str]) -> Reply:
    return Reply(207, f"<d:multistatus {_NAMESPACES}>{''.join(responses)}</d:multistatus>")


def _etag(text: str) -> str:
    return f'"{md5(text.encode(), usedforsecurity=False).hexdigest()}"'


@contextmanager
def small_dav(certificate: Path | None = None) -> Iterator[SmallDav]:
    """Run a server on a free port, over https with the files ``cert.pem`` and ``key.pem`` of a folder."""
    running = SmallDav()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            path = unquote(urlsplit(self.path).path)
            reply = running.answer(Call(self.command, path, body, dict(self.headers.items())))
            content = reply.body.encode()
            self.send_response(reply.status)
            headers = {"Content-Type": reply.kind, **reply.headers, "Content-Length": str(len(content))}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_DELETE = do_PROPFIND = do_REPORT = do_MKCALENDAR = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        running.url = f"http://127.0.0.1:{server.server_port}/"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True)
            running.url = f"https://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield running
        server.shutdown()
