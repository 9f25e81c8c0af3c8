"""Character sets that files may name, and text decoded without trusting the names.

Only encodings that map bytes to plain characters are allowed. unicode_escape, utf-7 or idna would let a file
smuggle in text that nobody sees in it.
"""

from __future__ import annotations

import binascii
import re
from collections import Counter

_CODECS = {
    **{f"iso-8859-{part}": f"iso8859-{part}" for part in range(1, 17) if part != 12},
    **{f"windows-125{part}": f"cp125{part}" for part in range(9)},
    **{f"cp125{part}": f"cp125{part}" for part in range(9)},
    **{name: f"cp{page}" for page in (437, 850, 852, 855, 857, 866) for name in (f"cp{page}", f"ibm{page}")},
    **dict.fromkeys(("us-ascii", "ascii"), "ascii"),
    **dict.fromkeys(("iso-8859-1", "latin1", "latin-1", "iso8859-1"), "cp1252"),  # as every browser reads it
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "cp932"), "cp932"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "cp936", "windows-936"), "gb18030"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "cp949", "windows-949"), "cp949"),
    **dict.fromkeys(("big5", "cp950", "windows-950"), "cp950"),
    **dict.fromkeys(("macintosh", "mac-roman", "x-mac-roman"), "mac-roman"),
    **dict.fromkeys(("tis-620", "cp874", "windows-874"), "cp874"),
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    "euc-jp": "euc-jp",
    "iso-2022-jp": "iso-2022-jp",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
}
_UNIVERSAL = frozenset(("ascii", "utf-8", "iso-2022-jp"))

# The code page of Windows for a language, where the file names only the language.
_PAGES = {
    **dict.fromkeys(("ru", "uk", "be", "bg", "sr", "mk", "kk"), "cp1251"),
    **dict.fromkeys(("pl", "cs", "sk", "hu", "ro", "sl", "hr", "sq"), "cp1250"),
    **dict.fromkeys(("lt", "lv", "et"), "cp1257"),
    **dict.fromkeys(("ar", "fa", "ur"), "cp1256"),
    "el": "cp1253",
    "tr": "cp1254",
    "he": "cp1255",
    "vi": "cp1258",
    "th": "cp874",
    "ja": "cp932",
    "ko": "cp949",
    "zh-tw": "cp950",
    "zh-hk": "cp950",
    "zh": "gb18030",
}
_NAMED = re.compile(rb"CHARSET=\"?([A-Za-z0-9_-]{1,40})", re.IGNORECASE)
_LANGUAGE = re.compile(rb"LANGUAGE=\"?([A-Za-z]{2}(?:-[A-Za-z]{2})?)\b", re.IGNORECASE)

_BAD_HEX = re.compile(rb"=(?![0-9A-Fa-f]{2})")
_GOOD = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# The beginning of a character whose rest is missing. A lone byte is one only if hardly any word in cp1252
# ends in it.
_CUT = re.compile(
    rb"[\xe0-\xef][\x80-\xbf](?![\x80-\xbf])|[\xf0-\xf4][\x80-\xbf]{1,2}(?![\x80-\xbf])"
    rb"|[\xc2-\xc5\xce-\xd1\xe2\xf0](?![\x80-\xff])"
)


def codec_of(name: str) -> str | None:
    """Return the codec of an allowed character set, None for any other name."""
    return _CODECS.get(name.strip().lower())


def hinted_codec(data: bytes) -> str | None:
    """Guess the code page of a file or card that is not in UTF-8 from what it names elsewhere.

    The character set that most of its properties name wins. Without one, the first language counts.
    """
    named = Counter(codec_of(name.decode()) for name in _NAMED.findall(data))
    for codec, _ in named.most_common():
        if codec is not None and codec not in _UNIVERSAL:
            return codec
    for language in _LANGUAGE.findall(data):
        code = language.decode().lower()
        if page := _PAGES.get(code) or _PAGES.get(code[:2]):
            return page
    return None


def damaged_utf8(data: bytes, *, likely: bool = False) -> str | None:
    """Decode UTF-8 in which some characters are damaged; None if the text is in another encoding.

    An emoji in two halves (CESU-8) is joined. A character that was cut becomes U+FFFD. ``likely`` says that
    other lines of the file are in UTF-8, so that a cut character alone is taken for one.
    """
    if b"\xed" in data:
        try:
            halves = data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            pass
        else:
            return halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    others = _GOOD.sub(b"", data)
    good = len(data) - len(others)
    wrong = sum(byte > 127 for byte in others)
    only_cuts = (good > 0 or likely) and _CUT.sub(b"", others).isascii()
    return data.decode("utf-8", "replace") if only_cuts or good > wrong else None


def is_utf8(data: bytes) -> bool:
    """Whether all of ``data`` is valid UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def quoted_printable(data: bytes) -> bytes:
    """Decode quoted-printable. Invalid sequences stay as they are."""
    return binascii.a2b_qp(_BAD_HEX.sub(b"=3D", data)) if b"=" in data else data
