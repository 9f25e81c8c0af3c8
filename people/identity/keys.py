"""Block keys: only records that share one are compared.

A store keeps ``(record, key)`` in an indexed table. E-mail, phone and organisation keys are also counted,
because their weight falls with the number of records or names that share them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

from people.identity.cards import emails as mail
from people.identity.cards.record import Record, districts
from people.identity.weighing.weights import NEAR_LOSS, PRIOR, family_rarity, given_rarity, roots

COUNTED = ("e:", "p:")
"""E-mail and phone keys: their weight falls with the number of names that share them."""
SIZED = ("o:", "g:", "f:", "c:", "d:")
"""Keys that are counted by records: organisations, given names, family names, all people, and a sample of
these. They find no pairs, because each has too many records."""
ORGANISATION, GIVEN, FAMILY, EVERYBODY, SAMPLE = SIZED
ONE_IN = 64
"""The sample holds one of this number of records. Its size tells the size of the book."""
NAMES = ("n:", "m:")
"""Full name keys, rare and common: the second key of an oversize block."""
RARE_NAME, COMMON_NAME = NAMES
NOT_SEARCHED = (*SIZED, COMMON_NAME)
"""Keys that find no pairs on their own."""
DIVISIBLE = ("e:", "p:", "u:", "i:", "a:", "b:")
"""Keys whose oversize blocks are divided by a second key; the other kinds have one built in."""

_SILENT = str.maketrans("", "", "aeiouyhw")


@lru_cache(maxsize=200_000)
def _skeleton(word: str) -> str:
    """The first letter and the next three consonants, which survive most misspellings."""
    rest = word[1:].translate(_SILENT)
    return word[:1] + "".join(c for at, c in enumerate(rest) if at == 0 or c != rest[at - 1])[:3]


@lru_cache(maxsize=200_000)
def full_name_key(given: str, family: str) -> str:
    """The key of a full name; the same for both orders of its parts.

    A common name finds no pairs on its own, because it is too weak for a question without a second value,
    and that value has its own key.
    """
    full = f"{given} {family}" if given <= family else f"{family} {given}"
    return (RARE_NAME if _rarity(given, family) >= -PRIOR else COMMON_NAME) + full


@lru_cache(maxsize=200_000)
def _full_name_keys(given: str, family: str) -> tuple[str, ...]:
    """The key of a full name, and a key for its misspellings unless the name is too common for that."""
    full = full_name_key(given, family)
    if _rarity(given, family) < NEAR_LOSS - PRIOR:
        return (full,)
    one, other = sorted((_skeleton(given), _skeleton(family)))
    return full, f"s:{one} {other}"


def _rarity(given: str, family: str) -> float:
    """The most that a name can weigh, in either order."""
    return given_rarity(given) + family_rarity(family)


def keys_of(record: Record) -> list[str]:
    """The block keys of a record, without repeats."""
    keys = ["e:" + address for address in record.emails]
    if record.phones or record.landlines:
        keys += _numbers(record)
    if record.profiles:
        keys += ["u:" + profile for profile in record.profiles]
    if record.ids:
        keys += ["i:" + text for text in record.ids]
    if record.streets:
        keys += ["a:" + street for street in record.streets if any(c.isdigit() for c in street)]
    if record.organisation:
        keys.append("o:" + record.organisation)
    if record.kind == "person":
        keys += _person_keys(record)
    elif record.organisation:
        keys.append("k:" + record.organisation)
    return keys


def _numbers(record: Record) -> Iterable[str]:
    """The keys of all numbers, and of the switchboards behind numbers with an extension."""
    keys = ["p:" + number for number in record.phones + record.landlines]
    if record.has_extension:
        keys += [key.partition(";")[0] for key in keys]
    return dict.fromkeys(keys)


def _person_keys(record: Record) -> list[str]:
    """The keys of a person: the name, and half a name with one other value.

    The latter find cards on which the other half of the name is wrong or missing.
    """
    name = record.name
    given, family, postcodes = name.given, name.family, record.postcodes
    keys = ["l:" + local for local in record.own_locals] if record.own_locals else []
    keys.append(EVERYBODY)
    if crc32(record.key.encode()) % ONE_IN == 0:
        keys.append(SAMPLE)
    if given and family:
        keys += _full_name_keys(given, family)
        keys += (GIVEN + given, FAMILY + family)
    elif not given and not family:
        # The address of a guest without a name may spell it, with a slip behind the @.
        spelt = [words for words in map(mail.local_words, record.emails) if len(words) == 2]
        keys += {full_name_key(*words) for words in spelt}
    beside = [firm for address in record.emails if (firm := mail.firm(address))]
    if record.organisation:
        beside.append(record.organisation)
    if record.birthday:
        beside.append(record.birthday)
        if record.birthday[0] != "-":
            keys.append("b:" + record.birthday)
    if postcodes:
        keys += ["z:" + postcode for postcode in postcodes]
        beside += [*postcodes, *sorted(districts(postcodes))]
    beside += record.cities
    if beside:
        texts = beside if len(beside) == 1 else dict.fromkeys(beside)
        keys += [half + text for half in _halves(given, family) for text in texts]
    return keys


@lru_cache(maxsize=200_000)
def _halves(given: str, family: str) -> tuple[str, ...]:
    """The first part of the keys of half a name."""
    return tuple(dict.fromkeys(f"h:{_skeleton(half)} " for half in (given, family) if len(half) > 1))


def name_mark(record: Record) -> str:
    """The initial under which a record counts when names that share a value are counted; '' for no name.

    Short forms count as the full name. So Bob, Rob and R. Smith count as one, and so does Anna before and
    after her marriage; five colleagues at info@ count as four or five.
    """
    if record.kind != "person":
        return f"={record.organisation[:1]}" if record.organisation else ""
    given = record.name.given or record.name.family
    return roots().get(given, given)[:1]


def named(records: Iterable[Record]) -> list[Record]:
    """The records of a full name's block that have it; a nameless guest's address only spells it."""
    return [record for record in records if record.name.given and record.name.family]
