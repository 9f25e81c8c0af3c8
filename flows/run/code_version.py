"""The version of the code that builds what the store caches between runs."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import polars as pl

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
    total = hashlib.sha256(pl.__version__.encode())
    for name in _SOURCES:
        path = _ROOT / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            total.update(file.read_bytes())
    return total.hexdigest()[:16]
