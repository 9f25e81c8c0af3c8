"""Word lists such as titles, honours and role addresses. They are versioned with the weights."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def _groups() -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for line in (Path(__file__).parents[1] / "data" / "words.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            group, *words = line.split()
            groups.setdefault(group, set()).update(words)
    return {group: frozenset(words) for group, words in groups.items()}


def word_group(name: str) -> frozenset[str]:
    """The words of a group in data/words.txt."""
    return _groups()[name]
