"""Names of mail folders as IMAP and Maildir write them: modified UTF-7 (RFC 3501, 5.1.3)."""

from __future__ import annotations

import base64
import binascii
import re

_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
_OTHER = re.compile(r"&|[^\x20-\x7e]+")


def decoded(name: str) -> str:
    """Return the name as people read it. What is not modified UTF-7 stays as it is.

    >>> decoded("Entw&APw-rfe")
    'Entwürfe'
    """
    return _SHIFTED.sub(_decode, name)


def encoded(name: str) -> str:
    """Return the name as IMAP writes it.

    >>> encoded("Tom & Jerry/Entwürfe")
    'Tom &- Jerry/Entw&APw-rfe'
    """
    return _OTHER.sub(_encode, name)


def _decode(match: re.Match[str]) -> str:
    digits = match.group(1).replace(",", "/")
    if not digits:
        return "&"
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4)).decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        return match.group()


def _encode(match: re.Match[str]) -> str:
    if match.group() == "&":
        return "&-"
    digits = base64.b64encode(match.group().encode("utf-16-be", "replace")).decode("ascii")
    return f"&{digits.rstrip('=').replace('/', ',')}-"
