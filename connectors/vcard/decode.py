"""Bytes to text: byte order mark, UTF-16, UTF-8, an allow-listed CHARSET, a hint, and at last cp1252."""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Callable

from connectors.shared.charsets import codec_of, damaged_utf8, quoted_printable
from connectors.vcard.problems import Code

Note = Callable[[Code, str, str], None]
"""Called for each problem with its code, the property and a detail."""

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SNIFFED = 1024

_LINE_BREAKS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ENCODED_WORD = re.compile(r"=\?([A-Za-z0-9_-]{1,40})(?:\*[a-z-]{1,20})?\?([bBqQ])\?([^?\s]{0,500})\?=")
_BETWEEN_WORDS = re.compile(r"\?=[ \t\n]{1,4}=\?")


def as_utf8(data: bytes) -> bytes:
    """Recode a file to UTF-8 if it is UTF-16 or UTF-32; any other file stays as it is."""
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), None) or _utf_16(data)
    if encoding is not None:
        data = data.decode(encoding, "replace").encode("utf-8")
    return data.removeprefix(codecs.BOM_UTF8)


def _utf_16(data: bytes) -> str | None:
    at = data[:_SNIFFED].upper().find("BEGIN:".encode("utf-16-le"))
    if at < 0:
        return None
    return "utf-16-be" if at % 2 else "utf-16-le"


def to_text(data: bytes, charset: str | None, where: str, note: Note, hint: str | None = None) -> str:
    """Decode one value or line, and note what was guessed or lost. Never raises.

    ``charset`` is what the property itself names. ``hint`` is the codec that the settings or the rest of the
    file name.
    """
    codec = codec_of(charset) if charset else None
    if codec == "iso-2022-jp" and b"\x1b" in data:  # seven bits: it would pass for UTF-8
        return data.decode(codec, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if codec is not None:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            pass
    elif charset:
        note("unknown-charset", where, charset)
    text, guess = _guessed(data, hint)
    note("not-utf8", where, guess)
    if "\N{REPLACEMENT CHARACTER}" in text:
        note("undecodable", where, "")
    return text


def _guessed(data: bytes, hint: str | None) -> tuple[str, str]:
    text = damaged_utf8(data)
    if text is not None:
        return text, "damaged UTF-8"
    if hint is not None:
        try:
            return data.decode(hint), hint
        except UnicodeDecodeError:
            pass
    return data.decode("cp1252", "replace"), "Windows-1252"


def clean(text: str, where: str, note: Note) -> str:
    r"""Drop control characters; rare line separators (VT, FF, NEL, U+2028 ...) become ``\n``."""
    if text.isprintable():
        return text
    text = _LINE_BREAKS.sub("\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    cleaned = _CONTROLS.sub("", text)
    if len(cleaned) != len(text):
        note("control-characters", where, "")
    if _BIDI.search(cleaned):
        note("bidi-controls", where, "")
    return cleaned


def encoded_words(text: str) -> str:
    """Decode the encoded words of mail headers (RFC 2047), which mail clients save in cards.

    >>> encoded_words("=?UTF-8?Q?J=C3=B6rg_Berg?=")
    'Jörg Berg'
    """
    return _ENCODED_WORD.sub(_word, _BETWEEN_WORDS.sub("?==?", text))


def _word(hit: re.Match[str]) -> str:
    codec = codec_of(hit[1])
    data = base64(hit[3]) if hit[2] in "bB" else quoted_printable(hit[3].replace("_", " ").encode())
    try:
        return hit[0] if codec is None or data is None else data.decode(codec)
    except UnicodeDecodeError:
        return hit[0]


def base64(text: str) -> bytes | None:
    """Decode base64, with or without padding; None if it is not base64."""
    packed = "".join(text.split()).rstrip("=")
    try:
        return binascii.a2b_base64(packed + "=" * (-len(packed) % 4), strict_mode=True)
    except (binascii.Error, ValueError):
        return None
