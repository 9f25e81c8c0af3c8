"""Compare two words that are given names, or family names. Every function here is symmetric."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA, Indel, JaroWinkler

from people.identity.cards import kin
from people.identity.weighing import weights
from people.identity.weighing.terms import Term, What, term


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The terms that a given or a family name can give by its letters, and the rarity of such a name."""

    same: What
    nearly_same: What
    initial_same: What
    garbled: What
    similar: What
    differs: What
    rarity: Callable[[str], float]


_GIVEN = _Part(
    What.GIVEN_NAME_SAME,
    What.GIVEN_NAME_NEARLY_SAME,
    What.GIVEN_NAME_INITIAL_SAME,
    What.GIVEN_NAME_GARBLED,
    What.GIVEN_NAME_SIMILAR,
    What.GIVEN_NAME_DIFFERS,
    weights.given_rarity,
)
_FAMILY = _Part(
    What.FAMILY_NAME_SAME,
    What.FAMILY_NAME_NEARLY_SAME,
    What.FAMILY_NAME_INITIAL_SAME,
    What.FAMILY_NAME_GARBLED,
    What.FAMILY_NAME_SIMILAR,
    What.FAMILY_NAME_DIFFERS,
    weights.family_rarity,
)


def near(one: str, other: str) -> bool:
    """Whether two texts differ by a typing mistake: one letter added, lost, changed or swapped.

    Texts under 4 letters are never near; from 7 letters on two mistakes are allowed, from 14 on three.
    """
    shorter = min(len(one), len(other))
    if shorter < 4:
        return False
    limit = 1 if shorter < 7 else 2 if shorter < 14 else 3
    return OSA.distance(one, other, score_cutoff=limit) <= limit


def garbled(one: str, other: str) -> bool:
    """Whether two words have the same letters in another order, or differ by two mistakes."""
    shorter = min(len(one), len(other))
    if shorter < 4 or _both_listed(one, other):
        return False
    longer = max(len(one), len(other)) - shorter
    if shorter >= 5 and longer <= 2 and OSA.distance(one, other, score_cutoff=2) <= 2:
        return True
    off = OSA.distance(_letters(one), _letters(other), score_cutoff=1) if longer <= 1 else 2
    return off == 0 or (off == 1 and Indel.normalized_similarity(one, other) >= 0.6)


@lru_cache(maxsize=65536)
def _letters(word: str) -> str:
    return "".join(sorted(word))


def akin(one: str, other: str) -> bool:
    """Whether two given names are too similar to count as different."""
    if not _both_listed(one, other):
        return Indel.normalized_similarity(one, other) >= 0.6
    least = 0.8 if weights.have_one_short_form(one, other) else 0.9
    return JaroWinkler.similarity(one, other) >= least


def _both_given(one: str, other: str) -> bool:
    """Whether two words are names of their own; if they are not forms of one, they name two people."""
    return kin.is_given(one) and kin.is_given(other)


def _both_listed(one: str, other: str) -> bool:
    return weights.is_listed(one) and weights.is_listed(other)


def given_names(one: str, other: str) -> Term:
    """Compare two given names in plain words, neither empty."""
    return _compared(_GIVEN, one, other) if one <= other else _compared(_GIVEN, other, one)


def family_names(one: str, other: str) -> Term:
    """Compare two family names in plain words, neither empty."""
    return _compared(_FAMILY, one, other) if one <= other else _compared(_FAMILY, other, one)


@lru_cache(maxsize=400_000)
def _compared(part: _Part, one: str, other: str) -> Term:
    if len(one) == 1 or len(other) == 1:
        same_initial = one[0] == other[0]
        return term(part.initial_same if same_initial else part.differs, f"{one}, {other}")
    if one == other:
        return part.same, part.rarity(one), one
    forms = _forms_of_one(one, other) if part is _GIVEN else _spellings_of_one(one, other)
    if forms or part is _FAMILY or not _both_given(one, other):
        return forms or _alike(part, one, other)
    return term(part.similar if _may_be_one_given(one, other) else part.differs, f"{one}, {other}")


def _may_be_one_given(one: str, other: str) -> bool:
    """Whether two known given names may be one nevertheless: a slip, a pet name, or Paul and Paulo."""
    if kin.are_two(one, other):
        return False
    if near(one, other) and _is_slip(one, other):
        return True
    longer, shorter = max(one, other, key=len), min(one, other, key=len)
    if longer == f"{shorter}o" and len(shorter) > 3:
        return True
    return _is_pet_name(one, other) or _is_pet_name(other, one)


def _is_slip(one: str, other: str) -> bool:
    """Whether one of two names is so rare beside the other that it is probably the other, mistyped."""
    common, rare = sorted(map(weights.given_rarity, (one, other)))
    return common <= weights.COMMON_GIVEN and rare >= weights.GIVEN_UNLISTED


def _is_pet_name(form: str, name: str) -> bool:
    """Whether ``form`` is made of a name or of its short form: Monty of Montague, Artie of Arthur."""
    stem = weights.without_ending(form)
    if not stem or stem == name:
        return False
    if stem[-1] == stem[-2]:
        stem = stem[:-1] if not name.startswith(stem) else stem
    # Emily is not a pet name of Emilia, nor Harry of Harriet.
    begins = len(stem) > 3 and name.startswith(stem) and not _both_listed(form, name)
    return begins or weights.is_short_form(stem, name)


def _forms_of_one(one: str, other: str) -> Term | None:
    """The term of two given names that are forms of one name; None if they are not."""
    if kin.are_two(one, other):
        return None
    if weights.is_short_form(one, other):
        what = What.GIVEN_NAME_OTHER_FORM if near(one, other) else What.GIVEN_NAME_SHORT_FORM
        return what, weights.short_form(one, other), f"{one}, {other}"
    if kin.one_given(one, other):
        bits = weights.short_form(one, other)
        if near(one, other):
            bits = max(bits, min(weights.given_rarity(one), weights.given_rarity(other)) - weights.NEAR_LOSS)
        return What.GIVEN_NAME_OTHER_FORM, bits, f"{one}, {other}"
    # A beginning of five letters or more is a name of its own, and so is a known one: Priya and Priyanka.
    if len(one) in (3, 4) and other.startswith(one) and not _both_given(one, other):
        return What.GIVEN_NAME_SHORT_FORM, weights.short_form(one, other), f"{one}, {other}"
    if weights.have_one_full_name(one, other):
        return term(What.GIVEN_NAMES_OF_ONE_ROOT, f"{one}, {other}")
    return None


def _spellings_of_one(one: str, other: str) -> Term | None:
    """The term of two family names that are spellings of one name; None if they are not."""
    if not kin.one_family(one, other):
        return None
    bits = min(weights.family_rarity(one), weights.family_rarity(other)) - weights.NEAR_LOSS
    return What.FAMILY_NAME_OTHER_FORM, max(bits, 1.0), f"{one}, {other}"


def _alike(part: _Part, one: str, other: str) -> Term:
    """The term of two given or family names, by their letters alone."""
    both = f"{one}, {other}"
    if near(one, other):
        if _both_listed(one, other):  # two known names, as Hansen and Hanson are, are probably not one
            return term(part.similar, both)
        bits = min(part.rarity(one), part.rarity(other)) - weights.NEAR_LOSS
        return part.nearly_same, max(bits, 1.0), both
    if garbled(one, other):
        return term(part.garbled, both)
    if part is _FAMILY:
        similar = JaroWinkler.similarity(one, other) >= 0.9
    elif any(weights.is_short_form(x, y) for x in weights.meant(one) for y in weights.meant(other)):
        return term(What.GIVEN_NAME_SHORT_FORM_MISSPELT, both)
    else:
        similar = akin(one, other)
    return term(part.similar if similar else part.differs, both)
