"""The fixed weights, in bits: how much more often two cards of one person agree than two of strangers.

Merges depend on these numbers. If you change one, raise ``VERSION``, so that the next run resolves all
records again. The rarity of names comes from tables in data/. Nothing is learnt from the user's records, so
the same two cards always weigh the same.
"""

from __future__ import annotations

from functools import cache, lru_cache
from types import MappingProxyType

from rapidfuzz.distance import OSA

from people.identity.cards.kin import sound
from people.identity.cards.words import rows_of
from people.identity.weighing.terms import What

VERSION = 4
"""2: kinds of evidence, households, misspelt addresses, namesakes. 3: the names of the world, desks, and
people whose name is common. 4: middle names in full."""
_TABLES = 1

PRIOR = -13.0
"""Two cards taken at random are one person about once in 8,000 pairs."""
AUTO, REVIEW, KEEP = 6.0, 0.0, 3.0
"""From ``AUTO`` on a pair may merge by itself; from ``REVIEW`` on the user is asked. An automatic merge is
undone only below ``KEEP``, so that a small change of one card does not split a person."""
THREE_NAMES = 14.0
"""From these bits on, a given, a middle and a family name that agree in full are enough for a merge, if
nothing differs. A name that no table lists may still be common (Kowalska), so it needs a rare companion."""
BLOCK_CAP = 60
"""If more records share a value, it finds a pair only together with a second key."""

COMMON_NAME = 10.0
"""If neither part of a name has more bits, several people of one town or firm bear it: something else must
agree."""
COMMON_GIVEN = 10.5
"""A name with at most these bits is common enough to be what a misspelling meant."""
GIVEN_UNLISTED, _FAMILY_UNLISTED = 12.0, 14.0

SHORT_FORM = (4.0, 3.0, 6.0)
"""A short form weighs as much as its full name minus the first number, but at least the second and at most
the third."""
NEAR_LOSS = 3.0
"""The bits that a misspelling takes off the rarity of a name."""
SHARED = MappingProxyType({
    What.EMAIL_SAME: (18.0, 13.0, 9.0, 6.0, 4.0, 2.0),
    What.PHONE_SAME: (16.0, 11.0, 8.0, 5.0, 3.0, 1.0),
    What.LANDLINE_SAME: (11.0, 8.0, 6.0, 4.0, 2.0, 1.0),
})  # fmt: skip
"""The weights of a value that one name has, that two names share, and so on; the last is for all more."""
ROLE_ADDRESS = 2.0
"""The most that a role address (info@, sales@) can weigh."""
ORGANISATION = ((10, 6.0), (30, 5.0), (BLOCK_CAP, 4.0))
"""The weights of an organisation that at most 10, 30 or ``BLOCK_CAP`` records name."""
LARGE_ORGANISATION = 3.0


def shared(what: What, sharing: int) -> float:
    """The weight of a value that ``sharing`` names share (0 counts as 1)."""
    row = SHARED[what]
    return row[min(max(sharing, 1), len(row)) - 1]


def organisation(size: int) -> float:
    """The weight of an organisation that ``size`` records name."""
    return next((bits for most, bits in ORGANISATION if size <= most), LARGE_ORGANISATION)


@cache
def name_tables() -> tuple[dict[str, float], dict[str, float]]:
    """The listed given and family names in plain words, with their rarity in bits."""
    tables: dict[str, dict[str, float]] = {"given": {}, "family": {}}
    for table, weight, *words in rows_of(f"names-{_TABLES}.txt"):
        tables[table].update(dict.fromkeys(words, float(weight)))
    for table, weight, *words in rows_of(f"world-{_TABLES}.txt"):
        known, bits = tables[table], float(weight)
        known.update({word: min(bits, known.get(word, bits)) for word in words})
    return tables["given"], tables["family"]


def given_rarity(name: str) -> float:
    """The bits of a given name; a short form has those of its full name. An unlisted name counts as rare."""
    given = name_tables()[0]
    rarity = given.get(name, GIVEN_UNLISTED)
    full = roots().get(name)
    return rarity if full is None else min(rarity, given.get(full, GIVEN_UNLISTED))


def family_rarity(name: str) -> float:
    """The bits of a family name. An unlisted name counts as rare."""
    return name_tables()[1].get(name, _FAMILY_UNLISTED)


def is_listed(name: str) -> bool:
    """Whether the tables list a name, so that it is probably not a misspelling of another."""
    given, family = name_tables()
    return name in given or name in family


@cache
def _short_forms() -> dict[str, frozenset[str]]:
    """The short forms of each name; Catherine has those of Katherine, because they sound the same."""
    by_sound: dict[str, set[str]] = {}
    listed = {name: short for name, *short in rows_of(f"nicknames-{_TABLES}.txt")}
    for name, short in listed.items():
        by_sound.setdefault(sound(name), set()).update(short)
    return {name: frozenset(by_sound[sound(name)] - {name}) for name in listed}


def is_short_form(one: str, other: str) -> bool:
    """Whether one given name is a known short form of the other (English only)."""
    forms = _short_forms()
    ours, theirs = _with_y(one), _with_y(other)
    return not forms.get(one, _NONE).isdisjoint(theirs) or not forms.get(other, _NONE).isdisjoint(ours)


_NONE: frozenset[str] = frozenset()


def _with_y(name: str) -> tuple[str, ...]:
    """A name, and its other spellings if it ends as short forms do: Teddie is Teddy, Charley is Charlie."""
    stem = without_ending(name)
    return (name, *(stem + end for end in _ENDINGS if stem + end != name)) if stem else (name,)


_ENDINGS = ("ie", "ey", "y")


def without_ending(name: str) -> str:
    """A name without the ending of a short form (Artie: art); '' if it has none."""
    return next((name[: -len(end)] for end in _ENDINGS if name.endswith(end) and len(name) > 4), "")


@cache
def _full_names() -> dict[str, set[str]]:
    full: dict[str, set[str]] = {}
    for name, short in _short_forms().items():
        for form in short:
            full.setdefault(form, set()).add(name)
    return full


def have_one_full_name(one: str, other: str) -> bool:
    """Whether two names are short forms of the same full name, as Ted and Eddie are."""
    return not _meant_by(one).isdisjoint(_meant_by(other))


def _meant_by(form: str) -> set[str]:
    full = _full_names()
    return {name for written in _with_y(form) for name in full.get(written, ())}


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
    """The names that an unlisted given name may mean: itself, and common names one mistake away."""
    if len(name) < 4 or is_listed(name):
        return frozenset((name,))
    near = {known for form in (name, *_shortened(name)) for known in _common_by_letters().get(form, ())}
    return frozenset({known for known in near if OSA.distance(name, known, score_cutoff=1) <= 1} | {name})


@cache
def _common_by_letters() -> dict[str, list[str]]:
    """Common given names of four letters or more, by the name and by the name without any one letter."""
    by_letters: dict[str, list[str]] = {}
    for name, bits in name_tables()[0].items():
        if bits <= COMMON_GIVEN and len(name) > 3:
            for form in (name, *_shortened(name)):
                by_letters.setdefault(form, []).append(name)
    return by_letters


def _shortened(name: str) -> list[str]:
    return [name[:at] + name[at + 1 :] for at in range(len(name))]


@cache
def roots() -> dict[str, str]:
    """The commonest full name of each short form, so that Bob and Rob count as Robert."""
    roots: dict[str, str] = {}
    listed = name_tables()[0]
    by_rarity = sorted((listed.get(name, GIVEN_UNLISTED), name) for name in _short_forms())
    for _, name in reversed(by_rarity):  # the commonest last, so that it stays
        roots.update(dict.fromkeys(_short_forms()[name], name))
    return roots
