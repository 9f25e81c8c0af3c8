"""The terms of a pair of records, field by field, and the kinds of evidence that they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from rapidfuzz.distance import OSA

from people.identity import compare, dates, weights
from people.identity import emails as mail
from people.identity.compare import GIVEN, Term, near, term
from people.identity.emails import Mailbox
from people.identity.names import Name
from people.identity.record import (
    EXTENSION,
    HAS_BIRTHDAY,
    HAS_ID,
    HAS_LANDLINE,
    HAS_ORGANISATION,
    HAS_PLACE,
    HAS_TITLE,
    PRIVATE_EMAIL,
    Record,
)
from people.identity.weights import FIXED, PRIOR

Sharing = Callable[[str], int]
"""How many distinct names share an e-mail's or phone's block key, how many records an organisation's."""

ENOUGH = 4.0
"""From this many bits on, an e-mail, phone or organisation counts as a kind of evidence."""

(NAME, HALF_NAME, EMAIL, PHONE, PROFILE, CARD_ID, NUMBER, BIRTHDAY, ORGANISATION, PLACE, TOWN, TITLE) = (
    1 << at for at in range(12)
)
KINDS = (
    "name", "half a name", "e-mail", "phone", "profile", "card id", "number", "birthday", "organisation",
    "place", "town", "title",
)  # fmt: skip
"""Kinds of evidence, in the order of their bits."""


def alone(_key: str) -> int:
    """The sharing of values that nobody else has."""
    return 1


def weigh(a: Record, b: Record, sharing: Sharing, least: float) -> tuple[float, list[Term], int] | None:
    """The bits of a pair, their terms and the kinds of evidence; None as soon as they fall below ``least``.

    With a ``least``, two records whose names differ are also None unless they have something in common that
    reaches one person, or birthdays or numbers to compare: they could be told apart, never joined. Symmetric
    in ``a`` and ``b``, but for the order of the terms.
    """
    terms: list[Term] = []
    kinds = _names(a, b, terms) if a.kind == b.kind == "person" else 0
    if least >= 0 and _told_apart(a, b, terms):
        return None
    if a.emails and b.emails:
        kinds |= _emails(a, b, sharing, terms)
    if a.phones and b.phones:
        kinds |= _phones(a, b, sharing, terms)
    bits = PRIOR
    for _, weight, _ in terms:
        bits += weight
    both = a.has & b.has
    if both:
        if bits + _MOST[both] < least:
            return None
        known = len(terms)
        kinds |= _exact(a, b, sharing, terms)
        if both & HAS_PLACE:
            kinds |= _place(a, b, terms)
        for _, weight, _ in terms[known:]:
            bits += weight
    return None if bits < least else (bits, terms, kinds)


def _told_apart(a: Record, b: Record, terms: list[Term]) -> bool:
    """Whether the names differ and nothing at hand could outweigh that."""
    for _, bits, _ in terms:
        if bits <= _APART:
            break
    else:
        return False
    if a.has & b.has & (HAS_BIRTHDAY | HAS_ID):
        return False
    return not any(
        value in others for own, others in ((a.emails, b.emails), (a.phones, b.phones)) for value in own
    )


def _most() -> list[float]:
    """What the fields that two records both have can add at most, by the bits of ``Record.has``."""
    each = (
        (HAS_LANDLINE, weights.shared("landline same", 1)),
        (HAS_ORGANISATION, weights.organisation(1)),
        (HAS_TITLE, FIXED["title same"]),
        (HAS_BIRTHDAY, FIXED["birthday same"]),
        (HAS_ID, FIXED["profile same"] + FIXED["number same"] + FIXED["card id same"]),
        (HAS_PLACE, FIXED["street same"] + FIXED["postcode same"] + FIXED["town same"]),
    )
    return [sum(bits for flag, bits in each if has & flag) for has in range(2 * HAS_PLACE)]


_MOST = _most()
_APART = FIXED["family name differs"]


def _names(a: Record, b: Record, terms: list[Term]) -> int:
    one, other = a.name, b.name
    if not (one.given or one.family):
        return _spelling(a, other, terms) if other.given or other.family else 0
    if not (other.given or other.family):
        return _spelling(b, one, terms)
    found = compare.names(one, other)
    terms += found
    best, total = 0.0, 0.0
    for what, bits, _ in found:
        total += bits
        if what.startswith(GIVEN):
            if bits <= 0:
                return 0
            best = max(best, bits)
    if one.given and one.family and other.given and other.family:
        return NAME if total >= ENOUGH or best >= 3.0 else 0
    return HALF_NAME if total >= 3.0 else 0


def _spelling(nameless: Record, name: Name, terms: list[Term]) -> int:
    """A card without a name is still named by an address that spells the other's."""
    for address in nameless.emails:
        if not mail.is_role(address) and mail.spells(address, name.given, name.family):
            terms.append(term("address spells the name", address))
            return NAME
    return 0


def _emails(a: Record, b: Record, sharing: Sharing, terms: list[Term]) -> int:
    for address in a.emails:
        if address in b.emails:
            return _same_email(a, b, sharing, terms)
    for x in a.emails:
        for y in b.emails:
            # Quick, for few are alike: a misspelling seldom changes the first letter.
            if x[0] == y[0] and (alike := _alike(a, b)):
                terms.append(alike)
                return EMAIL if alike[1] > ENOUGH else 0
    for firm in a.firms:
        if firm in b.firms:
            terms.append(term("two addresses at one firm", min(set(a.firms).intersection(b.firms))))
            return 0
    if a.traits & b.traits & PRIVATE_EMAIL:
        terms.append(term("private e-mail differs"))
    return 0


def _same_email(a: Record, b: Record, sharing: Sharing, terms: list[Term]) -> int:
    common = [address for address in a.emails if address in b.emails]
    bits, address = max((_email_bits(address, sharing), address) for address in common)
    terms.append(("e-mail same", bits, _shared_by(address, sharing(f"e:{address}"))))
    return EMAIL if bits >= ENOUGH else 0


def _alike(a: Record, b: Record) -> Term | None:
    """The best likeness of two records' addresses, none of which is the same."""
    found = [
        alike
        for one in map(mail.mailbox, a.emails)
        for other in map(mail.mailbox, b.emails)
        if not (one.role or other.role) and (alike := _email_likeness(one, other, a.name, b.name))
    ]
    return max(found, key=lambda alike: (alike[1], alike), default=None)


def _email_bits(address: str, sharing: Sharing) -> float:
    bits = weights.shared("e-mail same", sharing(f"e:{address}"))
    return min(bits, weights.ROLE_ADDRESS) if mail.is_role(address) else bits


def _shared_by(value: str, names: int) -> str:
    return value if names < 2 else f"{value}, {names} names share it"


def _email_likeness(one: Mailbox, other: Mailbox, name: Name, other_name: Name) -> Term | None:
    """How two addresses are alike. One that spells its owner's name tells little more than the name does."""
    if one.local == other.local:
        what = _same_local(one, other, name, other_name)
    elif (
        one.digits != other.digits
        or len(one.local) < 5
        or abs(len(one.address) - len(other.address)) > 3
        or one.letters == other.letters
        or not near(one.address, other.address)
    ):
        return None
    else:
        named = one.domain == other.domain and _spelt(one, other, name, other_name)
        what = "" if named else "e-mail nearly same"
    return term(what, ", ".join(sorted((one.address, other.address)))) if what else None


def _same_local(one: Mailbox, other: Mailbox, name: Name, other_name: Name) -> str:
    """Two addresses that differ behind the @ only."""
    local = one.local
    if len(local) < 3:
        return ""
    spelt = _spelt(one, other, name, other_name)
    if _slip_in_domain(one, other):
        made_of_name = spelt or local in (name.given, name.family, other_name.given, other_name.family)
        return "e-mail nearly same" if made_of_name else "e-mail same but for a slip after the @"
    return "e-mail same before the @" if len(local) >= 5 and not spelt else ""


def _spelt(one: Mailbox, other: Mailbox, name: Name, other_name: Name) -> bool:
    return any(
        mail.spells(box.address, owner.given, owner.family)
        for box in (one, other)
        for owner in (name, other_name)
    )


def _slip_in_domain(one: Mailbox, other: Mailbox) -> bool:
    """Whether one domain is the other mistyped; two well-known free ones are not."""
    if not (one.firm or other.firm):
        return False
    limit = 1 if len(one.domain) < 10 else 2
    return OSA.distance(one.domain, other.domain, score_cutoff=limit) <= limit


def _phones(a: Record, b: Record, sharing: Sharing, terms: list[Term]) -> int:
    for number in a.phones:
        if number in b.phones:
            bits = _same_number("phone same", a.phones, b.phones, sharing, terms)
            return PHONE if bits >= ENOUGH else 0
    if not ((a.traits | b.traits) & EXTENSION and _extensions(a.phones, b.phones, terms)):
        terms.append(term("phone differs"))
    return 0


def _landlines(a: Record, b: Record, sharing: Sharing, terms: list[Term]) -> None:
    if any(number in b.landlines for number in a.landlines):
        _same_number("landline same", a.landlines, b.landlines, sharing, terms)
    elif (a.traits | b.traits) & EXTENSION:
        _extensions(a.landlines, b.landlines, terms)


def _same_number(
    what: str, numbers: tuple[str, ...], others: tuple[str, ...], sharing: Sharing, terms: list[Term]
) -> float:
    common = [number for number in numbers if number in others]
    bits, number = max((weights.shared(what, sharing(f"p:{number}")), number) for number in common)
    terms.append((what, bits, _shared_by(number, sharing(f"p:{number}"))))
    return bits


def _extensions(numbers: tuple[str, ...], others: tuple[str, ...], terms: list[Term]) -> bool:
    """Weigh two lines of one switchboard; False where there are none."""
    for one in numbers:
        for other in others:
            if one.partition(";")[0] == other.partition(";")[0]:
                both = ";" in one and ";" in other
                terms.append(
                    term("same number, other extension" if both else "same number, one with extension")
                )
                return True
    return False


def _exact(a: Record, b: Record, sharing: Sharing, terms: list[Term]) -> int:
    """Landline, organisation, title, birthday, profile and ids."""
    kinds = 0
    if a.landlines and b.landlines:
        _landlines(a, b, sharing, terms)
    if a.organisation and b.organisation:
        kinds |= _organisations(a.organisation, b.organisation, sharing, terms)
    if a.title and a.title == b.title:
        terms.append(term("title same", a.title))
        kinds |= TITLE
    if a.birthday and b.birthday:
        found = term(dates.verdict(a.birthday, b.birthday), ", ".join(sorted({a.birthday, b.birthday})))
        terms.append(found)
        kinds |= BIRTHDAY if found[1] > 0 else 0
    if a.profiles and b.profiles:
        kinds |= _profiles(a.profiles, b.profiles, terms)
    if a.ids and b.ids:
        kinds |= _ids(a.ids, b.ids, terms)
    return kinds


def _organisations(one: str, other: str, sharing: Sharing, terms: list[Term]) -> int:
    if one == other:
        bits = weights.organisation(sharing(f"o:{one}"))
        terms.append(("organisation same", bits, one))
        return ORGANISATION if bits >= ENOUGH else 0
    both = f"{one}, {other}" if one < other else f"{other}, {one}"
    words, others = set(one.split()), set(other.split())
    if words <= others or others <= words or near(one, other):
        terms.append(term("organisation similar", both))
        return ORGANISATION
    terms.append(term("organisation differs", both))
    return 0


def _profiles(ones: tuple[str, ...], others: tuple[str, ...], terms: list[Term]) -> int:
    common = sorted(set(ones).intersection(others))
    if common:
        terms.append(term("profile same", common[0]))
        return PROFILE
    sites = {profile.partition("/")[0] for profile in ones}
    if any(profile.partition("/")[0] in sites for profile in others):
        terms.append(term("profile differs"))
    return 0


def _ids(ones: tuple[str, ...], others: tuple[str, ...], terms: list[Term]) -> int:
    """Card ids and numbers; address books make card ids for themselves, so other ones prove nothing."""
    common = sorted(set(ones).intersection(others))
    kinds = 0
    for text in common:
        if text.startswith("uid="):
            terms.append(term("card id same", text[4:]))
            kinds |= CARD_ID
            break
    numbers = [text for text in ones if not text.startswith("uid=")]
    for label in sorted({text.partition("=")[0] for text in numbers}):
        theirs = [text for text in others if text.startswith(f"{label}=")]
        if theirs:
            kinds |= _numbers(
                label, [text for text in numbers if text.startswith(f"{label}=")], theirs, terms
            )
    return kinds


def _numbers(label: str, ones: list[str], others: list[str], terms: list[Term]) -> int:
    """Numbers that an institution gives to one person, all of one label."""
    for what, nearly in (("number same", False), ("number nearly same", True)):
        if same_number(ones, others, nearly=nearly):
            terms.append(term(what, label))
            return NUMBER
    terms.append(term("number differs", label))
    return 0


def same_number(ones: Iterable[str], others: Collection[str], *, nearly: bool = False) -> bool:
    """Whether two records hold the same number given to one person, slips allowed or not."""
    for text in ones:
        label, _, value = text.partition("=")
        if label != "uid" and (text in others or (nearly and _near_number(label, value, others))):
            return True
    return False


def _near_number(label: str, value: str, others: Iterable[str]) -> bool:
    start = f"{label}="
    return any(text.startswith(start) and near(value, text[len(start) :]) for text in others)


def _place(a: Record, b: Record, terms: list[Term]) -> int:
    street = _texts("street", a.streets, b.streets, terms)
    postcode = _texts("postcode", a.postcodes, b.postcodes, terms)
    town = _texts("town", a.cities, b.cities, terms)
    if street > 0 or postcode > ENOUGH or postcode + town > ENOUGH:
        return PLACE
    return TOWN if town > 0 else 0


def _texts(what: str, texts: tuple[str, ...], others: tuple[str, ...], terms: list[Term]) -> float:
    """Weigh the best agreement of two lists; returns its bits, 0 where one is empty."""
    if not texts or not others:
        return 0.0
    common = [text for text in texts if text in others]
    if common:
        found = term(f"{what} same", min(common))
    elif pairs := [sorted((x, y)) for x in texts for y in others if near(x, y)]:
        found = term(f"{what} nearly same", ", ".join(min(pairs)))
    else:
        found = term(f"{what} differs")
    terms.append(found)
    return found[1]
