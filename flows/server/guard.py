"""What stands before Prefect's server: only its own pages and this machine's programs reach it.

Any page in the user's browser can send requests to 127.0.0.1. A name that its owner points to 127.0.0.1 (DNS
rebinding) makes such a page look like one of ours. So a request must name this machine as its host, and, if
a page sent it, come from a page of this server. The answers forbid pages to load anything from elsewhere:
Prefect's new UI calls an analytics service whatever the settings say, and pictures in a text are fetched
from whoever wrote their address.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any
from urllib import error as http_error
from urllib import request as http
from urllib.parse import urlsplit

from flows.server.served import ENTER, opener
from people.errors import UserMustAct

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
App = Callable[[_Message, _Receive, _Send], Awaitable[None]]
"""An ASGI application: https://asgi.readthedocs.io/en/latest/specs/main.html"""

_REFUSED = 403
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")

_POLICY = "; ".join(
    (
        "default-src 'self'",
        # Prefect's UIs are compiled to style attributes, and start their workers from text.
        "style-src 'self' 'unsafe-inline'",
        "script-src 'self'",
        "worker-src 'self' blob:",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        # Some browsers do not count the WebSocket of a server as its own.
        "connect-src 'self' ws://{host}",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

# Prefect's pages read the password from where its login page puts it.
_SCRIPT = """
const word = btoa(location.hash.slice(1));
history.replaceState(null, "", location.pathname);
fetch("/api/admin/version", {headers: {Authorization: `Basic ${word}`}}).then((answer) => {
  if (answer.ok) localStorage.setItem("prefect-password", word);
  location.replace("/");
});
"""
_PAGE = f'<!doctype html><meta charset="utf-8"><title>Touchbase</title><script>{_SCRIPT}</script>'
_PAGE_POLICY = (
    "default-src 'none'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; script-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    + "'"
)


class Guard:
    """The application ``inner``, for its own pages and this machine's programs only.

    ``names`` are further names of this machine, such as the one by which workers in other containers know it.
    """

    def __init__(self, inner: App, names: Collection[str] = ()) -> None:
        self._inner = inner
        self._names = {*_THIS_MACHINE, *names}

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Answer one request, one WebSocket, or the start and end of the server."""
        if scope["type"] not in ("http", "websocket"):
            await self._inner(scope, receive, send)
            return
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        hosts = [value for name, value in headers if name == "host"]
        origins = [value for name, value in headers if name == "origin"]
        if reason := _reason(hosts, origins, self._names):
            await _refuse(scope, receive, send, reason)
        elif scope["type"] == "http" and scope["path"] == ENTER:
            await _answer(send, 200, "text/html", _PAGE, _PAGE_POLICY)
        else:
            await self._inner(scope, receive, _with_policy(send, _POLICY.format(host=hosts[0])))


def check(api: str) -> None:
    """Raise ``UserMustAct`` if the server at ``api`` answers a page of another origin.

    We wrap Prefect's application where Prefect gives it to uvicorn. A Prefect that starts its server in
    another way would run without the guard, and nobody would see it.
    """
    stranger = http.Request(f"{api}/health", headers={"Origin": "http://stranger.invalid"})  # noqa: S310 - our own
    try:
        with opener(api).open(stranger, timeout=60.0):
            pass
    except http_error.HTTPError as error:
        if error.code == _REFUSED:
            return
    except OSError:
        pass
    raise UserMustAct(
        "this version of Prefect starts its server without the guard of touchbase serve, so it was stopped",
        help="install the Prefect of requirements/run.txt, and please report it",
    )


def _reason(hosts: list[str], origins: list[str], names: Collection[str]) -> str:
    """Why a request with these headers is refused; empty if it is not."""
    if len(hosts) != 1 or _name(hosts[0]) not in names:
        return "This server answers at 127.0.0.1 and localhost only."
    if any(origin != f"http://{hosts[0]}" for origin in origins):
        return "A page of another origin may not use this server."
    return ""


def _name(host: str) -> str | None:
    """The name without the port: a tunnel (``ssh -L``) may end at another one."""
    try:
        address = urlsplit(f"//{host}")
        return address.hostname if address.netloc == host and "@" not in host else None
    except ValueError:
        return None


def _with_policy(send: _Send, policy: str) -> _Send:
    async def sending(message: _Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *_protection(policy)]}
        await send(message)

    return sending


def _protection(policy: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-security-policy", policy.encode("latin-1")),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
    ]


async def _refuse(scope: _Message, receive: _Receive, send: _Send, reason: str) -> None:
    if scope["type"] == "websocket":
        await receive()  # its wish to connect
        await send({"type": "websocket.close", "code": 1008, "reason": reason})
    else:
        await _answer(send, _REFUSED, "text/plain", reason, "default-src 'none'")


async def _answer(send: _Send, status: int, kind: str, text: str, policy: str) -> None:
    body = text.encode()
    headers = [
        (b"content-type", f"{kind}; charset=utf-8".encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *_protection(policy),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
