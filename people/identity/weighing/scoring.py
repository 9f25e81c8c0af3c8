"""Score a pair of records: its bits, its band, and what forbids or questions a merge."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cache
from typing import Literal, NamedTuple

from people.identity.cards.record import HAS_BIRTHDAY, Record
from people.identity.weighing import birthdays, compare, name_parts, weights
from people.identity.weighing.kinds import (
    AGE,
    ALL_DIFFERS,
    ALL_KINDS,
    AT_ODDS,
    BIRTHDAY,
    COMMON_NAME,
    EMAIL,
    HALF_NAME,
    HOUSEHOLD,
    IMPERSONAL,
    LIKE_FAMILY,
    LIKE_GIVEN,
    NAME,
    NUMBER,
    OTHER_DESK,
    OTHER_FAMILY,
    OTHER_FORM,
    OTHER_GIVEN,
    OTHER_MIDDLE,
    OTHER_PROFILE,
    PERSONAL,
    PHONE,
    PLACE,
    REACHES_ONE,
    SAME_HOME,
    SAME_MIDDLE,
    SAME_TITLE,
    TOWN,
    Sharing,
    alone,
    breadth,
    in_words,
)
from people.identity.weighing.terms import Term, What
from people.identity.weighing.weigh import have_two_profiles, same_number, weigh
from people.identity.weighing.weights import AUTO, KEEP, PRIOR, REVIEW, THREE_NAMES

Band = Literal["auto", "review", "separate"]

_OTHER_BIRTHDAYS = "different birthdays"
_ALL_BUT_BIRTHDAY = NAME | EMAIL | PHONE
"""If so much agrees, a birthday is more likely mistyped than another person's."""
_INITIALS = (What.GIVEN_NAME_INITIAL_SAME, What.FAMILY_NAME_INITIAL_SAME)
_APART = ((What.GIVEN_NAME_DIFFERS,), (What.GIVEN_NAME_DIFFERS, What.FAMILY_NAME_DIFFERS))
_REACHED = (What.EMAIL_SAME, What.PHONE_SAME)
_WORTHLESS = float("-inf")


class Doubt(StrEnum):
    """Why only the user can tell whether two records are one person; the value is the text to read."""

    OTHER_GIVEN = "the given names differ"
    LIKE_GIVEN = "the given names are only similar"
    LIKE_FAMILY = "the family names are only similar"
    OTHER_MIDDLE = "the middle names differ"
    OTHER_FAMILY = "the family names differ"
    COMMON_NAME = "many people have this name, and nothing personal agrees"
    OTHER_BIRTHDAY = "much agrees, but the birthdays differ"
    OTHER_PROFILE = "each has a profile of its own at LinkedIn"
    OTHER_DESK = "two desks of one switchboard"
    SAME_HOME = "they share a home, as father and son do"
    AT_ODDS = "their names and whereabouts are alike, but what reaches them differs"


class Score(NamedTuple):
    """The evidence that two records are one person.

    ``bits`` is the sum of the terms and the prior; 0 is even odds. ``kinds`` are kinds of evidence and marks
    (see ``kinds``). ``band`` is auto, review or separate; it leaves out the user's decisions and earlier
    merges. ``veto`` says why the two can never be one person, ``doubt`` why only the user can decide.
    """

    bits: float
    terms: Sequence[Term]
    kinds: int
    band: Band
    veto: str = ""
    doubt: Doubt | None = None

    @property
    def keeps(self) -> bool:
        """Whether an earlier automatic merge of the two remains."""
        return self.bits >= KEEP and self.band != "separate"

    @property
    def clashes(self) -> bool:
        """Whether the two cannot be in one person, even if a third record joins them.

        If birthdays agree, different given names may belong to one person (a second name, a misspelling).
        """
        if self.kinds & OTHER_PROFILE and not any(what in _REACHED for what, _, _ in self.terms):
            return True
        return bool(self.veto) or (self.doubt is Doubt.OTHER_GIVEN and not self.kinds & (BIRTHDAY | AGE))

    @property
    def is_partial(self) -> bool:
        """Whether one of the names is half of the other, or has an initial: it may fit two people."""
        return bool(self.kinds & HALF_NAME) or any(what in _INITIALS for what, _, _ in self.terms)

    def lines(self) -> list[str]:
        """The evidence as text, one line per term, strongest first."""
        ordered = sorted([(-abs(bits), what, detail, bits) for what, bits, detail in self.terms])
        lines = [
            f"{what} ({detail}) {bits:+.1f}" if detail else f"{what} {bits:+.1f}"
            for _, what, detail, bits in ordered
        ]
        lines.append(_PRIOR_LINE)
        if self.veto:
            lines.append(f"never one person: {self.veto}")
        elif self.doubt:
            lines.append(f"only you can tell: {self.doubt}")
        elif self.bits >= AUTO and self.band == "review":
            kinds = ", ".join(in_words(self.kinds)) or "none of their own"
            lines.append(f"too few kinds of evidence: {kinds}")
        return lines


_PRIOR_LINE = f"any two cards {PRIOR:+.1f}"


def score_pair(a: Record, b: Record, sharing: Sharing = alone) -> Score:
    """Score two records; symmetric in ``a`` and ``b``."""
    score = score_above(a, b, sharing, _WORTHLESS)
    assert score is not None  # noqa: S101 - nothing is below minus infinity
    return score


def score_above(a: Record, b: Record, sharing: Sharing, least: float = REVIEW) -> Score | None:
    """The score of two records, or None if it is below ``least`` or can never join them (see ``weigh``)."""
    weighed = weigh(a, b, sharing, least)
    if weighed is None:
        return None
    bits, terms, kinds = weighed
    if a.kind != b.kind or a.has & b.has & HAS_BIRTHDAY or a.name.generation:
        veto = _veto(a, b)
        if veto == _OTHER_BIRTHDAYS and kinds & _ALL_BUT_BIRTHDAY == _ALL_BUT_BIRTHDAY:
            return Score(round(bits, 1), terms, kinds, "review", "", Doubt.OTHER_BIRTHDAY)
        if veto:
            return Score(round(bits, 1), terms, kinds, "separate", veto)
    doubt, asked, auto = _bands(kinds)
    band: Band = "separate" if bits < REVIEW else "auto" if bits >= auto else asked
    return Score(round(bits, 1), terms, kinds, band, "", doubt)


@cache
def _bands(kinds: int) -> tuple[Doubt | None, Band, float]:
    """The doubt that kinds leave, the band from ``REVIEW`` on, and the least bits for *auto*."""
    doubt = _doubt(kinds)
    if doubt:
        named_apart = kinds & (OTHER_GIVEN | OTHER_FAMILY) and not kinds & PERSONAL
        all_differs = kinds & ALL_DIFFERS == ALL_DIFFERS and not kinds & ALL_KINDS & ~NAME
        return doubt, "separate" if named_apart or all_differs else "review", math.inf
    if breadth(kinds) > 1:
        return None, "review", AUTO
    # Three names in full that agree are more than one kind, if they are rare and nothing differs.
    three_names = kinds & SAME_MIDDLE and kinds & NAME and not kinds & ALL_DIFFERS
    return None, "review", THREE_NAMES if three_names else math.inf


def clash(a: Record, b: Record, *, families: bool = False) -> bool:
    """The same as ``Score.clashes``, but without the full score.

    With ``families``, different family names clash as well.
    """
    one, other = a.name, b.name
    if _are_two(a, b):
        return True
    if a.kind != "person" or not (one.given or one.family) or not (other.given or other.family):
        return False
    if one.given == other.given and one.family == other.family:
        return False
    if not any(what in _APART[families] for what, _, _ in compare.names(one, other)):
        return False
    if a.birthday and b.birthday and birthdays.agreement(a.birthday, b.birthday).bits > 0:
        return False
    return not same_number(a.ids, b.ids, nearly=True)


def _are_two(a: Record, b: Record) -> bool:
    """Whether a veto or two profiles part two records."""
    if (a.kind != b.kind or a.name.generation or a.has & b.has & HAS_BIRTHDAY) and _veto(a, b):
        return True
    return bool(a.profiles and b.profiles and have_two_profiles(a, b))


def _veto(a: Record, b: Record) -> str:
    if a.kind != b.kind:
        return "one is a {}, the other a {}".format(*sorted((a.kind, b.kind)))
    one, other = a.name.generation, b.name.generation
    if one and other and one != other:
        return "different generations (Jr, Sr)"
    if a.birthday and b.birthday and birthdays.agreement(a.birthday, b.birthday) is What.BIRTHDAY_DIFFERS:
        return "" if _one_holder(a, b) else _OTHER_BIRTHDAYS
    return ""


def _one_holder(a: Record, b: Record) -> bool:
    """Whether a number shows that two records are one person, so that a birthday must be mistyped.

    An institution gives each number to one person. A number that nearly agrees may also be another person's,
    so then the given names must agree as well.
    """
    if same_number(a.ids, b.ids):
        return True
    names = (a.name.given, b.name.given)
    return all(names) and name_parts.given_names(*names)[1] > 0 and same_number(a.ids, b.ids, nearly=True)


def _doubt(kinds: int) -> Doubt | None:
    """The doubt if the evidence is typical of two people who live or work together."""
    return next((doubt for doubt, marks, but in _DOUBTS if kinds & marks and not but(kinds)), None)


def _any(cleared_by: int) -> Callable[[int], bool]:
    return lambda kinds: bool(kinds & cleared_by)


def _is_one_family(kinds: int) -> bool:
    """Whether a personal address or number, or birthday and place, make up for another family name."""
    return bool(kinds & REACHES_ONE) or (bool(kinds & BIRTHDAY) and bool(kinds & (PLACE | TOWN)))


def _is_more_than_home(kinds: int) -> bool:
    """Whether something agrees that father and son do not share; twins share the birthday as well."""
    shared = HOUSEHOLD | BIRTHDAY if kinds & OTHER_FORM else HOUSEHOLD
    return bool(kinds & ALL_KINDS & ~shared)


_DOUBTS: tuple[tuple[Doubt, int, Callable[[int], bool]], ...] = (
    (Doubt.OTHER_GIVEN, OTHER_GIVEN, _any(NUMBER)),
    (Doubt.LIKE_GIVEN, LIKE_GIVEN, _any(NUMBER | BIRTHDAY)),
    (Doubt.OTHER_FAMILY, OTHER_FAMILY, _is_one_family),
    (Doubt.LIKE_FAMILY, LIKE_FAMILY, _any(ALL_KINDS & ~IMPERSONAL)),
    (Doubt.OTHER_MIDDLE, OTHER_MIDDLE, _any(NUMBER | BIRTHDAY | AGE)),
    (Doubt.OTHER_PROFILE, OTHER_PROFILE, _any(EMAIL | PHONE | NUMBER)),
    (Doubt.OTHER_DESK, OTHER_DESK, _any(EMAIL)),
    (Doubt.SAME_HOME, SAME_HOME, _is_more_than_home),
    # One person can change job or home. With nothing personal in common, two similar people are likelier.
    (Doubt.AT_ODDS, AT_ODDS, _any(PERSONAL & ~AGE)),
    (Doubt.COMMON_NAME, COMMON_NAME, _any(ALL_KINDS & ~IMPERSONAL | SAME_TITLE)),
)
"""Each doubt with the marks that raise it, and what settles it; the first one counts."""


def weight_table() -> list[tuple[str, str]]:
    """Each term whose weight does not depend on a name, with its weights as text, for docs/identity.md."""
    sizes = [f"{bits:+g}" for _, bits in weights.ORGANISATION]
    rows = [(str(What.ORGANISATION_SAME), " / ".join([*sizes, f"{weights.LARGE_ORGANISATION:+g}"]))]
    rows += [(str(what), " / ".join(f"{bits:+g}" for bits in row)) for what, row in weights.SHARED.items()]
    return rows + [(str(what), f"{what.bits:+g}") for what in What if what.is_fixed]
