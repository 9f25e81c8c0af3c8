"""Collections that can be listed page by page, and by what changed since a token."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.support.google_server.protocol import Clock, Json, Request


class BadToken(Exception):
    """A token that was never given out, or for other parameters."""


class ExpiredToken(Exception):
    """A token that was good once."""


@dataclass
class _Record:
    version: int
    value: Json


@dataclass
class _Snapshot:
    """What a first page saw; later pages of the same listing show the same."""

    items: list[Json]
    parameters: dict[str, list[str]]
    next_sync: str


@dataclass
class PageOf:
    """One page: ``items``, and the token of either the next page or the next sync."""

    items: list[Json]
    next_page: str | None
    next_sync: str | None
    total: int


class Collection:
    """Records by id. A value is replaced, never edited in place, so that snapshots keep still.

    Tombstones are values like all others: ``is_gone`` tells them. Sync tokens are chained: each one
    holds the version that its listing saw and when the last *full* listing began.
    """

    def __init__(self, name: str, clock: Clock, is_gone: Callable[[Json], bool]) -> None:
        self._name = name
        self._clock = clock
        self._is_gone = is_gone
        self._versions = itertools.count(1)
        self._version = 0
        self._records: dict[str, _Record] = {}
        self._snapshots: dict[str, _Snapshot] = {}
        self._generation = 0
        self.padding = 0
        """Extra characters in every sync token (real ones can be long)."""
        self.page_limit: int | None = None
        """The most items a page holds, whatever the client asks for."""
        self.empty_pages = 0
        """How many empty pages come before the first item."""
        self.token_missing = False
        """Whether last pages come without a sync token."""

    def put(self, key: str, value: Json) -> Json:
        self._version = next(self._versions)
        # A changed record goes to the end, as with LAST_MODIFIED_ASCENDING.
        self._records.pop(key, None)
        self._records[key] = _Record(self._version, value)
        return value

    def find(self, key: str) -> Json | None:
        record = self._records.get(key)
        return record.value if record else None

    def everything(self) -> list[Json]:
        return [record.value for record in self._records.values()]

    def live(self) -> list[Json]:
        return [record.value for record in self._records.values() if not self._is_gone(record.value)]

    def purge(self, key: str) -> None:
        """Forget a record without a trace."""
        self._records.pop(key, None)

    def expire_tokens(self) -> None:
        """Make every sync token that was given out so far invalid."""
        self._generation += 1

    def page(
        self,
        request: Request,
        size: int,
        *,
        lifetime: Any = None,
        wanted: Callable[[Json], bool] = lambda _: True,
    ) -> PageOf:
        """Answer one list request. ``lifetime`` of sync tokens counts from the last full listing.

        ``wanted`` filters; a listing of changes always shows tombstones. Raises ``BadToken`` and
        ``ExpiredToken``.
        """
        page_token = request.get("pageToken")
        if page_token:
            name, _, at = page_token.partition(".")
            snapshot = self._snapshots.get(name)
            if snapshot is None or snapshot.parameters != request.parameters():
                raise BadToken
            return self._cut(name, snapshot, int(at), size)
        token = request.get("syncToken")
        if token:
            held = self._opened(token, request, lifetime)
            changed = (r.value for r in self._records.values() if r.version > held["version"])
            return self._begin(changed, request, size, datetime.fromisoformat(held["full_at"]))
        items = (r.value for r in self._records.values() if wanted(r.value))
        return self._begin(items, request, size, self._clock.now())

    def _begin(self, items: Iterable[Json], request: Request, size: int, full_at: datetime) -> PageOf:
        name = f"s{len(self._snapshots)}"
        told = {
            "list": self._name,
            "version": self._version,
            "generation": self._generation,
            "full_at": full_at.isoformat(),
            "parameters": request.parameters(),
            "padding": "x" * self.padding,
        }
        next_sync = base64.urlsafe_b64encode(json.dumps(told).encode()).decode()
        self._snapshots[name] = _Snapshot(list(items), request.parameters(), next_sync)
        return self._cut(name, self._snapshots[name], -self.empty_pages, size)

    def _cut(self, name: str, snapshot: _Snapshot, at: int, size: int) -> PageOf:
        total = len(snapshot.items)
        if at < 0:
            return PageOf([], f"{name}.{at + 1}", None, total)
        end = at + min(size, self.page_limit or size)
        items = snapshot.items[at:end]
        if end < total:
            return PageOf(items, f"{name}.{end}", None, total)
        return PageOf(items, None, None if self.token_missing else snapshot.next_sync, total)

    def _opened(self, token: str, request: Request, lifetime: Any) -> dict[str, Any]:
        try:
            held = json.loads(base64.urlsafe_b64decode(token.encode()))
        except ValueError:
            raise BadToken from None
        if held.get("list") != self._name or held["parameters"] != request.parameters():
            raise BadToken
        age = self._clock.now() - datetime.fromisoformat(held["full_at"])
        if held["generation"] != self._generation or (lifetime is not None and age > lifetime):
            raise ExpiredToken
        return dict(held)
