"""Block keys: where to look for records that may be the same person.

Only records that share a key are compared. A store keeps ``(record, key)`` in an indexed table. E-mail,
phone and organisation keys are also evidence whose weight falls with the number of those who share them.
"""

from __future__ import annotations

from collections.abc import Iterable

from people.identity import emails as mail
from people.identity.names import Name
from people.identity.record import Record
from people.identity.weights import roots

COUNTED = ("e:", "p:")
"""Kinds of keys whose weight falls with the number of names that share them: e-mail, phone."""
SIZED = "o:"
"""The kind whose weight falls with the number of records, and which finds no pairs: colleagues are many."""
NAMES = ("n:", "s:")
"""Kinds made of a whole name: the second key of an oversize block."""
FULL_NAME = "n:"
DIVISIBLE = ("e:", "p:", "u:", "i:", "a:", "b:")
"""Kinds whose oversize blocks are searched with a second key; the others have one built in."""

_VOWELS = str.maketrans("", "", "aeiouyhw")


def _skeleton(word: str) -> str:
    """First letter and the next two consonants: survives most misspellings."""
    rest = word[1:].translate(_VOWELS)
    squeezed = "".join(c for i, c in enumerate(rest) if i == 0 or c != rest[i - 1])
    return word[:1] + squeezed[:2]


def name_keys(name: Name) -> list[str]:
    """The keys of a name, in either order of its parts: the full one first, then one for misspellings."""
    if not name.given or not name.family:
        return []
    full = sorted((name.given, name.family))
    rough = sorted((_skeleton(name.given), _skeleton(name.family)))
    return [f"n:{full[0]} {full[1]}", f"s:{rough[0]} {rough[1]}"]


def keys_of(record: Record) -> list[str]:
    """All block keys of a record, each once."""
    keys = [f"e:{address}" for address in record.emails]
    for number in (*record.phones, *record.landlines):
        keys.append(f"p:{number}")
        if ";" in number:
            keys.append(f"p:{number.partition(';')[0]}")
    keys += [f"u:{profile}" for profile in record.profiles]
    keys += [f"i:{text}" for text in record.ids]
    keys += [f"a:{street}" for street in record.streets if any(c.isdigit() for c in street)]
    if record.organisation:
        keys.append(f"o:{record.organisation}")
    if record.kind != "person":
        return list(dict.fromkeys([*keys, f"k:{record.organisation}"] if record.organisation else keys))
    keys += name_keys(record.name)
    keys += _compound_keys(record)
    return list(dict.fromkeys(keys))


def _compound_keys(record: Record) -> Iterable[str]:
    """Half a name beside something else, for cards on which the other half is wrong or missing."""
    name = record.name
    halves = {_skeleton(half) for half in (name.given, name.family) if len(half) > 1}
    beside = [record.birthday, record.organisation, *record.postcodes, *record.cities]
    beside += [mail.own_domain(address) for address in record.emails]
    for address in record.emails:
        local = address.partition("@")[0]
        if len(local) >= 4 and not mail.is_role(address):
            yield f"l:{local}"
    yield from (f"z:{postcode}" for postcode in record.postcodes)
    if record.birthday[:1] not in ("", "-"):
        yield f"b:{record.birthday}"
    yield from (f"h:{half} {text}" for half in sorted(halves) for text in beside if text)


def name_mark(record: Record) -> str:
    """What a record counts as when names that share a value are counted; '' counts as nobody.

    One initial a person, through short forms: Bob, Rob and R. Smith count as one, and so does Anna who
    changed her family name; five colleagues at info@ count as four or five.
    """
    if record.kind != "person":
        return f"={record.organisation[:1]}" if record.organisation else ""
    given = record.name.given or record.name.family
    return roots().get(given, given)[:1]
