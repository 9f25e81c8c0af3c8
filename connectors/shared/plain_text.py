"""Text files of any encoding and line ends, decoded to text with LF."""

from __future__ import annotations

import codecs
from typing import NamedTuple

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Decoded(NamedTuple):
    """The text of a file with LF line ends, and the codec to write it with.

    ``guessed`` is True if the codec (cp1252) was chosen only because the file is not UTF-8.
    """

    text: str
    codec: str
    guessed: bool = False


def decode(data: bytes) -> Decoded:
    """Decode by byte order mark, as UTF-16 without one, as UTF-8, or else as cp1252. Never raises."""
    codec = next((name for bom, name in _BOMS if data.startswith(bom)), None) or _utf_16_without_bom(data)
    if codec is not None:
        return Decoded(_lf(data.decode(codec, "replace")), codec)
    try:
        return Decoded(_lf(data.decode("utf-8")), "utf-8")
    except UnicodeDecodeError:
        return Decoded(_lf(data.decode("cp1252", "replace")), "cp1252", guessed=True)


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
