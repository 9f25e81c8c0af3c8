"""Copies of a store that lie beside it, one per migration: ``touchbase.db.backup-REVISION-TIME``."""

from __future__ import annotations

import re
from datetime import datetime
from glob import escape
from pathlib import Path

KEPT = 3
"""How many copies stay beside a store. When a migration adds one, the oldest goes."""

_TIME = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"\.backup-(\d{4})-(\d{8}T\d{6}Z)")


def name(path: Path, revision: str, at: datetime) -> Path:
    """Return the name of a copy of the store ``path`` at ``revision``."""
    return path.with_name(f"{path.name}.backup-{revision}-{at:{_TIME}}")


def beside(path: Path, revision: str | None = None) -> list[Path]:
    """Return the copies that lie beside a store, oldest first: all, or those of a revision."""
    try:
        files = [one for one in path.parent.iterdir() if one.name.startswith(path.name) and one.is_file()]
    except OSError:
        return []
    matches = ((_NAME.fullmatch(one.name.removeprefix(path.name)), one) for one in files)
    found = [(match[2], one) for match, one in matches if match and revision in (None, match[1])]
    return [one for _, one in sorted(found)]


def damaged(path: Path) -> list[Path]:
    """Return the damaged stores that ``touchbase store restore`` set aside beside a store, oldest first."""
    try:
        return sorted(one for one in path.parent.glob(f"{escape(path.name)}.damaged-*") if one.is_file())
    except OSError:
        return []


def newest(path: Path) -> Path | None:
    """Return the newest copy beside a store; None if there is none."""
    return next(reversed(beside(path)), None)


def remove_old(path: Path) -> None:
    """Keep the newest copies (``KEPT``) beside a store, and remove those that are older."""
    for old in beside(path)[:-KEPT]:
        old.unlink(missing_ok=True)
