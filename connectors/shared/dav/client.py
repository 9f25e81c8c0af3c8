"""WebDAV over HTTP: one request, its login, and the answer for several addresses (RFC 4918, RFC 4791)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urljoin, urlsplit
from xml.etree import ElementTree as ET

import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from connectors.checks import is_private

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CARDDAV = "{urn:ietf:params:xml:ns:carddav}"

_REDIRECTS = (301, 302, 307, 308)
_MOST_REDIRECTS = 5
_MULTI_STATUS = 207


BROKEN_OFF = (
    requests.exceptions.ConnectionError,
    requests.exceptions.Timeout,
    requests.exceptions.ChunkedEncodingError,
)
"""No answer, or one that ends in the middle."""


class NotDav(ValueError):
    """The answer does not come from a WebDAV server."""


class SentAway(NotDav):
    """A redirect, or an address in an answer, leads to another server."""


class PlainPassword(ValueError):
    """The server wants the password itself over http."""


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

    def retry_after(self) -> float | None:
        """The header Retry-After in seconds, which may name a time; None without one."""
        after = self.headers.get("retry-after", "")
        try:
            moment = None if after.isdecimal() else parsedate_to_datetime(after)
        except ValueError:
            return None
        if moment is None:
            return float(after)
        return max(0.0, moment.timestamp() - datetime.now(UTC).timestamp())

    def resources(self) -> list[Resource]:
        """The addresses of a multi-status answer; raises ``NotDav`` for any other answer."""
        if self.status != _MULTI_STATUS:
            raise NotDav(f"status {self.status} in place of {_MULTI_STATUS}")
        try:
            # Expat loads no external entities, and ends what grows without measure.
            root = ET.fromstring(self.body)  # noqa: S314
        except (ET.ParseError, ValueError, LookupError) as error:  # an encoding that nobody knows
            raise NotDav(str(error)) from error
        if root.tag != f"{DAV}multistatus":
            raise NotDav(f"{root.tag} in place of multistatus")
        return list(_resources(root))


class DavClient:
    """One login at one server. Calls raise what ``requests`` raises, ``NotDav`` and ``PlainPassword``.

    A server that lets anybody read its root asks for no login, and then names no user. So user and password
    are sent with the first request. They go to the host of ``url`` only, and never over http to another
    machine, unless ``allow_http`` says that the network is the user's own. Digest hides the password. Hosts
    within ``domain``, which a redirect or an answer may name, are the same server. A refused login is tried
    once more as ``short_user``.
    """

    def __init__(
        self,
        url: str,
        *,
        user: str,
        password: str,
        timeout: float,
        allow_http: bool = False,
        domain: str | None = None,
        short_user: str | None = None,
    ) -> None:
        self._timeout = timeout
        self._host = urlsplit(url)
        self._domain = domain
        self._allow_http = allow_http
        self._login = (user, password) if user else None
        self._short_user = short_user
        self._digest: HTTPDigestAuth | None = None
        self._session = requests.Session()

    def request(self, method: str, url: str, body: str = "", **headers: str) -> Answer:
        """Send one request. Underscores in the names of ``headers`` stand for dashes."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("Content-Type", "application/xml; charset=utf-8")
        for _ in range(_MOST_REDIRECTS):
            self._check_host(urlsplit(url))
            response = self._logged_in(method, url, body.encode(), sent)
            if response.status_code not in _REDIRECTS:
                lower = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, url, response.content, lower)
            # requests itself would go on with GET.
            url = urljoin(url, response.headers.get("Location", ""))
        raise NotDav("it redirects without end")

    def _logged_in(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> requests.Response:
        response = self._authorized(method, url, body, headers)
        if response.status_code != 401 or self._login is None or self._short_user is None:
            return response
        self._login, self._short_user, self._digest = (self._short_user, self._login[1]), None, None
        return self._authorized(method, url, body, headers)

    def _authorized(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> requests.Response:
        basic = self._basic() if self._is_private(url) else None
        response = self._send(method, url, body, headers, self._digest or basic or _Nothing())
        if response.status_code != 401 or self._login is None:
            return response
        wants = response.headers.get("WWW-Authenticate", "").lower()
        if "digest" in wants and self._digest is None:
            self._digest = HTTPDigestAuth(*self._login)
            return self._send(method, url, body, headers, self._digest)
        if "basic" in wants and basic is None:
            raise PlainPassword
        return response

    def _check_host(self, there: SplitResult) -> None:
        """Raise ``SentAway`` if ``there`` is another server, or no longer https.

        No answer decides who gets the login. Another port of the host counts as the same server over https
        only, where a certificate names it.
        """
        here, host = self._host, there.hostname or ""
        same = host == here.hostname or bool(self._domain and f".{host}".endswith(f".{self._domain}"))
        safe = there.scheme == "https" or (
            there.scheme == here.scheme == "http" and (there.port or 80) == (here.port or 80)
        )
        if not (same and safe):
            raise SentAway(f"sends us to {there.scheme}://{there.netloc.rpartition('@')[2]}")

    def _basic(self) -> HTTPBasicAuth | None:
        if self._login is None:
            return None
        # requests encodes text as Latin-1 here, and servers read UTF-8 (RFC 7617).
        user, password = self._login
        return HTTPBasicAuth(user.encode(), password.encode())

    def _is_private(self, url: str) -> bool:
        """Whether nobody else can read what is sent to ``url``."""
        return self._allow_http or is_private(url)

    def _send(
        self, method: str, url: str, body: bytes, headers: dict[str, str], login: AuthBase
    ) -> requests.Response:
        return self._session.request(
            method,
            url,
            data=body,
            headers=headers,
            timeout=self._timeout,
            allow_redirects=False,
            auth=login,
        )


class _Nothing(AuthBase):
    """No login. Without it, requests takes one from ~/.netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


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
