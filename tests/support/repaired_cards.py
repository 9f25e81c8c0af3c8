"""Repaired cards as text that vobject's own parser reads without loss, to compare its reading with ours."""

from __future__ import annotations

import re

from connectors.vcard.repair import TEXTS, Property, RepairedCard
from connectors.vcard.values import PARTS

_BARE_COMMA = re.compile(r"\\.|,", re.DOTALL)


def card_text(card: RepairedCard) -> str:
    """The card as vCard 3.0, its lines unfolded and ended with CR LF."""
    lines = map(_safe_line, card.properties)
    return "".join(f"{line}\r\n" for line in ("BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD"))


def _safe_line(prop: Property) -> str:
    line = prop.line()
    if prop.head.name in TEXTS or prop.head.name in PARTS or prop.binary:
        return line
    # vobject cuts a value of unknown meaning at its first bare comma.
    value = prop.value.replace("\n", "\\n")
    return line.removesuffix(value) + _BARE_COMMA.sub(lambda hit: "\\," if hit[0] == "," else hit[0], value)
