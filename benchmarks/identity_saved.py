"""What one more card costs when many are saved, for ``benchmarks/identity.py``."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import identity_contacts
from people.store import Store, open_store, resolution
from people.store.pages import Reading
from people.types import Contact, Page

NOW = datetime(2026, 1, 5, 6, 30, tzinfo=UTC)
ROUNDS = 200


def one_more(saved: int, seed: int) -> dict[str, float]:
    """Milliseconds to resolve one new card against ``saved`` ones in a store on disk, and to save that.

    A card is read and saved first; what is timed is finding its like, deciding, and writing down people,
    history, open pairs, profiles and follow-ups, in one transaction.
    """
    cards, _ = identity_contacts.contacts(seed, saved + ROUNDS)
    cards = [card.model_copy(update={"raw_hash": card.source_id}) for card in cards]
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/bench.db")
        overrides = Path(folder) / "identity.txt"
        _save(store, cards[:saved])
        resolution.resolve_store(store, region="GB", overrides=overrides, now=NOW)
        times = []
        for card in cards[saved:]:
            _save(store, [card])
            start = time.perf_counter()
            resolution.resolve_records(store, [card.record], region="GB", overrides=overrides, now=NOW)
            times.append((time.perf_counter() - start) * 1000)
    times.sort()
    return {
        "saved": saved,
        "median_ms": statistics.median(times),
        "p95_ms": times[int(len(times) * 0.95)],
    }


def _save(store: Store, cards: Iterable[Contact]) -> None:
    by_source: dict[str, list[Contact]] = {}
    for card in cards:
        by_source.setdefault(card.source, []).append(card)
    for source, changes in by_source.items():
        reading = Reading(store, source, NOW, accept_removals=True)
        reading.apply(Page(changes=tuple(changes), cursor="bench"))
        reading.finish()
