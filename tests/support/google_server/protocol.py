"""Requests, answers and errors in Google's forms."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]


@dataclass
class Request:
    """One request. ``query`` keeps repeated parameters; ``names`` are the parts of its path."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = b""
    names: dict[str, str] = field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[-1]

    def flag(self, name: str, default: bool = False) -> bool:
        return self.get(name, str(default)).lower() == "true"

    def number(self, name: str, default: int) -> int:
        return int(self.get(name) or default)

    def json(self) -> Json:
        content = json.loads(self.body or b"{}")
        if not isinstance(content, dict):
            raise ApiError(400, "the body must be a JSON object", status="INVALID_ARGUMENT")
        return content

    def parameters(self) -> dict[str, list[str]]:
        """What must be the same on every page and for every token."""
        return {
            key: value for key, value in self.query.items() if key not in ("pageToken", "syncToken", "alt")
        }


class ApiError(Exception):
    """An error answer. ``reason`` goes where Google puts it: old APIs in ``errors``, new ones in
    ``details`` (an ErrorInfo); ``status`` is the canonical code of the new ones."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        reason: str = "",
        status: str = "",
        old_style: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.reason = reason
        self.status = status
        self.old_style = old_style
        self.headers = dict(headers or {})

    def body(self) -> Json:
        error: Json = {"code": self.code, "message": self.message}
        if self.old_style:
            error["errors"] = [{"domain": "global", "reason": self.reason, "message": self.message}]
            return {"error": error}
        if self.status:
            error["status"] = self.status
        if self.reason:
            kind = "type.googleapis.com/google.rpc.ErrorInfo"
            error["details"] = [{"@type": kind, "reason": self.reason, "domain": "googleapis.com"}]
        return {"error": error}


def old_error(code: int, reason: str, message: str) -> ApiError:
    """An error as Calendar and Tasks tell it."""
    return ApiError(code, message, reason=reason, old_style=True)


Handler = Callable[[Request], Json | None]
"""Answers a request; None is 204, no content."""


class Route:
    """A method and a path; ``{name}`` takes one segment of it, ``{+name}`` one and more."""

    def __init__(self, method: str, path: str, handler: Handler, *scopes: str) -> None:
        pattern = re.sub(r"\{\+(\w+)\}", r"(?P<\1>.+?)", path)
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/:]+)", pattern)
        self.method = method
        self.pattern = re.compile(pattern)
        self.handler = handler
        self.scopes = scopes


class Clock:
    """The server's time: real time, or frozen at ``start``; ``advance`` moves either."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start
        self._moved = timedelta()

    def now(self) -> datetime:
        return (self._start or datetime.now(UTC)) + self._moved

    def advance(self, by: timedelta) -> None:
        self._moved += by

    def stamp(self) -> str:
        return self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
