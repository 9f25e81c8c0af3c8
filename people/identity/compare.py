"""How much two names, dates or texts speak for one person. Every function here is symmetric.

A *term* is ``(what, bits, detail)``; its line reads ``given name same (anna) +8.5``.
"""

from __future__ import annotations

from rapidfuzz.distance import OSA, Hamming, Indel, JaroWinkler

from people.identity import weights
from people.identity.names import Name
from people.identity.weights import FIXED

Term = tuple[str, float, str]

_WORDS: dict[tuple[str, str, bool], Term] = {}
_WORDS_KEPT = 200_000
_DECADE = 3652


def near(one: str, other: str) -> bool:
    """Whether two texts differ by a slip: one letter (two in long texts) added, lost, changed or swapped."""
    shorter = min(len(one), len(other))
    if shorter < 4:
        return False
    limit = 1 if shorter < 7 else 2 if shorter < 14 else 3
    return OSA.distance(one, other, score_cutoff=limit) <= limit


def garbled(one: str, other: str) -> bool:
    """Whether one word may be the other with its letters jumbled: two slips, or the same letters."""
    shorter = min(len(one), len(other))
    if shorter < 4 or (weights.is_listed(one) and weights.is_listed(other)):
        return False
    if shorter >= 5 and OSA.distance(one, other, score_cutoff=2) <= 2:
        return True
    off = OSA.distance(sorted(one), sorted(other), score_cutoff=1)
    return off == 0 or (off == 1 and Indel.normalized_similarity(one, other) >= 0.6)


def akin(one: str, other: str) -> bool:
    """Whether two given names are too much alike to be called different."""
    if not (weights.is_listed(one) and weights.is_listed(other)):
        return Indel.normalized_similarity(one, other) >= 0.6
    least = 0.8 if weights.have_one_short_form(one, other) else 0.9
    return JaroWinkler.similarity(one, other) >= least


def given_names(one: str, other: str) -> Term:
    """Compare two folded given names, neither empty."""
    return _cached(one, other, True)


def family_names(one: str, other: str) -> Term:
    """Compare two folded family names, neither empty."""
    return _cached(one, other, False)


def _cached(one: str, other: str, given: bool) -> Term:
    if one > other:
        one, other = other, one
    key = (one, other, given)
    found = _WORDS.get(key)
    if found is None:
        if len(_WORDS) >= _WORDS_KEPT:
            _WORDS.clear()
        found = _WORDS[key] = _compare_given(one, other) if given else _compare_family(one, other)
    return found


def _fixed(what: str, detail: str = "") -> Term:
    return what, FIXED[what], detail


def _compare_given(one: str, other: str) -> Term:
    if len(one) == 1 or len(other) == 1:
        return _initials("given", one, other)
    if one == other:
        return "given name same", weights.given_rarity(one), one
    both = f"{one}, {other}"
    # Beyond four letters a beginning is a name of its own: Priya and Priyanka.
    if weights.is_short_form(one, other) or (len(one) in (3, 4) and other.startswith(one)):
        return "given name short form", weights.short_form(one, other), both
    if weights.have_one_full_name(one, other):
        return _fixed("given names short for one name", both)
    if near(one, other):
        return _misspelt("given", one, other, min(weights.given_rarity(one), weights.given_rarity(other)))
    if garbled(one, other):
        return _fixed("given name garbled", both)
    if any(weights.is_short_form(x, y) for x in weights.meant(one) for y in weights.meant(other)):
        return _fixed("given name short form, misspelt", both)
    if akin(one, other):
        return _fixed("given name similar", both)
    return _fixed("given name differs", both)


def _initials(part: str, one: str, other: str) -> Term:
    verdict = "initial same" if one[0] == other[0] else "differs"
    return _fixed(f"{part} name {verdict}", f"{one}, {other}")


def _compare_family(one: str, other: str) -> Term:
    if len(one) == 1 or len(other) == 1:
        return _initials("family", one, other)
    if one == other:
        return "family name same", weights.family_rarity(one), one
    both = f"{one}, {other}"
    if near(one, other):
        return _misspelt("family", one, other, min(weights.family_rarity(one), weights.family_rarity(other)))
    if garbled(one, other):
        return _fixed("family name garbled", both)
    if JaroWinkler.similarity(one, other) >= 0.9:
        return _fixed("family name similar", both)
    return _fixed("family name differs", both)


def _misspelt(part: str, one: str, other: str, rarity: float) -> Term:
    """Two near spellings; where both are known names (Hansen, Hanson) they are hardly one."""
    both = f"{one}, {other}"
    if weights.is_listed(one) and weights.is_listed(other):
        return _fixed(f"{part} name similar", both)
    return f"{part} name nearly same", max(rarity - weights.NEAR_LOSS, 1.0), both


def names(a: Name, b: Name) -> list[Term]:
    """The terms of two names; none where one is missing."""
    if not (a.given or a.family) or not (b.given or b.family):
        return []
    terms = _straight(a, b)
    if len(terms) < 2 or terms[0][1] < 0 or terms[1][1] < 0:
        turned = _turned(a, b)
        if turned and _sum(turned) > _sum(terms):
            terms = turned
    terms += _middle(a, b)
    if (a.generation == 0) != (b.generation == 0):
        terms.append(_fixed("generation on one only"))
    return terms


def _sum(terms: list[Term]) -> float:
    return sum(term[1] for term in terms)


def _straight(a: Name, b: Name) -> list[Term]:
    terms = []
    if a.given and b.given:
        terms.append(_given(a, b))
    if a.family and b.family:
        terms.append(_family(a, b))
    return terms


def _given(a: Name, b: Name) -> Term:
    term = given_names(a.given, b.given)
    if term[1] >= FIXED["nickname same"]:
        return term
    nicknames = {a.nickname, b.nickname} - {""}
    if nicknames & {a.given, b.given} or (a.nickname and a.nickname == b.nickname):
        return _fixed("nickname same", ", ".join(sorted(nicknames)))
    both = ", ".join(sorted((a.given, b.given)))
    if (len(a.given) > 1 and a.given in b.middle) or (len(b.given) > 1 and b.given in a.middle):
        return _fixed("given name is the other's middle name", both)
    if _initial_of_middle(a, b) or _initial_of_middle(b, a):
        return _fixed("given initial is the other's middle one", both)
    return term


def _initial_of_middle(one: Name, other: Name) -> bool:
    return len(one.given) == 1 and any(word[0] == one.given for word in other.middle)


def _family(a: Name, b: Name) -> Term:
    term = family_names(a.family, b.family)
    if term[1] > 0 or not (a.family_parts or b.family_parts):
        return term
    common = set(a.family_parts or (a.family,)) & set(b.family_parts or (b.family,))
    rarity = max((weights.family_rarity(part) for part in common), default=0.0)
    if rarity <= weights.NEAR_LOSS:
        return term
    return "family name same in part", rarity - weights.NEAR_LOSS, ", ".join(sorted(common))


def _turned(a: Name, b: Name) -> list[Term]:
    """Given against family name, for cards that hold them in the other order."""
    if a.family and b.family and a.given and b.given:
        crossed = [_crossed(a.given, b.family), _crossed(a.family, b.given)]
        if a.ordered and b.ordered:
            crossed.append(_fixed("names in turned order"))
        return crossed
    if not a.family and not a.ordered and b.family:
        return [_crossed(a.given, b.family)]
    if not b.family and not b.ordered and a.family:
        return [_crossed(b.given, a.family)]
    return []


def _crossed(one: str, other: str) -> Term:
    """The weaker reading of a word that is a given name here and a family name there."""
    as_given, as_family = given_names(one, other), family_names(one, other)
    return as_given if as_given[1] <= as_family[1] else as_family


def _middle(a: Name, b: Name) -> list[Term]:
    if not a.middle or not b.middle:
        return []
    if any(len(word) > 1 and word in b.middle for word in a.middle):
        return [_fixed("middle name same")]
    if {word[0] for word in a.middle} & {word[0] for word in b.middle}:
        return [_fixed("middle initial same")]
    return [_fixed("middle name differs")]


def birthdays(one: str, other: str) -> Term:
    """Compare two birthdays, neither empty.

    *nearly same* is one slip of the pen; *close* are two slips, or a month's difference, a decade's slip
    allowed; *a year apart* likewise. Whatever lies beyond is another person's: see ``birthdays_clash``.
    """
    both = ", ".join(sorted((one, other)))
    if one == other:
        return _fixed(_same_birthday(one), one)
    if one[0] == "-" or other[0] == "-":
        return _fixed(_without_year(one[-5:], other[-5:]), both)
    digits, others = one.replace("-", ""), other.replace("-", "")
    turned = digits[:4] == others[:4] and digits[4:6] == others[6:] and digits[6:] == others[4:6]
    if turned or OSA.distance(digits, others) <= 1:
        return _fixed("birthday nearly same", both)
    days = abs(_days(digits) - _days(others))
    days = min(days, abs(days - _DECADE))
    if days <= 31 or Hamming.distance(digits, others) <= 2:
        return _fixed("birthday close", both)
    return _fixed("birthday a year apart" if days <= 400 else "birthday differs", both)


def _same_birthday(day: str) -> str:
    if day[0] == "-":
        return "birthday same, year unknown"
    # Many systems write the first of January when they know the year alone.
    return "birthday same, 1 January" if day.endswith("-01-01") else "birthday same"


def birthdays_clash(one: str, other: str) -> bool:
    """Whether two birthdays cannot be one person's, even with slips."""
    return birthdays(one, other)[0] == "birthday differs"


def _without_year(one: str, other: str) -> str:
    if one == other:
        return "birthday same, year unknown"
    slip = OSA.distance(one, other) <= 1 or one[:2] == other[3:] and one[3:] == other[:2]
    return "birthday close" if slip else "birthday differs"


def _days(digits: str) -> int:
    """Days on a calendar of equal months: exact enough, and fit for impossible dates."""
    return round(int(digits[:4]) * 365.25 + int(digits[4:6]) * 30.4 + int(digits[6:]))
