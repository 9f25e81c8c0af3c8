"""Reading a list to its last page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.google.api import Api
from connectors.google.errors import BrokenAnswer

Json = Mapping[str, Any]


def answers(api: Api, resource: Any, parameters: Json, doing: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """Each page of ``resource.list(**parameters)``; a page may be empty and yet not be the last.

    A page is emptied when the next one is asked for, so that never two of them are in memory.
    Raises the groups of ``people.errors``, ``CursorExpired`` among them.
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
                f"Google could not {doing}: the same page was named twice", help="run again later"
            )
        seen.add(following)
        asked["pageToken"] = following
        answer.clear()


def sync_token(answer: Json, doing: str) -> str:
    """The token of a last page. Raises ``BrokenAnswer`` without one, so that the old token stays."""
    token = answer.get("nextSyncToken")
    if not token:
        raise BrokenAnswer(
            f"Google could not {doing}: the last page brought no sync token", help="run again later"
        )
    return str(token)
