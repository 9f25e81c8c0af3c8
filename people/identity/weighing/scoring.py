"""Score a pair of records: its bits, its band, and what forbids or questions a merge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import Literal, NamedTuple

from people.identity.cards.record import HAS_BIRTHDAY, Record
from people.identity.weighing import birthdays, compare, weights
from people.identity.weighing.kinds import (
    AGE,
    ALL_KINDS,
    AT_ODDS,
    BIRTHDAY,
    EMAIL,
    HOUSEHOLD,
    NUMBER,
    OTHER_DESK,
    OTHER_FAMILY,
    OTHER_GIVEN,
    PERSONAL,
    SAME_HOME,
    Sharing,
    alone,
    breadth,
    in_words,
)
from people.identity.weighing.terms import Term, What
from people.identity.weighing.weigh import same_number, weigh
from people.identity.weighing.weights import AUTO, AUTO_NARROW, KEEP, PRIOR, REVIEW

Band = Literal["auto", "review", "separate"]

_WORTHLESS = float("-inf")


class Doubt(StrEnum):
    """Why only the user can tell whether two records are one person; the value is the text to read."""

    OTHER_GIVEN = "the given names differ"
    OTHER_FAMILY = "the family names differ"
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
        return bool(self.veto) or (self.doubt is Doubt.OTHER_GIVEN and not self.kinds & (BIRTHDAY | AGE))

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
        return doubt, "separate" if named_apart else "review", math.inf
    broad = breadth(kinds)
    return None, "review", AUTO if broad >= 2 else AUTO_NARROW if broad > 1 else math.inf


def clash(a: Record, b: Record) -> bool:
    """The same as ``Score.clashes``, but without the full score."""
    one, other = a.name, b.name
    if (a.kind != b.kind or one.generation or a.has & b.has & HAS_BIRTHDAY) and _veto(a, b):
        return True
    if a.kind != "person" or not (one.given or one.family) or not (other.given or other.family):
        return False
    if one.given == other.given and one.family == other.family:
        return False
    if not any(what is What.GIVEN_NAME_DIFFERS for what, _, _ in compare.names(one, other)):
        return False
    if a.birthday and b.birthday and birthdays.agreement(a.birthday, b.birthday).bits > 0:
        return False
    return not same_number(a.ids, b.ids, nearly=True)


def _veto(a: Record, b: Record) -> str:
    if a.kind != b.kind:
        return "one is a {}, the other a {}".format(*sorted((a.kind, b.kind)))
    one, other = a.name.generation, b.name.generation
    if one and other and one != other:
        return "different generations (Jr, Sr)"
    if a.birthday and b.birthday and birthdays.agreement(a.birthday, b.birthday) is What.BIRTHDAY_DIFFERS:
        return "" if _one_holder(a, b) else "different birthdays"
    return ""


def _one_holder(a: Record, b: Record) -> bool:
    """Whether a number shows that two records are one person, so that a birthday must be mistyped.

    An institution gives each number to one person. A number that nearly agrees may also be another person's,
    so then the given names must agree as well.
    """
    if same_number(a.ids, b.ids):
        return True
    names = (a.name.given, b.name.given)
    return all(names) and compare.given_names(*names)[1] > 0 and same_number(a.ids, b.ids, nearly=True)


def _doubt(kinds: int) -> Doubt | None:
    """The doubt if the evidence is typical of two people who live or work together."""
    if kinds & OTHER_GIVEN and not kinds & NUMBER:
        return Doubt.OTHER_GIVEN
    if kinds & OTHER_FAMILY and not kinds & PERSONAL:
        return Doubt.OTHER_FAMILY
    if kinds & OTHER_DESK and not kinds & EMAIL:
        return Doubt.OTHER_DESK
    if kinds & SAME_HOME and not kinds & ALL_KINDS & ~HOUSEHOLD:
        return Doubt.SAME_HOME
    if kinds & AT_ODDS and not kinds & PERSONAL & ~AGE:
        # One person can change job or home. With nothing personal in common, two similar people are likelier.
        return Doubt.AT_ODDS
    return None


def weight_table() -> list[tuple[str, str]]:
    """Each term whose weight does not depend on a name, with its weights as text, for docs/identity.md."""
    sizes = [f"{bits:+g}" for _, bits in weights.ORGANISATION]
    rows = [(str(What.ORGANISATION_SAME), " / ".join([*sizes, f"{weights.LARGE_ORGANISATION:+g}"]))]
    rows += [(str(what), " / ".join(f"{bits:+g}" for bits in row)) for what, row in weights.SHARED.items()]
    return rows + [(str(what), f"{what.bits:+g}") for what in What if what.is_fixed]
