"""Rebuild the frozen tables of the world's names in people/identity/data from public lists.

    pip download --no-deps faker==40.63.0 rigour==1.3.1   # then unpack both into FOLDER
    python -m benchmarks.identity_world FOLDER

*kin* says which spellings are forms of one name, in all scripts, and which words are given names at all. Both
come from the name lists of ``faker`` (MIT) and from the symbols that Wikidata (CC0) gives to names, as
packaged by ``rigour`` (MIT). *world* says how common a name is where it is common: the lists of ``faker`` hold
the most frequent names of a country, some with their shares. Neither package is imported at run time.
The tables are versioned like those of ``benchmarks/identity_weights.py``: a change makes a new file.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from rapidfuzz.distance import OSA

from benchmarks.identity_weights import write
from people.identity.cards.names import plain_words
from people.identity.cards.words import rows_of

DATA = Path(__file__).resolve().parent.parent / "people" / "identity" / "data"
VERSION = 1
LISTS = {
    "given": re.compile(r"first_(romanized_)?names"),
    "family": re.compile(r"(\w+_)?last_(romanized_)?names"),
}
LONGEST = 14
LISTED = (90, 2500)
"""A longer list holds rare names as well, and a shorter one is a sample: neither says how common a name is."""
HEAD = {"given": 1.5, "family": 0.5}
"""A list without shares holds the commonest names of a country. They are commoner by this many bits than if
the whole country shared them evenly."""
LEAST = {"given": 8.5, "family": 8.5}
"""The least bits that a list without shares can give: about the commonest names of a large country."""
CENSUS = {"given": 11.5, "family": 12.0}
"""The census counts names below these bits itself."""
CAPPED = {"given": 12.0, "family": 14.0}
ATTESTED = 6
"""Whoever has a name in so many scripts did not mistype it. Some are family names; that does no harm."""
COUNTED = 10.0
"""The least bits of a name that the census has, but finds rare: it is common in another country only."""
CAP = {"given": 10.5, "family": 12.0}


def plain(name: str) -> str:
    """One name in plain letters, as the parser leaves it; '' if it is no single word of letters."""
    word = plain_words(name).replace(" ", "")
    return word if word.isalpha() and 1 < len(word) <= LONGEST else ""


class Listed(NamedTuple):
    """A list of a country's names: *given* or *family*, of women, men or all, with shares where it has them."""

    country: str
    kind: str
    sex: str
    names: dict[str, float]


def lists(folder: Path) -> Iterator[Listed]:
    """Yield each list of names that ``faker`` has."""
    sys.path.insert(0, str(folder))
    people = importlib.import_module("faker.providers.person")
    for module in pkgutil.iter_modules(people.__path__):
        provider = importlib.import_module(f"{people.__name__}.{module.name}").Provider
        for attribute, value in sorted(vars(provider).items()):
            kind = next((kind for kind, name in LISTS.items() if name.match(attribute)), "")
            if kind and isinstance(value, (tuple, list, dict)):
                shares = value if isinstance(value, Mapping) else dict.fromkeys(value, 0.0)
                sex = next((sex for sex in ("female", "male") if attribute.endswith(f"_{sex}")), "")
                names = {plain(name): float(share) for name, share in shares.items() if plain(name)}
                yield Listed(module.name, kind, sex, names)


def rarity(kind: str, names: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Yield each name with its bits where it is common; nothing for a list too long to say so."""
    whole = sum(names.values())
    for name, share in names.items():
        if whole:
            bits = max(6.5, -math.log2(max(share, 1e-9) / whole))
        elif LISTED[0] <= len(names) <= LISTED[1]:
            bits = max(LEAST[kind], math.log2(len(names)) - HEAD[kind])
        else:
            continue
        yield name, round(bits * 2) / 2


def _written(folder: Path) -> Iterator[list[str]]:
    """Yield the spellings of each name as Wikidata has them."""
    path = folder / "rigour" / "data" / "names" / "persons.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        yield line.rpartition(" => ")[0].split(", ")


def symbols(folder: Path) -> Iterator[list[str]]:
    """Yield the plain spellings of each name that has several, in the order of the list."""
    for written in _written(folder):
        forms = {plain(name) for name in written if not (" " in name and name.isascii())} - {""}
        if len(forms) > 1:
            yield sorted(forms)


def parted(forms: list[str], of_men: set[str], of_women: set[str]) -> list[list[str]]:
    """The spellings of one name, in two lists if some are names of men only and some of women only.

    Other scripts write fewer vowels, so that Louis and Louise can meet there.
    """
    men, women = [[one for one in forms if one in only] for only in (of_men, of_women)]
    if not men or not women:
        return [forms]
    return [[one for one in forms if one not in out] for out in (men, women)]


def unlike(names: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the names of one country that differ in a vowel alone, as Lena and Lina do: two people's names."""
    for name in names:
        for at, letter in enumerate(name):
            for other in "aeio" if letter in "aeio" and len(name) > 3 else "":
                changed = f"{name[:at]}{other}{name[at + 1 :]}"
                if {letter, other} != {"a", "e"} and name < changed and changed in names:
                    yield name, changed


def couples(men: set[str], women: set[str]) -> Iterator[tuple[str, str]]:
    """Yield a man's and a woman's name of one country with one beginning: Noel and Noelle, Petr and Petra."""
    for woman in women - men:
        stems = {woman[: len(woman) - cut] for cut in (1, 2, 3)}
        for man in {
            stem + end for stem in stems if len(stem) > 2 for end in ("", "o", "e", "i", "us", "ek")
        } & (men - women):
            yield min(man, woman), max(man, woman)


def _far_apart(forms: list[str]) -> bool:
    """Whether some of these family names are so unlike that their letters do not show that they are one."""
    return any(OSA.normalized_similarity(one, other) < 0.5 for one, other in combinations(forms, 2))


def scripts(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield each name in plain letters with the number of scripts in which Wikidata has it."""
    counts: dict[str, int] = {}
    for written in _written(folder):
        latin = [name for name in written if name.isascii() and plain(name) == name]
        count = len({unicodedata.name(name[0], "?").partition(" ")[0] for name in written})
        counts.update({name: max(count, counts.get(name, 0)) for name in latin})
    yield from counts.items()


class _Names:
    """What the lists say of names: which are known, how common they are, and which of them are two."""

    def __init__(self, folder: Path) -> None:
        self.known: dict[str, set[str]] = {"given": set(), "family": set()}
        self.common: dict[str, dict[str, float]] = {"given": {}, "family": {}}
        self.sexes: dict[str, set[str]] = defaultdict(set)
        self.of_country: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.short: set[tuple[str, str]] = set()
        attested = dict(scripts(folder))
        for one in lists(folder):
            # The list without a country has misspellings; Wikidata does not have these as names.
            real = {
                name: share for name, share in one.names.items() if one.country != "en" or name in attested
            }
            self._take(one._replace(names=real))
        self.attested = {name for name, count in attested.items() if count >= ATTESTED}
        for table, bits, *words in rows_of("names-1.txt"):
            self._take_census(table, float(bits), words)
        for words in rows_of("nicknames-1.txt"):
            self.known["given"].update(words)
            self.short.update((min(words[0], form), max(words[0], form)) for form in words[1:])

    def _take(self, one: Listed) -> None:
        self.known[one.kind].update(one.names)
        if one.kind == "given":
            self.sexes[one.sex].update(one.names)
            self.of_country[one.country, one.sex].update(one.names)
        common = self.common[one.kind]
        for name, bits in () if one.country.startswith(("en", "ga")) else rarity(one.kind, one.names):
            common[name] = min(bits, common.get(name, bits))

    def _take_census(self, table: str, bits: float, words: list[str]) -> None:
        if bits < CAPPED[table]:  # The rarest names of the census have misspellings among them.
            self.known[table].update(words)
        common = self.common[table]
        for word in words:
            if bits < CENSUS[table]:
                common.pop(word, None)
            elif word in common:
                common[word] = max(common[word], COUNTED)

    def apart(self) -> set[tuple[str, str]]:
        """Pairs of given names that are two."""
        found: set[tuple[str, str]] = set()
        for country in {country for country, _ in self.of_country}:
            men, women = self.of_country[country, "male"], self.of_country[country, "female"]
            found.update(couples(men, women))
            found.update(unlike(men | women | self.of_country[country, ""]))
        return found

    def spellings(self, folder: Path) -> list[str]:
        """The rows of names that have several spellings."""
        of_men = self.sexes["male"] - self.sexes["female"]
        of_women = self.sexes["female"] - self.sexes["male"]
        rows: set[str] = set()
        for forms in symbols(folder):
            kinds = [kind for kind, names in self.known.items() if not names.isdisjoint(forms)]
            if "given" in kinds:
                kind = "both" if len(kinds) > 1 else "given"
                rows.update(
                    f"{kind} {' '.join(part)}" for part in parted(forms, of_men, of_women) if len(part) > 1
                )
            elif kinds and _far_apart(forms):
                rows.add(f"family {' '.join(forms)}")
        return sorted(rows)


def main(folder: Path) -> None:
    """Read the unpacked packages in ``folder`` and write both tables."""
    names = _Names(folder)
    rows = names.spellings(folder)
    symbol: dict[str, set[int]] = defaultdict(set)
    for at, row in enumerate(rows):
        for form in row.split()[1:]:
            symbol[form].add(at)
    rows += [
        f"apart {one} {other}"
        for one, other in sorted(names.apart())
        if symbol[one] & symbol[other] or (one, other) in names.short
    ]
    given = sorted(names.known["given"] | names.attested)
    rows += [f"given-names {' '.join(given[at : at + 20])}" for at in range(0, len(given), 20)]
    write(DATA / f"kin-{VERSION}.txt", _KIN, rows)
    table: dict[tuple[str, float], list[str]] = defaultdict(list)
    for kind, common in names.common.items():
        for name, bits in common.items():
            if bits <= CAP[kind]:
                table[kind, bits].append(name)
    world = [f"{kind} {bits} {' '.join(sorted(words))}" for (kind, bits), words in sorted(table.items())]
    write(DATA / f"world-{VERSION}.txt", _WORLD, world)


_KIN = """\
# Spellings of one name, in plain letters, one name a line: a given name, a family name, or both. Then pairs that
# are apart although they look like one name, and all given names. Frozen; see benchmarks/identity_world.py.
# Origin: Faker 40.63.0 (MIT), and Wikidata's names (CC0) as packaged by rigour 1.3.1 (MIT).
"""
_WORLD = """\
# Rarity of names in bits where they are common, beyond the census in names-1.txt. Frozen; see
# benchmarks/identity_world.py. Origin: the name lists of Faker 40.63.0 (MIT).
"""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
