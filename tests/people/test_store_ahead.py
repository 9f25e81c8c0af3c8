"""Work on cards that is begun ahead comes to the same as work that is not, and nothing hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from people.identity.cards.record import record_from_contact
from people.identity.keys import keys_of
from people.parallel import POOL_FROM, ahead, in_chunks, processes
from people.store import Store, open_store
from people.store.db.schema import metadata
from people.store.ingest.reading import Reading
from people.store.resolving import resolution
from people.store.resolving.ahead import Ahead, digest
from people.store.resolving.card_work import unpacked
from people.types import Address, Contact, Page

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


def imported(folder: Path, cards: Sequence[Contact], region: str) -> Store:
    store = open_store(f"sqlite:///{folder}/touchbase.db")
    reading = Reading(store, "phone", NOW, region=region)
    for start in range(0, len(cards), 1000):
        reading.apply(Page(changes=tuple(cards[start : start + 1000])))
    reading.apply(Page(cursor="1", complete=True))
    resolution.resolve_store(store, region="GB", overrides=folder / "none.toml", now=NOW)
    return store


def content(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select())]
            for table in metadata.sorted_tables
        }


def same(items: Sequence[int]) -> list[int]:
    return list(items)


class Everything:
    def __contains__(self, key: object) -> bool:
        return True


def start_processes() -> None:
    assert sum(map(len, in_chunks(same, range(POOL_FROM + 1), 2))) == POOL_FROM + 1
    assert ahead(same, [1]) is not None


def test_the_store_is_the_same_with_and_without_work_ahead(tmp_path: Path) -> None:
    cards = [card(number) for number in range(600)]
    cards[7] = card(7, name=None, emails=(), phones=(), rejected=True)
    found = []
    for name, region in (("plain", ""), ("ahead", "GB"), ("other-region", "DE")):
        (tmp_path / name).mkdir()
        with processes():
            if region:
                start_processes()
            store = imported(tmp_path / name, cards, region)
        found.append(content(store))
        assert (store.ahead.records(), store.ahead.profiles(Everything())) == ({}, {}), "nothing is kept"
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
    begun = Ahead()
    doc = full.model_dump_json(exclude_defaults=True)
    with processes():
        start_processes()
        begun.begin([doc], "GB")
        fields, keys = begun.records()[digest(doc, "GB")]
    record, expected = unpacked(fields), record_from_contact(full, "GB")
    assert record == expected
    assert [getattr(record, name) for name in type(record).__slots__] == [
        getattr(expected, name) for name in type(expected).__slots__
    ]
    assert keys == keys_of(expected)


def test_what_is_lost_is_only_not_there() -> None:
    begun = Ahead()
    with processes():
        start_processes()
        begun.begin(["no contact"], "GB")
        assert begun.records() == {}
        assert begun.profiles(Everything()) == {}


def test_without_processes_nothing_is_begun() -> None:
    begun = Ahead()
    begun.begin([card(1).model_dump_json()], "GB")
    assert begun.records() == {}
