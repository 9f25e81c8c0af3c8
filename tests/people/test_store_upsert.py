"""Writing many rows at once: the same outcome for few and for many, on both databases."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from people.store import Store
from people.store.db import schema
from people.store.db.bulk import execute_many, upsert

MANY = 1200
TEXTS = ("", "a\tb\nc\rd", "\\N", "\\.", 'O\'Hara "Zoë" \\ {1,2} , NULL', "李 🎉", '{"a": "\\u0000"}')
NOW = dt.datetime(2026, 1, 14, 6, 30, 15, 123456, tzinfo=dt.timezone(dt.timedelta(hours=5)))


def meeting(number: int, **values: Any) -> dict[str, Any]:
    row: dict[str, Any] = {column.name: None for column in schema.meetings.columns}
    row |= {
        column.name: TEXTS[number % len(TEXTS)] for column in schema.meetings.columns if not column.nullable
    }
    row |= {"source": "work", "source_id": f"m{number}", "attendees_omitted": number % 2 == 0}
    row |= {"title": TEXTS[(number + 1) % len(TEXTS)] if number % 3 else None}
    row |= {"start_at": NOW + dt.timedelta(hours=number), "start_date": dt.date(2024, 2, 29)}
    return row | values


def stored(store: Store, table: sa.Table) -> dict[str, dict[str, Any]]:
    with store.read() as connection:
        return {row["source_id"]: dict(row) for row in connection.execute(sa.select(table)).mappings()}


def same(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["source_id"]: {**row, "start_at": row["start_at"].astimezone(dt.UTC)} for row in rows}


@pytest.mark.parametrize("count", [3, MANY])
def test_what_is_written_is_read_again_and_overwritten(store: Store, count: int) -> None:
    rows = [meeting(number) for number in range(count)]
    with store.begin() as connection:
        upsert(connection, schema.meetings, rows)
    assert stored(store, schema.meetings) == same(rows)
    later = [meeting(number, title="moved", start_date=None) for number in range(1, count + 1)]
    with store.begin() as connection:
        upsert(connection, schema.meetings, later)
        upsert(connection, schema.meetings, later)
    assert stored(store, schema.meetings) == same([rows[0], *later])


@pytest.mark.parametrize("count", [3, MANY])
def test_of_two_rows_with_one_key_the_later_stays(store: Store, count: int) -> None:
    rows = [meeting(number) for number in range(count)]
    with store.begin() as connection:
        upsert(connection, schema.meetings, [*rows, meeting(1, title="later")])
    found = stored(store, schema.meetings)
    assert len(found) == count
    assert found["m1"]["title"] == "later"


@pytest.mark.parametrize("count", [3, MANY])
def test_columns_left_out_have_their_defaults(store: Store, count: int) -> None:
    rows = [
        {"source": "s", "source_id": f"c{number}", "kind": "person", "hash": "h", "doc": "{}"}
        for number in range(count)
    ]
    with store.begin() as connection:
        upsert(connection, schema.contacts, rows)
    found = stored(store, schema.contacts)
    assert {(row["rejected"], row["derived"], row["gone_at"]) for row in found.values()} == {
        (False, False, None)
    }


@pytest.mark.parametrize("count", [3, MANY])
def test_a_table_that_is_all_key_takes_rows_twice(store: Store, count: int) -> None:
    rows = [{"email": f"{number}@example.com", "person_id": "p"} for number in range(count)]
    for _ in range(2):
        with store.begin() as connection:
            upsert(connection, schema.person_emails, [*rows, rows[0]])
    with store.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.person_emails)) == count


@pytest.mark.parametrize("count", [3, MANY])
def test_a_row_that_cannot_be_saved_takes_all_back(store: Store, count: int) -> None:
    rows = [meeting(number) for number in range(count)]
    with pytest.raises(sa.exc.IntegrityError), store.begin() as connection:
        upsert(connection, schema.meetings, [*rows, meeting(count, uid=None)])
    assert stored(store, schema.meetings) == {}


@pytest.mark.parametrize("store_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
@pytest.mark.parametrize("count", [3, MANY])
def test_what_postgres_cannot_hold_is_the_same_error(store: Store, count: int) -> None:
    rows = [meeting(number) for number in range(count)]
    with pytest.raises(sa.exc.DataError, match="NUL"), store.begin() as connection:
        upsert(connection, schema.meetings, [*rows, meeting(count, title="a\0b")])
    assert stored(store, schema.meetings) == {}


def test_it_keeps_to_the_transaction_around_it(store: Store) -> None:
    rows = [meeting(number) for number in range(MANY)]
    with store.rehearsal():
        with store.begin() as connection:
            upsert(connection, schema.meetings, rows)
        with store.begin() as connection:
            upsert(connection, schema.meetings, rows)
        assert len(stored(store, schema.meetings)) == MANY
    assert stored(store, schema.meetings) == {}


@pytest.mark.parametrize("count", [3, MANY])
def test_what_a_row_leaves_out_gets_its_default(store: Store, count: int) -> None:
    rows = [meeting(number) for number in range(count)]
    for row in rows:
        del row["attendees_omitted"]
    with store.begin() as connection:
        upsert(connection, schema.meetings, rows)
    assert stored(store, schema.meetings) == same([{**row, "attendees_omitted": False} for row in rows])


@pytest.mark.parametrize("count", [3, MANY])
def test_each_row_is_updated_by_its_own_values(store: Store, count: int) -> None:
    rows = [meeting(number) for number in range(count)]
    table = schema.meetings
    statement = sa.update(table).where(table.c.source_id == sa.bindparam("i"))
    values = [{"i": f"m{number}", "title": TEXTS[number % 7]} for number in range(count - 1)]
    with store.begin() as connection:
        upsert(connection, table, rows)
        execute_many(connection, statement.values(title=sa.bindparam("title")), values)
    found = stored(store, table)
    titles = [found[f"m{number}"]["title"] for number in range(count)]
    assert titles == [*(value["title"] for value in values), rows[-1]["title"]]
