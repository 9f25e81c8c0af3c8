"""Where tests find the checkout, and the third-party data beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"


def shared(path: str) -> Path:
    """Third-party test data beside the checkout; the test is skipped where it is absent."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"third-party data is not here: {found}")
    return found
