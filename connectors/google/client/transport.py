"""How requests travel: a transport that never sends one twice, and the client library's service objects.

The library generates service objects at run time, which takes longer than a request. So each is made once per
thread and address. They have no login, because each request brings its transport. Threads never share one,
because answers would get mixed up.
"""

from __future__ import annotations

import http.client
import threading
from typing import Any

import httplib2
from googleapiclient.discovery import build
from googleapiclient.model import JsonModel
from pydantic_core import from_json

_VERSIONS = {"people": "v1", "calendar": "v3", "tasks": "v1", "gmail": "v1"}
_Key = tuple[str, ...]


class SendOnce(httplib2.Http):
    """httplib2 repeats requests, even a POST, if the connection drops. This class does not.

    Each request has its own connection, so that it cannot fail on a stale one.
    """

    def _conn_request(
        self,
        conn: http.client.HTTPConnection,
        request_uri: str,
        method: str,
        body: Any,  # noqa: ANN401 - as in httplib2
        headers: dict[str, str],
    ) -> tuple[httplib2.Response, bytes]:
        conn.close()
        try:
            conn.request(method, request_uri, body, {**headers, "accept-encoding": "identity"})
            response = conn.getresponse()
            content = response.read()
        finally:
            conn.close()
        return httplib2.Response(response), content


class _FastJson(JsonModel):  # type: ignore[misc]
    """The client library's JSON model with a faster parser."""

    def deserialize(self, content: bytes) -> Any:  # noqa: ANN401
        return from_json(content)


class _Made(threading.local):
    """The objects of the calling thread, for one address only, because a service takes some megabytes."""

    def __init__(self) -> None:
        self.endpoint: str | None = None
        self.made: dict[_Key, Any] = {}


_MADE = _Made()


def resource(endpoint: str | None, name: str, *path: str) -> Any:  # noqa: ANN401 - generated at run time
    """The calling thread's service object ``name``, or a resource of it.

    ``endpoint`` is an emulator's address that ends with a slash, None for Google itself:
    ``resource(None, "people", "people", "connections")``.
    """
    if _MADE.endpoint != endpoint:
        _MADE.endpoint, _MADE.made = endpoint, {}
    key = (name, *path)
    if key not in _MADE.made:
        made = getattr(resource(endpoint, *key[:-1]), key[-1])() if path else _service(endpoint, name)
        _MADE.made[key] = made
    return _MADE.made[key]


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
