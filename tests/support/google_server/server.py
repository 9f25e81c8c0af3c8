"""The HTTP side: routing, access control, faults, and a server to start and stop."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.google_server import oauth
from tests.support.google_server.calendar import Calendar
from tests.support.google_server.calendar_api import CalendarApi
from tests.support.google_server.faults import Fault
from tests.support.google_server.gmail import Gmail
from tests.support.google_server.oauth import OAuth, OAuthError, Redirect
from tests.support.google_server.people import People
from tests.support.google_server.people_api import PeopleApi
from tests.support.google_server.protocol import (
    ApiError,
    Clock,
    Json,
    Raw,
    Request,
    Route,
    batch_answer,
    old_error,
    parts_of_batch,
)
from tests.support.google_server.tasks import Tasks

log = logging.getLogger(__name__)


@dataclass
class _Reply:
    """Bytes for the wire; ``fault`` says how they are to be spoilt."""

    code: int
    body: bytes
    headers: dict[str, str]
    fault: Fault | None = None


class GoogleServer:
    """The whole account behind one address on 127.0.0.1.

    ``start`` freezes the clock there; without it time is real. ``user`` is the account's e-mail.
    """

    def __init__(
        self,
        *,
        start: datetime | None = None,
        user: str = "alex@example.com",
        port: int = 0,
        time_zone: str = "Europe/London",
    ) -> None:
        self.user = user
        self._begin, self._time_zone = start, time_zone
        self.lock = threading.RLock()
        self.reset()
        handler = type("Handler", (_Handler,), {"google": self})
        self._http = _Http(("127.0.0.1", port), handler)
        self._thread: threading.Thread | None = None

    def reset(self) -> None:
        """Start over at the same address, with an empty account that nobody may log in to."""
        with self.lock:
            self.clock = Clock(self._begin)
            self.oauth = OAuth(self.clock, self.user)
            self.people = People(self.clock)
            self.calendar = Calendar(self.clock, self.user, self._time_zone)
            self.tasks = Tasks(self.clock)
            self.gmail = Gmail(self.clock, self.user)
            self.faults: list[Fault] = []
            self.log: list[Request] = []
            self.most_writes_at_once = self._writes = 0
            people, calendar = PeopleApi(self.people, self.clock), CalendarApi(self.calendar, self.clock)
            apis = (people, calendar, self.tasks, self.gmail)
            self._routes: list[tuple[Route, Any]] = [(route, api) for api in apis for route in api.routes()]

    @property
    def endpoint(self) -> str:
        """The address: People, Tasks and Gmail at its root, Calendar at /calendar/v3/."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def token_uri(self) -> str:
        return f"{self.endpoint}/token"

    def start(self) -> Self:
        """Serve in a thread of its own."""
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        if self._thread:
            self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def write_token(
        self, path: Path, scopes: Iterable[str] = oauth.ALL_SCOPES, *, fresh: bool = True
    ) -> Path:
        """Write the token file of a user who consented; without ``fresh`` it must be refreshed first."""
        refresh, access = self.oauth.grant(frozenset(scopes))
        content = {
            "type": "authorized_user",
            "token": access if fresh else None,
            "refresh_token": refresh,
            "token_uri": self.token_uri,
            "client_id": oauth.CLIENT_ID,
            "client_secret": oauth.CLIENT_SECRET,
        }
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
        return path

    def write_client(self, path: Path) -> Path:
        """Write the OAuth client file (type Desktop) that the Cloud console would hand out."""
        installed = {
            "client_id": oauth.CLIENT_ID,
            "client_secret": oauth.CLIENT_SECRET,
            "auth_uri": f"{self.endpoint}/auth",
            "token_uri": self.token_uri,
            "redirect_uris": ["http://localhost"],
        }
        path.write_text(json.dumps({"installed": installed}), encoding="utf-8")
        return path

    def requests(self, containing: str = "") -> list[Request]:
        """The requests so far whose "METHOD /path" contains this text, oldest first."""
        return [request for request in self.log if containing in f"{request.method} {request.path}"]

    def answer(self, request: Request) -> _Reply:
        """Carry out one request, with the fault that is due."""
        with self.lock:
            self.log.append(request)
            fault = next((fault for fault in self.faults if fault.strikes(request)), None)
            self._count_write(request, 1)
        if fault and fault.kind == "delay":
            fault.release.wait(fault.seconds)
        with self.lock:
            self._count_write(request, -1)
            if fault and fault.kind == "drop":
                return _Reply(0, b"", {}, fault)
            if fault and fault.action:
                fault.action()
            reply = self._reply(request, fault)
        reply.fault = fault
        return reply

    def _count_write(self, request: Request, step: int) -> None:
        if request.method != "GET":
            self._writes += step
            self.most_writes_at_once = max(self.most_writes_at_once, self._writes)

    def _reply(self, request: Request, fault: Fault | None) -> _Reply:
        try:
            if fault and fault.kind == "error":
                raise fault.error()
            content = self._dispatch(request)
            if isinstance(content, Raw):
                return _Reply(200, content.body, {"Content-Type": content.content_type})
            return _Reply(204, b"", {}) if content is None else _json(200, content)
        except Redirect as redirect:
            return _Reply(302, b"", {"Location": redirect.address})
        except OAuthError as refused:
            return _json(refused.code, refused.body)
        except ApiError as refused:
            return _json(refused.code, refused.body(), refused.headers)
        except Exception as bug:
            log.exception("the test server failed at %s %s", request.method, request.path)
            return _json(500, ApiError(500, repr(bug), reason="serverBug", old_style=True).body())

    def _batch(self, request: Request) -> Raw:
        """Answer the parts of a batch, each like a request of its own, up to ``gmail.at_once``."""
        replies = []
        for number, (name, part) in enumerate(parts_of_batch(request)):
            if number < self.gmail.at_once:
                reply = self.answer(part)
            else:
                busy = old_error(429, "rateLimitExceeded", "Too many concurrent requests for user.")
                reply = _json(429, busy.body())
            replies.append((name, reply.code, reply.body))
        return batch_answer(replies)

    def _dispatch(self, request: Request) -> Json | Raw | None:
        if request.path == "/batch":
            return self._batch(request)
        if request.path == "/auth":
            return self.oauth.ask_consent(request)
        if request.path == "/token":
            return self.oauth.token(request)
        for route, api in self._routes:
            match = route.pattern.fullmatch(request.path)
            if match and route.method == request.method:
                self.oauth.check(request, route.scopes)
                api.count(request)
                request.names = match.groupdict()
                return route.handler(request)
        raise ApiError(404, f"there is no {request.method} {request.path}", status="NOT_FOUND")


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class _Handler(BaseHTTPRequestHandler):
    google: GoogleServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        method = self.headers.get("X-HTTP-Method-Override", self.command)
        address = urlsplit(self.path)
        query = address.query
        if method == "GET" and self.command == "POST":
            query, body = body.decode(), b""  # a GET that was too long for an address
        headers = {key.lower(): value for key, value in self.headers.items()}
        path = unquote(address.path)
        self._send(self.google.answer(Request(method, path, parse_qs(query), headers, body)))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815

    def _send(self, reply: _Reply) -> None:
        kind = reply.fault.kind if reply.fault else None
        if kind in ("drop", "drop_after"):
            self.close_connection = True
            return
        body = reply.body[: len(reply.body) // 2] if kind == "garble" else reply.body
        self.send_response(reply.code)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if kind == "truncate":
            self.close_connection = True
            body = body[: len(body) // 2]
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        log.debug(format, *args)


def _json(code: int, content: Json, headers: dict[str, str] | None = None) -> _Reply:
    return _Reply(code, json.dumps(content).encode(), dict(headers or {}))
