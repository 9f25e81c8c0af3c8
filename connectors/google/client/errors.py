"""Google's errors, classified by their *reason* into the groups of ``people.errors``.

The status is not enough. 403 may be a rate limit, an exhausted daily quota, a missing scope or an API that
was never enabled. An expired sync token is 400 (People) or 410 (Calendar).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from people.errors import (
    CursorExpired,
    LoginNeeded,
    NoAnswer,
    PlaceRefuses,
    RetryLater,
    ServiceRefuses,
    SkipThis,
    TouchbaseError,
    UserMustAct,
)
from people.text import one_line

if TYPE_CHECKING:
    from googleapiclient.errors import HttpError


class NotFound(SkipThis):
    """The record does not exist: 404, or 410 with the reason ``deleted``."""


class AlreadyExists(SkipThis):
    """A record of this name or id exists already."""


class StaleEtag(RetryLater):
    """The record changed after it was read. Read it again, merge, and send again."""


class RateLimited(ServiceRefuses):
    """Too many requests in this minute. Waiting helps."""


class Crowded(RateLimited):
    """Too many requests at the same moment. A short wait is enough."""


class QuotaUsedUp(ServiceRefuses):
    """The quota of the day is exhausted. A later run may continue; to wait is useless."""

    gave_up = True


class Unavailable(RetryLater):
    """A temporary failure of Google or of the network."""


class Silent(Unavailable, NoAnswer):
    """Google cannot be reached."""


class Paused(Unavailable, ServiceRefuses):
    """Google says for how long it is out of service."""


class BrokenAnswer(RetryLater):
    """An answer that is cut short or unexpected. Nothing of it is used."""


class Forbidden(UserMustAct):
    """The login is valid but may not do this, for example because a calendar is no longer shared."""


class ScopeMissing(LoginNeeded):
    """The login is valid but lacks a scope. Other parts of the account still work."""


class SwitchedOff(PlaceRefuses):
    """The API was never enabled for this project."""


class Refused(UserMustAct):
    """Google rejected the request or the set-up. Asking again does not help."""


class TokenRefused(Refused):
    """A sync token of another list or account, or one that was never given out. Not an expired one."""


_EXPIRED = {"expired_sync_token", "fullsyncrequired", "updatedmintoolongago"}
_RATE = {"ratelimitexceeded", "userratelimitexceeded", "rate_limit_exceeded"}
_QUOTA = {"quotaexceeded", "dailylimitexceeded"}
_SCOPE = {"insufficientpermissions", "insufficientscopes", "access_token_scope_insufficient"}
_SWITCHED_OFF = {"accessnotconfigured", "service_disabled"}
_STALE = {"failedprecondition", "conditionnotmet", "aborted"}
_EXISTS = {"duplicate", "already_exists", "alreadyexists"}
# Calendar says "Invalid sync token value." with the reason "invalid", which it gives for much else as well.
_ABOUT_THE_TOKEN = re.compile(r"\bsync[ -]?token\b|\btoken is (invalid|not valid)\b", re.IGNORECASE)
_SEE_DOCS = "see docs/google.md, 'What each error means'"
_CONSOLE = re.compile(r"https://console\.(?:developers|cloud)\.google\.com/[\w./?=&-]*\w")
_SLOW_DOWN = "Google limits requests per minute; the next run tries again"


def explain(error: HttpError, *, doing: str, login_command: str) -> TouchbaseError:
    """Turn one refused request into one of our errors.

    ``doing`` completes the sentence "Google could not ..."; ``login_command`` renews a login.
    """
    status = int(error.resp.status)
    text, reasons = _read(error.content)
    message = f"Google could not {doing}: {one_line(text)[:200] or f'status {status}'}"
    again = f"log in again: {login_command}"
    if "mail service not enabled" in text.lower():
        return UserMustAct(message, help="this account has no Gmail: set mail = false, or see docs/mail.md")
    if status == 429 and "concurrent requests" in text.lower():
        return Crowded(message, help=_SLOW_DOWN, retry_after=retry_after(error.resp))
    for known, make in _by_reason(text, message, again, retry_after(error.resp)):
        if reasons & known:
            return make
    if status == 410 or "sync token is expired" in text.lower():
        return NotFound(message) if "deleted" in reasons else CursorExpired(message)
    if status == 400 and _ABOUT_THE_TOKEN.search(text):
        return TokenRefused(message, help=_SEE_DOCS)
    return _by_status(status, message, again, retry_after(error.resp))


def _by_reason(
    text: str, message: str, again: str, pause: float | None
) -> Iterator[tuple[set[str], TouchbaseError]]:
    yield _EXPIRED, CursorExpired(message)
    yield (
        _QUOTA,
        QuotaUsedUp(message, help="the day's quota is used up; the next run tries again", retry_after=pause),
    )
    yield _RATE, RateLimited(message, help=_SLOW_DOWN, retry_after=pause)
    yield _SCOPE, ScopeMissing(f"{message} (the login does not cover this)", help=again)
    address = _CONSOLE.search(text)
    where = f"at {address.group()}" if address else "in the Cloud console"
    yield (
        _SWITCHED_OFF,
        SwitchedOff(message, help=f"enable this API {where}, and wait a few minutes: docs/google.md"),
    )
    yield _EXISTS, AlreadyExists(message)
    yield _STALE, StaleEtag(message, retry_after=pause)


def _by_status(status: int, message: str, again: str, pause: float | None) -> TouchbaseError:
    if status == 503 and pause is not None:
        return Paused(message, help="the next run tries again", retry_after=pause)
    if status == 408 or status >= 500:
        return Unavailable(message, help="the next run tries again", retry_after=pause)
    known: dict[int, TouchbaseError] = {
        401: LoginNeeded(message, help=again),
        403: Forbidden(message, help="check that the calendar or list is still shared with this account"),
        404: NotFound(message),
        409: AlreadyExists(message),
        412: StaleEtag(message, retry_after=pause),
        429: RateLimited(message, help=_SLOW_DOWN, retry_after=pause),
    }
    return known.get(status) or Refused(message, help=_SEE_DOCS)


def _read(content: bytes) -> tuple[str, set[str]]:
    """The message and all reasons of an error body. Google has two forms, and a body may have both."""
    try:
        error = json.loads(content)["error"]
    except (ValueError, KeyError, TypeError):
        return "", set()
    if not isinstance(error, Mapping):
        return str(error), {str(error).lower()}
    rows = [*_rows(error, "errors"), *_rows(error, "details")]
    reasons = {str(row["reason"]).lower() for row in rows if "reason" in row}
    if error.get("status") in ("ABORTED", "ALREADY_EXISTS"):
        reasons.add(str(error["status"]).lower())
    return str(error.get("message", "")), reasons


def _rows(error: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    rows = error.get(key)
    yield from (row for row in rows if isinstance(row, Mapping)) if isinstance(rows, list) else ()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a ``Retry-After`` header, which is a number or a date; None without one."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (when.astimezone(UTC) - datetime.now(UTC)).total_seconds())
