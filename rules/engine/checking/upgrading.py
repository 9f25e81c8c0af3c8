"""Bring rule files to version 2: the starter files say that they come after the user's own."""

from __future__ import annotations

import re
from collections.abc import Mapping

BUNDLED = ("noise", "meetings", "relevance", "cadence", "follow_ups", "mutual_support", "mail")
"""The names of the starter files. In networks of before version 2 they do not say ``starter: true``."""

_VERSION = re.compile(rb"^version:[ \t]*1[ \t]*(#[^\r\n]*)?(?=\r?$)", re.MULTILINE)


def is_bundled(name: str) -> bool:
    """Whether a file of this name came with Touchbase.

    >>> is_bundled("cadence.yaml"), is_bundled("mine.yaml")
    (True, False)
    """
    return name.removesuffix(".yaml") in BUNDLED


def upgraded(texts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of version 1, by name, as they are in version 2. Other lines stay as they are."""
    return {name: _in_version_2(name, text) for name, text in texts.items() if _VERSION.search(text)}


def _in_version_2(name: str, text: bytes) -> bytes:
    end = b"\r\n" if b"\r\n" in text else b"\n"
    more = end + b"starter: true" if is_bundled(name) else b""
    return _VERSION.sub(lambda old: b"version: 2" + (b"  " + old[1] if old[1] else b"") + more, text, count=1)
