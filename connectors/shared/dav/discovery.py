"""Where a user's collections are on a server: principal, home, then what lies in it (RFC 4791, RFC 6352)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import unquote, urljoin, urlsplit

from connectors.shared.dav.answers import Service
from connectors.shared.dav.client import CALDAV, CARDDAV, DAV, Answer, DavClient, Resource
from people.errors import LoginNeeded, NoAnswer, RetryLater, ServiceRefuses, UserMustAct

_NAMESPACES = (
    'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:a="urn:ietf:params:xml:ns:carddav"'
)
_WHAT = (
    f"<d:propfind {_NAMESPACES}><d:prop><d:resourcetype/><d:displayname/><d:current-user-principal/>"
    "<c:calendar-home-set/><a:addressbook-home-set/><c:supported-calendar-component-set/></d:prop></d:propfind>"
)

CALENDARS = (f"{CALDAV}calendar", f"{CALDAV}calendar-home-set")
ADDRESS_BOOKS = (f"{CARDDAV}addressbook", f"{CARDDAV}addressbook-home-set")
"""The resource type of a collection, and the property that names the folder of all of a user."""


class Home:
    """A user's calendars, or address books, on the server at ``url``.

    ``check`` is given each answer, and raises an error for one that refuses. Calls raise that error, and
    those of ``DavClient``. The first call makes the first request. ``known`` is the folder of the
    collections where it was found before.
    """

    def __init__(
        self,
        client: DavClient,
        url: str,
        kind: tuple[str, str],
        check: Callable[[Answer], None],
        known: str | None = None,
    ) -> None:
        self._client = client
        self._base = url
        self._type, self._home_set = kind
        self._check = check
        self.known = known

    def at_the_address(self) -> Resource | None:
        """The collection that ``url`` itself names; its ``href`` is absolute. None if it names none."""
        answer = self._client.request("PROPFIND", self._base, _WHAT, Depth="0")
        if answer.status == 404:
            return None
        self._check(answer)
        for item in answer.resources():
            if self._type in item.kinds():
                return Resource(as_folder(answer.url), item.properties)
        return None

    def collections(self) -> list[Resource]:
        """All collections of the user; each ``href`` is absolute."""
        home = self.url()
        answer = self._client.request("PROPFIND", home, _WHAT, Depth="1")
        self._check(answer)
        return [
            Resource(as_folder(urljoin(home, item.href)), item.properties)
            for item in answer.resources()
            if self._type in item.kinds()
        ]

    def url(self) -> str:
        """The folder of the user's collections (RFC 4791, 6.2.1)."""
        if self.known is None:
            url = self._base
            # A server that names no user is asked as if its address were the user's.
            if (user := self._named(url, f"{DAV}current-user-principal")) is not None:
                url = user
            self.known = as_folder(self._named(url, self._home_set) or url)
        return self.known

    def _named(self, url: str, name: str) -> str | None:
        """The address in the property ``name`` of ``url``."""
        answer = self._client.request("PROPFIND", url, _WHAT, Depth="0")
        self._check(answer)
        links = [link for item in answer.resources() if (link := item.link(name))]
        return urljoin(answer.url, links[0]) if links else None


def first_that_answers(
    client: DavClient, stranger: DavClient, service: Service, urls: Sequence[str], remarks: Sequence[str]
) -> str:
    """The first address where a DAV server answers, after redirects. ``service.url`` is what is looked for.

    ``stranger`` has no login and asks first, because a web site at the address must not get the password.
    Raises ``LoginNeeded`` or ``ServiceRefuses`` if a server refuses, else ``UserMustAct``, or ``RetryLater``
    if an address did not answer; both say what each address did, after ``remarks``.
    """
    failures: list[UserMustAct | RetryLater] = []
    silent: set[str] = set()
    for url in urls:
        # A host that does not answer costs the whole patience of a request, so it is asked once.
        if (host := urlsplit(url).netloc) in silent:
            continue
        there = replace(service, url=url)
        try:
            with there.plain_errors():
                answer = stranger.request("PROPFIND", url, _WHAT, Depth="0")
                if answer.status == 401:
                    answer = client.request("PROPFIND", answer.url, _WHAT, Depth="0")
                there.check(answer)
                answer.resources()
        except (LoginNeeded, ServiceRefuses):
            raise
        except (UserMustAct, RetryLater) as error:
            failures.append(error)
            silent |= {host} if isinstance(error, NoAnswer) else set()
        else:
            return answer.url
    reasons = "; ".join([*remarks, *(error.message for error in failures)])
    again = any(isinstance(error, RetryLater) for error in failures)
    raise (RetryLater if again else UserMustAct)(
        f"no {service.kind} server is found for {service.url}: {reasons}",
        help=f"put the address of the server into url of {service.settings}",
    )


def last_step(url: str) -> str:
    """The last part of a collection's address, which names it where it has no other name."""
    return unquote(url.rstrip("/").rpartition("/")[2])


def as_folder(url: str) -> str:
    """The address with a slash at its end."""
    return url if url.endswith("/") else f"{url}/"
