"""Word lists such as titles, honours and role addresses. They are versioned with the weights."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parents[1] / "data"


def rows_of(name: str) -> Iterator[list[str]]:
    """The words of each line of a file in data/, without comments."""
    for line in (_DATA / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield line.split()


@cache
def _groups() -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for group, *words in rows_of("words.txt"):
        groups.setdefault(group, set()).update(words)
    return {group: frozenset(words) for group, words in groups.items()}


def word_group(name: str) -> frozenset[str]:
    """The words of a group in data/words.txt."""
    return _groups()[name]
