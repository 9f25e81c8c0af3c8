"""Faults on demand: what may go wrong between a client and Google."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tests.support.google_server.protocol import ApiError, Request

Kind = Literal["error", "drop", "drop_after", "truncate", "garble", "delay", "meanwhile"]


@dataclass
class Fault:
    """One fault, for the next ``times`` requests whose "METHOD /path" matches ``on``.

    ``error`` answers with ``code`` and ``reason`` and does nothing else. ``drop`` closes the connection
    before the request is carried out, ``drop_after`` when it has been. ``truncate`` closes it in the
    middle of the answer; ``garble`` sends half an answer as if it were all. ``delay`` waits for
    ``seconds`` first. ``meanwhile`` calls ``action``, such as an edit by somebody else, and then carries
    the request out. ``release`` ends a delay early. ``skip`` lets that many matching requests pass before.
    """

    kind: Kind
    on: str = ""
    times: int = 1
    skip: int = 0
    code: int = 503
    reason: str = "backendError"
    old_style: bool = True
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    action: Callable[[], object] | None = None
    release: threading.Event = field(default_factory=threading.Event)

    def strikes(self, request: Request) -> bool:
        """Whether this request is hit; counts it."""
        if self.times <= 0 or not re.search(self.on, f"{request.method} {request.path}"):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True

    def error(self) -> ApiError:
        return ApiError(
            self.code,
            f"injected {self.reason}",
            reason=self.reason,
            old_style=self.old_style,
            headers=self.headers,
        )
