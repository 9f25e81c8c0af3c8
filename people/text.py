"""Text made comparable, and text made safe for the place it goes to.

What a stranger wrote (a contact's name, an event's title) is data: escape it for where it lands.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from anyascii import anyascii

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~$&])")
_AUTOLINK = re.compile(r"(?i)\b(https?|ftp|mailto|javascript|data|www)([:.])")


def fold(text: str) -> str:
    """Fold case, accents and width, and squeeze white space, so that equal looks are equal text.

    ``fold("  ÉLAN  Ｃo. ") == "elan co."``. Idempotent; non-Latin letters are transliterated.
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


def one_line(text: str) -> str:
    """``clean`` text on a single line, with invisible direction marks shown as ``\\u202e``."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    visible = _BIDI.sub(lambda mark: f"\\u{ord(mark.group()):04x}", clean(text))
    return " ".join(visible.split())


def for_terminal(text: str) -> str:
    """Text that can neither move the cursor nor reorder the line it is printed on."""
    return one_line(text)


def for_markdown(text: str) -> str:
    """Text that Markdown shows literally, on one line, without making a link."""
    escaped = _MARKDOWN.sub(r"\\\1", one_line(text))
    escaped = re.sub(r"^(\s*)([-=]|\d+\.)", r"\1\\\2", escaped)
    return _AUTOLINK.sub("\\1\u200b\\2", escaped)


def for_html(text: str) -> str:
    """Text for an HTML element or a quoted attribute."""
    return html.escape(one_line(text), quote=True)


def for_csv(text: str) -> str:
    """A CSV cell that no spreadsheet takes for a formula."""
    safe = _BIDI.sub("", clean(text))
    return f"'{safe}" if safe.lstrip()[:1] in ("=", "+", "-", "@", "\t", "|") else safe
