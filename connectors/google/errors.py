"""Google's errors, told apart by their *reason* and turned into the groups of ``people.errors``.

The status alone says little: 403 may be a rate limit, a spent daily quota, a missing scope or an API
that was never switched on, and a dead sync token is 400 (People) or 410 (Calendar).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from people.errors import CursorExpired, LoginNeeded, RetryLater, SkipThis, TouchbaseError, UserMustAct
from people.text import one_line

if TYPE_CHECKING:
    from googleapiclient.errors import HttpError


class NotFound(SkipThis):
    """The record is not there, or no longer: 404, or 410 with reason ``deleted``."""


class AlreadyExists(SkipThis):
    """A record of that name or id is there already."""


class StaleEtag(RetryLater):
    """The record changed since it was read: read it again, merge, send again."""


class RateLimited(RetryLater):
    """Too many requests in this minute; worth waiting for."""


class QuotaUsedUp(RetryLater):
    """The day's quota is spent; the next run may go on."""


class Unavailable(RetryLater):
    """Google or the network failed for the moment."""


class BrokenAnswer(RetryLater):
    """An answer that is cut short, or is not what was asked for. Nothing of it was used."""


class Forbidden(UserMustAct):
    """The login is good, but may not do this: a calendar that is no longer shared, for instance."""


class ScopeMissing(LoginNeeded):
    """The login is good, but was not given for this; other parts of the account still work."""


class Refused(UserMustAct):
    """Google found fault with the request or the set-up; asking again would change nothing."""


_EXPIRED = {"expired_sync_token", "fullsyncrequired", "updatedmintoolongago"}
_RATE = {"ratelimitexceeded", "userratelimitexceeded", "rate_limit_exceeded"}
_QUOTA = {"quotaexceeded", "dailylimitexceeded"}
_SCOPE = {"insufficientpermissions", "insufficientscopes", "access_token_scope_insufficient"}
_SWITCHED_OFF = {"accessnotconfigured", "service_disabled"}
_STALE = {"failedprecondition", "conditionnotmet", "aborted"}
_EXISTS = {"duplicate", "already_exists", "alreadyexists"}
_SLOW_DOWN = "Google limits requests a minute; run again later"


def explain(error: HttpError, *, doing: str, login_command: str) -> TouchbaseError:
    """Turn one refused request into an error of ours.

    ``doing`` completes the sentence "Google could not ..."; ``login_command`` is what mends a login.
    """
    status = int(error.resp.status)
    text, reasons = _read(error.content)
    message = f"Google could not {doing}: {one_line(text)[:200] or f'status {status}'}"
    again = f"log in again: {login_command}"
    for known, make in _by_reason(message, again, retry_after(error.resp)):
        if reasons & known:
            return make
    if status == 410 or "sync token is expired" in text.lower():
        return NotFound(message) if "deleted" in reasons else CursorExpired(message)
    return _by_status(status, message, again, retry_after(error.resp))


def _by_reason(message: str, again: str, pause: float | None) -> Iterator[tuple[set[str], TouchbaseError]]:
    yield _EXPIRED, CursorExpired(message)
    yield (
        _QUOTA,
        QuotaUsedUp(message, help="the day's quota is spent; the next run goes on", retry_after=pause),
    )
    yield _RATE, RateLimited(message, help=_SLOW_DOWN, retry_after=pause)
    yield _SCOPE, ScopeMissing(f"{message} (the login does not cover this)", help=again)
    yield _SWITCHED_OFF, UserMustAct(message, help="switch this API on in the Cloud console: docs/google.md")
    yield _EXISTS, AlreadyExists(message)
    yield _STALE, StaleEtag(message, retry_after=pause)


def _by_status(status: int, message: str, again: str, pause: float | None) -> TouchbaseError:
    if status == 408 or status >= 500:
        return Unavailable(message, help="run again later", retry_after=pause)
    known: dict[int, TouchbaseError] = {
        401: LoginNeeded(message, help=again),
        403: Forbidden(message, help="check that the calendar or list is still shared with this account"),
        404: NotFound(message),
        409: AlreadyExists(message),
        412: StaleEtag(message, retry_after=pause),
        429: RateLimited(message, help=_SLOW_DOWN, retry_after=pause),
    }
    return known.get(status) or Refused(message, help="see docs/google.md, 'What each error means'")


def _read(content: bytes) -> tuple[str, set[str]]:
    """The message and every reason of an error body; Google has two forms, and a body may have both."""
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
    """Seconds of a ``Retry-After`` header, which may be a number or a date; None without one."""
    value = headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (when.astimezone(UTC) - datetime.now(UTC)).total_seconds())
