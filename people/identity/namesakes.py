"""The bulk lane: cards that are merged because nobody else in the book has their name.

A full name that stands once in each of two sources and once in the book, with nothing against it, is nearly
always one person: of 1,795 such pairs in two simulated books of 800 people, 1,794 were.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations

from people.identity import keys as block
from people.identity.cards.record import Record
from people.identity.weighing.kinds import NAME, Sharing
from people.identity.weighing.scoring import Doubt, Score
from people.identity.weighing.terms import What
from people.identity.weighing.weights import BLOCK_CAP, family_rarity, given_rarity

CLASSES = (4, 8, 16, 32)
"""How many cards bear a part of a name, in classes: up to 4, up to 8, and so on."""
COMMON, RARE, WITH_FIRM = 64, 256, 1024
"""The most that the classes of given and family name multiply to: for a name that is common in the world, for
another one, and with a firm or a town in common. In a book of 2,000 cards, 256 is one other bearer in eight
names at the worst; most of these show, because a source has the name twice."""
COMMON_BITS = 18.0
"""A full name with at most these bits is common in the world."""
MOST_SOURCES = 8
"""The most cards of one full name that are looked at; more are people of a common name."""
WHY = "nobody else in the book has this name: merged in bulk"
"""The line of evidence that marks such a merge."""

_AGREE = (What.GIVEN_NAME_SAME, What.FAMILY_NAME_SAME)
_HARMLESS = (What.PRIVATE_EMAIL_DIFFERS,)
_NEW_JOB = (*_HARMLESS, What.ORGANISATION_DIFFERS)


def has_nothing_against(score: Score) -> bool:
    """Whether two records have the same full name and nothing that speaks against one person."""
    if score.band != "review" or not score.kinds & NAME or score.doubt not in (None, Doubt.COMMON_NAME):
        return False
    found = [what for what, _, _ in score.terms]
    against = any(bits < 0 and what not in _HARMLESS for what, bits, _ in score.terms)
    return not against and all(what in found for what in _AGREE)


def stand_alone(
    one: Record,
    other: Record,
    namesakes: Sequence[Record],
    sharing: Sharing,
    score: Callable[[str, str], Score],
) -> bool:
    """Whether each source has a name once that two records have, and the book few names that are like it.

    ``namesakes`` are all records of the full name; nothing may speak against any two of them. ``sharing``
    counts the records of a key. In a small book nobody can say how rare a name is; among more than about
    4,000 people chance makes too many namesakes. In both, nobody stands alone.
    """
    if len(namesakes) > MOST_SOURCES or len({_source(record) for record in namesakes}) < len(namesakes):
        return False
    if sharing(block.EVERYBODY) <= BLOCK_CAP or sharing(block.SAMPLE) > BLOCK_CAP:
        return False
    given, family = sharing(block.GIVEN + one.name.given), sharing(block.FAMILY + one.name.family)
    together = one.organisation == other.organisation != "" or not {*one.cities}.isdisjoint(other.cities)
    most = WITH_FIRM if together else COMMON if _rarity(one) <= COMMON_BITS else RARE
    if size_class(given) * size_class(family) > most:
        return False
    scores = (score(x.key, y.key) for x, y in combinations(namesakes, 2))
    return all(each.band == "auto" or _may_be_one(each) for each in scores)


def _may_be_one(score: Score) -> bool:
    """Whether a third card may join two namesakes: at most the firm differs, as after a new job."""
    if score.veto or score.doubt not in (None, Doubt.COMMON_NAME, Doubt.AT_ODDS):
        return False
    return not any(bits < 0 and what not in _NEW_JOB for what, bits, _ in score.terms)


def _rarity(record: Record) -> float:
    return given_rarity(record.name.given) + family_rarity(record.name.family)


def _source(record: Record) -> str:
    return record.key.partition(":")[0]


def size_class(count: int) -> float:
    """The class of a part of a name that ``count`` cards bear: ``stand_alone`` hangs on it."""
    return next((most for most in CLASSES if count <= most), math.inf)
