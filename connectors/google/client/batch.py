"""Several reads sent as one request, as Google asks of clients that read many mails.

Each part counts against the quota as if it were sent alone, and each may fail alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest

MOST_PARTS = 25
"""Google advises against more than 50, which run into its rate limit. Its quota makes 25 as quick."""


class Batch:
    """Reads by key. It looks like one request of the client library, so that ``Api.read`` can repeat it.

    A repetition asks only for what failed. ``left`` has the reads without an answer; those of records that
    do not exist are in neither. ``address`` is where batches are sent.
    """

    def __init__(self, address: str, requests: Mapping[str, Any]) -> None:
        self._address = address
        self.left = dict(requests)
        self.answers: dict[str, Any] = {}
        self.refused: dict[str, HttpError] = {}
        self._failure: Exception | None = None

    def execute(self, http: Any) -> dict[str, Any]:  # noqa: ANN401 - google-auth has no annotations
        """Send what is left. Raises the error of a part that failed for the moment, ``HttpError``."""
        batch, self._failure = BatchHttpRequest(callback=self._take, batch_uri=self._address), None
        for key, request in self.left.items():
            batch.add(request, request_id=key)
        batch.execute(http=http)
        if self._failure is not None:
            raise self._failure
        return self.answers

    def _take(self, key: str, answer: Any, error: HttpError | None) -> None:  # noqa: ANN401
        if error is None:
            self.answers[key] = answer
            del self.left[key]
        elif error.resp.status == 404:
            del self.left[key]
        elif error.resp.status == 400:
            self.refused[key] = error
            del self.left[key]
        else:
            self._failure = error
