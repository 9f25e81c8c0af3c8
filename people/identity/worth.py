"""How likely a question is to be answered with yes, by how rare its name is in this very book. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable

from people.identity import keys as block
from people.identity.weighing.weights import PRIOR

_NAME = re.compile(r"(?P<part>given|family) name same \((?P<name>.*)\) (?P<bits>[+-]\d+\.\d)")
_KEYS = {"given": block.GIVEN, "family": block.FAMILY}


def counted_keys(lines: Iterable[str]) -> dict[str, float]:
    """The block keys of the names in the evidence for a pair, each with its bits in the frozen tables."""
    found = (_NAME.fullmatch(line) for line in lines)
    return {_KEYS[one["part"]] + one["name"]: float(one["bits"]) for one in found if one}


def worth(bits: float, names: dict[str, float], count: Callable[[str], int], cards: int) -> float:
    """The bits of a pair in its own book: 0 is even odds.

    ``names`` are ``counted_keys``, ``count`` returns how many cards have a key, ``cards`` are all. The share
    of a name in the book replaces that in the tables, and the book's size the 8,192 cards of the prior.
    """
    size = max(cards, 2)
    own = sum(math.log2(size / max(count(key), 1)) - table for key, table in names.items())
    return bits + own - PRIOR - math.log2(size)
