"""Bytes to text: byte order mark, UTF-16, UTF-8, an allow-listed CHARSET, and at last cp1252."""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Callable

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

# Only encodings that map bytes to plain characters. unicode_escape, utf-7 or idna would let a card smuggle
# in text that nobody sees in the file.
_CHARSETS = {
    **{f"iso-8859-{part}": f"iso8859-{part}" for part in range(1, 17) if part != 12},
    **{f"windows-125{part}": f"cp125{part}" for part in range(9)},
    **{f"cp125{part}": f"cp125{part}" for part in range(9)},
    **dict.fromkeys(("us-ascii", "ascii"), "ascii"),
    **dict.fromkeys(("iso-8859-1", "latin1", "latin-1", "iso8859-1"), "cp1252"),  # as every browser reads it
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "cp932"), "cp932"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "cp936"), "gb18030"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "cp949"), "cp949"),
    **dict.fromkeys(("big5", "cp950"), "cp950"),
    **dict.fromkeys(("macintosh", "mac-roman", "x-mac-roman"), "mac-roman"),
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "euc-jp": "euc-jp",
    "iso-2022-jp": "iso-2022-jp",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "tis-620": "cp874",
}

_LINE_BREAKS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BAD_HEX = re.compile(rb"=(?![0-9A-Fa-f]{2})")


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


def known_charset(name: str) -> bool:
    """Whether this value of CHARSET is an allowed one."""
    return name.strip().lower() in _CHARSETS


def to_text(data: bytes, charset: str | None, where: str, note: Note) -> str:
    """Decode one value or line, and note what was guessed or lost. Never raises."""
    codec = _CHARSETS.get(charset.strip().lower()) if charset else None
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
            codec = None
    if charset and not known_charset(charset):
        note("unknown-charset", where, charset)
    text = data.decode("cp1252", "replace")
    note("not-utf8", where, "Windows-1252")
    if "\N{REPLACEMENT CHARACTER}" in text:
        note("undecodable", where, "")
    return text


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


def quoted_printable(data: bytes) -> bytes:
    """Decode quoted-printable. Invalid sequences stay as they are."""
    return binascii.a2b_qp(_BAD_HEX.sub(b"=3D", data)) if b"=" in data else data


def base64(text: str) -> bytes | None:
    """Decode base64, with or without padding; None if it is not base64."""
    packed = "".join(text.split()).rstrip("=")
    try:
        return binascii.a2b_base64(packed + "=" * (-len(packed) % 4), strict_mode=True)
    except (binascii.Error, ValueError):
        return None
