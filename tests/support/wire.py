"""A TCP proxy in front of a server: it records what the client sends, and can break the connection."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Wire:
    """The proxy's port, and what the client sent.

    ``asked`` gets what the client sends; if it returns False, the connection breaks. ``answer`` gets what the
    server sends and returns what the client gets; once ``over`` is set, nothing more comes. All three may be
    set at any time.
    """

    upstream: int
    port: int = 0
    sent: bytearray = field(default_factory=bytearray)
    connections: int = 0
    asked: Callable[[bytes], bool] = lambda _sent: True
    answer: Callable[[bytes], bytes] = lambda got: got
    over: bool = False

    @property
    def commands(self) -> list[str]:
        """The commands without their tags."""
        lines = self.sent.decode("utf-8", "replace").split("\r\n")
        return [line.partition(" ")[2] for line in lines if " " in line]

    def carry(self, client: socket.socket) -> None:
        """Carry one connection until one side ends it."""
        self.connections += 1
        with socket.create_connection(("127.0.0.1", self.upstream), timeout=60) as server:
            back = threading.Thread(target=self._back, args=(server, client), daemon=True)
            back.start()
            with suppress(OSError):
                while (data := client.recv(1 << 16)) and self.asked(data):
                    self.sent += data
                    server.sendall(data)
            _end(server, client)
            back.join(10)

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while not self.over and (data := server.recv(1 << 16)):
                client.sendall(self.answer(data))
        _end(server, client)


def _end(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire_to(upstream: int) -> Iterator[Wire]:
    """Run a proxy of the server on port ``upstream``."""
    wire = Wire(upstream)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire.carry(self.request)

    class Proxy(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Proxy(("127.0.0.1", 0), Handler) as proxy:
        wire.port = proxy.server_address[1]
        threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield wire
        finally:
            proxy.shutdown()
