"""One XML file of SMS Backup & Restore, in pieces: number, instant, direction, length. Never a text.

The app writes character references that XML forbids (halves of emoji). Every parser gives up on them, so
they are replaced first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from connectors.shared.talks import Channel

_CHUNK = 1 << 20
_LONGEST_REFERENCE = 12
_REFERENCE = re.compile(rb"&#(x[0-9a-fA-F]{1,8}|[0-9]{1,9});")
_CONTROL = bytes(code for code in range(32) if code not in (9, 10, 13))

_CALLS = ("1", "2")
"""Types of a call: incoming and outgoing. Missed, voicemail, rejected and blocked ones do not count."""
_TEXTS = ("1", "2")
"""Types of a message: received and sent. Drafts, failed and queued ones do not count."""
_SPEAKERS_APART = "~"


class Entry(NamedTuple):
    """One call or message. ``at`` is in milliseconds since 1970, ``seconds`` the length of a call."""

    at: int
    number: str
    channel: Channel
    seconds: int = 0


class CutShort(ValueError):
    """The file ends in the middle, or is not XML from some line on."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def entries(path: Path) -> Iterator[Entry]:
    """Yield the calls and messages of a file. Raises ``CutShort`` after the last one, and ``OSError``."""
    found: list[Entry] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.extend(_entries(name, attributes))
    # No entity is needed, and a stranger's could grow without end.
    parser.EntityDeclHandler = _refuse
    with path.open("rb") as file:
        try:
            for chunk in _legal(iter(lambda: file.read(_CHUNK), b"")):
                parser.Parse(chunk)
                yield from found
                found.clear()
            parser.Parse(b"", True)
        except (expat.ExpatError, CutShort) as error:
            yield from found
            raise CutShort(parser.CurrentLineNumber) from error


def _refuse(*_: object) -> None:
    raise CutShort(0)


def _legal(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Replace what XML 1.0 forbids. A reference may lie across two pieces."""
    rest = b""
    for chunk in chunks:
        data = rest + chunk
        cut = data.rfind(b"&", max(0, len(data) - _LONGEST_REFERENCE))
        data, rest = (data, b"") if cut < 0 or b";" in data[cut:] else (data[:cut], data[cut:])
        yield _REFERENCE.sub(_checked, data.translate(None, _CONTROL))
    yield rest


def _checked(reference: re.Match[bytes]) -> bytes:
    text = reference[1]
    code = int(text[1:], 16) if text[:1] == b"x" else int(text)
    legal = (
        code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    )
    return reference[0] if legal else b"?"


def _entries(name: str, attributes: dict[str, str]) -> Iterator[Entry]:
    kind = attributes.get("msg_box" if name == "mms" else "type", "")
    at = attributes.get("date", "")
    if name not in ("call", "sms", "mms") or not at.isdecimal() or len(at) > 15:
        return
    if name == "call":
        length = attributes.get("duration", "")
        seconds = int(length) if length.isdecimal() and len(length) < 8 else 0
        if kind in _CALLS and seconds:
            yield Entry(int(at), attributes.get("number", ""), "call", seconds)
    elif kind in _TEXTS:
        for number in attributes.get("address", "").split(_SPEAKERS_APART):
            yield Entry(int(at), number, "text")
