"""Weigh a pair of records field by field: the terms, their bits, and the kinds of evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from people.identity.cards.record import (
    HAS_BIRTHDAY,
    HAS_ID,
    HAS_LANDLINE,
    HAS_ORGANISATION,
    HAS_PLACE,
    HAS_TITLE,
    Record,
)
from people.identity.weighing import birthdays, compare, contact_points, places, weights
from people.identity.weighing.kinds import (
    AGE,
    AT_ODDS,
    BIRTHDAY,
    CARD_ID,
    CLOSE_BIRTHDAY,
    COMMON_NAME,
    ENOUGH,
    HALF_NAME,
    LIKE_FAMILY,
    LIKE_GIVEN,
    NAME,
    NUMBER,
    ORGANISATION,
    OTHER_FAMILY,
    OTHER_FIRM,
    OTHER_FORM,
    OTHER_GIVEN,
    OTHER_MIDDLE,
    OTHER_PROFILE,
    PROFILE,
    SAME_MIDDLE,
    SAME_TITLE,
    Sharing,
)
from people.identity.weighing.name_parts import near
from people.identity.weighing.terms import GIVEN_NAME_TERMS, Term, What, term
from people.identity.weighing.weights import PRIOR


def weigh(a: Record, b: Record, sharing: Sharing, least: float) -> tuple[float, list[Term], int] | None:
    """The bits of a pair, the terms, and the kinds with marks; None if the bits are below ``least``.

    If ``least`` is 0 or more, the result is also None for two records with different names that have no
    e-mail or phone in common and no birthdays or numbers to compare, because such a pair is never joined.
    Symmetric in ``a`` and ``b``, except for the order of the terms.
    """
    terms: list[Term] = []
    bits, kinds = _weigh_names(a, b, terms) if a.kind == b.kind == "person" else (PRIOR, 0)
    if kinds & (OTHER_GIVEN | OTHER_FAMILY) and least >= 0 and not _may_outweigh(a, b):
        return None
    known = len(terms)
    if a.emails and b.emails:
        kinds |= contact_points.emails(a, b, sharing, terms)
    if a.phones and b.phones:
        kinds |= contact_points.phones(a, b, sharing, terms)
    for _, weight, _ in terms[known:]:
        bits += weight
    both = a.has & b.has
    if both:
        if bits + _MOST[both] < least:
            return None
        known = len(terms)
        kinds |= _exact(a, b, sharing, terms)
        if both & HAS_PLACE:
            kinds |= places.compare_places(a, b, terms)
        for _, weight, _ in terms[known:]:
            bits += weight
    return None if bits < least else (bits, terms, kinds)


def _weigh_names(a: Record, b: Record, terms: list[Term]) -> tuple[float, int]:
    """Add the terms of the names; returns their bits with the prior, and the kinds with marks."""
    one, other = a.name, b.name
    alike = one.given == other.given and one.family == other.family
    if alike and one.given and one.family and not (one.middle or one.generation or other.generation):
        # Most pairs are namesakes. ``_names`` gives the same terms, but is slower.
        named, bits, kinds = _namesakes(one.given, one.family)
        terms += named
        return bits, kinds
    kinds = _names(a, b, terms)
    bits = PRIOR
    for _, weight, _ in terms:
        bits += weight
    return bits, kinds


@lru_cache(maxsize=4096)
def _namesakes(given: str, family: str) -> tuple[tuple[Term, ...], float, int]:
    """The terms of two people with one full name, their bits with the prior, and their kind."""
    terms = compare.same_names(given, family)
    bits = PRIOR
    for _, weight, _ in terms:
        bits += weight
    return terms, bits, _kind_of_names(terms, complete=True)


def _may_outweigh(a: Record, b: Record) -> bool:
    """Whether two records with different names have something that could still make them one person."""
    if a.has & b.has & (HAS_BIRTHDAY | HAS_ID):
        return True
    for address in a.emails:
        if address in b.emails:
            return True
    return bool(a.phones and b.phones) and any(number in b.phones for number in a.phones)


def _most() -> list[float]:
    """The most that fields present in both records can add, indexed by the flags of ``Record.has``."""
    each = (
        (HAS_LANDLINE, weights.shared(What.LANDLINE_SAME, 1)),
        (HAS_ORGANISATION, weights.organisation(1)),
        (HAS_TITLE, What.TITLE_SAME.bits),
        (HAS_BIRTHDAY, What.BIRTHDAY_SAME.bits),
        (HAS_ID, What.PROFILE_SAME.bits + What.NUMBER_SAME.bits + What.CARD_ID_SAME.bits),
        (HAS_PLACE, What.STREET_SAME.bits + What.POSTCODE_SAME.bits + What.TOWN_SAME.bits),
    )
    return [sum(bits for flag, bits in each if has & flag) for has in range(2 * HAS_PLACE)]


_MOST = _most()
_BIRTHDAYS = {What.BIRTHDAY_SAME_1_JANUARY: AGE, What.BIRTHDAY_CLOSE: AGE | CLOSE_BIRTHDAY}
_MARKS = {
    What.GIVEN_NAME_DIFFERS: OTHER_GIVEN,
    What.GIVEN_NAME_SIMILAR: LIKE_GIVEN,
    What.GIVEN_NAME_OTHER_FORM: OTHER_FORM,
    What.FAMILY_NAME_DIFFERS: OTHER_FAMILY,
    What.FAMILY_NAME_GARBLED: LIKE_FAMILY,
    What.FAMILY_NAME_SIMILAR: LIKE_FAMILY,
    What.MIDDLE_NAME_DIFFERS: OTHER_MIDDLE,
    What.MIDDLE_NAME_SAME: SAME_MIDDLE,
}
_SAME_MIDDLE = (What.MIDDLE_NAME_SAME, What.MIDDLE_INITIAL_SAME)
_ONE_EACH = "linkedin.com/in"
"""A person has one profile at this site; on the others many have two accounts."""
_SAME_NAMES = (What.GIVEN_NAME_SAME, What.FAMILY_NAME_SAME)


def _names(a: Record, b: Record, terms: list[Term]) -> int:
    one, other = a.name, b.name
    if not (one.given or one.family):
        return contact_points.spelling(a, other, terms) if other.given or other.family else 0
    if not (other.given or other.family):
        return contact_points.spelling(b, one, terms)
    terms += compare.names(one, other)
    complete = bool(one.given and one.family and other.given and other.family)
    kinds = _kind_of_names(terms, complete=complete)
    if one.other_script or other.other_script:
        kinds &= ~SAME_MIDDLE  # Arabic and Chinese given names have two words.
    if kinds & HALF_NAME and _other_half(a, b, terms):
        return kinds & ~HALF_NAME | NAME
    return kinds


def _other_half(a: Record, b: Record, terms: list[Term]) -> int:
    """Add the term of an address that spells the half of the name that one card lacks; returns its kind."""
    half, whole = (b, a.name) if a.name.given and a.name.family else (a, b.name)
    missing = whole.family if half.name.given else whole.given
    return contact_points.spelling(half, whole, terms, missing) if len(missing) > 1 else 0


def _kind_of_names(terms: Sequence[Term], *, complete: bool) -> int:
    """The kind of evidence that the terms of two names are, and the marks of names that differ."""
    best, total, marks, weak, common = 0.0, 0.0, 0, False, 0
    for what, bits, _ in terms:
        total += bits
        common += what in _SAME_NAMES and bits <= weights.COMMON_NAME
        if what in GIVEN_NAME_TERMS:
            best, weak = max(best, bits), weak or bits <= 0
        marks |= _MARKS.get(what, 0)
    if weak:
        return marks
    if common == 2 and not any(what in _SAME_MIDDLE for what, _, _ in terms):
        marks |= COMMON_NAME
    if complete:
        return marks | (NAME if total >= ENOUGH or best >= 3.0 else 0)
    return marks | (HALF_NAME if total >= 3.0 else 0)


def _exact(a: Record, b: Record, sharing: Sharing, terms: list[Term]) -> int:
    """Add the terms of landline, organisation, title, birthday, profile and ids; returns kinds and marks."""
    kinds = 0
    if a.landlines and b.landlines:
        kinds |= contact_points.landlines(a, b, sharing, terms)
    if a.organisation and b.organisation:
        kinds |= _organisations(a.organisation, b.organisation, sharing, terms)
    if a.title and a.title == b.title:
        terms.append(term(What.TITLE_SAME, a.title))
        kinds |= SAME_TITLE
    if a.birthday and b.birthday:
        agreement = birthdays.agreement(a.birthday, b.birthday)
        terms.append(term(agreement, ", ".join(sorted({a.birthday, b.birthday}))))
        if agreement.bits > 0:
            kinds |= _BIRTHDAYS.get(agreement, BIRTHDAY)
    if a.profiles and b.profiles:
        kinds |= _profiles(a.profiles, b.profiles, terms)
    if a.ids and b.ids:
        kinds |= _ids(a.ids, b.ids, terms)
    return kinds


def _organisations(one: str, other: str, sharing: Sharing, terms: list[Term]) -> int:
    if one == other:
        bits = weights.organisation(sharing(f"o:{one}"))
        terms.append((What.ORGANISATION_SAME, bits, one))
        return ORGANISATION if bits >= ENOUGH else 0
    both = f"{one}, {other}" if one < other else f"{other}, {one}"
    words, others = set(one.split()), set(other.split())
    if words <= others or others <= words or _misspelt(words - others, others - words):
        terms.append(term(What.ORGANISATION_SIMILAR, both))
        return ORGANISATION
    terms.append(term(What.ORGANISATION_DIFFERS, both))
    return AT_ODDS | OTHER_FIRM


def _misspelt(words: set[str], others: set[str]) -> bool:
    """Whether the words in which two firms differ are misspellings of each other."""
    return len(words) == len(others) and all(any(near(x, y) for y in others) for x in words)


def _profiles(ones: tuple[str, ...], others: tuple[str, ...], terms: list[Term]) -> int:
    common = sorted(set(ones).intersection(others))
    if common:
        terms.append(term(What.PROFILE_SAME, common[0]))
        return PROFILE
    sites = {_site(profile) for profile in ones}.intersection(map(_site, others))
    if not sites:
        return 0
    terms.append(term(What.PROFILE_DIFFERS))
    return OTHER_PROFILE if _ONE_EACH in sites else 0


def _site(profile: str) -> str:
    return profile.rpartition("/")[0]


def have_two_profiles(a: Record, b: Record) -> bool:
    """Whether two records have two profiles at LinkedIn, and neither an address nor a number in common."""
    if not _profiles(a.profiles, b.profiles, []) & OTHER_PROFILE:
        return False
    return {*a.emails}.isdisjoint(b.emails) and {*a.phones}.isdisjoint(b.phones)


def _ids(ones: tuple[str, ...], others: tuple[str, ...], terms: list[Term]) -> int:
    """Add the terms of card ids and numbers; returns their kinds.

    Different card ids prove nothing, because each address book makes its own.
    """
    kinds = 0
    card_ids = [text for text in ones if text.startswith("uid=") and text in others]
    if card_ids:
        terms.append(term(What.CARD_ID_SAME, min(card_ids)[4:]))
        kinds |= CARD_ID
    numbers = [text for text in ones if not text.startswith("uid=")]
    for label in sorted({text.partition("=")[0] for text in numbers}):
        theirs = [text for text in others if text.startswith(f"{label}=")]
        if theirs:
            kinds |= _numbers(
                label, [text for text in numbers if text.startswith(f"{label}=")], theirs, terms
            )
    return kinds


def _numbers(label: str, ones: list[str], others: list[str], terms: list[Term]) -> int:
    """Add the term of numbers with one label, which an institution gives to one person; returns the kind."""
    for what, nearly in ((What.NUMBER_SAME, False), (What.NUMBER_NEARLY_SAME, True)):
        if same_number(ones, others, nearly=nearly):
            terms.append(term(what, label))
            return NUMBER
    terms.append(term(What.NUMBER_DIFFERS, label))
    return 0


def same_number(ones: Iterable[str], others: Collection[str], *, nearly: bool = False) -> bool:
    """Whether two records share a number that an institution gives to one person.

    With ``nearly``, numbers that differ by a typing mistake count as the same.
    """
    for text in ones:
        label, _, value = text.partition("=")
        if label != "uid" and (text in others or (nearly and _near_number(label, value, others))):
            return True
    return False


def _near_number(label: str, value: str, others: Iterable[str]) -> bool:
    start = f"{label}="
    return any(text.startswith(start) and near(value, text[len(start) :]) for text in others)
