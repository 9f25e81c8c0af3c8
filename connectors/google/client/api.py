"""Requests to Google: one transport per thread, retries for reads, none for writes, lists page by page."""

from __future__ import annotations

import http.client
import logging
import math
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httplib2
from google.auth.exceptions import GoogleAuthError, RefreshError
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.errors import HttpError

from connectors.base import Unanswered
from connectors.checks import is_this_machine
from connectors.google.client.auth import Login
from connectors.google.client.batch import Batch
from connectors.google.client.errors import BrokenAnswer, Crowded, RateLimited, Silent, Unavailable, explain
from connectors.google.client.transport import SendOnce, resource
from people.errors import RetryLater

Json = Mapping[str, Any]

logger = logging.getLogger(__name__)

TIMEOUT = 25.0
"""Seconds that Google may stay silent. Two such silences fit into the ``reach`` of a ``Patience``."""
_SERVICE = "google"
_GMAIL = "https://gmail.googleapis.com/"


@dataclass
class Patience:
    """How often and how long a read is retried. All times are in seconds.

    Truncated exponential backoff with jitter, as Google recommends. After a rate limit it waits for Google's
    window of one minute; ``budget`` limits these waits for one request (0: its caller waits). If Google is
    out of reach, ``reach`` limits what the whole run loses by it: the attempts that failed, and the waits
    between them (``unanswered``). If ``Retry-After`` is longer, the next run tries again.
    """

    attempts: int = 5
    base: float = 1.0
    cap: float = 64.0
    window: float = 60.0
    budget: float = 240.0
    reach: float = 60.0
    unanswered: Unanswered = field(default_factory=Unanswered)
    sleep: Callable[[float], None] = time.sleep
    rng: random.Random = field(default_factory=random.SystemRandom)

    def pause(self, error: RetryLater, attempt: int, waited: float) -> float | None:
        """Seconds until the next attempt, None to give up. ``attempt`` counts from 1.

        ``waited`` is what was lost so far: by this request after a rate limit, else by the whole run.
        """
        if attempt >= self.attempts or not isinstance(error, RateLimited | Unavailable | BrokenAnswer):
            return None
        if isinstance(error, RateLimited) and not isinstance(error, Crowded):
            seconds = self.window * self.rng.uniform(1.0, 1.25)
        else:
            seconds = min(self.cap, self.base * 2 ** (attempt - 1)) * self.rng.uniform(0.5, 1.0)
        seconds = max(seconds, error.retry_after or 0.0)
        budget = self.budget if isinstance(error, RateLimited) else self.reach
        return seconds if waited + seconds <= budget else None


class Api:
    """People, Calendar, Tasks and Gmail behind one login.

    Threads may share it. Each gets its own transport and service objects, because answers get mixed up on a
    shared one. ``endpoint`` is an emulator with People, Tasks and Gmail at its root and Calendar
    at ``/calendar/v3/``.
    """

    def __init__(
        self,
        login: Login,
        *,
        endpoint: str | None = None,
        timeout: float = TIMEOUT,
        patience: Patience | None = None,
    ) -> None:
        self._login = login
        self._endpoint = endpoint.rstrip("/") + "/" if endpoint else None
        self._timeout = timeout
        self._patience = patience or Patience()
        self._own = threading.local()

    def service(self, name: str, *path: str) -> Any:  # noqa: ANN401 - generated at run time
        """The calling thread's service object (``people``, ``calendar``, ``gmail``...), or a resource of it.

        ``api.service("people", "people", "connections").list(...)`` makes a request.
        """
        return resource(self._endpoint, name, *path)

    def read(self, request: Any, doing: str) -> dict[str, Any]:  # noqa: ANN401
        """Run a request that changes nothing, with retries.

        ``doing`` completes "Google could not ...". Raises the groups of ``people.errors``.
        """
        attempt, limited = 1, 0.0
        while True:
            began = time.monotonic()
            try:
                return self._once(request, doing, self._transport("reading", repeat=True))
            except RetryLater as error:
                seconds = self._pause(error, attempt, limited, time.monotonic() - began)
                if seconds is None:
                    raise
                limited += seconds if isinstance(error, RateLimited) else 0.0
                why = "wants a pause" if isinstance(error, RateLimited) else "does not answer"
            logger.warning("Google %s, trying again in %.0f s (attempt %d)", why, seconds, attempt + 1)
            self._patience.sleep(seconds)
            attempt += 1

    def batch(self, requests: Mapping[str, Any]) -> Batch:
        """Make one request of at most ``MOST_PARTS`` reads of mail. ``read`` runs it.

        The client library itself would send it to Google, whatever the ``endpoint``.
        """
        return Batch(f"{self._endpoint or _GMAIL}batch", requests)

    def _pause(self, error: RetryLater, attempt: int, limited: float, took: float) -> float | None:
        """Seconds until the next attempt, None to give up; ``took`` is how long the failed one lasted."""
        patience, counts = self._patience, not isinstance(error, RateLimited)
        lost = patience.unanswered.add(_SERVICE, took) if counts else limited
        # The next attempt may take as long as this one did.
        seconds = patience.pause(error, attempt, lost + took if counts else limited)
        if counts:
            # Once it has given up on Google, the rest of the run asks once and waits no more.
            patience.unanswered.add(_SERVICE, math.inf if seconds is None else seconds)
        # Without a budget for rate limits, who called waits.
        error.gave_up = seconds is None and (counts or patience.budget > 0)
        return seconds

    def write(self, request: Any, doing: str) -> dict[str, Any]:  # noqa: ANN401
        """Run a request that changes something. It is sent at most once.

        After ``RetryLater`` it may or may not have taken effect.
        """
        return self._once(request, doing, self._transport("writing", repeat=False))

    def _once(self, request: Any, doing: str, transport: Any) -> dict[str, Any]:  # noqa: ANN401
        try:
            answer = request.execute(http=transport)
        except HttpError as error:
            raise explain(error, doing=doing, login_command=self._login.command) from None
        except RefreshError as error:
            raise self._login.explain(error) from None
        except (OSError, http.client.HTTPException, httplib2.HttpLib2Error, GoogleAuthError) as error:
            raise Silent(
                f"Google could not {doing}: {type(error).__name__}",
                help="check the network; the next run tries again",
            ) from None
        except (ValueError, TypeError, KeyError, RecursionError):
            raise _broken(doing) from None  # google-auth raises these for a garbled token
        finally:
            self._login.save_if_refreshed()
        if isinstance(answer, dict):
            return answer
        if isinstance(answer, bytes) or not answer:  # a deletion has no answer
            return {}
        raise _broken(doing)

    def _transport(self, name: str, *, repeat: bool) -> Any:  # noqa: ANN401
        held = self._own.__dict__
        if name not in held:
            held[name] = AuthorizedHttp(self._login.credentials(), self._plain_http(repeat=repeat))
        return held[name]

    def _plain_http(self, *, repeat: bool) -> httplib2.Http:
        kind = httplib2.Http if repeat else SendOnce
        host = urlsplit(self._endpoint).hostname if self._endpoint else None
        if host is not None and is_this_machine(host):
            return kind(timeout=self._timeout, proxy_info=None)
        return kind(timeout=self._timeout)


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
                f"Google could not {doing}: it named the same page twice", help="the next run tries again"
            )
        seen.add(following)
        asked["pageToken"] = following
        answer.clear()


def sync_token(answer: Json, doing: str) -> str:
    """The sync token of the last page. Raises ``BrokenAnswer`` without one, so that the old one stays."""
    token = answer.get("nextSyncToken")
    if not token:
        raise BrokenAnswer(
            f"Google could not {doing}: the last page had no sync token", help="the next run tries again"
        )
    return str(token)


def _broken(doing: str) -> BrokenAnswer:
    return BrokenAnswer(
        f"Google could not {doing}: the answer was cut short", help="the next run tries again"
    )
