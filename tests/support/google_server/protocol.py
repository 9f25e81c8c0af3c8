"""Requests, answers and errors in Google's forms."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Json = dict[str, Any]


@dataclass
class Request:
    """One request. ``query`` keeps repeated parameters; ``names`` are the parts of its path.

    ``scopes`` are those of the login that sent it.
    """

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = b""
    names: dict[str, str] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()

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
        details: Sequence[Json] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.reason = reason
        self.status = status
        self.old_style = old_style
        self.headers = dict(headers or {})
        self.details = list(details)

    def body(self) -> Json:
        error: Json = {"code": self.code, "message": self.message}
        if self.status:
            error["status"] = self.status
        if self.details:
            error["details"] = self.details
        if self.old_style:
            error["errors"] = [{"domain": "global", "reason": self.reason, "message": self.message}]
        elif self.reason:
            kind = "type.googleapis.com/google.rpc.ErrorInfo"
            error["details"] = [{"@type": kind, "reason": self.reason, "domain": "googleapis.com"}]
        return {"error": error}


def old_error(code: int, reason: str, message: str) -> ApiError:
    """An error as Calendar and Tasks tell it."""
    return ApiError(code, message, reason=reason, old_style=True)


@dataclass
class Raw:
    """An answer that is not JSON."""

    body: bytes
    content_type: str


def partial(answer: Json, request: Request) -> Json:
    """The part of an answer that ``fields`` asks for: ``a,b/c,d(e,f)``; all of it without."""
    fields = request.get("fields")
    return _pick(answer, fields) if fields else answer


def _pick(value: Any, fields: str) -> Any:
    if isinstance(value, list):
        return [_pick(item, fields) for item in value]
    picked: Json = {}
    for name, below in _selectors(fields):
        if isinstance(value, dict) and name in value:
            picked[name] = _pick(value[name], below) if below else value[name]
    return picked


def _selectors(fields: str) -> list[tuple[str, str]]:
    """Each field by name, and what is asked for below it."""
    parts = re.findall(r"(?:[^,()]|\((?:[^()]|\([^()]*\))*\))+", fields)
    found = (re.fullmatch(r"(\w+)(?:/(.+)|\((.+)\))?", part) for part in parts)
    return [(m[1], m[2] or m[3] or "") for m in found if m]


def parts_of_batch(request: Request) -> list[tuple[str, Request]]:
    """The requests in a batch, each with its Content-ID. The headers of the whole hold for each part."""
    boundary = re.search(r'boundary="?([^";]+)', request.headers.get("content-type", ""))
    if boundary is None:
        raise ApiError(400, "Failed to parse batch request", status="INVALID_ARGUMENT")
    parts = []
    for text in request.body.decode().replace("\r\n", "\n").split(f"--{boundary[1]}")[1:-1]:
        outer, _, inner = text.strip().partition("\n\n")
        line, *rest = inner.splitlines()
        method, target, _ = line.split(" ", 2)
        address, headers = urlsplit(target), {**request.headers, **_headers(rest)}
        part = Request(method, unquote(address.path), parse_qs(address.query), headers)
        parts.append((_headers(outer.splitlines())["content-id"], part))
    return parts


def _headers(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.lower(): value.strip() for name, _, value in pairs}


def batch_answer(replies: Sequence[tuple[str, int, bytes]]) -> Raw:
    """The answer to a batch: one part for each request, with its Content-ID, status and body."""
    lines = []
    for name, code, body in replies:
        lines += ["--batch_answer", "Content-Type: application/http", f"Content-ID: <response-{name[1:]}", ""]
        lines += [f"HTTP/1.1 {code} {'OK' if code == 200 else 'Error'}", "Content-Type: application/json"]
        lines += ["", body.decode(), ""]
    text = "\r\n".join([*lines, "--batch_answer--", ""])
    return Raw(text.encode(), "multipart/mixed; boundary=batch_answer")


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
