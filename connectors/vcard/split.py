"""A file split into cards, in one linear pass over undecoded bytes.

Each card is hashed before anything is decoded, so that an unchanged card costs almost nothing.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import NamedTuple

from connectors.shared.charsets import hinted_codec, is_utf8
from connectors.vcard import limits
from connectors.vcard.marks import NOISE, Mark, marks, without_prefix
from connectors.vcard.problems import Code

PARSER_VERSION = 2
"""Part of every hash and cursor. Raise it to have all cards read again by a better parser."""

_AGENT_LINE = re.compile(rb"(?:\A|[\r\n])AGENT[^:\r\n]{0,64}:[ \t\r\n]*\Z", re.IGNORECASE)
_EXCERPT = 60


class RawCard(NamedTuple):
    """One card's bytes between BEGIN and END, not yet decoded.

    ``digest`` covers the bytes from BEGIN to END and the parser's version. ``fatal`` is the reason why the
    card must not be read any further. ``flaws`` are repairable problems with their details. ``hint`` is the
    codec of text that is not in UTF-8, as far as the settings or the file say it.
    """

    body: bytes
    digest: str
    fatal: Code | None = None
    flaws: tuple[tuple[Code, str], ...] = ()
    hint: str | None = None

    @property
    def cut_short(self) -> bool:
        """Whether END is missing, so that the file or the next card ended this one."""
        return any(code == "missing-end" for code, _ in self.flaws)


def split(data: bytes, encoding: str | None = None) -> list[RawCard]:
    """Split a file in UTF-8 or any 8-bit encoding into its cards, in order. Never raises.

    Text that ends in END:VCARD without a BEGIN is a rejected card, and so is a file with text but no card.
    ``encoding`` is the codec of text that is not in UTF-8, as the settings say.
    """
    return list(_Splitter(data.replace(b"\r\n", b"\n"), encoding).cards())


class _Splitter:
    """Walks over the marks of a file. Offsets include the line feed that is put before its first byte."""

    def __init__(self, data: bytes, encoding: str | None) -> None:
        self._data = b"\n" + data
        self._encoding = encoding
        self._foreign = not is_utf8(data)
        self._file_hint = hinted_codec(data) if self._foreign else None
        self._found: list[RawCard] = []
        self._stray: list[bytes] = []
        self._outside = 0  # where the text after the last card begins
        self._start = self._body = self._last = 0
        self._depth = self._begins = 0
        self._prefix = b""
        self._too_deep = False

    def cards(self) -> list[RawCard]:
        for mark in marks(self._data):
            if mark.begins:
                self._begin(mark)
            elif self._depth:
                self._end(mark)
            else:
                self._end_without_begin(mark)
            self._last = mark.end
        if self._depth:
            self._close(len(self._data), len(self._data), missing_end=True)
        return self._with_strays(self._data[self._outside :].strip(NOISE))

    def _begin(self, mark: Mark) -> None:
        if not self._depth:
            self._note_stray(self._data[self._outside : mark.start].strip(NOISE))
            self._open(mark)
        elif not self._data[self._last : mark.start].strip():
            self._begins += 1
            self._body = mark.end if self._depth == 1 else self._body
        elif _AGENT_LINE.search(self._data, max(self._last, mark.start - 100), mark.start):
            self._depth += 1
            self._too_deep |= self._depth > limits.NESTING
        else:
            self._close(mark.start, mark.start, missing_end=True)
            self._open(mark)

    def _open(self, mark: Mark) -> None:
        self._start, self._body, self._prefix = mark.start, mark.end, mark.prefix
        self._depth = self._begins = 1
        self._too_deep = False

    def _end(self, mark: Mark) -> None:
        self._depth -= 1
        if not self._depth:
            self._close(mark.start, mark.end, missing_end=False)

    def _close(self, body_end: int, end: int, *, missing_end: bool) -> None:
        flaws: list[tuple[Code, str]] = [("missing-end", "")] if missing_end else []
        if self._begins > 1:
            flaws.append(("repeated-begin", ""))
        fatal: Code | None = None
        if self._too_deep or self._begins > limits.NESTING:
            fatal = "nesting-too-deep"
        elif self._size(end) > limits.CARD:
            fatal = "card-too-large"
        body = without_prefix(self._data[self._body : body_end], self._prefix)
        self._add(self._start, end, body, fatal, tuple(flaws))
        self._depth, self._outside = 0, end

    def _size(self, end: int) -> int:
        """The size of the open card in the file, whose line ends have two bytes."""
        size = end - self._start
        return size + self._data.count(b"\n", self._start, end) if size > limits.CARD // 2 else size

    def _add(
        self, start: int, end: int, body: bytes, fatal: Code | None, flaws: tuple[tuple[Code, str], ...]
    ) -> None:
        raw = memoryview(self._data)[start:end]
        hashed = blake2b(raw, digest_size=16, person=b"vcard-%d" % PARSER_VERSION)
        hint = self._hint(body) if self._foreign else None
        if hint is not None:
            hashed.update(b"\0" + hint.encode())
        self._found.append(RawCard(body, hashed.hexdigest(), fatal, flaws, hint))

    def _hint(self, body: bytes) -> str | None:
        """The codec of text that is not in UTF-8. The card itself knows it better than the file."""
        if is_utf8(body):
            return None
        return self._encoding or hinted_codec(body) or self._file_hint

    def _end_without_begin(self, mark: Mark) -> None:
        body = self._data[self._outside : mark.start].strip(NOISE)
        if body:
            self._add(self._outside, mark.end, body, "no-begin", ())
        self._outside = mark.end

    def _note_stray(self, text: bytes) -> None:
        if text:
            self._stray.append(text[:_EXCERPT])

    def _with_strays(self, rest: bytes) -> list[RawCard]:
        """Report text between cards as an issue of the first card, because it belongs to none."""
        if not self._found:
            if rest:
                self._add(self._outside, len(self._data), rest, "no-begin", ())
            return self._found
        self._note_stray(rest)
        if self._stray:
            first = self._found[0]
            shown = tuple(("stray-text", text.decode("ascii", "replace")) for text in self._stray[:3])
            self._found[0] = first._replace(flaws=(*first.flaws, *shown))  # type: ignore[arg-type]
        return self._found
