"""Fold text for comparison, and escape text for where it is shown.

What a stranger wrote (a contact's name, an event's title) is data: escape it for its destination.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from anyascii import anyascii

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MARKDOWN = re.compile(
    # What has a meaning anywhere; an underscore in a word, and an ampersand that begins no entity, have none.
    r"[\\`*\[\]<|~$]|(?<![^\W_])_|_(?![^\W_])|&(?=#|\w+;)|(?<!\S)#|%(?=%)|=(?==)"
)
_MARKDOWN_START = re.compile(r"^([-+=>]|\d{1,9}(?=[.)](\s|$)))")
_LINK = re.compile(r"(?i)https?:|ftp:|www\.|mailto:|xmpp:|//")
_BETWEEN_WORDS = re.compile(r"([\s`|]+)")
_NOT_WORD = re.compile(r"[\W_]+")
_FENCE = re.compile("`+")
_CELL_LINK = re.compile(r"(?i)\b(https?|ftp)(?=://)|\bwww(?=\.)")
_CELL_MARK = re.compile(r"[\\<\]]|&(?=#|\w+;)")
_CELL_START = re.compile(r"^(?=[-+=>#]|\d{1,9}[.)](\s|$))")
_CELL_LOOK_ALIKE = str.maketrans({"*": "\u2217", "`": "\u02cb", "~": "\u223c"})
_CELL_LINE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_JOINER = "\u2060"
FORMULA_SIGNS = "=+\\-@\t|\uff1d\uff0b\uff0d\uff20\uff5c\ufe66\ufe62\ufe63\ufe6b\u2212"
"""What begins a formula, in a character class: in full width and as small forms, too."""
_FORMULA = re.compile(rf"[\s\u00ad\u200b-\u200f\u2060\ufeff]*[{FORMULA_SIGNS}]")
_INNER_FORMULA = re.compile(rf"[;,\t|\n\"][\s\"\u00ad\u200b-\u200f\u2060\ufeff]*(?=[{FORMULA_SIGNS}])")
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


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


def words_of(folded: str) -> str:
    """Return a folded text as words with a space before, between and after them.

    >>> words_of("co-owner (acting)")
    ' co owner acting '
    """
    return f" {' '.join(_NOT_WORD.split(folded))} ".replace("  ", " ")


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
    if text.isascii() and text.isprintable():
        return text
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
    """Return text that Markdown shows literally, on one line and without links to the web.

    A web address stands in backticks, because no renderer makes a link there, whatever its rules for links
    are. An e-mail address stays as it is.

    >>> for_markdown("Call *Sophie* (Jarvis & Sons), see https://jarvis.example/a_b")
    'Call \\\\*Sophie\\\\* (Jarvis & Sons), see `https://jarvis.example/a_b`'
    """
    words = _BETWEEN_WORDS.split(one_line(text))
    shown = "".join(f"`{word}`" if _LINK.search(word) else _MARKDOWN.sub(r"\\\g<0>", word) for word in words)
    return _MARKDOWN_START.sub(_escape_start, shown)


def _escape_start(match: re.Match[str]) -> str:
    mark = match.group()
    # Only punctuation takes a backslash: "1." becomes "1\\.".
    return f"{mark}\\" if mark.isdigit() else f"\\{mark}"


def code_for_markdown(text: str) -> str:
    """Return text as code: Markdown shows every character, and it can be copied as it is.

    >>> code_for_markdown("touchbase log 'Anna_*' contact")
    "`touchbase log 'Anna_*' contact`"
    """
    line = one_line(text)
    fence = "`" * (max(map(len, _FENCE.findall(line)), default=0) + 1)
    pad = " " if line[:1] == "`" or line[-1:] == "`" else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def for_cell(text: str) -> str:
    """Return text that reads the same in a table cell with Markdown and in one without.

    Prefect's old UI takes a cell for Markdown, and its new UI shows it as it is: there, an escape would be
    seen. An invisible word joiner breaks links, tags and escapes. Marks that it cannot break (emphasis
    and code) become characters that look alike. What must be copied stands in ``code_for_markdown`` instead.

    >>> for_cell("Call Sophie (Jarvis & Sons), +44 1632 960001")
    'Call Sophie (Jarvis & Sons), +44 1632 960001'
    >>> for_cell("![x](http://evil.example/x.png)")
    '![x]\\u2060(http\\u2060://evil.example/x.png)'
    """
    shown = one_line(text).translate(_CELL_LOOK_ALIKE)
    shown = _CELL_LINE.sub("\u02cd", shown)
    shown = _CELL_LINK.sub(rf"\g<0>{_JOINER}", _CELL_MARK.sub(rf"\g<0>{_JOINER}", shown))
    return _CELL_START.sub(_JOINER, shown)


def for_csv(text: str) -> str:
    """Return a CSV cell that no spreadsheet takes for a formula.

    >>> for_csv("=1+1")
    "'=1+1"
    """
    safe = _BIDI.sub("", clean(text))
    return f"'{safe}" if _FORMULA.match(safe) else safe


def csv_table(rows: Iterable[Iterable[str]]) -> str:
    """Return rows as CSV with every cell in quotes, and no formula in any of them.

    A spreadsheet that expects another separator, or another quote, cuts a cell in two. So a sign behind a
    separator, a quote or a line end is made harmless, too.

    >>> print(csv_table([["a;=1+1", "b"]]), end="")
    "a;'=1+1","b"
    """
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([_INNER_FORMULA.sub(r"\g<0>'", for_csv(cell)) for cell in row] for row in rows)
    return file.getvalue()
