"""Fold text for comparison, and escape text for where it is shown.

What a stranger wrote (a contact's name, an event's title) is data: escape it for its destination.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from anyascii import anyascii

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
# Brackets of a link begin with "](", and "]" is escaped; "&" matters only in an entity, such as &lt;.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~$]|&(?=#?\w+;))")
_AUTOLINK = re.compile(r"(?i)\b(https?|ftp|mailto|javascript|data|www)([:.])")


def fold(text: str) -> str:
    """Fold case, accents, width and white space, so that texts which look equal are equal.

    Other scripts are transliterated. Folding a folded text changes nothing.

    >>> fold("  ÉLAN  Ｃo. ")
    'elan co.'
    >>> fold("Иван")
    'ivan'
    """
    if not text.isascii():
        text = anyascii(unicodedata.normalize("NFKC", text))
    return " ".join(text.lower().split())


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most like this one, or None if none is similar.

    >>> nearest("Titel", ["title", "city"])
    'title'
    """
    if word in (known := tuple(known)):
        return word
    candidates = {candidate.lower(): candidate for candidate in sorted({*known}, reverse=True)}
    near = get_close_matches(word.lower(), candidates, n=1, cutoff=0.6)
    return candidates[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """Return a help line with the nearest known word, or ``otherwise`` if none is similar.

    >>> did_you_mean("titel", ["title", "city"])
    "did you mean 'title'?"
    """
    near = nearest(word, known)
    return f"did you mean '{near}'?" if near else otherwise


def clean(text: str) -> str:
    """Drop control characters except tab and line feed, and lone surrogates; CR LF becomes LF."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub("", text)
    return text.encode("utf-8", "ignore").decode("utf-8")


def without_invisible(text: str) -> str:
    """Return ``clean`` text without direction marks, zero-width marks and the byte order mark.

    >>> without_invisible("\u202amet\u200b Anna")
    'met Anna'
    """
    return _INVISIBLE.sub("", clean(text))


def one_line(text: str) -> str:
    """Return ``clean`` text on a single line, with invisible direction marks as ``\\u202e``."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    visible = _BIDI.sub(lambda mark: f"\\u{ord(mark.group()):04x}", clean(text))
    return " ".join(visible.split())


def for_terminal(text: str) -> str:
    """Return text that can neither move the cursor nor reorder its line."""
    return one_line(text)


def for_markdown(text: str) -> str:
    """Return text that Markdown shows literally, on one line and without links."""
    escaped = _MARKDOWN.sub(r"\\\1", one_line(text))
    escaped = re.sub(r"^(\s*)([-=+])", r"\1\\\2", escaped)
    escaped = re.sub(r"^(\s*\d+)([.)])", r"\1\\\2", escaped)
    return _AUTOLINK.sub("\\1\u200b\\2", escaped)


def for_csv(text: str) -> str:
    """Return a CSV cell that no spreadsheet takes for a formula.

    >>> for_csv("=1+1")
    "'=1+1"
    """
    safe = _BIDI.sub("", clean(text))
    return f"'{safe}" if safe.lstrip()[:1] in ("=", "+", "-", "@", "\t", "|") else safe
