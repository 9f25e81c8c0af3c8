"""The port of ``touchbase serve``."""

from __future__ import annotations

import socket
import time

from people.errors import UserMustAct

_ENDING = 3.0


def wait_until_free(port: int) -> None:
    """Wait a moment for a port of 127.0.0.1, because the processes of a killed server may still be ending.

    Raises ``UserMustAct`` if something else has it.
    """
    deadline = time.monotonic() + _ENDING
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if time.monotonic() > deadline:
                    raise UserMustAct(
                        f"port {port} is in use, perhaps by another touchbase serve or a Prefect server",
                        help=f"stop it, or use another port: touchbase serve --port {port + 1}",
                    ) from error
            else:
                return
        time.sleep(0.2)
