"""The addresses in To, Cc and From, in linear time whatever a stranger wrote there (RFC 5322, RFC 2047)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from people.text import one_line

MOST_TEXT = 1 << 20
"""Characters of one header that are read. 10,000 recipients with their names fit."""
MOST_NAME = 200
_SHORT = 300

_BARE = r"""[^\s@<>"(),:;\\[\]\x00-\x1f\x7f]{1,64}@[^\s@<>"(),:;\\[\]\x00-\x1f\x7f]{1,189}"""
_PLAIN = re.compile(
    r'\s{0,9}(?:(?:"([^"\\]*)"|([^"\\<>(),:;@]*))\s{0,9}<(' + _BARE + r")>|(" + _BARE + r"))\s{0,9}(?:,|\Z)"
)
"""The address of nearly every mail: a name and an address in brackets, or an address alone."""
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|<([^<>]*)>|[(,;:]|[^"<(,;:]+|.', re.DOTALL)
_WITHOUT_QUOTES = re.compile(r"(?P<quoted>\Zx)?<([^<>]*)>|[(,;:]|[^<(,;:]+|.", re.DOTALL)
_PARENTHESIS = re.compile(r"[()]|\\.", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ADDRESS = re.compile(r"""[^\s@<>"(),:;\\[\]\x00-\x1f\x7f]{1,64}@[^\s@<>"(),:;\\\x00-\x1f\x7f]{1,189}""")
_ENCODED = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]{1,20})?\?([bq])\?([^?\s]{0,2000})\?=", re.IGNORECASE)
_BETWEEN_ENCODED = re.compile(r"\?=\s{1,9}=\?")
_SPLIT_WORD = re.compile(r"(=\?[\w.:+-]{1,40}\?b\?)([^?\s=]*)\?=\1", re.IGNORECASE)


class Mailbox(NamedTuple):
    """An address in lower case, and the name beside it as the mail shows it."""

    email: str
    name: str | None


def mailboxes(text: str) -> Sequence[Mailbox]:
    """Read all addresses of one header, in their order. What is not an address is left out.

    An address in a comment or in a quoted name is not a recipient. The members of a group are.

    >>> mailboxes('"Berg, Anna" <Anna@Berg.example>')
    (Mailbox(email='anna@berg.example', name='Berg, Anna'),)
    >>> mailboxes('Friends: a@x.example, b@x.example; (not@x.example)')
    (Mailbox(email='a@x.example', name=None), Mailbox(email='b@x.example', name=None))
    """
    if not text:
        return ()
    return _of_a_few(text) if len(text) < _SHORT else _read(text)


@lru_cache(maxsize=1 << 14)
def _of_a_few(text: str) -> tuple[Mailbox, ...]:
    """Read a short header. The same people write again and again."""
    return _read(text)


def _read(text: str) -> tuple[Mailbox, ...]:
    plain = _plainly(text)
    return tuple(plain if plain is not None else _Addresses(text[:MOST_TEXT]).read())


def _plainly(text: str) -> list[Mailbox] | None:
    """Read a header that holds nothing but plain addresses; None if it must be read token by token."""
    found: list[Mailbox] = []
    at, end = 0, min(len(text), MOST_TEXT)
    while at < end:
        match = _PLAIN.match(text, at)
        if match is None:
            return None
        quoted, word, email, bare = match.groups()
        email = email or bare
        if not email.isascii():
            return None
        found.append(_named(email.lower(), quoted or word or ""))
        at = match.end()
    return found


def shown(text: str) -> str:
    """Decode the encoded words of a header; return one clean line of at most ``MOST_NAME`` characters.

    >>> shown("=?utf-8?q?Zo=C3=AB?= =?utf-8?b?IEJlcmc=?=")
    'Zoë Berg'
    """
    if len(text) < MOST_NAME and text.isascii() and text.isprintable() and "=?" not in text:
        return " ".join(text.split())
    return one_line(decode_words(text[: 4 * MOST_NAME]))[:MOST_NAME]


def decode_words(text: str) -> str:
    """Decode the encoded words in a text (RFC 2047). What is not one stays as it is."""
    if "=?" not in text:
        return text
    text = _BETWEEN_ENCODED.sub("?==?", text)
    if "?B?" in text.upper():
        # Some mailers cut a character in two: its halves are decoded together.
        text = _SPLIT_WORD.sub(r"\1\2", text)
    return _ENCODED.sub(_decoded, text)


def _decoded(word: re.Match[str]) -> str:
    charset, encoding, content = word.groups()
    try:
        data = content.encode("ascii")
        if encoding in "bB":
            raw = base64.b64decode(data + b"=" * (-len(data) % 4))
        else:
            raw = binascii.a2b_qp(data, header=True)
        return raw.decode(charset, "replace")
    except (ValueError, LookupError):
        # Not what it says it is: it stays as it was written.
        return word.group()


class _Addresses:
    """One header, token by token."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._token = _TOKEN
        self._comments_close = True
        self._found: list[Mailbox] = []
        self._start()

    def _start(self) -> None:
        self._words: list[str] = []
        self._comment = ""
        self._angle: str | None = None

    def read(self) -> list[Mailbox]:
        at, text = 0, self._text
        while at < len(text):
            token = self._token.match(text, at)
            if token is None:  # never: the last branch takes any character
                break
            at = token.end()
            match token.group():
                case "," | ";":
                    self._end()
                case ":":
                    # The name of a group, or of a protocol before an address.
                    self._words.clear()
                case "(":
                    at = self._skip_comment(at)
                case '"':
                    # It never closes. Without this, each further quote would search to the end.
                    self._token = _WITHOUT_QUOTES
                case word:
                    self._take(word, token)
        self._end()
        return self._found

    def _take(self, word: str, token: re.Match[str]) -> None:
        quoted, angle = token.group(1), token.group(2)
        if angle is not None:
            self._angle = angle
        elif quoted is not None:
            self._words.append(_ESCAPED.sub(r"\1", quoted) if "\\" in quoted else quoted)
        else:
            self._words.append(word)

    def _skip_comment(self, start: int) -> int:
        """Return where the comment ends that begins before ``start``, or ``start`` if it never ends."""
        if not self._comments_close:
            return start
        depth = 1
        for mark in _PARENTHESIS.finditer(self._text, start):
            depth += {"(": 1, ")": -1}.get(mark.group(), 0)
            if depth == 0:
                self._comment = self._comment or self._text[start : min(mark.start(), start + 4 * MOST_NAME)]
                return mark.end()
        self._comments_close = False
        return start

    def _end(self) -> None:
        """Take the address that ends here, if there is one."""
        if self._angle is not None:
            found = _mailbox(self._angle, "".join(self._words).strip() or self._comment)
        else:
            bare = next((word for part in self._words for word in part.split() if "@" in word), "")
            found = _mailbox(bare, self._comment)
        if found:
            self._found.append(found)
        self._start()


def _mailbox(email: str, name: str) -> Mailbox | None:
    # Before the last colon stands a route, or "mailto".
    email = email.strip().rpartition(":")[2].lower()
    if len(email) > 254 or not _ADDRESS.fullmatch(email) or one_line(email) != email:
        return None
    return _named(email, name)


def _named(email: str, name: str) -> Mailbox:
    name = shown(name) if name else ""
    return Mailbox(email, name if name and name.lower() != email else None)
