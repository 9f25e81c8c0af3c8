"""Limits for the size of a card. A line, picture or card that exceeds them is refused, never cut."""

from __future__ import annotations

MIB = 1024 * 1024

LINE = MIB  # bytes of one unfolded line, except pictures
PICTURE = 8 * MIB  # bytes of one picture, sound or key, decoded
CARD = 16 * MIB  # bytes of one card in the file
TEXT = 2 * MIB  # characters of one card without pictures
# Characters of one card's names, organisations and addresses. vobject splits them character by character.
STRUCTURED = 256 * 1024
LINES = 10_000  # properties of one card
# Lines of one card after unfolding. A picture without indentation has many.
PHYSICAL_LINES = 400_000
NESTING = 4  # cards within cards
