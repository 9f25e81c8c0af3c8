"""Which pairs are one question. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

One = TypeVar("One")

LIST_FROM = 4
"""From this many names on, what ``namesakes`` lists is one question; fewer are asked one by one."""


def together(
    pairs: Iterable[One], sides: Callable[[One], tuple[Hashable, Hashable]], is_listed: Callable[[One], bool]
) -> tuple[list[list[One]], list[list[One]]]:
    """Group pairs into questions: those that ask one by one, and those that are asked in one list.

    ``sides`` returns the two sides of a pair; pairs that hang together are one question. A question is listed
    if all its pairs are. Questions and pairs stay in the order of ``pairs``.
    """
    listed = list(pairs)
    root: dict[Hashable, Hashable] = {}

    def find(node: Hashable) -> Hashable:
        while root.get(node, node) != node:
            node = root[node]
        return node

    for one in listed:
        a, b = map(find, sides(one))
        root[a] = b
    held: dict[Hashable, list[One]] = {}
    for one in listed:
        held.setdefault(find(sides(one)[0]), []).append(one)
    in_list = [group for group in held.values() if all(map(is_listed, group))]
    if len(in_list) < LIST_FROM:
        return list(held.values()), []
    return [group for group in held.values() if not all(map(is_listed, group))], in_list
