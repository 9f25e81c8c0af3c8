"""Join records into clusters, best edge first, unless a cluster would hold two that cannot be one person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import NamedTuple

Edge = tuple[float, str, str]
"""Two records to join: rank and two record keys, the smaller first. The lowest rank is the best; ties sort
by key."""


class Clusters(NamedTuple):
    """The cluster of each record that has an edge, the edges that joined clusters, and the edges refused."""

    held: Mapping[str, AbstractSet[str]]
    made: list[Edge]
    refused: list[Edge]

    def of(self, record: str) -> AbstractSet[str]:
        """A record's cluster: the record alone if it has no edge."""
        return self.held.get(record) or {record}

    def groups(self, records: Iterable[str]) -> list[list[str]]:
        """The clusters of ``records`` (which must be sorted), each sorted, by their first record."""
        groups, seen = [], set()
        for key in records:
            group = self.held.get(key)
            if group is None:
                groups.append([key])
            elif id(group) not in seen:
                seen.add(id(group))
                groups.append(sorted(group))
        return groups


def best_first(edges: Iterable[Edge]) -> Iterator[Edge]:
    """The edges, sorted and without repeats.

    Many edges share a rank. To sort within each rank takes half the time of sorting them all.
    """
    ranked: dict[float, list[Edge]] = {}
    for edge in edges:
        ranked.setdefault(edge[0], []).append(edge)
    del edges  # frees a list of millions early
    for rank in sorted(ranked):
        equals = ranked.pop(rank)
        equals.sort()
        yield from (edge for edge, _ in groupby(equals))


def cluster(edges: Iterable[Edge], clash: Callable[[str, str], bool]) -> Clusters:
    """Join records along edges, best first, unless two records across the union clash.

    The order of ``edges`` does not matter.
    """
    held: dict[str, set[str]] = {}
    clusters = Clusters(held, [], [])
    for edge in best_first(edges):
        _, a, b = edge
        one = held.get(a) or held.setdefault(a, {a})
        other = held.get(b) or held.setdefault(b, {b})
        if one is other:
            continue
        if any(clash(x, y) for x in one for y in other):
            clusters.refused.append(edge)
            continue
        clusters.made.append(edge)
        if len(one) < len(other):
            one, other = other, one
        one |= other
        for key in other:
            held[key] = one
    return clusters
