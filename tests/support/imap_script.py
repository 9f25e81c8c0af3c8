"""An IMAP server that says what a test wants: for what no free server does, such as Gmail's extension."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Reply = Callable[[str], str | bytes]
"""Gets a command without its tag. Returns untagged lines, or the tagged answer if that is NO or BAD."""


@dataclass
class Script:
    """``replies`` maps the beginning of a command to what comes back. The longest beginning counts."""

    replies: dict[str, str | bytes | Reply] = field(default_factory=dict)
    capabilities: str = "IMAP4rev1 AUTH=PLAIN SASL-IR"
    port: int = 0
    commands: list[str] = field(default_factory=list)

    def answer(self, command: str) -> tuple[bytes, str]:
        """What comes back untagged, and the tagged answer."""
        self.commands.append(command)
        if command == "CAPABILITY":
            return f"* CAPABILITY {self.capabilities}\r\n".encode(), "OK done"
        matches = [key for key in self.replies if command.startswith(key)]
        reply = self.replies[max(matches, key=len)] if matches else ""
        found = reply(command) if callable(reply) else reply
        data = found.encode() if isinstance(found, str) else found
        if data.startswith((b"NO", b"BAD")):
            return b"", data.decode()
        return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), "OK done"


@contextmanager
def scripted(script: Script) -> Iterator[Script]:
    """Run the server."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            while line := self.rfile.readline():
                tag, _, command = line.decode().strip().partition(" ")
                if command.startswith("AUTHENTICATE"):
                    self.wfile.write(b"+ \r\n")
                    self.rfile.readline()
                untagged, tagged = script.answer(command)
                self.wfile.write(untagged + f"{tag} {tagged}\r\n".encode())
                if command == "LOGOUT":
                    return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        script.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield script
        finally:
            server.shutdown()


def fetched(number: int, uid: int, headers: str, *more: str) -> str:
    """One answer to FETCH, as most servers write it."""
    said = " ".join([f"UID {uid}", *more])
    block = headers.replace("\n", "\r\n") + "\r\n"
    return f"* {number} FETCH ({said} BODY[HEADER.FIELDS (FROM TO)] {{{len(block.encode())}}}\n{block})\n"
