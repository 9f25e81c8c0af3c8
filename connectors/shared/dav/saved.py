"""The cursor of a DAV source: what was listed, with ETags, and how the store knows what each member said."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, ValidationError

from people.types import Frozen, Problem


class Member(Frozen):
    """A member as it was last read. ``hashes`` are those of its records, by which the store knows them.

    ``again`` marks one that held something odd: it is read in every run that finds a change, so that its
    problems stay in the report. ``group`` marks an address group, which shapes other cards.
    """

    etag: str
    hashes: tuple[str, ...] = ()
    again: bool = False
    group: bool = False


class Saved(Frozen):
    """All members of all collections by path. ``settings`` is a digest of what else shapes a record."""

    settings: str = ""
    home: str | None = None
    collections: dict[str, dict[str, Member]] = Field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def lists(self, listed: Mapping[str, Mapping[str, str]]) -> bool:
        """Whether the server still lists the same members, none of them changed."""
        if listed.keys() != self.collections.keys():
            return False
        return all(
            members.keys() == self.collections[url].keys()
            and all(etag and self.collections[url][path].etag == etag for path, etag in members.items())
            for url, members in listed.items()
        )


def read_saved(cursor: str | None) -> Saved:
    """The cursor, or an empty one if it means nothing."""
    try:
        return Saved.model_validate_json(cursor or "{}")
    except ValidationError:
        return Saved()
