"""Compare the e-mail addresses and phone numbers of two records."""

from __future__ import annotations

import re

from rapidfuzz.distance import OSA

from people.identity.cards import emails as mail
from people.identity.cards.emails import Mailbox
from people.identity.cards.names import Name
from people.identity.cards.record import EXTENSION, HAS_ID, PRIVATE_EMAIL, Record
from people.identity.weighing import weights
from people.identity.weighing.kinds import (
    AT_ODDS,
    EMAIL,
    ENOUGH,
    NAME,
    OTHER_ADDRESS,
    OTHER_DESK,
    OTHER_PHONE,
    PHONE,
    SAME_HOME,
    Sharing,
)
from people.identity.weighing.name_parts import near
from people.identity.weighing.terms import Term, What, term

_DIGIT = re.compile(r"\d")
_OTHER_PHONE = term(What.PHONE_DIFFERS)
_OTHER_PRIVATE = term(What.PRIVATE_EMAIL_DIFFERS)
_BARE = term(What.BARE_ADDRESS)
_ANOTHER = term(What.ADDRESS_OF_ANOTHER)


def spelling(nameless: Record, name: Name, terms: list[Term], part: str = "") -> int:
    """Add the term of an address that spells ``name``, with ``part`` in full; returns its kind.

    For a card without a name, such an address takes the place of the name.
    """
    for address in nameless.emails:
        if part in address and not mail.is_role(address) and mail.spells(address, name.given, name.family):
            terms.append(term(What.ADDRESS_SPELLS_THE_NAME, address))
            return NAME
    return 0


def emails(a: Record, b: Record, sharing: Sharing, terms: list[Term]) -> int:
    """Add the term of the e-mail addresses of two records; returns its kind."""
    ours, theirs = a.emails, b.emails
    for x in ours:
        if x in theirs:
            return _same_email(a, b, sharing, terms)
    for x in ours:
        for y in theirs:
            if x[0] == y[0] and _may_be_alike(x, y) and (alike := _alike(a, b)):
                terms.append(alike)
                if _is_bare(a) or _is_bare(b):
                    terms.append(_BARE)
                return EMAIL if alike[1] > ENOUGH else 0
    for firm in a.firms:
        if firm in b.firms:
            terms.append(term(What.TWO_ADDRESSES_AT_ONE_FIRM, min(set(a.firms).intersection(b.firms))))
            return 0
    if a.traits & b.traits & PRIVATE_EMAIL:
        terms.append(_OTHER_PRIVATE)
    return OTHER_ADDRESS


def _same_email(a: Record, b: Record, sharing: Sharing, terms: list[Term]) -> int:
    common = [address for address in a.emails if address in b.emails]
    bits, address, names = max([_email_bits(address, sharing) for address in common])
    terms.append((What.EMAIL_SAME, bits, _shared_by(address, names)))
    nameless, named = (a, b) if _is_bare(a) else (b, a)
    if bits >= ENOUGH and _is_bare(nameless) and not mail.is_role(address):
        if names < 2:
            owns = _may_be_of(address, named.name)
        else:
            owns = mail.spells(address, named.name.given, named.name.family)
        if owns:
            terms.append(_BARE)
            return EMAIL | NAME
        if _spells_another(address, named.name):
            terms.append(_ANOTHER)
    return EMAIL if bits >= ENOUGH else 0


def _spells_another(address: str, name: Name) -> bool:
    """Whether an address at a firm has two words, as a name has, and neither fits this name."""
    words = mail.local_words(address)
    if not mail.firm(address) or len(words) != 2 or not (name.given and name.family):
        return False
    initials = {name.given[0], name.family[0]}
    return not any(word in (name.given, name.family) or word in initials for word in words)


def _is_bare(record: Record) -> bool:
    name = record.name
    known = record.has & ~HAS_ID or record.profiles or record.phones or name.given or name.family
    return record.kind == "person" and not known


def _may_be_of(address: str, name: Name) -> bool:
    words, given, short = mail.local_words(address), name.given, weights.roots()
    local = "".join(words)
    if len(given) > 1 and (given in local or short.get(given, given) in {short.get(w, w) for w in words}):
        return True
    if len(given) == 1 and len(local) > 1 and local[0] == given and name.family in local:
        return True  # K. Berg has the address karin.berg@.
    if any(near(given, word) for word in words):
        return True
    if name.family and name.family in local:
        return False
    return weights.name_tables()[0].keys().isdisjoint(words)


def _may_be_alike(one: str, other: str) -> bool:
    """A quick first test, because few addresses are alike: a misspelling seldom changes the first letter."""
    if one[0] != other[0]:
        return False
    if ("+" in one or "+" in other) and mail.untagged(one) == mail.untagged(other):
        return True
    if -4 < len(one) - len(other) < 4 and OSA.distance(one, other, score_cutoff=3) <= 3:
        return True
    return one[:3] == other[:3] and other.startswith(one[: one.find("@") + 1])


def _alike(a: Record, b: Record) -> Term | None:
    """The strongest term of two records that have similar addresses but none in common."""
    likenesses = [
        alike
        for one in map(mail.mailbox, a.emails)
        for other in map(mail.mailbox, b.emails)
        if _may_be_alike(one.address, other.address)
        and not (one.role or other.role)
        and (alike := _email_likeness(one, other, a.name, b.name))
    ]
    return max(likenesses, key=lambda alike: (alike[1], alike), default=None)


def _email_bits(address: str, sharing: Sharing) -> tuple[float, str, int]:
    """The weight of an address in common, the address, and the number of names that share it."""
    names = sharing(f"e:{address}")
    bits = weights.shared(What.EMAIL_SAME, names)
    return min(bits, weights.ROLE_ADDRESS) if mail.is_role(address) else bits, address, names


def _shared_by(value: str, names: int) -> str:
    return value if names < 2 else f"{value}, {names} names share it"


def _email_likeness(one: Mailbox, other: Mailbox, name: Name, other_name: Name) -> Term | None:
    """The term of two similar addresses; None if they are not, or if they only repeat their owner's name."""
    if mail.untagged(one.address) == mail.untagged(other.address):
        what: What | None = What.EMAIL_SAME_BUT_TAG
    elif one.local == other.local:
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
        # Made of two names, addresses are as like as the names are.
        slip = one.domain != other.domain and _letters(one) == _letters(other)
        what = None if not slip and _spelt(one, other, name, other_name) else What.EMAIL_NEARLY_SAME
    return term(what, ", ".join(sorted((one.address, other.address)))) if what else None


def _letters(box: Mailbox) -> str:
    return "".join(mail.local_words(box.address))


def _same_local(one: Mailbox, other: Mailbox, name: Name, other_name: Name) -> What | None:
    """What two addresses that differ only after the @ say."""
    local = one.local
    if len(local) < 3:
        return None
    spelt = _spelt(one, other, name, other_name)
    if _slip_in_domain(one, other):
        made_of_name = spelt or local in (name.given, name.family, other_name.given, other_name.family)
        return What.EMAIL_NEARLY_SAME if made_of_name else What.EMAIL_SLIP_IN_DOMAIN
    return What.EMAIL_SAME_LOCAL if len(local) >= 5 and not spelt else None


def _spelt(one: Mailbox, other: Mailbox, name: Name, other_name: Name) -> bool:
    """Whether one of two addresses is only made of a name; a number in it is its owner's own choice."""
    return any(
        mail.spells(box.address, owner.given, owner.family)
        for box in (one, other)
        if not _DIGIT.search(box.local)
        for owner in (name, other_name)
    )


def _slip_in_domain(one: Mailbox, other: Mailbox) -> bool:
    """Whether one domain is the other mistyped; not for two well-known free providers."""
    if not (one.firm or other.firm) or one.domain[:1] != other.domain[:1]:
        return False
    limit = 1 if len(one.domain) < 10 else 2
    return OSA.distance(one.domain, other.domain, score_cutoff=limit) <= limit


def phones(a: Record, b: Record, sharing: Sharing, terms: list[Term]) -> int:
    """Add the term of the phone numbers of two records; returns its kind or mark."""
    for number in a.phones:
        if number in b.phones:
            bits = _same_number(What.PHONE_SAME, a.phones, b.phones, sharing, terms)
            return PHONE if bits >= ENOUGH else 0
    if (a.traits | b.traits) & EXTENSION:
        mark = _desks(a.phones, b.phones, terms)
        if mark is not None:
            return mark
    terms.append(_OTHER_PHONE)
    return AT_ODDS | OTHER_PHONE


def landlines(a: Record, b: Record, sharing: Sharing, terms: list[Term]) -> int:
    """Add the term of the landlines of two records, if they have one in common; returns its mark."""
    for number in a.landlines:
        if number in b.landlines:
            _same_number(What.LANDLINE_SAME, a.landlines, b.landlines, sharing, terms)
            return SAME_HOME
    return _desks(a.landlines, b.landlines, terms) or 0 if (a.traits | b.traits) & EXTENSION else 0


def _same_number(
    what: What, numbers: tuple[str, ...], others: tuple[str, ...], sharing: Sharing, terms: list[Term]
) -> float:
    common = [number for number in numbers if number in others]
    known = [(number, sharing(f"p:{number}")) for number in common]
    bits, number, names = max([(weights.shared(what, names), number, names) for number, names in known])
    terms.append((what, bits, _shared_by(number, names)))
    return bits


def _desks(numbers: tuple[str, ...], others: tuple[str, ...], terms: list[Term]) -> int | None:
    """Add the term of two lines of one switchboard; returns its mark, None if there are no such lines."""
    for one in numbers:
        for other in others:
            if one.partition(";")[0] == other.partition(";")[0]:
                both = ";" in one and ";" in other
                terms.append(term(What.OTHER_EXTENSION if both else What.ONE_EXTENSION))
                return OTHER_DESK if both else 0
    return None
