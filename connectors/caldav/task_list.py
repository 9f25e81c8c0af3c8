"""One task list on a CalDAV server: looked up or made, listed, and written if it did not change.

Nothing here reads the text of a task, so that the text of other clients stays byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote, urljoin, urlsplit
from xml.sax.saxutils import escape

from connectors.caldav.refusals import check, is_conflict, is_written
from connectors.shared.dav.answers import Service
from connectors.shared.dav.client import CALDAV, DAV, DavClient, Resource
from connectors.shared.dav.discovery import CALENDARS, Home
from connectors.shared.task_keys import encode
from people.errors import PlaceRefuses, TouchbaseError

_NAMESPACES = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"'
_WANTED = "<d:prop><d:getetag/><c:calendar-data/></d:prop>"
_ALL_TASKS = (
    f"<c:calendar-query {_NAMESPACES}>{_WANTED}<c:filter>"
    '<c:comp-filter name="VCALENDAR"><c:comp-filter name="VTODO"/></c:comp-filter>'
    "</c:filter></c:calendar-query>"
)


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
        self,
        url: str,
        *,
        user: str,
        password: str,
        name: str,
        timeout: float,
        known: str | None = None,
        allow_http: bool = False,
    ) -> None:
        self.name = name
        self._known = known
        self._base = url
        self._service = Service(url, "[tasks]", "CalDAV")
        self._client = DavClient(url, user=user, password=password, timeout=timeout, allow_http=allow_http)
        self._home = Home(self._client, url, CALENDARS, lambda answer: check(answer, url))
        self._url: str | None = None

    def find(self) -> bool:
        """Whether the calendar exists."""
        if self._url is None:
            with self._service.plain_errors():
                self._url = self._named_by_url() or self._among_the_users()
        return self._url is not None

    @property
    def url(self) -> str | None:
        """The address of the calendar, if ``find`` found it."""
        return self._url

    def others(self) -> list[str]:
        """The addresses of the user's other calendars."""
        with self._service.plain_errors():
            return [url for url in self._calendars() if url != self._url]

    def make(self) -> None:
        """Make the calendar, for tasks only, unless it exists."""
        if self.find():
            return
        with self._service.plain_errors():
            url = f"{self._home.url()}{quote(self._id())}/"
            body = (
                f"<c:mkcalendar {_NAMESPACES}><d:set><d:prop>"
                f"<d:displayname>{escape(self.name)}</d:displayname>"
                '<c:supported-calendar-component-set><c:comp name="VTODO"/>'
                "</c:supported-calendar-component-set></d:prop></d:set></c:mkcalendar>"
            )
            made = self._client.request("MKCALENDAR", url, body)
            # Another first run may have made it at the same moment.
            if made.status >= 400 and url not in self._calendars():
                check(made, self._base)
            self._url = url

    def path_of(self, uid: str) -> str:
        """The path of a new task with this UID."""
        return urlsplit(urljoin(self._address(), f"{uid}.ics")).path

    def tasks(self, url: str | None = None) -> list[Stored]:
        """Every task in the calendar, or in another one at ``url``."""
        return self._report(_ALL_TASKS, depth=1, url=url)

    def get(self, path: str) -> Stored | None:
        """The task at ``path``, asked for by its address; None if there is none."""
        with self._service.plain_errors():
            answer = self._client.request("GET", urljoin(self._base, path))
        if answer.status in (404, 410):
            return None
        check(answer, self._base)
        text = answer.body.decode("utf-8", "replace")
        if "BEGIN:VCALENDAR" not in text:
            raise self._service.not_dav()
        return Stored(path, text, answer.headers.get("etag"))

    def read(self, path: str) -> Stored | None:
        """The task at ``path``, None if there is none."""
        wanted = f"{_WANTED}<d:href>{escape(path)}</d:href>"
        query = f"<c:calendar-multiget {_NAMESPACES}>{wanted}</c:calendar-multiget>"
        return next(iter(self._report(query, depth=None)), None)

    def write(self, path: str, text: str, *, replacing: Stored | None) -> None:
        """Write the task to ``path``, if ``replacing`` is still there (None: if nothing is there).

        Raises ``Conflict`` otherwise, and ``UidTaken`` if another resource has the UID of a new task.
        """
        condition = {"If_None_Match": "*"} if replacing is None else {"If_Match": replacing.etag or "*"}
        headers = {"Content_Type": "text/calendar; charset=utf-8", **condition}
        url = urljoin(self._address(), path)
        with self._service.plain_errors():
            answer = self._client.request("PUT", url, text, **headers)
        if is_conflict(answer):
            raise Conflict(f"the task at {path} was changed meanwhile")
        check(answer, self._base)
        if not is_written(answer):
            raise self._service.not_dav()

    def delete(self, path: str) -> None:
        """Delete the task at ``path``, whoever changed it meanwhile. A missing one is ignored."""
        with self._service.plain_errors():
            answer = self._client.request("DELETE", urljoin(self._address(), path))
        if answer.status not in (404, 410):
            check(answer, self._base)

    def _address(self) -> str:
        if not self.find():
            raise PlaceRefuses(
                f"the CalDAV server has no calendar '{self.name}'",
                help="create it there, or set another [tasks] list in touchbase.toml",
            )
        return self._url or ""

    def _id(self) -> str:
        # The same name gives the same address, so that two first runs at once make one calendar.
        return encode(self.name.strip().lower().replace(" ", "-"))

    def _named_by_url(self) -> str | None:
        here = self._home.at_the_address()
        return None if here is None else here.href

    def _among_the_users(self) -> str | None:
        addresses: dict[str, str] = {}
        for url, name in self._calendars().items():
            addresses[name] = url
            # A calendar that we made keeps its address if the user renames it.
            addresses.setdefault(f"/{unquote(url.rstrip('/').rpartition('/')[2])}", url)
        renamed = self._known if self._known in addresses.values() else None
        return addresses.get(self.name) or addresses.get(f"/{self._id()}") or renamed

    def _calendars(self) -> dict[str, str]:
        """The names of the user's calendars, by address."""
        return {item.href: item.text(f"{DAV}displayname") or "" for item in self._home.collections()}

    def _report(self, query: str, depth: int | None, url: str | None = None) -> list[Stored]:
        with self._service.plain_errors():
            # A multiget names its tasks itself.
            depths = {} if depth is None else {"Depth": str(depth)}
            answer = self._client.request("REPORT", url or self._address(), query, **depths)
            if answer.status == 404 and depth is None:
                return []
            check(answer, self._base)
            items = answer.resources()
        return list(self._stored(items, listed=depth is not None))

    def _stored(self, items: list[Resource], *, listed: bool) -> Iterator[Stored]:
        for item in items:
            path = urlsplit(item.href).path
            if text := item.text(f"{CALDAV}calendar-data"):
                yield Stored(path, text, item.text(f"{DAV}getetag"))
            elif listed and path.endswith(".ics") and (found := self.get(path)) is not None:
                # A listed task without its text is not a task that is gone.
                yield found
