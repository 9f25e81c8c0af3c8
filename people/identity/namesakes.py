"""The bulk lane: cards that are merged because nobody else in the book has their name.

A full name that stands once in each of two sources and once in the book, with nothing against it, is nearly
always one person. The commoner its parts are in the book, the likelier two people have it by chance: such
names are listed, and one answer decides about all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Literal

from people.identity import keys as block
from people.identity.cards.record import Record
from people.identity.weighing.kinds import NAME, OTHER_ADDRESS, SAME_TITLE, Sharing
from people.identity.weighing.scoring import Doubt, Score
from people.identity.weighing.terms import What
from people.identity.weighing.weights import BLOCK_CAP, family_rarity, given_rarity

CLASSES = (*range(1, 9), 12, 16, 24, 32, 48, 60)
"""How many cards bear a part of a name, in classes: up to 8 each number, then up to 12, and so on."""
COMMON, RARE, WITH_TITLE, WITH_FIRM = 16, 32, 256, 1024
"""The most that the bearers of given and family name multiply to: for a name that is common in the world, for
another one, and with a job title or a firm in common. In a book of B cards two namesakes of product P stand
like one person about once in 16 B / P times: measured on 114,000 pairs in eleven worlds of names. What
multiplies to more is a question of one list."""
COMMON_BITS = 16.0
"""A full name with at most these bits is common in the world."""
MOST_SOURCES = 8
"""The most cards of one full name that are looked at; more are people of a common name."""
WHY = "nobody else in the book has this name: merged in bulk"
"""The line of evidence that marks such a merge."""

LISTED = "each source has this name once, and at most a new job or mailbox speaks against it"
"""The line of evidence that marks a question of the list."""

Standing = Literal["alone", "listed", ""]
"""How two records of one name stand in their book: *alone* are merged, *listed* are one question of many."""

_AGREE = (What.GIVEN_NAME_SAME, What.FAMILY_NAME_SAME)
_HARMLESS = (What.PRIVATE_EMAIL_DIFFERS, What.ORGANISATION_DIFFERS)
"""What may differ on two cards of one person: a second mailbox, and the firm after a new job."""


def may_stand(score: Score) -> bool:
    """Whether two records have one full name, and at most a new job or mailbox speaks against one person."""
    if score.band != "review" or not score.kinds & NAME or not _may_be_one(score):
        return False
    found = [what for what, _, _ in score.terms]
    return all(what in found for what in _AGREE)


def has_nothing_against(score: Score) -> bool:
    """Whether two records have the same full name and nothing that speaks against one person."""
    return may_stand(score) and not any(bits < 0 for _, bits, _ in score.terms)


def standing(
    one: Record,
    other: Record,
    namesakes: Sequence[Record],
    sharing: Sharing,
    score: Callable[[str, str], Score],
) -> Standing:
    """How two records for which ``may_stand`` holds stand in their book.

    They stand out if each source has the name once and nothing speaks against any two records of it; they
    stand alone if the book also has few names that are like it. ``namesakes`` are all records of the full
    name. ``sharing`` counts the records of a key. In a small book nobody can say how rare a name is; among
    more than about 4,000 people chance makes too many namesakes. In both, nobody stands out.
    """
    if len(namesakes) > MOST_SOURCES or len({_source(record) for record in namesakes}) < len(namesakes):
        return ""
    if sharing(block.EVERYBODY) <= BLOCK_CAP or sharing(block.SAMPLE) > BLOCK_CAP:
        return ""
    scores = [(score(x.key, y.key), _is_guest(x, y)) for x, y in combinations(namesakes, 2)]
    if not all(each.band == "auto" or _may_be_one(each) for each, _ in scores):
        return ""
    if any(each.band != "auto" and _is_at_odds(each, has_guest=has_guest) for each, has_guest in scores):
        return "listed"
    this = score(one.key, other.key)
    bearers = (sharing(block.GIVEN + one.name.given), sharing(block.FAMILY + one.name.family))
    return "alone" if math.prod(map(size_class, bearers)) <= _most(one, this) else "listed"


def _most(record: Record, score: Score) -> int:
    """The most bearers that two cards which stand alone may have."""
    if any(what is What.ORGANISATION_SAME for what, _, _ in score.terms):
        return WITH_FIRM
    if score.kinds & SAME_TITLE:
        return WITH_TITLE
    return COMMON if _rarity(record) <= COMMON_BITS else RARE


def _may_be_one(score: Score) -> bool:
    """Whether at most a new job or mailbox speaks against one person."""
    if score.veto or score.doubt not in (None, Doubt.COMMON_NAME, Doubt.AT_ODDS):
        return False
    return not any(bits < 0 and what not in _HARMLESS for what, bits, _ in score.terms)


def _is_at_odds(score: Score, *, has_guest: bool) -> bool:
    """Whether anything speaks against two namesakes; the card of a guest mostly has that address."""
    return bool(has_guest and score.kinds & OTHER_ADDRESS) or any(bits < 0 for _, bits, _ in score.terms)


def _is_guest(one: Record, other: Record) -> bool:
    """Whether one of two records is a guest, whose address a card of the same person mostly has."""
    return any(":mailto:" in record.key for record in (one, other))


def _rarity(record: Record) -> float:
    return given_rarity(record.name.given) + family_rarity(record.name.family)


def _source(record: Record) -> str:
    return record.key.partition(":")[0]


def size_class(count: int) -> float:
    """The class of a part of a name that ``count`` cards bear: ``standing`` hangs on it."""
    return next((most for most in CLASSES if count <= most), math.inf)
