"""WebDAV over HTTP: one request, its login, and the answer for several addresses (RFC 4918, RFC 4791)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CARDDAV = "{urn:ietf:params:xml:ns:carddav}"

_REDIRECTS = (301, 302, 307, 308)
_MOST_REDIRECTS = 5
_MULTI_STATUS = 207
_HERE = ("localhost", "127.0.0.1", "::1")


class NotDav(ValueError):
    """The answer does not come from a WebDAV server."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What a server says of one address. ``href`` is as the server wrote it, percent signs included."""

    href: str
    properties: dict[str, ET.Element]

    def text(self, name: str) -> str | None:
        """The text of a property; None if the server does not give it."""
        found = self.properties.get(name)
        return None if found is None else found.text or ""

    def kinds(self) -> set[str]:
        """The resource types: a collection, a calendar ..."""
        return {kind.tag for kind in self.properties.get(f"{DAV}resourcetype", ())}

    def link(self, name: str) -> str | None:
        """The address in a property."""
        found = self.properties.get(name)
        return None if found is None else found.findtext(f"{DAV}href")


@dataclass(frozen=True, slots=True)
class Answer:
    """``url`` is the address that answered, after redirects."""

    status: int
    url: str
    body: bytes
    headers: dict[str, str]
    """Names in lower case."""

    def resources(self) -> list[Resource]:
        """The addresses of a multi-status answer; raises ``NotDav`` for any other answer."""
        if self.status != _MULTI_STATUS:
            raise NotDav(f"status {self.status} in place of {_MULTI_STATUS}")
        try:
            # Expat loads no external entities, and ends what grows without measure.
            root = ET.fromstring(self.body)  # noqa: S314
        except ET.ParseError as error:
            raise NotDav(str(error)) from error
        if root.tag != f"{DAV}multistatus":
            raise NotDav(f"{root.tag} in place of multistatus")
        return list(_resources(root))


class DavClient:
    """One login at one server. Calls raise what ``requests`` raises, and ``NotDav``."""

    def __init__(self, url: str, *, user: str, password: str, timeout: float) -> None:
        self._timeout = timeout
        self._login = (user, password) if user else None
        self._session = requests.Session()
        # Without it, requests takes a login from ~/.netrc.
        self._session.auth = _Nothing()
        address = urlsplit(url)
        if address.scheme == "https" or address.hostname in _HERE:
            # A server that lets anybody read its root asks for no login, and then names no user.
            self.give_login()

    def give_login(self) -> bool:
        """Send user and password from now on; False if they are sent already, or there are none."""
        if self._login is None or not isinstance(self._session.auth, _Nothing):
            return False
        # requests encodes text as Latin-1 here, and servers read UTF-8 (RFC 7617).
        user, password = self._login
        self._session.auth = HTTPBasicAuth(user.encode(), password.encode())
        return True

    def request(self, method: str, url: str, body: str = "", **headers: str) -> Answer:
        """Send one request. Underscores in the names of ``headers`` stand for dashes."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("Content-Type", "application/xml; charset=utf-8")
        for _ in range(_MOST_REDIRECTS):
            response = self._authorized(method, url, body.encode(), sent)
            if response.status_code not in _REDIRECTS:
                lower = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, url, response.content, lower)
            # requests itself would go on with GET.
            url = _next(url, response.headers.get("Location", ""))
        raise NotDav("it redirects without end")

    def _authorized(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> requests.Response:
        response = self._send(method, url, body, headers)
        if response.status_code != 401 or self._login is None:
            return response
        wants = response.headers.get("WWW-Authenticate", "").lower()
        if "digest" in wants and not isinstance(self._session.auth, HTTPDigestAuth):
            self._session.auth = HTTPDigestAuth(*self._login)
        elif "basic" not in wants or not self.give_login():
            return response
        return self._send(method, url, body, headers)

    def _send(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> requests.Response:
        return self._session.request(
            method, url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
        )


class _Nothing(AuthBase):
    """No login."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def _next(url: str, location: str) -> str:
    """Where a redirect leads. The login goes to the same host only, and never from https to http."""
    target = urljoin(url, location)
    here, there = urlsplit(url), urlsplit(target)
    if here.hostname != there.hostname or (here.scheme, there.scheme) == ("https", "http"):
        raise NotDav(f"it sends us to {there.scheme}://{there.hostname}")
    return target


def _resources(root: ET.Element) -> Iterator[Resource]:
    for response in root.iterfind(f"{DAV}response"):
        if not _is_ok(response):
            continue
        properties = {
            item.tag: item
            for found in response.iterfind(f"{DAV}propstat")
            if _is_ok(found)
            for item in found.iterfind(f"{DAV}prop/*")
        }
        yield Resource((response.findtext(f"{DAV}href") or "").strip(), properties)


def _is_ok(element: ET.Element) -> bool:
    """Whether a status line like ``HTTP/1.1 200 OK`` is there and good, or is left out."""
    words = (element.findtext(f"{DAV}status") or "HTTP/1.1 200").split()
    return len(words) > 1 and words[1].startswith("2")
