"""Which code made what is kept from run to run: other code may make something else of the same store."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import polars as pl

_PACKAGES = Path(__file__).parents[2]
_MODULES = (
    "flows/run/meetings.py", "flows/run/inputs.py", "people/facts/person.py", "people/store/frames.py",
)  # fmt: skip
_FOLDER = "rules/engine"


@cache
def made_by() -> str:
    """A hash of all modules that a kept frame passes through, and of the library that writes it."""
    total = hashlib.sha256(pl.__version__.encode())
    for file in (*(_PACKAGES / name for name in _MODULES), *sorted((_PACKAGES / _FOLDER).rglob("*.py"))):
        total.update(file.read_bytes())
    return total.hexdigest()[:16]
