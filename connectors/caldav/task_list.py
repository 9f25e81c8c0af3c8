"""One task list on a CalDAV server: looked up or made, listed, and written if it did not change.

The ``caldav`` library talks to the server. Its objects never see the text of a task, so that the text of
other clients stays byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from xml.sax.saxutils import escape

import requests
from caldav.davclient import DAVClient
from caldav.lib import error as dav

from connectors.shared.task_keys import encode
from people.errors import LoginNeeded, RetryLater, TouchbaseError, UserMustAct

_KINDS = '<d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/></d:prop></d:propfind>'
_CALENDAR = "{urn:ietf:params:xml:ns:caldav}calendar"
_WANTED = "<d:prop><d:getetag/><c:calendar-data/></d:prop>"
_NAMESPACES = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"'
_ALL_TASKS = (
    f"<c:calendar-query {_NAMESPACES}>{_WANTED}<c:filter>"
    '<c:comp-filter name="VCALENDAR"><c:comp-filter name="VTODO"/></c:comp-filter>'
    "</c:filter></c:calendar-query>"
)

_MULTISTATUS = 207
_AGAIN = "the next run tries again"


class Conflict(TouchbaseError):
    """Somebody else changed the task after it was read. Read it again and decide again."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A task's text on the server. ``path`` is its place there, ``etag`` identifies this version."""

    path: str
    text: str
    etag: str | None


class TaskCalendar:
    """The calendar ``name`` of ``user`` at ``url``, or the one that ``url`` itself names.

    The first call makes the first request. Calls raise ``LoginNeeded`` (wrong name or password),
    ``UserMustAct`` (wrong address, no permission, no space) or ``RetryLater``. ``known`` is the address of
    the calendar when it was last used: its user may have renamed it since.
    """

    def __init__(
        self, url: str, *, user: str, password: str, name: str, timeout: float, known: str | None = None
    ) -> None:
        self.name = name
        self._known = known
        self._base = url
        self._client = DAVClient(
            url,
            username=user or None,
            password=password or None,
            timeout=timeout,  # type: ignore[arg-type]
            enable_rfc6764=False,
            rate_limit_handle=False,
        )
        self._url: str | None = None

    def find(self) -> bool:
        """Whether the calendar exists."""
        if self._url is None:
            with _plain_errors(self._base):
                self._url = self._named_by_url() or self._among_the_users()
        return self._url is not None

    @property
    def url(self) -> str | None:
        """The address of the calendar, if ``find`` found it."""
        return self._url

    def others(self) -> list[str]:
        """The addresses of the user's other calendars."""
        with _plain_errors(self._base):
            principal: Any = self._client.get_principal()
            urls = [_as_folder(str(calendar.url)) for calendar in principal.get_calendars()]
        return [url for url in urls if url != self._url]

    def make(self) -> None:
        """Make the calendar, for tasks only, unless it exists."""
        if self.find():
            return
        with _plain_errors(self._base):
            home: Any = self._client.get_principal()
            made = home.make_calendar(
                name=self.name, cal_id=self._id(), supported_calendar_component_set=["VTODO"]
            )
            self._url = _as_folder(str(made.url))

    def path_of(self, uid: str) -> str:
        """The path of a new task with this UID."""
        return urlsplit(urljoin(self._address(), f"{uid}.ics")).path

    def tasks(self, url: str | None = None) -> list[Stored]:
        """Every task in the calendar, or in another one at ``url``."""
        return self._report(_ALL_TASKS, depth=1, url=url)

    def get(self, path: str) -> Stored | None:
        """The task at ``path``, asked for by its address; None if there is none."""
        with _plain_errors(self._base):
            response = self._client.request(urljoin(self._base, path), "GET", "", {})
        if response.status in (404, 410):
            return None
        _check(response.status, self._base)
        text = response.raw if isinstance(response.raw, str) else response.raw.decode("utf-8", "replace")
        if "BEGIN:VCALENDAR" not in text:
            raise _no_caldav(self._base)
        return Stored(path, text, response.headers.get("ETag"))

    def read(self, path: str) -> Stored | None:
        """The task at ``path``, None if there is none."""
        wanted = f"{_WANTED}<d:href>{escape(path)}</d:href>"
        query = f"<c:calendar-multiget {_NAMESPACES}>{wanted}</c:calendar-multiget>"
        return next(iter(self._report(query, depth=None)), None)

    def write(self, path: str, text: str, *, replacing: Stored | None) -> None:
        """Write the task to ``path``, if ``replacing`` is still there (None: if nothing is there).

        Raises ``Conflict`` otherwise.
        """
        condition = {"If-None-Match": "*"} if replacing is None else {"If-Match": replacing.etag or "*"}
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        url = urljoin(self._address(), path)
        with _plain_errors(self._base):
            response = self._client.put(url, text, headers)
        if response.status in (404, 409, 412):
            raise Conflict(f"the task at {path} was changed meanwhile")
        _check(response.status, self._base)

    def _address(self) -> str:
        if not self.find():
            raise UserMustAct(
                f"the CalDAV server has no calendar '{self.name}'",
                help="create it there, or set another [tasks] list in touchbase.toml",
            )
        return self._url or ""

    def _id(self) -> str:
        # The same name gives the same address, so that two first runs at once make one calendar.
        return encode(self.name.strip().lower().replace(" ", "-"))

    def _named_by_url(self) -> str | None:
        response = self._client.propfind(self._base, _KINDS, depth=0)
        if response.status == 404:
            return None
        _check(response.status, self._base)
        kinds = [item.properties.get("{DAV:}resourcetype") or () for item in response.parse_propfind()]
        return _as_folder(self._base) if any(_CALENDAR in kind for kind in kinds) else None

    def _among_the_users(self) -> str | None:
        principal: Any = self._client.get_principal()
        addresses: dict[str, str] = {}
        for calendar in principal.get_calendars():
            url = _as_folder(str(calendar.url))
            addresses[calendar.get_display_name() or ""] = url
            # A calendar that we made keeps its address if the user renames it.
            addresses.setdefault(f"/{unquote(url.rstrip('/').rpartition('/')[2])}", url)
        renamed = self._known if self._known in addresses.values() else None
        return addresses.get(self.name) or addresses.get(f"/{self._id()}") or renamed

    def _report(self, query: str, depth: int | None, url: str | None = None) -> list[Stored]:
        with _plain_errors(self._base):
            response = self._client.report(url or self._address(), query, depth)
            if response.status == 404 and depth is None:
                return []
            _check(response.status, self._base)
            if response.status != _MULTISTATUS:
                raise _no_caldav(self._base)
            items = response.parse_calendar_query()
        return list(self._stored(items, listed=depth is not None))

    def _stored(self, items: Iterable[Any], *, listed: bool) -> Iterator[Stored]:
        for item in items:
            path = urlsplit(item.href).path
            if item.status < 400 and item.calendar_data:
                yield Stored(path, item.calendar_data, item.etag)
            elif listed and path.endswith(".ics") and (found := self.get(path)) is not None:
                # A listed task without its text is not a task that is gone.
                yield found


def _as_folder(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"


def _no_caldav(url: str) -> UserMustAct:
    return UserMustAct(
        f"{url} does not answer as a CalDAV server does",
        help="check [tasks] url in touchbase.toml: it names the server, or the calendar itself",
    )


def _check(status: int, url: str) -> None:
    if status in (408, 425, 429) or status >= 500:
        if status == 507:
            raise UserMustAct(f"the CalDAV server {url} has no space left", help="make room there")
        raise RetryLater(f"the CalDAV server {url} answers {status}", help=_AGAIN)
    if status >= 400:
        raise UserMustAct(
            f"the CalDAV server {url} answers {status}",
            help="check [tasks] url in touchbase.toml: it names the server, or the calendar itself",
        )


@contextmanager
def _plain_errors(url: str) -> Iterator[None]:
    try:
        yield
    except dav.RateLimitError as error:
        raise RetryLater(
            f"the CalDAV server {url} asks for a pause",
            help=_AGAIN,
            retry_after=error.retry_after_seconds,
        ) from error
    except dav.AuthorizationError as error:
        raise LoginNeeded(
            f"the CalDAV server {url} refuses user or password",
            help="check [tasks] user, and that password_env names a variable that holds the password",
        ) from error
    except dav.DAVError as error:
        _check(error.status or 400, url)
        raise UserMustAct(
            f"the CalDAV server {url} rejects the request: {type(error).__name__}",
            help="check [tasks] url in touchbase.toml: it names the server, or the calendar itself",
        ) from error
    except (requests.exceptions.ConnectionError, requests.exceptions.Timeout) as error:
        raise RetryLater(
            f"the CalDAV server {url} does not answer", help="is it running, and is the address right?"
        ) from error
    except (requests.exceptions.RequestException, SyntaxError, ValueError) as error:
        # lxml raises SyntaxErrors, so the answer did not come from a CalDAV server.
        raise _no_caldav(url) from error
