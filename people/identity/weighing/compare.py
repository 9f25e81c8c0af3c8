"""Compare two names. Every function here is symmetric."""

from __future__ import annotations

from functools import lru_cache

from people.identity.cards import kin
from people.identity.cards.names import Name
from people.identity.cards.words import word_group
from people.identity.weighing import weights
from people.identity.weighing.name_parts import family_names, given_names
from people.identity.weighing.terms import Term, What, term

_PARTICLES = word_group("particles")
_SURE = What.NICKNAME_SAME.bits


def names(a: Name, b: Name) -> list[Term]:
    """The terms of two names; each has a given or a family name."""
    if a.given == b.given and a.family == b.family:
        same = [*same_names(a.given, a.family)]
        return same + _rest(a, b) if a.middle or a.generation or b.generation else same
    terms = []
    if a.given and b.given:
        terms.append(_given(a, b))
    if a.family and b.family:
        terms.append(_family(a, b))
    if len(terms) < 2 or terms[0][1] <= 0 or terms[1][1] <= 0:
        whole = _same_words(a, b)
        if whole:
            return whole
        turned = _turned(a, b)
        if turned and _sum(turned) > _sum(terms):
            terms = turned
        if a.other_script != b.other_script and _sum(terms) < 0:
            # Few scripts can be read back into the letters that the owner of a name writes.
            return [term(What.NAME_IN_OTHER_SCRIPT)]
    if a.middle or a.generation or b.generation:
        terms += _rest(a, b)
    return terms


@lru_cache(maxsize=4096)
def same_names(given: str, family: str) -> tuple[Term, ...]:
    """The terms of two names with the same given and family name; one of these may be empty."""
    terms = [given_names(given, given)] if given else []
    if family:
        terms.append(family_names(family, family))
    return tuple(terms)


def _rest(a: Name, b: Name) -> list[Term]:
    """The terms of middle names and generations."""
    terms = [_middle(a, b)] if a.middle and b.middle else []
    if (a.generation == 0) != (b.generation == 0):
        terms.append(term(What.GENERATION_ON_ONE_ONLY))
    return terms


def _sum(terms: list[Term]) -> float:
    return sum(bits for _, bits, _ in terms)


def _given(a: Name, b: Name) -> Term:
    plain = given_names(a.given, b.given)
    if plain[1] >= _SURE or not (a.nickname or b.nickname or a.middle or b.middle):
        return plain
    nicknames = {a.nickname, b.nickname} - {""}
    if nicknames & {a.given, b.given} or (a.nickname and a.nickname == b.nickname):
        return term(What.NICKNAME_SAME, ", ".join(sorted(nicknames)))
    both = ", ".join(sorted((a.given, b.given)))
    if (len(a.given) > 1 and a.given in b.middle) or (len(b.given) > 1 and b.given in a.middle):
        return term(What.GIVEN_NAME_IS_MIDDLE_NAME, both)
    if _initial_of_middle(a, b) or _initial_of_middle(b, a):
        return term(What.GIVEN_INITIAL_IS_MIDDLE_INITIAL, both)
    return plain


def _initial_of_middle(one: Name, other: Name) -> bool:
    return len(one.given) == 1 and any(word[0] == one.given for word in other.middle)


def _family(a: Name, b: Name) -> Term:
    complete = family_names(a.family, b.family)
    if complete[1] > 0 or not (a.family_parts or b.family_parts):
        return complete
    common = set(a.family_parts or (a.family,)) & set(b.family_parts or (b.family,))
    rarity = max((weights.family_rarity(part) for part in common), default=0.0)
    if rarity <= weights.NEAR_LOSS:
        return complete
    return What.FAMILY_NAME_SAME_IN_PART, rarity - weights.NEAR_LOSS, ", ".join(sorted(common))


def _same_words(a: Name, b: Name) -> list[Term]:
    """The terms of two names of the same words, whatever their order and spaces; [] if they are not.

    So it is with Tan Wei Ling, Wei Ling Tan and Weiling Tan, and with Nguyen Van Minh.
    """
    if not (a.given and a.family and b.given and b.family) or (not a.middle and not b.middle):
        return []
    ours, theirs = _all_words(a), _all_words(b)
    if sorted(ours) != sorted(theirs) and _in_two(ours).isdisjoint(_in_two(theirs)):
        return []
    known = max(a, b, key=lambda name: (name.ordered, not name.middle, name))
    return [
        (What.GIVEN_NAME_SAME, weights.given_rarity(known.given), known.given),
        (What.FAMILY_NAME_SAME, weights.family_rarity(known.family), known.family),
    ]


def _all_words(name: Name) -> list[str]:
    family = name.family_parts if "".join(name.family_parts) == name.family else (name.family,)
    return [name.given, *name.middle, *family]


def _in_two(words: list[str]) -> set[tuple[str, str]]:
    """The ways to write words as two, in either order: Hui Min Lim as Huimin Lim, or as Hui Minlim."""
    cuts = (("".join(words[:at]), "".join(words[at:])) for at in range(1, len(words)))
    return {(min(cut), max(cut)) for cut in cuts}


def _turned(a: Name, b: Name) -> list[Term]:
    """The terms of given against family name, for a card that has them in the other order."""
    # A quick test first, because few names are turned: a misspelling seldom changes the first letter.
    forth = a.given[:1] == b.family[:1] != "" or (
        a.other_script != b.other_script and kin.one_family(a.given, b.family)
    )
    back = a.family[:1] == b.given[:1] != "" or (
        a.other_script != b.other_script and kin.one_family(a.family, b.given)
    )
    if forth and back:
        crossed = [_crossed(a.given, b.family), _crossed(a.family, b.given)]
        if a.ordered and b.ordered:
            crossed.append(term(What.NAMES_IN_TURNED_ORDER))
        return crossed
    if forth and not a.family and not a.ordered:
        return [_crossed(a.given, b.family)]
    if back and not b.family and not b.ordered:
        return [_crossed(b.given, a.family)]
    return []


def _crossed(one: str, other: str) -> Term:
    """The weaker term of a word that is a given name on one card and a family name on the other."""
    as_given, as_family = given_names(one, other), family_names(one, other)
    return as_given if as_given[1] <= as_family[1] else as_family


def _middle(a: Name, b: Name) -> Term:
    if any(len(word) > 1 and word in b.middle and word not in _PARTICLES for word in a.middle):
        return term(What.MIDDLE_NAME_SAME)
    alike = any(_may_be_one_middle(x, y) for x in a.middle for y in b.middle)
    return term(What.MIDDLE_INITIAL_SAME if alike else What.MIDDLE_NAME_DIFFERS)


def _may_be_one_middle(one: str, other: str) -> bool:
    """Whether two middle names may be one: an initial of the other, or another form of it."""
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    return given_names(one, other)[1] > 0
