"""How likely a question is to be answered with yes, by how rare its name is in this very book. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable

from people.identity import keys as block
from people.identity.cards.record import Record
from people.identity.weighing.weights import PRIOR, family_rarity, given_rarity

NAMES = (block.GIVEN, block.FAMILY)
"""The beginnings of the block keys of a given and of a family name."""


def names_of(record: Record) -> tuple[str, ...]:
    """The block keys of a record's given and family name; none if it lacks one of them."""
    name = record.name
    return (block.GIVEN + name.given, block.FAMILY + name.family) if name.given and name.family else ()


def in_common(ones: Iterable[str], others: Collection[str]) -> dict[str, float]:
    """The names that two records share, by the block keys of both, with their bits in the frozen tables."""
    return {
        key: given_rarity(key[2:]) if key.startswith(block.GIVEN) else family_rarity(key[2:])
        for key in ones
        if key.startswith(NAMES) and key in others
    }


def worth(bits: float, names: dict[str, float], count: Callable[[str], int], cards: int) -> float:
    """The bits of a pair in its own book: 0 is even odds.

    ``names`` are those ``in_common``, ``count`` returns how many cards have a key, ``cards`` are all. The
    share of a name in the book replaces that in the tables, and the book's size the 8,192 cards of the prior.
    """
    size = max(cards, 2)
    own = sum(math.log2(size / max(count(key), 1)) - table for key, table in names.items())
    return bits + own - PRIOR - math.log2(size)
