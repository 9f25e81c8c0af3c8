"""Limits for the size of a card. A line, picture or card that exceeds them is refused, never cut."""

from __future__ import annotations

MIB = 1024 * 1024

LINE = MIB
"""Bytes of one unfolded line, except pictures."""

PICTURE = 8 * MIB
"""Bytes of one picture, sound or key, decoded."""

CARD = 16 * MIB
"""Bytes of one card in the file."""

TEXT = 2 * MIB
"""Characters of one card without pictures."""

STRUCTURED = 256 * 1024
"""Characters of one card's names, organisations and addresses. vobject splits them character by character."""

LINES = 10_000
"""Properties of one card."""

PHYSICAL_LINES = 400_000
"""Lines of one card after unfolding. A picture without indentation has many."""

NESTING = 4
"""Cards within cards."""
