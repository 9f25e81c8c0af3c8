"""What lies in a collection: its members with their ETags, and their texts, a hundred per request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote, urljoin, urlsplit
from xml.sax.saxutils import escape

from connectors.shared.dav.answers import Service
from connectors.shared.dav.client import CALDAV, CARDDAV, DAV, DavClient

_LISTED = '<d:propfind xmlns:d="DAV:"><d:prop><d:getetag/><d:resourcetype/></d:prop></d:propfind>'
_MULTIGET = (
    '<x:{report} xmlns:d="DAV:" xmlns:x="{namespace}">'
    "<d:prop><d:getetag/><x:{data}/></d:prop>{paths}</x:{report}>"
)
PER_REQUEST = 100
"""Members per multiget. Fastmail and iCloud answer 100 whole; some servers refuse some thousands."""

LARGE = 4 << 20
"""Bytes of texts in one answer, above which the next requests ask for fewer members."""


@dataclass(frozen=True, slots=True)
class Words:
    """How a protocol names a multiget and the text of a member."""

    namespace: str
    report: str
    data: str


CARDS = Words(CARDDAV, "addressbook-multiget", "address-data")
EVENTS = Words(CALDAV, "calendar-multiget", "calendar-data")


@dataclass(frozen=True, slots=True)
class Text:
    """One member's text, and the ETag of that version."""

    path: str
    etag: str
    data: bytes


def etags(client: DavClient, service: Service, url: str) -> dict[str, str]:
    """The ETag of each member of the collection at ``url``, by path.

    Every answer is a listing of the whole collection: ``sync-collection`` would be shorter, but many servers
    accept a token that they never gave and leave changes out.
    """
    with service.plain_errors():
        answer = client.request("PROPFIND", url, _LISTED, Depth="1")
        service.check(answer)
        own = _path(url)
        members = {}
        for item in answer.resources():
            path = _path(urljoin(answer.url, item.href))
            # iCloud lists the collection as a member of itself.
            if path.rstrip("/") != own.rstrip("/") and f"{DAV}collection" not in item.kinds():
                members[path] = item.text(f"{DAV}getetag") or ""
        return members


def texts(
    client: DavClient, service: Service, url: str, paths: Sequence[str], words: Words
) -> Iterator[Text]:
    """Yield the members at ``paths``. A member that the server leaves out is asked for by itself.

    Only one answer is held at a time. If it is large, as with pictures, the next ones are asked for less.
    """
    start, count = 0, PER_REQUEST
    while group := paths[start : start + count]:
        # A server may write %40 where it listed @.
        found = {unquote(text.path): text for text in _multiget(client, service, url, group, words)}
        start += len(group)
        size = sum(len(text.data) for text in found.values())
        count = max(1, len(group) * LARGE // size) if size > LARGE else min(2 * count, PER_REQUEST)
        for path in group:
            text = found.pop(unquote(path), None) or _alone(client, service, url, path)
            if text is not None:
                yield replace(text, path=path)


def _multiget(
    client: DavClient, service: Service, url: str, paths: Sequence[str], words: Words
) -> Iterator[Text]:
    body = _MULTIGET.format(
        report=words.report,
        data=words.data,
        namespace=words.namespace.strip("{}"),
        paths="".join(f"<d:href>{escape(path)}</d:href>" for path in paths),
    )
    with service.plain_errors():
        answer = client.request("REPORT", url, body, Depth="1")
        service.check(answer)
        for item in answer.resources():
            text = item.text(f"{words.namespace}{words.data}")
            if text:
                path = _path(urljoin(answer.url, item.href))
                yield Text(path, item.text(f"{DAV}getetag") or "", text.encode())


def _alone(client: DavClient, service: Service, url: str, path: str) -> Text | None:
    """The member at ``path``; None if it is gone."""
    with service.plain_errors():
        answer = client.request("GET", urljoin(url, path))
    if answer.status in (404, 410):
        return None
    service.check(answer)
    return Text(path, answer.headers.get("etag", ""), answer.body)


def _path(url: str) -> str:
    return urlsplit(url).path
