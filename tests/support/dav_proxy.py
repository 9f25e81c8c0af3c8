"""A proxy in front of a real DAV server that spoils its answers, as a network with a login page does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit

import requests


class Answer(NamedTuple):
    """The status, the type of the content, and the content."""

    status: int
    kind: str
    body: bytes


Spoil = Callable[[str, str, Answer], Answer]
"""Method, path and the server's answer; returns what the client gets."""


@dataclass
class Proxy:
    """The proxy's address. ``spoil`` may be set at any time."""

    url: str
    spoil: Spoil = lambda _method, _path, answer: answer


@contextmanager
def proxy_of(upstream: str) -> Iterator[Proxy]:
    """Run a proxy of the server at ``upstream``."""
    running = Proxy("")

    class Handler(BaseHTTPRequestHandler):
        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            left_out = ("host", "content-length", "accept-encoding", "connection")
            headers = {name: value for name, value in self.headers.items() if name.lower() not in left_out}
            target = f"{upstream.rstrip('/')}{self.path}"
            got = requests.request(self.command, target, data=body, headers=headers, allow_redirects=False)
            kind = got.headers.get("Content-Type", "text/plain")
            answer = running.spoil(
                self.command, urlsplit(self.path).path, Answer(got.status_code, kind, got.content)
            )
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            for name in ("ETag", "DAV", "WWW-Authenticate", "Location"):
                if name in got.headers:
                    self.send_header(name, got.headers[name])
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_PUT = do_DELETE = do_OPTIONS = _forward  # noqa: N815 - the names of http.server
        do_PROPFIND = do_REPORT = do_MKCALENDAR = do_MKCOL = do_MOVE = _forward  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.url = f"http://127.0.0.1:{server.server_address[1]}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
