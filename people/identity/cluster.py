"""Clustering: the best edge first, and no union across two records that cannot be one person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """A wish to join two records; sorts best first, ties by record key. ``a`` < ``b``."""

    rank: float
    a: str
    b: str

    @classmethod
    def of(cls, a: str, b: str, bits: float) -> Edge:
        """An edge of so many bits; the user's own ``always`` is infinite."""
        return cls(-bits, a, b) if a <= b else cls(-bits, b, a)


def components(records: Iterable[str], edges: Iterable[Edge]) -> dict[str, str]:
    """Each record's representative: the smallest record key that is reachable over edges."""
    root = {key: key for key in records}

    def find(key: str) -> str:
        while root[key] != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    for edge in edges:
        one, other = find(edge.a), find(edge.b)
        if one != other:
            root[max(one, other)] = min(one, other)
    return {key: find(key) for key in root}


def cluster(
    records: Iterable[str],
    edges: Iterable[Edge],
    clash: Callable[[str, str], bool],
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
