"""The score of a pair: its bits, its band, and what forbids a merge."""

from __future__ import annotations

from typing import Literal, NamedTuple

from people.identity import compare, dates, weights
from people.identity.compare import Term
from people.identity.evidence import (
    BIRTHDAY,
    CARD_ID,
    EMAIL,
    HALF_NAME,
    KINDS,
    NAME,
    NUMBER,
    PHONE,
    PLACE,
    PROFILE,
    TITLE,
    TOWN,
    Sharing,
    alone,
    same_number,
    weigh,
)
from people.identity.record import Record
from people.identity.weights import AUTO, FIXED, KEEP, PRIOR, REVIEW

Band = Literal["auto", "review", "separate"]

REACHES_ONE = EMAIL | PHONE | PROFILE | CARD_ID | NUMBER
"""Kinds that name one person by themselves, so that half a name beside them is enough."""
PERSONAL = REACHES_ONE | BIRTHDAY
"""Without one of these, other names mean other people, and there is nothing to ask: a married name needs a
personal e-mail or mobile."""
HOUSEHOLD = NAME | HALF_NAME | PLACE | TOWN
"""Kinds that father and son have in common."""
HALF = HALF_NAME | TOWN | TITLE
"""Kinds that count half."""

OTHER_GIVEN = "the given names differ"
OTHER_FAMILY = "the family names differ"
_HOME = {"landline same", "street same", "street nearly same"}
_AT_ODDS = {"phone differs", "organisation differs", "street differs"}
"""A job or a house can change; with nothing personal in common, though, likelier two people are alike."""
_WORTHLESS = float("-inf")


class Score(NamedTuple):
    """What the evidence says of one pair of records.

    ``bits`` is the sum of the terms and the prior: 0 is even odds. ``kinds`` are the independent kinds
    of evidence for one person (bits of ``evidence.KINDS``); a landline is none, for a household shares it.
    ``veto`` says why the two can never be one, ``doubt`` why they may merge only when the user says so.
    """

    bits: float
    terms: tuple[Term, ...]
    kinds: int
    veto: str = ""
    doubt: str = ""

    @property
    def band(self) -> Band:
        """Auto, review or separate, the user's decisions and earlier merges left aside."""
        if self.veto or self.bits < REVIEW:
            return "separate"
        if self.doubt in (OTHER_GIVEN, OTHER_FAMILY) and not self.kinds & PERSONAL:
            return "separate"
        return "auto" if self.bits >= AUTO and self.may_merge else "review"

    @property
    def may_merge(self) -> bool:
        """Whether nothing but the number of bits decides."""
        if self.veto or self.doubt:
            return False
        breadth = self.breadth
        return breadth >= 2 or (breadth > 1 and self.bits >= 2 * AUTO)

    @property
    def breadth(self) -> float:
        """How many independent kinds of evidence there are; some count half."""
        halves = self.kinds & HALF
        if self.kinds & REACHES_ONE:
            halves &= ~HALF_NAME
        return self.kinds.bit_count() - halves.bit_count() / 2

    @property
    def keeps(self) -> bool:
        """Whether an earlier automatic merge of the two stands."""
        return self.bits >= KEEP and self.band != "separate"

    @property
    def clashes(self) -> bool:
        """Whether the two cannot sit in one person, whatever third record joins them.

        Other given names may be names of one person (a second name, a misspelling) where birthdays agree.
        """
        return bool(self.veto) or (self.doubt == OTHER_GIVEN and not self.kinds & BIRTHDAY)

    def lines(self) -> list[str]:
        """The evidence, one readable line a term, strongest first."""
        ordered = sorted(self.terms, key=lambda term: (-abs(term[1]), term[0], term[2]))
        lines = [f"{what}{f' ({detail})' if detail else ''} {bits:+.1f}" for what, bits, detail in ordered]
        lines.append(f"any two cards {PRIOR:+.1f}")
        if self.veto:
            lines.append(f"never one person: {self.veto}")
        elif self.doubt:
            lines.append(f"only you can tell: {self.doubt}")
        elif self.bits >= AUTO and not self.may_merge:
            lines.append(f"too few kinds of evidence: {', '.join(self.kind_names()) or 'none of their own'}")
        return lines

    def kind_names(self) -> list[str]:
        """The kinds of evidence in words."""
        return [name for at, name in enumerate(KINDS) if self.kinds >> at & 1]


def score_pair(a: Record, b: Record, sharing: Sharing = alone) -> Score:
    """Weigh two records. ``sharing`` tells how many distinct names share a value; symmetric in a and b."""
    found = score_above(a, b, sharing, _WORTHLESS)
    assert found is not None  # noqa: S101 - nothing is below minus infinity
    return found


def score_above(a: Record, b: Record, sharing: Sharing, least: float = REVIEW) -> Score | None:
    """The score of two records, or None when it is below ``least`` or cannot count (see ``weigh``)."""
    weighed = weigh(a, b, sharing, least)
    if weighed is None:
        return None
    bits, terms, kinds = weighed
    veto = _veto(a, b)
    return Score(round(bits, 1), tuple(terms), kinds, veto, "" if veto else _doubt(terms, kinds))


def clash(a: Record, b: Record) -> bool:
    """What ``Score.clashes`` tells, without weighing everything."""
    if _veto(a, b):
        return True
    one, other = a.name, b.name
    if a.kind != "person" or not (one.given or one.family) or not (other.given or other.family):
        return False
    if not any(what == "given name differs" for what, _, _ in compare.names(one, other)):
        return False
    if a.birthday and b.birthday and FIXED[dates.verdict(a.birthday, b.birthday)] > 0:
        return False
    return not same_number(a.ids, b.ids, nearly=True)


def _veto(a: Record, b: Record) -> str:
    if a.kind != b.kind:
        return "one is a {}, the other a {}".format(*sorted((a.kind, b.kind)))
    one, other = a.name.generation, b.name.generation
    if one and other and one != other:
        return "different generations (Jr, Sr)"
    if a.birthday and b.birthday and dates.verdict(a.birthday, b.birthday) == "birthday differs":
        # An institution gives a number to one person; where it agrees, a birthday was mistyped.
        return "" if same_number(a.ids, b.ids) else "different birthdays"
    return ""


def _doubt(terms: list[Term], kinds: int) -> str:
    """Evidence that is typical of two people who live or work together."""
    whats = {what for what, _, _ in terms}
    if "given name differs" in whats and not kinds & NUMBER:
        return OTHER_GIVEN
    if "family name differs" in whats and not kinds & PERSONAL:
        return OTHER_FAMILY
    if "same number, other extension" in whats and not kinds & EMAIL:
        return "two desks of one switchboard"
    if not kinds & ~HOUSEHOLD and not whats.isdisjoint(_HOME):
        return "they share a home, as father and son do"
    if not kinds & PERSONAL and not whats.isdisjoint(_AT_ODDS):
        return "their names and whereabouts are alike, but what reaches them differs"
    return ""


def explain_pair(a: Record, b: Record, sharing: Sharing = alone) -> list[str]:
    """The evidence for and against two records being one person, readable lines with their bits."""
    result = score_pair(a, b, sharing)
    return [*result.lines(), f"sum {result.bits:+.1f}: {result.band}"]


def weight_table() -> list[tuple[str, str]]:
    """Every term of fixed or shared weight, and its weight as text, for the documentation."""
    sizes = [f"{bits:+g}" for _, bits in weights.ORGANISATION]
    rows = [("organisation same", " / ".join([*sizes, f"{weights.LARGE_ORGANISATION:+g}"]))]
    rows += [(what, " / ".join(f"{bits:+g}" for bits in row)) for what, row in weights.SHARED.items()]
    return rows + [(what, f"{bits:+g}") for what, bits in FIXED.items()]
