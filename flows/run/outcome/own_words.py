"""What users write at the end of a digest: it stays when our part is written again or deleted."""

from __future__ import annotations

import re
from pathlib import Path

_MARK = "<!-- Touchbase keeps what you write below this line. It writes the rest again. -->"
"""Ends our part. Markdown shows no comments."""
LINES = 1
"""How many lines that adds to a page."""
_WRITTEN = re.compile(re.escape(_MARK) + r"[^\S\n]*\n?")


def after(page: str, own: str) -> str:
    """Return the text of a file: our page, then what the user wrote."""
    return f"{page.rstrip()}\n{_MARK}\n{own}".lstrip("\n")


def of(file: Path) -> str:
    """Return what stands below our mark; empty where there is no file, or no mark.

    Raises ``OSError`` and ``UnicodeError`` where the file cannot be read.
    """
    return "".join(_parts(file)[1:])


def to_keep(file: Path) -> str:
    """The same, but all of a file without our mark: nobody knows whose it is, perhaps a daily note."""
    return _parts(file)[-1]


def _parts(file: Path) -> list[str]:
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return _WRITTEN.split(text, maxsplit=1)
