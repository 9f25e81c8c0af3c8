"""Where the cards of a file begin and end, also where their lines were joined, indented or quoted.

One linear pass: each pattern has a bound, whatever the bytes are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

NOISE = b" \t\r\n\x00\x1a\xef\xbb\xbf\"',;>|"
"""Bytes around cards that say nothing: white space, byte order marks, and the marks of quoted text."""

_WORD = re.compile(rb"VCARD(?<=[: \t]VCARD)")  # a literal, which is fast to find
_KEYWORD = re.compile(rb"(?:(BEGIN)|END)[ \t]{0,8}:[ \t]{0,8}\Z")
_LONGEST_KEYWORD = 22
_LINE_END = re.compile(rb"[ \t\x00\x1a]{0,8}(?=[\r\n]|\Z)")
_GAP = re.compile(rb"[ \t\x00\x1a\"',;\xef\xbb\xbf]{0,16}(?=(?:BEGIN|END)[ \t]{0,8}:[ \t]{0,8}VCARD)")
_NEXT_CARD = re.compile(rb"[\s\x00\x1a\"',;\xef\xbb\xbf]{0,64}(?:BEGIN[ \t]{0,8}:|\Z)")
_FIRST_LINE = re.compile(rb"[ \t]{0,8}[\r\n]{1,3}(?:VERSION|PRODID|PROFILE|FN|N)[:;]")
_CLOSING_QUOTE = re.compile(rb"[ \t]{0,8}[\"']")
_PREFIX = re.compile(rb"[ \t>|]{1,16}|[^\r\n\"']{0,15}[\"']")
_LONGEST_PREFIX = 20
_AGENT_LINE = re.compile(rb"[\r\n]AGENT[^:\r\n]{0,64}:[ \t]{0,8}\Z")
_BOM = b"\xef\xbb\xbf"


BEGIN, END = True, False


class Mark(NamedTuple):
    """BEGIN:VCARD or END:VCARD. ``prefix`` stands before each line of an indented card, or is a quote."""

    begins: bool
    start: int
    end: int
    prefix: bytes = b""


def marks(data: bytes) -> Iterator[Mark]:
    """Yield the marks of a file, in order. ``data`` begins with a line end."""
    upper = data.upper()
    last = Mark(END, 0, 0)
    prefix = b""
    for hit in _WORD.finditer(upper):
        at, end = hit.span()
        whole = upper[end : end + 1] in b"\r\n"
        if whole and upper[at - 7 : at] == b"\nBEGIN:":
            mark = Mark(BEGIN, at - 6, end)
        elif whole and upper[at - 5 : at] == b"\nEND:":
            mark = Mark(END, at - 4, end)
        elif odd := _odd(upper, at, end, last, prefix):
            mark = odd
        else:
            continue
        yield mark
        last = mark
        prefix = mark.prefix if mark.begins else prefix


def _odd(upper: bytes, at: int, end: int, last: Mark, prefix: bytes) -> Mark | None:
    """The mark with the word VCARD from ``at`` to ``end``, if it is one although something is around it."""
    keyword = _KEYWORD.search(upper, max(0, at - _LONGEST_KEYWORD), at)
    if keyword is None:
        return None
    mark = Mark(keyword[1] is not None, keyword.start(), end)
    return _odd_begin(upper, mark, last) if mark.begins else _odd_end(upper, mark, last, prefix)


def _odd_begin(upper: bytes, mark: Mark, last: Mark) -> Mark | None:
    """A BEGIN that is followed by blanks, or behind an END or a cut text, or indented, or quoted."""
    line_end = _LINE_END.match(upper, mark.end)
    if line_end is None:
        return None
    before = _before(upper, mark.start)
    accepted = mark._replace(end=line_end.end())
    if before == b"":
        return accepted
    has_prefix = bool(before) and _PREFIX.fullmatch(before or b"") is not None
    if not upper[last.end : mark.start].strip(NOISE) or (has_prefix and not last.begins):
        quote = upper[mark.start - 1 : mark.start]
        own = quote if quote in (b'"', b"'") else before if has_prefix else b""
        return accepted._replace(prefix=own or b"")
    folded = before is not None and before.isspace()
    agent = _AGENT_LINE.search(upper, max(last.end, mark.start - 100), mark.start)
    return accepted if not folded and not agent and _FIRST_LINE.match(upper, mark.end) else None


def _odd_end(upper: bytes, mark: Mark, last: Mark, prefix: bytes) -> Mark | None:
    """An END with something around it."""
    before = _before(upper, mark.start)
    line_end = _LINE_END.match(upper, mark.end)
    gap = _GAP.match(upper, mark.end)
    if before == b"" or (before and before == prefix):
        close = line_end or (_CLOSING_QUOTE.match(upper, mark.end) if prefix in (b'"', b"'") else None)
        if close is not None:
            return mark._replace(end=close.end())
        return mark if gap else None
    folded = before is not None and before.isspace()
    if last.begins and not folded and (line_end or gap) and _NEXT_CARD.match(upper, mark.end):
        return mark
    return None


def _before(upper: bytes, start: int) -> bytes | None:
    """What stands before a mark on its line; None if it is long."""
    low = max(0, start - _LONGEST_PREFIX)
    at = max(upper.rfind(b"\n", low, start), upper.rfind(b"\r", low, start))
    return None if at < 0 else upper[at + 1 : start].removeprefix(_BOM)


def without_prefix(body: bytes, prefix: bytes) -> bytes:
    """The lines of a card without what stood before them, and with the quotes that a CSV cell doubles."""
    if prefix in (b'"', b"'"):
        return body.replace(prefix * 2, prefix)
    return body.replace(b"\n" + prefix, b"\n") if prefix else body
