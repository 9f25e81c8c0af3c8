"""How much of a card is read. Beyond it the line, the picture or the card is refused, never cut."""

from __future__ import annotations

MIB = 1024 * 1024

LINE = MIB
"""Bytes of one unfolded line that is no picture."""

PICTURE = 8 * MIB
"""Bytes of one picture, sound or key, decoded."""

CARD = 16 * MIB
"""Bytes of one card as it stands in the file."""

TEXT = 2 * MIB
"""Characters of one card without pictures."""

STRUCTURED = 256 * 1024
"""Characters of one card's names, organisations and addresses, which vobject walks one by one."""

LINES = 10_000
"""Properties of one card."""

PHYSICAL_LINES = 400_000
"""Lines of one card after unfolding; a picture without indentation has many."""

NESTING = 4
"""Cards within cards."""
