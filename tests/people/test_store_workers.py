"""Resolution by several processes writes the same as by one, and records pass between processes whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from people.identity.card_work import records_of, unpacked
from people.identity.cards.record import record_from_contact
from people.identity.keys import keys_of
from people.parallel import POOL_FROM, Pool
from people.store import Store, open_store
from people.store.db.schema import metadata
from people.store.ingest.reading import Reading
from people.store.resolving import resolution
from people.types import Address, Contact, Page
from tests.support.paths import ROOT

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


def card(number: int, **fields: object) -> Contact:
    """Every third person has a second card."""
    person = number - number % 3 // 2
    return Contact.model_validate(
        {
            "source": "phone",
            "source_id": f"c{number}",
            "name": f"Ana{person} Perez{person}",
            "emails": (f"ana{person}@example.com",),
            "phones": (f"07700 9{person:05d}",),
            "raw_hash": f"{number}",
            **fields,
        }
    )


def imported(folder: Path, cards: Sequence[Contact], pool: Pool) -> Store:
    store = open_store(f"sqlite:///{folder}/touchbase.db")
    reading = Reading(store, "phone", NOW)
    for start in range(0, len(cards), 1000):
        reading.apply(Page(changes=tuple(cards[start : start + 1000])))
    reading.apply(Page(cursor="1", complete=True))
    resolution.resolve_store(store, region="GB", overrides=folder / "none.toml", now=NOW, pool=pool)
    return store


def content(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select())]
            for table in metadata.sorted_tables
        }


def who(items: Sequence[int]) -> list[int]:
    return [os.getpid() for _ in items]


def start_processes(pool: Pool) -> None:
    """From here on, the pool does any work of more than one chunk."""
    workers = {pid for chunk in pool.in_chunks(who, range(POOL_FROM + 1)) for pid in chunk}
    assert workers
    assert os.getpid() not in workers


def test_the_store_is_the_same_with_and_without_processes(tmp_path: Path) -> None:
    cards = [card(number) for number in range(600)]
    cards[7] = card(7, name=None, emails=(), phones=(), rejected=True)
    found = []
    for name in ("alone", "processes"):
        (tmp_path / name).mkdir()
        with Pool(2) as pool:
            if name == "processes":
                start_processes(pool)
            store = imported(tmp_path / name, cards, pool)
        found.append(content(store))
        store.close()
    assert len(found[0]["people"]) < len(cards) - 100
    assert found[1] == found[0]


def test_a_record_comes_whole_from_another_process() -> None:
    full = card(
        1,
        organisation="Acme Ltd",
        title="Director",
        birthday="1980-02-29",
        addresses=(Address(street="1 High Street", city="Bristol", postal_code="BS1 1AA"),),
        urls=("https://www.linkedin.com/in/ana",),
        uid="u1",
    )
    docs = [full.model_dump_json(exclude_defaults=True)] * 251
    with Pool(2, start_from=250) as pool:
        fields, keys = next(pool.in_chunks(partial(records_of, region="GB"), docs))[0]
    record, expected = unpacked(fields), record_from_contact(full, "GB")
    assert record == expected
    assert [getattr(record, name) for name in type(record).__slots__] == [
        getattr(expected, name) for name in type(expected).__slots__
    ]
    assert keys == keys_of(expected)


def test_what_workers_import_brings_no_database() -> None:
    script = "import people.identity.card_work, sys; sys.exit('sqlalchemy' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
