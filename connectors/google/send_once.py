"""A transport that never sends a request twice."""

from __future__ import annotations

import http.client
from typing import Any

import httplib2


class SendOnce(httplib2.Http):
    """httplib2 repeats a request, a POST as well, when the connection drops; this does not.

    Each request has a connection of its own, so that a stale kept-alive one cannot fail it.
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
