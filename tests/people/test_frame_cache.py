"""The cache of frames: one call reads an entry or builds it, and damage costs time only."""

from __future__ import annotations

import polars as pl
import pytest
import sqlalchemy as sa

from people.store import Store, frame_cache
from people.store.db import schema
from people.store.frame_cache import cached

PEOPLE = pl.DataFrame({"id": ["a", "b"], "days": [3, None]})
MEETINGS = pl.DataFrame({"id": ["m"]})


class Maker:
    """Builds the same two frames on each call, and counts the calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> dict[str, pl.DataFrame]:
        self.calls += 1
        return {"people": PEOPLE, "meetings": MEETINGS}


def parts(frames: dict[str, pl.DataFrame]) -> dict[str, list[dict[str, object]]]:
    return {part: frame.to_dicts() for part, frame in frames.items()}


BOTH = {"people": [{"id": "a", "days": 3}, {"id": "b", "days": None}], "meetings": [{"id": "m"}]}


def test_an_entry_is_built_once_per_key(store: Store) -> None:
    make = Maker()
    assert parts(cached(store, "run", "key 1", make)) == BOTH
    assert parts(cached(store, "run", "key 1", make)) == BOTH
    assert make.calls == 1
    assert parts(cached(store, "run", "key 2", make)) == BOTH
    assert make.calls == 2
    cached(store, "run", "key 1", make)
    assert make.calls == 3, "an entry has one key at a time"


def test_entries_do_not_touch_each_other(store: Store) -> None:
    make = Maker()
    cached(store, "run", "key", make)
    cached(store, "report", "key", make)
    cached(store, "run", "key", make)
    cached(store, "report", "key", make)
    assert make.calls == 2


def test_only_these_parts_are_returned_and_all_are_saved(store: Store) -> None:
    make = Maker()
    assert parts(cached(store, "run", "key", make, only=["meetings"])) == {"meetings": [{"id": "m"}]}
    assert parts(cached(store, "run", "key", make, only=["meetings"])) == {"meetings": [{"id": "m"}]}
    assert parts(cached(store, "run", "key", make)) == BOTH
    assert make.calls == 1


def test_nothing_is_saved_if_the_caller_says_so(store: Store) -> None:
    make = Maker()
    for _ in range(2):
        assert parts(cached(store, "run", "key", make, save=False)) == BOTH
    assert make.calls == 2


def test_a_part_that_no_entry_has_is_built(store: Store) -> None:
    cached(store, "run", "key", lambda: {"people": PEOPLE})
    assert parts(cached(store, "run", "key", Maker(), only=["meetings"])) == {"meetings": [{"id": "m"}]}


@pytest.mark.parametrize("damage", [b"", b"of another version", b"\0" * 500])
def test_a_damaged_entry_is_built_again(store: Store, damage: bytes) -> None:
    make = Maker()
    cached(store, "run", "key", make)
    with store.begin() as connection:
        one = schema.kept_frames.c.part == "people"
        connection.execute(sa.update(schema.kept_frames).where(one).values(data=damage))
    assert parts(cached(store, "run", "key", make)) == BOTH
    assert make.calls == 2
    assert parts(cached(store, "run", "key", make)) == BOTH
    assert make.calls == 2


def test_an_entry_that_is_too_large_is_not_saved(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_cache, "_LARGEST", 10)
    make = Maker()
    for _ in range(2):
        assert parts(cached(store, "run", "key", make)) == BOTH
    assert make.calls == 2


def test_what_a_rehearsal_caches_is_taken_back(store: Store) -> None:
    make = Maker()
    with store.rehearsal():
        cached(store, "run", "key", make)
        cached(store, "run", "key", make)
    assert make.calls == 1
    cached(store, "run", "key", make)
    assert make.calls == 2
