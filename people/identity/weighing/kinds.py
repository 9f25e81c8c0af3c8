"""Kinds of evidence, and marks that make them doubtful, as flags in one integer."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

Sharing = Callable[[str], int]
"""Takes a block key: returns the number of names that share an e-mail or phone, or of records that name an
organisation."""

ENOUGH = 4.0
"""An e-mail, phone or organisation counts as a kind of evidence if it has at least this many bits."""

KINDS = (
    "name", "half a name", "e-mail", "phone", "profile", "card id", "number", "birthday", "organisation",
    "place", "town", "age",
)  # fmt: skip
"""The names of the kinds, in the order of their flags. A job title is too common to be a kind."""
(
    NAME, HALF_NAME, EMAIL, PHONE, PROFILE, CARD_ID, NUMBER, BIRTHDAY, ORGANISATION, PLACE, TOWN, AGE,
) = (1 << at for at in range(12))  # fmt: skip
ALL_KINDS = (1 << 12) - 1
(
    OTHER_GIVEN, OTHER_FAMILY, OTHER_DESK, SAME_HOME, AT_ODDS, LIKE_GIVEN, OTHER_MIDDLE, COMMON_NAME,
    OTHER_FORM, CLOSE_BIRTHDAY, SAME_TITLE, LIKE_FAMILY,
    OTHER_ADDRESS, OTHER_PHONE, OTHER_FIRM, SAME_MIDDLE, OTHER_PROFILE,
) = (1 << at for at in range(12, 29))  # fmt: skip
"""Marks: names that differ; desks of one switchboard; a landline or street in common; a phone, organisation
or street that differs; given names that are only similar; middle names that differ; a name that many bear;
given names that are two forms of one; birthdays that are only close; a job title in common;
family names that are only similar; addresses, phones and firms that all differ; a middle name in common; and
two profiles at LinkedIn."""

REACHES_ONE = EMAIL | PHONE | PROFILE | CARD_ID | NUMBER
"""Kinds that point to one person on their own; half a name beside them counts as a full kind."""
PERSONAL = REACHES_ONE | BIRTHDAY | AGE
"""Without one of these, different names mean different people, and there is nothing to ask: to recognise a
married name takes a personal e-mail or mobile."""
IMPERSONAL = NAME | HALF_NAME | ORGANISATION | TOWN
"""Kinds that two of one name can share by chance where the name is common."""
ALL_DIFFERS = OTHER_ADDRESS | OTHER_PHONE | OTHER_FIRM
"""Namesakes are two people if all this differs."""
HOUSEHOLD = NAME | HALF_NAME | PLACE | TOWN
"""Kinds that father and son share."""
HALF = HALF_NAME | TOWN | AGE
"""Kinds that count half."""


def alone(_key: str) -> int:
    """The ``Sharing`` for a pair on its own: no other record has its values."""
    return 1


@cache
def breadth(kinds: int) -> float:
    """The number of independent kinds of evidence; some count half."""
    if kinds & CLOSE_BIRTHDAY and not kinds & ALL_KINDS & ~(NAME | HALF_NAME | AGE):
        kinds &= ~AGE  # Of the bearers of one name, many were born within a year.
    kinds &= ALL_KINDS
    halves = kinds & HALF
    if kinds & REACHES_ONE:
        halves &= ~HALF_NAME
    return kinds.bit_count() - halves.bit_count() / 2


def in_words(kinds: int) -> list[str]:
    """The names of the kinds."""
    return [name for at, name in enumerate(KINDS) if kinds >> at & 1]
