"""A follow-up's key in characters that every task list, file system and block id accepts."""

from __future__ import annotations

import hashlib
import re

_PLAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_CODED = ("x-", "h-")
_MAX_TOKEN = 130


def encode(key: str) -> str:
    """Encode a key as lower-case letters, digits and hyphens. The planner's keys stay as they are."""
    if _PLAIN.fullmatch(key) and not key.startswith(_CODED):
        return key
    return f"x-{key.encode('utf-8', 'surrogatepass').hex()}"


def decode(text: str) -> str | None:
    """The key that ``encode`` turned into ``text``, None for any other text."""
    if text.startswith("x-"):
        try:
            return bytes.fromhex(text[2:]).decode("utf-8", "surrogatepass")
        except ValueError:
            return None
    return text if _PLAIN.fullmatch(text) and not text.startswith(_CODED) else None


def token(key: str) -> str:
    """``encode`` for names that must be short, such as a file's. A very long key is hashed."""
    text = encode(key)
    if len(text) <= _MAX_TOKEN:
        return text
    return f"h-{hashlib.sha256(text.encode()).hexdigest()[:40]}"
