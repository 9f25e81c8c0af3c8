"""Kinds of evidence, and what makes them doubtful, as bits of one number."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

Sharing = Callable[[str], int]
"""How many distinct names share an e-mail's or phone's block key, how many records an organisation's."""

ENOUGH = 4.0
"""From this many bits on, an e-mail, phone or organisation counts as a kind of evidence."""

KINDS = (
    "name", "half a name", "e-mail", "phone", "profile", "card id", "number", "birthday", "organisation",
    "place", "town", "age",
)  # fmt: skip
"""Kinds of evidence, in the order of their bits. A job title is none: too many have it."""
(
    NAME,
    HALF_NAME,
    EMAIL,
    PHONE,
    PROFILE,
    CARD_ID,
    NUMBER,
    BIRTHDAY,
    ORGANISATION,
    PLACE,
    TOWN,
    AGE,
) = (1 << at for at in range(12))
ALL_KINDS = (1 << 12) - 1
(OTHER_GIVEN, OTHER_FAMILY, OTHER_DESK, SAME_HOME, AT_ODDS) = (1 << at for at in range(12, 17))
"""Marks beside the kinds: names that differ, desks of one switchboard, a landline or street in common, and
a phone, organisation or street that differs."""

REACHES_ONE = EMAIL | PHONE | PROFILE | CARD_ID | NUMBER
"""Kinds that name one person by themselves, so that half a name beside them is enough."""
PERSONAL = REACHES_ONE | BIRTHDAY | AGE
"""Without one of these, other names mean other people, and there is nothing to ask: a married name needs a
personal e-mail or mobile."""
HOUSEHOLD = NAME | HALF_NAME | PLACE | TOWN
"""Kinds that father and son have in common."""
HALF = HALF_NAME | TOWN | AGE
"""Kinds that count half."""


def alone(_key: str) -> int:
    """The sharing of values that nobody else has."""
    return 1


@cache
def breadth(kinds: int) -> float:
    """How many independent kinds of evidence there are; some count half."""
    kinds &= ALL_KINDS
    halves = kinds & HALF
    if kinds & REACHES_ONE:
        halves &= ~HALF_NAME
    return kinds.bit_count() - halves.bit_count() / 2


def in_words(kinds: int) -> list[str]:
    """The kinds of evidence by name."""
    return [name for at, name in enumerate(KINDS) if kinds >> at & 1]
