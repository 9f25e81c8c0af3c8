"""Clustering: the best edge first, and no union across two records that cannot be one person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple


class Edge(NamedTuple):
    """A wish to join two records, ``a`` < ``b``; sorts best first, ties by record key."""

    rank: float
    a: str
    b: str


def cluster(
    records: Iterable[str], edges: Iterable[Edge], clash: Callable[[str, str], bool]
) -> tuple[dict[str, frozenset[str]], list[Edge], list[Edge]]:
    """Join records along edges, best first, unless any two records across the union clash.

    Returns each record's cluster, the edges that made unions and the edges that were refused. Depends on
    neither the order of ``records`` nor that of ``edges``.
    """
    held: dict[str, set[str]] = {key: {key} for key in records}
    made, refused = [], []
    for edge in sorted(edges):
        one, other = held[edge.a], held[edge.b]
        if one is other:
            continue
        if any(clash(x, y) for x in one for y in other):
            refused.append(edge)
            continue
        made.append(edge)
        if len(one) < len(other):
            one, other = other, one
        one |= other
        for key in other:
            held[key] = one
    frozen: dict[int, frozenset[str]] = {}
    return {key: frozen.setdefault(id(group), frozenset(group)) for key, group in held.items()}, made, refused
