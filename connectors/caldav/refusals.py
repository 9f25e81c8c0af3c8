"""What a CalDAV server refuses, in words: the preconditions of RFC 4918 and RFC 4791, and plain statuses."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from connectors.shared.dav.client import CALDAV, DAV, Answer
from people.errors import LoginNeeded, PlaceRefuses, RetryLater, ServiceRefuses, SkipThis, UserMustAct
from people.text import one_line

_AGAIN = "the next run tries again"
_URL = "check [tasks] url in touchbase.toml: it names the server, or the calendar itself"
_OTHER_LIST = "or set another [tasks] list in touchbase.toml"
_MESSAGE = "{http://sabredav.org/ns}message"
# Nextcloud says it in words only. The task with this UID may lie in its bin.
_UID_IN_WORDS = "uid already exists"

# Cyrus and Apple name the second one, also for a task without guests (RFC 6638).
_OF_THE_UID = {f"{CALDAV}no-uid-conflict", f"{CALDAV}unique-scheduling-object-resource"}

_OF_THE_LIST = {
    f"{DAV}need-privileges": (
        "lets you read this list, but not change it (need-privileges)",
        f"ask for the right to write there, {_OTHER_LIST}",
    ),
    f"{CALDAV}supported-calendar-component": (
        "keeps no tasks in this list (supported-calendar-component)",
        f"create a list for tasks there, {_OTHER_LIST}",
    ),
    f"{DAV}quota-not-exceeded": ("has no space left for you (quota-not-exceeded)", "make room there"),
    f"{DAV}sufficient-disk-space": ("has no space left (sufficient-disk-space)", "make room there"),
    f"{CALDAV}calendar-collection-location-ok": (
        "makes no list at this address (calendar-collection-location-ok)",
        "create the list there, and name it in [tasks] list",
    ),
}
"""What a server says of the list as a whole, and the remedy."""

_OF_ONE_TASK = {
    f"{CALDAV}max-resource-size": (
        "takes no task as long as this one (max-resource-size)",
        "shorten the notes of its rule",
    ),
}


class UidTaken(SkipThis):
    """Another resource has the UID: in another list, or in the server's bin."""


def check(answer: Answer, url: str) -> None:
    """Raise the error that the answer is; nothing for a good one. ``url`` names the server to the user.

    Raises ``LoginNeeded``, ``PlaceRefuses`` (the list as a whole), ``UserMustAct``, ``UidTaken``,
    ``ServiceRefuses`` or ``RetryLater``.
    """
    status, server = answer.status, f"the CalDAV server {url}"
    if status < 400:
        return
    if status == 401:
        raise LoginNeeded(
            f"{server} refuses user or password",
            help="check [tasks] user, and that password_env names a variable that holds the password",
        )
    pause = answer.retry_after()
    if status == 429 or (status == 503 and pause is not None):
        raise ServiceRefuses(f"{server} asks for a pause", help=_AGAIN, retry_after=pause)
    names, words = _error(answer.body)
    _check_preconditions(names, words, server)
    if status == 507:
        raise PlaceRefuses(f"{server} has no space left", help="make room there")
    if status in (408, 423, 425) or status >= 500:
        raise RetryLater(f"{server} answers {status}", help=_AGAIN)
    said = f": {words}" if words else "".join(f" ({name.rpartition('}')[2]})" for name in sorted(names)[:1])
    if status == 403:
        raise PlaceRefuses(
            f"{server} does not allow this{said}",
            help="may this user write to the list? check its permissions, and [tasks] user and list",
        )
    raise UserMustAct(f"{server} answers {status}{said}", help=_URL)


def is_written(answer: Answer) -> bool:
    """Whether the answer says that a task was stored. A login page of a network answers 200 to everything."""
    page = answer.status == 200 and "html" in answer.headers.get("content-type", "").lower()
    return answer.status in (200, 201, 204) and not page


def is_conflict(answer: Answer) -> bool:
    """Whether somebody else changed the task after it was read."""
    if answer.status not in (404, 409, 412):
        return False
    names, words = _error(answer.body)
    return not (_is_uid(names, words) or names & (_OF_THE_LIST.keys() | _OF_ONE_TASK.keys()))


def _check_preconditions(names: set[str], words: str, server: str) -> None:
    if _is_uid(names, words):
        raise UidTaken(
            f"{server} has a task with this UID already", help="is it in another list, or in the bin?"
        )
    for name, (what, remedy) in _OF_THE_LIST.items():
        if name in names:
            raise PlaceRefuses(f"{server} {what}", help=remedy)
    for name, (what, remedy) in _OF_ONE_TASK.items():
        if name in names:
            raise UserMustAct(f"{server} {what}", help=remedy)


def _is_uid(names: set[str], words: str) -> bool:
    return bool(names & _OF_THE_UID) or _UID_IN_WORDS in words.lower()


def _error(body: bytes) -> tuple[set[str], str]:
    """The preconditions that a DAV error body names, and its words; nothing for any other body."""
    try:
        root = ET.fromstring(body) if body.lstrip().startswith(b"<") else None  # noqa: S314 - see ``dav``
    except (ET.ParseError, ValueError, LookupError):
        return set(), ""
    if root is None:
        return set(), ""
    named = {item.tag for error in _errors(root) for item in error}
    return named - {_MESSAGE}, one_line(root.findtext(_MESSAGE) or "")[:200]


def _errors(root: ET.Element) -> Iterator[ET.Element]:
    """The ``error`` elements; Radicale and Cyrus put the precondition into one, some into a propstat."""
    return root.iter(f"{DAV}error")
