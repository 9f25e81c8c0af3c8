"""Find where a text names somebody: by a full name, an e-mail address or a telephone number.

Names are compared by their folded words, and the family name may come first, so ``HALE, Bob`` is Bob Hale. To
change a text, the words must stand as one name stands: ``Anna Hale, Bob Marsh`` names no Bob Hale. To search
for somebody, it is enough that they are close. A person is given as marks (``name:bob hale``,
``email:bob@example.com``, ``number:+44...``), in clear or as hashes of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from people.phones import comparable
from people.text import fold

FORGOTTEN = "(forgotten)"
"""What stands in a text instead of a person who was forgotten."""
Known = Callable[[str], bool]
"""Whether a mark is one of the person's."""

_MOST_WORDS = 5
_WORD = re.compile(r"[^\W_]+")
# Bounded, because a long text without spaces would take quadratic time.
_EMAIL = re.compile(r"[^\s<>(),;:\"'\[\]=|@]{1,128}@[\w.-]{0,255}\w")
_GAP = re.compile(r"\s{1,3}|[._-]|\s[^\W\d_]\.?\s")
_TURNED_GAP = re.compile(r"[,;]?\s{0,3}|\s[^\W\d_]\.?\s")
_WORD_BEFORE = re.compile(r"\w\s")
_WORD_BEHIND = re.compile(r"\s\w")
_NOT_DIGITS = re.compile(r"\D+")
_NUMBER = re.compile(r"(?<![\w+])[+(]?\d(?:[\s().\-/\xa0]{0,3}\d){6,16}(?!\w)")


class _Word(NamedTuple):
    folded: str
    start: int
    end: int


def name_mark(name: str) -> str | None:
    """Return the mark of a full name; None for an initial with a name, and for a single short word.

    >>> name_mark("Bob J. Hale")
    'name:bob hale'
    """
    words = [word.folded for word in _words(name)]
    full = [word for word in words if len(word) > 1]
    if len(full) > _MOST_WORDS or not full:
        return None
    # A family name alone is many people's.
    if len(full) == 1 and (len(words) > 1 or len(full[0]) < 5):
        return None
    return f"name:{' '.join(full)}"


def email_mark(email: str) -> str:
    """Return the mark of an e-mail address."""
    return f"email:{email.lower()}"


def number_mark(written: str, region: str) -> str | None:
    """Return the mark of a telephone number, however it is written; None for one of a few digits.

    >>> number_mark("0117 946 0000", "GB")
    'number:+441179460000'
    """
    number = comparable(written, region)
    return f"number:{number}" if sum(map(str.isdigit, number)) >= 7 else None


def without(text: str, known: Known, region: str) -> str:
    """Return the text with ``(forgotten)`` where it names the person.

    >>> without("Lunch with Bob Hale, 0117 946 0000", {"name:bob hale"}.__contains__, "GB")
    'Lunch with (forgotten), 0117 946 0000'
    >>> without("Anna Hale, Bob Marsh", {"name:bob hale"}.__contains__, "GB")
    'Anna Hale, Bob Marsh'
    """
    parts, at = [], 0
    for start, end in _joined(places(text, known, region, strict=True)):
        parts += [text[at:start], FORGOTTEN]
        at = end
    return "".join([*parts, text[at:]]) if parts else text


class Sought:
    """Somebody who is looked for in many texts, by marks in clear. Most texts are settled at a glance."""

    def __init__(self, marks: Iterable[str], region: str) -> None:
        self._marks = frozenset(marks)
        self._region = region
        by_kind: dict[str, list[str]] = {"name": [], "email": [], "number": []}
        for mark in self._marks:
            kind, _, value = mark.partition(":")
            by_kind[kind].append(value)
        words = {max(name.split(), key=len) for name in by_kind["name"]}
        self._signs = sorted({*words, *by_kind["email"]})
        self._ends = sorted({_NOT_DIGITS.sub("", number)[-6:] for number in by_kind["number"]})

    def is_in(self, text: str) -> bool:
        """Whether the text names them."""
        return self._may_be_in(text) and any(
            True for _ in places(text, self._marks.__contains__, self._region)
        )

    def without(self, text: str) -> str:
        """Return the text with ``(forgotten)`` where it names them."""
        return without(text, self._marks.__contains__, self._region) if self._may_be_in(text) else text

    def _may_be_in(self, text: str) -> bool:
        low = text.lower() if text.isascii() else fold(text)
        if any(sign in low for sign in self._signs):
            return True
        digits = _NOT_DIGITS.sub("", low) if self._ends else ""
        return any(end in digits for end in self._ends)


def places(text: str, known: Known, region: str, *, strict: bool = False) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each place where the text names the person."""
    yield from _names(text, known, strict=strict)
    if "@" in text:
        for match in _EMAIL.finditer(text):
            if known(email_mark(match.group().strip("."))):
                yield match.span()
    for match in _NUMBER.finditer(text):
        mark = number_mark(match.group(), region)
        if mark and known(mark):
            yield match.span()


def _words(text: str) -> Iterator[_Word]:
    for match in _WORD.finditer(text):
        folded = "".join(_WORD.findall(fold(match.group())))
        if folded:
            yield _Word(folded, *match.span())


def _names(text: str, known: Known, *, strict: bool) -> Iterator[tuple[int, int]]:
    # The initial of a middle name may stand between.
    full = [word for word in _words(text) if len(word.folded) > 1]
    for at in range(len(full)):
        for end in range(at + 1, min(at + _MOST_WORDS, len(full)) + 1):
            some = full[at:end]
            folded = [word.folded for word in some]
            if len(some) == 1:
                found = not strict and len(folded[0]) >= 5 and known(f"name:{folded[0]}")
            elif known(f"name:{' '.join(folded)}"):
                found = _together(text, some, _GAP if strict else None)
            elif any(known(f"name:{' '.join(folded[k:] + folded[:k])}") for k in range(1, len(folded))):
                found = _together(text, some, _TURNED_GAP if strict else None)
                found = found and not (strict and _is_flanked(text, some))
            else:
                found = False
            if found:
                yield some[0].start, some[-1].end


def _together(text: str, words: Sequence[_Word], gap: re.Pattern[str] | None) -> bool:
    """Whether the words stand as one name stands, or without ``gap`` at least close to each other."""
    gaps = [text[before.end : after.start] for before, after in pairwise(words)]
    return all(gap.fullmatch(one) if gap else len(one) <= 5 for one in gaps)


def _is_flanked(text: str, words: Sequence[_Word]) -> bool:
    """Whether another word stands directly before or behind, so that two names meet here."""
    before, behind = text[: words[0].start][-2:], text[words[-1].end :][:2]
    return bool(_WORD_BEFORE.fullmatch(before) or _WORD_BEHIND.fullmatch(behind))


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans in order, those that overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
