"""Block keys: where to look for records that may be the same person.

Only records that share a key are compared. A store keeps ``(record, key)`` in an indexed table. E-mail,
phone and organisation keys are also evidence whose weight falls with the number of those who share them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING

from people.identity import emails as mail
from people.identity.weights import NEAR_LOSS, PRIOR, family_rarity, given_rarity, roots

if TYPE_CHECKING:
    from people.identity.record import Record

COUNTED = ("e:", "p:")
"""Kinds of keys whose weight falls with the number of names that share them: e-mail, phone."""
SIZED = "o:"
"""The kind whose weight falls with the number of records, and which finds no pairs: colleagues are many."""
NAMES = ("n:", "m:")
"""Kinds that hold a full name, rare and common: the second key of an oversize block."""
RARE_NAME, COMMON_NAME = NAMES
SEARCHED_NOT = (SIZED, COMMON_NAME)
"""Kinds that find no pairs by themselves."""
DIVISIBLE = ("e:", "p:", "u:", "i:", "a:", "b:")
"""Kinds whose oversize blocks are searched with a second key; the others have one built in."""

_SILENT = str.maketrans("", "", "aeiouyhw")


@lru_cache(maxsize=200_000)
def _skeleton(word: str) -> str:
    """First letter and the next three consonants: survives most misspellings."""
    rest = word[1:].translate(_SILENT)
    return word[:1] + "".join(c for at, c in enumerate(rest) if at == 0 or c != rest[at - 1])[:3]


@lru_cache(maxsize=200_000)
def full_name_key(given: str, family: str) -> str:
    """The key of a full name, in either order of its parts.

    A common name finds no pairs by itself: it takes more to ask a question, and that has a key of its own.
    """
    full = f"{given} {family}" if given <= family else f"{family} {given}"
    return (RARE_NAME if _rarity(given, family) >= -PRIOR else COMMON_NAME) + full


@lru_cache(maxsize=200_000)
def _rough_name_key(given: str, family: str) -> tuple[str, ...]:
    """The key of a name that may be misspelt; none for one that a misspelling would leave too common."""
    if _rarity(given, family) < NEAR_LOSS - PRIOR:
        return ()
    one, other = sorted((_skeleton(given), _skeleton(family)))
    return (f"{one} {other}",)


def _rarity(given: str, family: str) -> float:
    """The most that a name weighs; read in the other order it never weighs more."""
    return given_rarity(given) + family_rarity(family)


def keys_of(record: Record) -> list[str]:
    """All block keys of a record, each once."""
    return [prefix + text for prefix, values in KINDS for text in values(record)]


def _numbers(record: Record) -> Iterable[str]:
    """All numbers, and the switchboards of those with an extension."""
    numbers = record.phones + record.landlines if record.landlines else record.phones
    if not record.has_extension:
        return numbers
    return dict.fromkeys([*numbers, *(number.partition(";")[0] for number in numbers)])


def _streets(record: Record) -> Iterable[str]:
    return [street for street in record.streets if any(c.isdigit() for c in street)] if record.streets else ()


def _organisation(record: Record) -> Iterable[str]:
    return (record.organisation,) if record.organisation else ()


def _firm(record: Record) -> Iterable[str]:
    return (record.organisation,) if record.organisation and record.kind != "person" else ()


def _postcodes(record: Record) -> Iterable[str]:
    return record.postcodes if record.kind == "person" else ()


def _birthday(record: Record) -> Iterable[str]:
    day = record.birthday
    return (day,) if day and day[0] != "-" and record.kind == "person" else ()


def _full_name(record: Record) -> Iterable[str]:
    name = record.name
    given, family = name.given, name.family
    return (full_name_key(given, family),) if given and family and record.kind == "person" else ()


def _rough_name(record: Record) -> Iterable[str]:
    name = record.name
    given, family = name.given, name.family
    return _rough_name_key(given, family) if given and family and record.kind == "person" else ()


def _halves(record: Record) -> Iterable[str]:
    """Half a name beside something else, for cards on which the other half is wrong or missing."""
    if record.kind != "person":
        return ()
    beside = [text for text in (record.birthday, record.organisation) if text]
    if record.postcodes:
        beside += record.postcodes
        beside += sorted(districts(record.postcodes))
    beside += record.cities
    beside += [firm for address in record.emails if (firm := mail.firm(address))]
    if not beside:
        return ()
    name = record.name
    halves = [_skeleton(half) for half in (name.given, name.family) if len(half) > 1]
    found = [f"{half} {text}" for half in halves for text in beside]
    return dict.fromkeys(found) if len(found) > 1 else found


Kind = tuple[str, Callable[["Record"], Iterable[str]]]
"""How a kind of keys begins, and the texts that follow for a record, each once."""
KINDS: tuple[Kind, ...] = (
    ("e:", attrgetter("emails")),
    ("p:", _numbers),
    ("u:", attrgetter("profiles")),
    ("i:", attrgetter("ids")),
    ("a:", _streets),
    (SIZED, _organisation),
    ("k:", _firm),
    ("z:", _postcodes),
    ("", _full_name),
    ("s:", _rough_name),
    ("l:", attrgetter("own_locals")),
    ("b:", _birthday),
    ("h:", _halves),
)
"""All kinds. The key of a full name says itself whether that is rare or common."""


def own_locals(boxes: Iterable[mail.Mailbox], given: str, family: str) -> tuple[str, ...]:
    """What stands before the @ of a person's addresses, unless it only repeats the name."""
    found = [
        box.local
        for box in boxes
        if len(box.local) >= 4 and not box.role and not _of_name(box.address, box.local, given, family)
    ]
    return tuple(dict.fromkeys(found))


def _of_name(address: str, local: str, given: str, family: str) -> bool:
    """Whether an address only repeats its owner's name."""
    return local in (given, family) or mail.spells(address, given, family)


def districts(postcodes: Iterable[str]) -> frozenset[str]:
    """How folded postcodes begin: those of one part of a town begin alike. Short ones have no such part."""
    return frozenset(code[: len(code) // 2 + 1] for code in postcodes if len(code) > 4)


def name_mark(record: Record) -> str:
    """What a record counts as when names that share a value are counted; '' counts as nobody.

    One initial a person, through short forms: Bob, Rob and R. Smith count as one, and so does Anna who
    changed her family name; five colleagues at info@ count as four or five.
    """
    if record.kind != "person":
        return f"={record.organisation[:1]}" if record.organisation else ""
    given = record.name.given or record.name.family
    return roots().get(given, given)[:1]
