"""Lists of Google, read page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.google.client.api import Api
from connectors.google.client.errors import BrokenAnswer

Json = Mapping[str, Any]


def answers(api: Api, resource: Any, parameters: Json, doing: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """Yield each page of ``resource.list(**parameters)``. An empty page may not be the last one.

    A page is cleared before the next one is requested, so that only one is in memory. Raises the groups of
    ``people.errors``, including ``CursorExpired``.
    """
    seen = {""}
    asked = dict(parameters)
    while True:
        answer = api.read(resource.list(**asked), doing)
        yield answer
        following = answer.get("nextPageToken") or ""
        if not following:
            return
        if following in seen:
            raise BrokenAnswer(
                f"Google could not {doing}: it named the same page twice", help="run again later"
            )
        seen.add(following)
        asked["pageToken"] = following
        answer.clear()


def sync_token(answer: Json, doing: str) -> str:
    """The sync token of the last page. Raises ``BrokenAnswer`` without one, so that the old one stays."""
    token = answer.get("nextSyncToken")
    if not token:
        raise BrokenAnswer(
            f"Google could not {doing}: the last page had no sync token", help="run again later"
        )
    return str(token)
