"""Which spellings are forms of one name, in all scripts, and which words are given names at all.

The table is frozen and versioned with the weights; ``benchmarks/identity_world.py`` makes it of public lists.
"""

from __future__ import annotations

from functools import cache, lru_cache

from people.identity.cards.words import rows_of

_TABLE = "kin-1.txt"
_Symbols = dict[str, tuple[int, ...]]


@cache
def _symbols() -> tuple[_Symbols, _Symbols]:
    """The symbols of each given and of each family name: forms of one name have a symbol in common."""
    given: _Symbols = {}
    family: _Symbols = {}
    for symbol, (kind, *forms) in enumerate(rows_of(_TABLE)):
        mark = (symbol,)
        for form in forms if kind in ("given", "both") else ():
            given[form] = given.get(form, ()) + mark
        for form in forms if kind in ("family", "both") else ():
            family[form] = family.get(form, ()) + mark
    return given, family


@cache
def _given_names() -> frozenset[str]:
    """The words that parents give to a child somewhere; a spelling of a name need not be among them."""
    return frozenset(word for kind, *words in rows_of(_TABLE) if kind == "given-names" for word in words)


@cache
def _apart() -> frozenset[tuple[str, str]]:
    """Pairs of given names that are two, although they have a symbol in common."""
    return frozenset((row[1], row[2]) for row in rows_of(_TABLE) if row[0] == "apart")


def are_two(one: str, other: str) -> bool:
    """Whether two given names that look like one are a man's and a woman's, or two of one country."""
    return ((one, other) if one < other else (other, one)) in _apart()


def is_given(word: str) -> bool:
    """Whether a word in plain letters is a given name somewhere in the world."""
    return word in _given_names()


@lru_cache(maxsize=65536)
def one_given(one: str, other: str) -> bool:
    """Whether two given names are forms of one name, as Peter and Piotr are; also across scripts."""
    if are_two(one, other):
        return False
    if umlauts(one) == umlauts(other) or sound(one) == sound(other):
        return True
    given = _symbols()[0]
    theirs = given.get(other, ())
    return any(symbol in theirs for symbol in given.get(one, ()))


@lru_cache(maxsize=65536)
def one_family(one: str, other: str) -> bool:
    """Whether two family names are spellings of one name, as Tanaka and its kanji are."""
    if umlauts(one) == umlauts(other):
        return True
    given, family = _symbols()
    theirs = family.get(other, ()) + given.get(other, ())
    return any(symbol in theirs for symbol in family.get(one, ()) + given.get(one, ()))


@lru_cache(maxsize=65536)
def umlauts(word: str) -> str:
    """A word with ae, oe, ue and aa written as one letter, as a card without umlauts has them."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u").replace("aa", "a")


_ALIKE = (("ph", "f"), ("th", "t"), ("ck", "k"), ("c", "k"), ("z", "s"), ("w", "v"), ("y", "i"), ("ie", "i"))


@lru_cache(maxsize=65536)
def sound(word: str) -> str:
    """A word with one letter for each sound, because names are spelt in two ways: Katherine, Catherine."""
    for written, read in _ALIKE:
        word = word.replace(written, read)
    return "".join(letter for at, letter in enumerate(word) if at == 0 or letter != word[at - 1])
