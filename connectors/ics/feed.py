"""A calendar behind an address, such as Google's secret iCal address, as a source of meetings.

The address is a password: it is in no message, no log and no record.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import requests

from connectors.checks import Check, is_private
from connectors.ics.source import IcsSource
from connectors.shared.dav.client import BROKEN_OFF
from connectors.shared.digest_cursor import digest, unchanged
from connectors.shared.files import MAX_BYTES
from people.errors import LoginNeeded, NoAnswer, RetryLater, UserMustAct
from people.types import Page

_TIMEOUT = 60.0
_CHUNK = 1 << 16
_MOST_REDIRECTS = 5
_NEW_ADDRESS = "make a new secret address in the calendar's settings, and replace the old one"


class _Answer(NamedTuple):
    """``data`` is None if the calendar did not change since the last read."""

    data: bytes | None
    headers: dict[str, str]


def address(text: str) -> str:
    """The https address of a feed, which may begin with ``webcal://``. Raises ``UserMustAct``."""
    url = text.strip()
    scheme, _, rest = url.partition("://")
    if scheme.lower() in ("webcal", "webcals"):
        url = f"https://{rest}"
    try:
        is_one = bool(urlsplit(url).hostname) and is_private(url)
    except ValueError:  # a bracket in it
        is_one = False
    if not is_one:
        raise UserMustAct(
            "the address of the calendar does not begin with https:// or webcal://",
            help="copy the whole address from the calendar's settings",
        )
    return url


class FeedSource(IcsSource):
    """Meetings from the calendar at ``url``, read as a file is.

    An unchanged calendar is not sent again (ETag, If-Modified-Since). An answer that is not a calendar, such
    as a login page, raises ``UserMustAct``, and nothing counts as removed.
    """

    def __init__(self, name: str, url: str, **shape: Any) -> None:  # noqa: ANN401 - those of IcsSource
        super().__init__(name, Path(f"{name}.ics"), **shape)
        self._url = url

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield one empty page if the calendar did not change, else all meetings within the window.

        Raises ``UserMustAct``, ``LoginNeeded`` or ``RetryLater``.
        """
        saved = _validators(cursor, self._shaping)
        answer = self._fetch(saved)
        if answer.data is None:
            yield unchanged(cursor, json.loads(cursor or "{}")["digest"]) or Page(cursor=cursor)
            return
        files: dict[str, bytes | None] = {self.path.name: answer.data}
        current = self._digest(files)
        page = unchanged(cursor, current)
        pages = self._read(files, [], current) if page is None else iter([page])
        for found in pages:
            yield found.model_copy(update={"cursor": self._with_validators(found.cursor, answer)})

    def look(self) -> Check:
        """Fetch the calendar and say what it holds."""
        data = self._fetch({}).data or b""
        return Check("ok", f"{self._shown} ({data.count(b'BEGIN:VEVENT')})")

    @property
    def _shaping(self) -> str:
        """A digest of all that shapes a meeting, the address included."""
        return digest([*self.settings(), self._url])

    @property
    def _shown(self) -> str:
        return f"the calendar at {urlsplit(self._url).hostname}"

    def _with_validators(self, cursor: str | None, answer: _Answer) -> str | None:
        if cursor is None:
            return None
        said = {"etag": answer.headers.get("etag"), "modified": answer.headers.get("last-modified")}
        return json.dumps({**json.loads(cursor), **said, "settings": self._shaping})

    def _fetch(self, validators: dict[str, str]) -> _Answer:
        try:
            return self._get(validators)
        except requests.exceptions.SSLError:
            # None of these names its cause, which holds the address.
            raise UserMustAct(
                f"the certificate of {self._shown} is not valid for it",
                help="check the address; a certificate that does not match is never accepted",
            ) from None
        except BROKEN_OFF:
            raise NoAnswer(f"{self._shown} does not answer", help="the next run tries again") from None
        except (requests.exceptions.RequestException, ValueError):
            raise UserMustAct(f"{self._shown} cannot be read", help=_NEW_ADDRESS) from None

    def _get(self, validators: dict[str, str]) -> _Answer:
        url = self._url
        for _ in range(_MOST_REDIRECTS):
            with requests.get(
                url, headers=validators, timeout=_TIMEOUT, stream=True, allow_redirects=False, auth=_no_login
            ) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                if response.is_redirect:
                    url = urljoin(url, headers["location"])
                    if not is_private(url):
                        raise UserMustAct(f"{self._shown} sends us away from https", help=_NEW_ADDRESS)
                    continue
                if response.status_code == 304 and validators:
                    return _Answer(None, headers)
                self._check(response)
                return _Answer(self._body(response), headers)
        raise UserMustAct(f"{self._shown} redirects without end", help=_NEW_ADDRESS)

    def _check(self, response: requests.Response) -> None:
        status = response.status_code
        if status in (401, 403):
            raise LoginNeeded(f"{self._shown} refuses the address", help=_NEW_ADDRESS)
        if status in (408, 425, 429) or status >= 500:
            raise RetryLater(f"{self._shown} answers {status}", help="the next run tries again")
        if status != 200:
            raise UserMustAct(f"{self._shown} is not there any more ({status})", help=_NEW_ADDRESS)

    def _body(self, response: requests.Response) -> bytes:
        data = bytearray()
        for chunk in response.iter_content(_CHUNK):
            data += chunk
            if len(data) > MAX_BYTES:
                raise UserMustAct(
                    f"{self._shown} is larger than {MAX_BYTES >> 20} MiB", help="is it the right address?"
                )
        if b"BEGIN:VCALENDAR" not in data[:4096].upper():
            raise UserMustAct(f"{self._shown} answers with what is not a calendar", help=_NEW_ADDRESS)
        return bytes(data)


def _no_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send no login; requests takes one from ~/.netrc otherwise."""
    return request


def _validators(cursor: str | None, settings: str) -> dict[str, str]:
    """The headers of a conditional request; none if what shapes the meetings has changed."""
    try:
        saved: Any = json.loads(cursor or "{}")
        if saved.get("settings") != settings:
            return {}
        named = {"If-None-Match": saved.get("etag"), "If-Modified-Since": saved.get("modified")}
        return {name: value for name, value in named.items() if value}
    except (ValueError, AttributeError):
        return {}
