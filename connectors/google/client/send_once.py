"""A transport that never sends a request twice."""

from __future__ import annotations

import http.client
from typing import Any

import httplib2


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
