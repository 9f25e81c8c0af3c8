"""The client library's service objects: made once for each thread and address, then kept.

They are generated at run time, which takes longer than a request. They hold no login: the transport
comes with each request. Two threads never share one, because answers get mixed up then.
"""

from __future__ import annotations

import threading
from typing import Any

import httplib2
from googleapiclient.discovery import build
from googleapiclient.model import JsonModel
from pydantic_core import from_json

_VERSIONS = {"people": "v1", "calendar": "v3", "tasks": "v1"}
_Key = tuple[str, ...]


class _FastJson(JsonModel):  # type: ignore[misc]
    """The client library's way with JSON, at less cost."""

    def deserialize(self, content: bytes) -> Any:  # noqa: ANN401
        return from_json(content)


class _Kept(threading.local):
    """What the calling thread has made so far, for one address: a service is some megabytes."""

    def __init__(self) -> None:
        self.endpoint: str | None = None
        self.made: dict[_Key, Any] = {}


_KEPT = _Kept()


def resource(endpoint: str | None, name: str, *path: str) -> Any:  # noqa: ANN401 - generated at run time
    """The calling thread's service object ``name``, or what lies below it.

    ``endpoint`` is an emulator's address that ends with a slash, None for Google itself:
    ``resource(None, "people", "people", "connections")``.
    """
    if _KEPT.endpoint != endpoint:
        _KEPT.endpoint, _KEPT.made = endpoint, {}
    key = (name, *path)
    if key not in _KEPT.made:
        made = getattr(resource(endpoint, *key[:-1]), key[-1])() if path else _service(endpoint, name)
        _KEPT.made[key] = made
    return _KEPT.made[key]


def _service(endpoint: str | None, name: str) -> Any:  # noqa: ANN401
    # api_endpoint replaces the root and the service path, and only Calendar has such a path.
    address = f"{endpoint}calendar/v3/" if name == "calendar" else endpoint
    return build(
        name,
        _VERSIONS[name],
        http=httplib2.Http(),  # never used: each request brings its own
        client_options={"api_endpoint": address} if endpoint else None,
        model=_FastJson(),
        static_discovery=True,
        cache_discovery=False,
    )
