"""Who may talk to the server of ``touchbase serve``: raw HTTP, as a page or a program would send it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
import uvicorn

from flows.server import guard
from flows.server.guard import Guard
from people.errors import UserMustAct
from tests.support.prefect_api import until


async def inner(scope: Any, receive: Any, send: Any) -> None:
    """Answer everything, like a server without a guard."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close"})
    elif scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-inner", b"1")]})
        await send({"type": "http.response.body", "body": b"inner"})


@contextmanager
def serving(app: Any) -> Iterator[int]:
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error"))
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        thread = Thread(target=server.run, args=([bound],))
        thread.start()
        until(lambda: server.started, "the server", 30)
        yield bound.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(Guard(inner)) as found:
        yield found


def test_a_server_may_have_further_names() -> None:
    """Workers in other containers know it by the name of its service."""
    with serving(Guard(inner, ["server"])) as found:
        assert status(found, "Host: server:PORT") == "200"
        assert status(found, "Host: 127.0.0.1:PORT") == "200"
        assert status(found, "Host: other:PORT") == "403"
        assert status(found, "Host: server:PORT", "Origin: http://evil.example") == "403"


def test_a_server_without_the_guard_is_noticed(port: int) -> None:
    """As of a Prefect that no longer starts its server where we wrap it."""
    guard.check(f"http://127.0.0.1:{port}/api")
    with serving(inner) as bare, pytest.raises(UserMustAct, match="without the guard"):
        guard.check(f"http://127.0.0.1:{bare}/api")


def send(port: int, *headers: str, path: str = "/api/flows/filter", method: str = "GET") -> str:
    """The whole answer to a request with these headers."""
    lines = [f"{method} {path} HTTP/1.1", *(line.replace("PORT", str(port)) for line in headers)]
    if not any(line.startswith("Upgrade") for line in headers):
        lines.append("Connection: close")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        said = b""
        # An open WebSocket says no more.
        while not said.startswith(b"HTTP/1.1 101") and (part := connection.recv(65536)):
            said += part
    return said.decode("latin-1")


def status(port: int, *headers: str) -> str:
    return send(port, *headers).split(" ", 2)[1]


SOCKET = (
    "Upgrade: websocket", "Connection: Upgrade",
    "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
)  # fmt: skip


@pytest.mark.parametrize(
    "host", ["127.0.0.1:PORT", "localhost:PORT", "LOCALHOST", "[::1]:PORT", "localhost:9999"]
)
def test_programs_and_tunnels_of_this_machine_may(port: int, host: str) -> None:
    assert status(port, f"Host: {host}") == "200"
    assert status(port, f"Host: {host}", f"Origin: http://{host}") == "200"
    assert status(port, f"Host: {host}", f"Origin: http://{host}", *SOCKET) == "101"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:PORT", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:PORT",
        "evil.example#127.0.0.1", "evil@127.0.0.1:PORT", "127.0.0.1:PORT/evil", "0.0.0.0:PORT", "", "[",
    ],
)  # fmt: skip
def test_a_name_that_its_owner_points_to_this_machine_may_not(port: int, host: str) -> None:
    for headers in ((), (f"Origin: http://{host}",), SOCKET):
        assert status(port, f"Host: {host}", *headers) in ("400", "403")


def test_two_hosts_may_not(port: int) -> None:
    assert status(port, "Host: 127.0.0.1", "Host: evil.example") in ("400", "403")


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example", "null", "http://127.0.0.1:1", "http://localhost:PORT",
        "https://127.0.0.1:PORT", "http://127.0.0.1:PORT.evil.example", "http://127.0.0.1", "file://", "",
    ],
)  # fmt: skip
def test_a_page_of_another_origin_may_not(port: int, origin: str) -> None:
    for method in ("GET", "POST", "OPTIONS", "DELETE"):
        answer = send(port, "Host: 127.0.0.1:PORT", f"Origin: {origin}", method=method)
        assert answer.startswith("HTTP/1.1 403")
        assert "inner" not in answer
        assert "access-control" not in answer.lower()
    assert status(port, "Host: 127.0.0.1:PORT", f"Origin: {origin}", *SOCKET) == "403"


def test_pages_may_load_nothing_from_elsewhere(port: int) -> None:
    answer = send(port, "Host: localhost:PORT", path="/")
    (policy,) = [line for line in answer.splitlines() if line.startswith("content-security-policy: ")]
    assert "default-src 'self'; " in policy
    assert f"connect-src 'self' ws://localhost:{port};" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http:" not in policy
    assert "https:" not in policy


def test_the_page_that_takes_the_password_is_of_the_guard(port: int) -> None:
    answer = send(port, "Host: 127.0.0.1:PORT", path="/enter")
    assert "x-inner" not in answer
    assert "location.hash" in answer
    assert "connect-src 'self'" in answer
