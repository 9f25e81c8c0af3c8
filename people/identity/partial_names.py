"""Cards with half a name, or an initial, that fit several people: only the user can tell who it is. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from people.identity.cluster import Edge
from people.identity.overrides import RecordPair, pair


class Clash(Protocol):
    """Whether two records cannot be one person; with ``families``, also whether their family names differ."""

    def __call__(self, one: str, other: str, *, families: bool = False) -> bool: ...  # noqa: D102


def unclear(partial: Collection[Edge], automatic: Collection[RecordPair], clash: Clash) -> set[Edge]:
    """The edges of ``partial`` names that would join one record to several people who are not one.

    ``automatic`` are all pairs that would merge by themselves.
    """
    partners: dict[str, set[str]] = {key: set() for _, *two in partial for key in two}
    for one, other in automatic if partners else ():
        if one in partners:
            partners[one].add(other)
        if other in partners:
            partners[other].add(one)
    return {edge for edge in partial if _fits_several((edge[1], edge[2]), partners, automatic, clash)}


def _fits_several(
    two: RecordPair,
    partners: Mapping[str, Collection[str]],
    automatic: Collection[RecordPair],
    clash: Clash,
) -> bool:
    """Whether one of two records would join a third that cannot be one person with the other."""
    return any(
        third != other and pair(third, other) not in automatic and clash(third, other, families=True)
        for one, other in (two, two[::-1])
        for third in partners[one]
    )
