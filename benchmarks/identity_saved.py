"""What one more card costs when many are saved, for ``benchmarks/identity.py``."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import identity_contacts
from people.collector import gc_paused
from people.identity import keys_of, record_from_contact, resolve_changes
from people.store import Store, open_store
from people.store.ingest.reading import Reading
from people.store.resolving import resolution
from people.store.resolving.index import StoreIndex, save_keys
from people.types import Contact, Page

NOW = datetime(2026, 1, 5, 6, 30, tzinfo=UTC)
MATCHED, RUN = 200, 20
REGION = "GB"


def one_more(saved: int, seed: int) -> dict[str, float]:
    """Milliseconds for one new card against ``saved`` ones in a store on disk.

    ``median_ms`` and ``p95_ms`` are of matching: its block keys written, its like found and loaded, decided.
    ``run_ms`` is the median of a run's whole step: finding out what changed, matching, writing down people,
    history, questions and profiles, and counting everybody for the report.
    """
    cards, _ = identity_contacts.contacts(seed, saved + MATCHED + RUN)
    cards = [card.model_copy(update={"raw_hash": card.source_id}) for card in cards]
    with tempfile.TemporaryDirectory() as folder, gc_paused():
        store = open_store(f"sqlite:///{folder}/bench.db")
        decisions = Path(folder) / "identity.txt"
        _save(store, cards[:saved])
        resolution.resolve_store(store, region=REGION, overrides=decisions, now=NOW)
        new = cards[saved:]
        matched = [_matched(store, card) for card in new[:MATCHED]]
        run = [_run(store, card, decisions) for card in new[MATCHED:]]
    return {
        "saved": saved,
        "median_ms": statistics.median(matched),
        "p95_ms": _p95(matched),
        "run_ms": statistics.median(run),
    }


def _p95(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def _matched(store: Store, card: Contact) -> float:
    _save(store, [card])
    with store.begin() as connection:
        start = time.perf_counter()
        record = record_from_contact(card, REGION)
        save_keys(connection, [(record.key, keys_of(record))])
        resolve_changes({card.record: ()}, StoreIndex(connection, REGION))
        return (time.perf_counter() - start) * 1000


def _run(store: Store, card: Contact, decisions: Path) -> float:
    _save(store, [card])
    start = time.perf_counter()
    resolution.resolve_store(store, region=REGION, overrides=decisions, now=NOW)
    return (time.perf_counter() - start) * 1000


def _save(store: Store, cards: Iterable[Contact]) -> None:
    by_source: dict[str, list[Contact]] = {}
    for card in cards:
        by_source.setdefault(card.source, []).append(card)
    for source, changes in by_source.items():
        reading = Reading(store, source, NOW, accept_removals=True)
        reading.apply(Page(changes=tuple(changes), cursor="bench"))
        reading.finish()
