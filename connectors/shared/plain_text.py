"""Text files of any encoding and line ends, decoded to text with LF."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from connectors.shared.charsets import damaged_utf8, is_utf8

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SPLIT_CHARACTER = re.compile(rb"(\r*\n[ \t])([\x80-\xbf]{1,3})")
_FALLBACK = "cp1252"


class Decoded(NamedTuple):
    """The text of a file with LF line ends, and the codec to write it with.

    ``guessed`` is True if the codec (cp1252) was chosen only because the file is not UTF-8.
    """

    text: str
    codec: str
    guessed: bool = False


class Lines(NamedTuple):
    """The text of a file with LF line ends. ``odd`` are messages about lines, with their numbers from 1."""

    text: str
    odd: tuple[tuple[int, str], ...] = ()


def decode(data: bytes) -> Decoded:
    """Decode by byte order mark, as UTF-16 without one, as UTF-8, or else as cp1252. Never raises.

    The whole file has one codec, so that it can be written again. To read a file, use ``decode_lines``.
    """
    codec = _marked(data)
    if codec is not None:
        return Decoded(_lf(data.decode(codec, "replace")), codec)
    try:
        return Decoded(_lf(data.decode("utf-8")), "utf-8")
    except UnicodeDecodeError:
        return Decoded(_lf(data.decode(_FALLBACK, "replace")), _FALLBACK, guessed=True)


def decode_lines(data: bytes, encoding: str | None = None) -> Lines:
    """Decode as ``decode`` does, but line by line if the file is not in UTF-8. Never raises.

    A damaged character so costs only itself, and a line in another encoding only its line. ``encoding`` is
    the codec of lines that are not in UTF-8, as the settings say; cp1252 without one. A fold of iCalendar in
    the middle of a character is moved behind it.
    """
    codec = _marked(data)
    try:
        return Lines(_lf(data.decode(codec or "utf-8")))
    except UnicodeDecodeError:
        data = data.removeprefix(codecs.BOM_UTF8)
        if codec not in (None, "utf-8-sig"):
            return Lines(_lf(data.decode(codec or "", "replace")))
    for _ in range(3):  # a character has at most four bytes, and each may stand behind a fold
        data = _SPLIT_CHARACTER.sub(rb"\2\1", data)
    try:
        return Lines(_lf(data.decode()))
    except UnicodeDecodeError:
        if encoding is None and b"\r" in data and b"\n" not in data and _is_mac(data):
            encoding = "mac-roman"  # a spreadsheet's "CSV (Macintosh)" has the line ends of that time, too
        lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        return _each(lines, encoding)


def _is_mac(data: bytes) -> bool:
    """Whether the letters are where Mac Roman has them, and not where cp1252 does."""
    there, elsewhere = sum(0x80 <= byte < 0xA0 for byte in data), sum(byte >= 0xC0 for byte in data)
    return there >= elsewhere


def _each(lines: list[bytes], encoding: str | None) -> Lines:
    likely = any(not line.isascii() and is_utf8(line) for line in lines)
    texts: list[str] = []
    odd: list[tuple[int, str]] = []
    mixed = likely
    for number, line in enumerate(lines, start=1):
        try:
            texts.append(line.decode())
            continue
        except UnicodeDecodeError:
            pass
        text = damaged_utf8(line, likely=likely)
        if text is None:
            text, codec = _in_other_encoding(line, encoding)
            odd.append((number, f"is not in UTF-8; it was read as {codec}"))
        else:
            mixed = True
            if "\N{REPLACEMENT CHARACTER}" in text:
                odd.append((number, "a character is damaged and is shown as \N{REPLACEMENT CHARACTER}"))
        texts.append(text)
    if not mixed and odd:
        odd = [(1, odd[0][1])]  # the whole file is in this encoding
    return Lines("\n".join(texts), tuple(odd))


def _in_other_encoding(line: bytes, encoding: str | None) -> tuple[str, str]:
    if encoding is not None:
        try:
            return line.decode(encoding), encoding
        except UnicodeDecodeError:
            pass
    return line.decode(_FALLBACK, "replace"), _FALLBACK


def _marked(data: bytes) -> str | None:
    """The codec that the file begins with or shows by its zeros."""
    return next((name for bom, name in _BOMS if data.startswith(bom)), None) or _utf_16_without_bom(data)


def _utf_16_without_bom(data: bytes) -> str | None:
    head = data[:400]
    half = len(head) // 2
    if half < 2:
        return None
    if head[1::2].count(0) > 0.8 * half:
        return "utf-16-le"
    if head[0::2].count(0) > 0.8 * half:
        return "utf-16-be"
    return None


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
