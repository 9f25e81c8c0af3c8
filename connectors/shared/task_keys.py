"""A follow-up's key in the letters that every task list, file system and block id takes."""

from __future__ import annotations

import hashlib
import re

_PLAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_CODED = ("x-", "h-")
_MAX_TOKEN = 130


def encode(key: str) -> str:
    """Lower-case letters, digits and hyphens; the planner's keys stay as they are, others become hex."""
    if _PLAIN.fullmatch(key) and not key.startswith(_CODED):
        return key
    return f"x-{key.encode('utf-8', 'surrogatepass').hex()}"


def decode(text: str) -> str | None:
    """The key that ``encode`` made ``text`` of, None for anything else."""
    if text.startswith("x-"):
        try:
            return bytes.fromhex(text[2:]).decode("utf-8", "surrogatepass")
        except ValueError:
            return None
    return text if _PLAIN.fullmatch(text) and not text.startswith(_CODED) else None


def token(key: str) -> str:
    """``encode`` where a name must be short, as a file's: very long keys are hashed, for good."""
    text = encode(key)
    if len(text) <= _MAX_TOKEN:
        return text
    return f"h-{hashlib.sha256(text.encode()).hexdigest()[:40]}"
