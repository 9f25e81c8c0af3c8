"""The version of the code that builds what the store keeps between runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_SOURCES = (
    "flows/run/facts",
    "people/facts",
    "people/identity/cards",
    "people/identity/data/words.txt",
    "people/store/frames.py",
    "people/store/mail_frames.py",
    "rules/engine",
)
"""The packages and modules that a cached frame, or a contact made from a guest, passes through."""


@cache
def code_version() -> str:
    """A hash of the code behind cached frames, and of the version of the library that writes them."""
    return hashlib.sha256(f"{version('polars')} {hash_of(_SOURCES)}".encode()).hexdigest()[:16]


def hash_of(sources: Iterable[str]) -> str:
    """A hash of packages and files of this installation, named by their paths."""
    total = hashlib.sha256()
    for name in sources:
        path = _ROOT / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            total.update(file.read_bytes())
    return total.hexdigest()
