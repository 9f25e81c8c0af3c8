"""The frozen weights, in bits: how much more often two cards of one person agree than two of strangers.

Merges rest on these numbers, so they are versioned: a change raises ``VERSION``, and the next run resolves
everything anew. Rarities come from tables in data/; nothing is learnt from the user's own records, so the
same two cards always weigh the same.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

from rapidfuzz.distance import OSA

VERSION = 2
"""2: kinds of evidence, households, misspelt addresses, namesakes."""
_TABLES = 1

PRIOR = -13.0
"""Two cards taken at random are one person about once in 8,000 times."""
AUTO, REVIEW, KEEP = 6.0, 0.0, 3.0
"""At ``AUTO`` and above a pair may merge by itself; from ``REVIEW`` on the user is asked; an automatic
merge is undone only below ``KEEP``, so that a small change of one card does not tear people apart."""
AUTO_NARROW = 8.0
"""In place of ``AUTO`` where the second kind of evidence is one that counts half."""
BLOCK_CAP = 60
"""A value that more records share is no way to find a pair; it needs a second key beside it."""

_DATA = Path(__file__).parents[1] / "data"
COMMON_GIVEN = 10.5
"""A name of at most so many bits is common enough to be what a misspelling meant."""
_GIVEN_UNLISTED, _FAMILY_UNLISTED = 12.0, 14.0

FIXED = MappingProxyType({
    "given name initial same": 3.0,
    "given names short for one name": 2.0,
    "given name is the other's middle name": 3.0,
    "given initial is the other's middle one": 1.0,
    "given name garbled": 3.0,
    "given name short form, misspelt": 2.0,
    "given name similar": 0.0,
    "given name differs": -6.0,
    "family name initial same": 2.5,
    "family name garbled": 4.0,
    "family name similar": 1.0,
    "family name differs": -4.0,
    "names in turned order": -2.0,
    "middle name same": 4.0,
    "middle initial same": 2.0,
    "middle name differs": -4.0,
    "generation on one only": -3.0,
    "nickname same": 3.0,
    "address spells the name": 5.0,
    "nothing known but the address": 5.0,
    "e-mail nearly same": 6.0,
    "e-mail same but for a slip after the @": 12.0,
    "e-mail same before the @": 4.0,
    "same number, other extension": -4.0,
    "same number, one with extension": 4.0,
    "two addresses at one firm": -3.0,
    "private e-mail differs": -1.0,
    "phone differs": -2.0,
    "profile same": 17.0,
    "profile differs": -6.0,
    "organisation similar": 4.0,
    "organisation differs": -1.0,
    "title same": 2.0,
    "birthday same": 13.0,
    "birthday same, 1 January": 7.0,
    "birthday same, year unknown": 8.0,
    "birthday nearly same": 7.0,
    "birthday close": 2.0,
    "birthday a year apart": -1.0,
    "birthday differs": -4.0,
    "street same": 9.0,
    "street nearly same": 6.0,
    "street differs": -1.0,
    "postcode same": 7.0,
    "postcode nearly same": 4.0,
    "postcode begins the same": 3.0,
    "postcode differs": -1.0,
    "town same": 4.0,
    "town nearly same": 3.0,
    "town differs": -1.0,
    "card id same": 8.0,
    "number same": 16.0,
    "number nearly same": 9.0,
    "number differs": -4.0,
})  # fmt: skip
"""Terms of one weight each."""

SHORT_FORM = (4.0, 3.0, 6.0)
"""A short form weighs as much as its full name less the first, at least the second, at most the third."""
NEAR_LOSS = 3.0
"""What a misspelling takes off a name's rarity."""
SHARED = MappingProxyType({
    "e-mail same": (18.0, 13.0, 9.0, 6.0, 4.0, 2.0),
    "phone same": (16.0, 11.0, 8.0, 5.0, 3.0, 1.0),
    "landline same": (11.0, 8.0, 6.0, 4.0, 2.0, 1.0),
})  # fmt: skip
"""Weights of a value by how many distinct names share it, from one on; the last holds for all beyond."""
ROLE_ADDRESS = 2.0
"""The most that a role address (info@, sales@) weighs."""
ORGANISATION = ((10, 6.0), (30, 5.0), (BLOCK_CAP, 4.0))
"""Weights of the same organisation, by how many records name it at most; ``LARGE`` beyond."""
LARGE_ORGANISATION = 3.0


def shared(term: str, sharing: int) -> float:
    """The weight of a value that ``sharing`` distinct names share (0 counts as 1)."""
    row = SHARED[term]
    return row[min(max(sharing, 1), len(row)) - 1]


def organisation(size: int) -> float:
    """The weight of an organisation that ``size`` records name."""
    return next((bits for most, bits in ORGANISATION if size <= most), LARGE_ORGANISATION)


@cache
def name_tables() -> tuple[dict[str, float], dict[str, float]]:
    """The listed given and family names, folded, with their rarity in bits."""
    tables: dict[str, dict[str, float]] = {"given": {}, "family": {}}
    for line in (_DATA / f"names-{_TABLES}.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            table, weight, *words = line.split()
            tables[table].update(dict.fromkeys(words, float(weight)))
    return tables["given"], tables["family"]


def given_rarity(name: str) -> float:
    """Bits of a folded given name, of a short form those of its full name; an unlisted name is rare."""
    given = name_tables()[0]
    rarity = given.get(name, _GIVEN_UNLISTED)
    full = roots().get(name)
    return rarity if full is None else min(rarity, given.get(full, _GIVEN_UNLISTED))


def family_rarity(name: str) -> float:
    """Bits of a folded family name; a name that the table does not list counts as rare."""
    return name_tables()[1].get(name, _FAMILY_UNLISTED)


def is_listed(name: str) -> bool:
    """Whether the tables know a name, so that it is hardly a misspelling of another."""
    given, family = name_tables()
    return name in given or name in family


@cache
def _short_forms() -> dict[str, frozenset[str]]:
    forms: dict[str, frozenset[str]] = {}
    for line in (_DATA / f"nicknames-{_TABLES}.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, *short = line.split()
            forms[name] = frozenset(short)
    return forms


def is_short_form(one: str, other: str) -> bool:
    """Whether one given name is a known short form of the other (English only: weak evidence)."""
    forms = _short_forms()
    return other in forms.get(one, ()) or one in forms.get(other, ())


@cache
def _full_names() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, short in _short_forms().items():
        for form in short:
            found.setdefault(form, set()).add(name)
    return found


def have_one_full_name(one: str, other: str) -> bool:
    """Whether two short forms stand for the same full name, as Ted and Eddie do."""
    full = _full_names()
    return not full.get(one, set()).isdisjoint(full.get(other, ()))


def have_one_short_form(one: str, other: str) -> bool:
    """Whether two full names share a short form, as Steven and Stephen do."""
    forms = _short_forms()
    return not forms.get(one, frozenset()).isdisjoint(forms.get(other, ()))


def short_form(one: str, other: str) -> float:
    """The weight of a given name and its short form."""
    loss, least, most = SHORT_FORM
    return max(least, min(most, min(given_rarity(one), given_rarity(other)) - loss))


@lru_cache(maxsize=65536)
def meant(name: str) -> frozenset[str]:
    """What an unknown given name may be a misspelling of: common names one letter away, and itself."""
    if len(name) < 4 or is_listed(name):
        return frozenset((name,))
    found = {known for form in (name, *_shortened(name)) for known in _common_by_letters().get(form, ())}
    return frozenset({known for known in found if OSA.distance(name, known, score_cutoff=1) <= 1} | {name})


@cache
def _common_by_letters() -> dict[str, list[str]]:
    """Common given names of four letters or more, under themselves and with any one letter left out."""
    found: dict[str, list[str]] = {}
    for name, bits in name_tables()[0].items():
        if bits <= COMMON_GIVEN and len(name) > 3:
            for form in (name, *_shortened(name)):
                found.setdefault(form, []).append(name)
    return found


def _shortened(name: str) -> list[str]:
    return [name[:at] + name[at + 1 :] for at in range(len(name))]


@cache
def roots() -> dict[str, str]:
    """Each short form's commonest full name: Bob and Rob count as Robert when names are counted."""
    found: dict[str, str] = {}
    listed = name_tables()[0]
    for name, short in _short_forms().items():
        for form in short:
            held = found.get(form)
            if held is None or (listed.get(name, _GIVEN_UNLISTED), name) < (
                listed.get(held, _GIVEN_UNLISTED),
                held,
            ):
                found[form] = name
    return found
