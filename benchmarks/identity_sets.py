"""Labelled data sets for ``benchmarks/identity.py``, as records for Touchbase and as rows for its peers.

The peers get the columns that their own demonstrations use, cleaned as those clean them; Touchbase gets
the same columns as if an address book had them. Nothing here knows of an answer but ``truth``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import identity_contacts
from people.identity import Record, record_from_contact
from people.types import Address
from tests.support.records import make_record

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "identity"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DataSet:
    """Records, the true owner of each by record key, and the same as rows whose ``id`` is the record key."""

    name: str
    records: list[Record]
    truth: dict[str, str]
    rows: list[Row]


def febrl(number: int, folder: Path) -> DataSet:
    """FEBRL 3 (one file with up to five copies a person) or 4 (two files); made-up Australians."""
    files = {3: ("dataset3.csv",), 4: ("dataset4a.csv", "dataset4b.csv")}[number]
    found = DataSet(f"febrl{number}", [], {}, [])
    for file in files:
        with (folder / file).open(newline="") as lines:
            for raw in csv.DictReader(lines, skipinitialspace=True):
                _add_febrl(found, file, {name.strip(): (text or "").strip() for name, text in raw.items()})
    return found


def _add_febrl(found: DataSet, file: str, row: Mapping[str, str]) -> None:
    key, day = f"{Path(file).stem}:{row['rec_id']}", row["date_of_birth"]
    street = f"{row['street_number']} {row['address_1']}".strip()
    place = Address(street=street or None, city=row["suburb"] or None, postal_code=row["postcode"] or None)
    found.records.append(
        make_record(
            key,
            given=row["given_name"],
            family=row["surname"],
            name=f"{row['given_name']} {row['surname']}".strip(),
            birthday=f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 else None,
            addresses=[place],
            ids=[("social-security", row["soc_sec_id"])],
        )
    )
    found.truth[key] = row["rec_id"].split("-")[1]
    wanted = ("given_name", "surname", "date_of_birth", "soc_sec_id", "street_number", "postcode")
    found.rows.append({"id": key} | {name: row[name] or None for name in wanted})


def fake_1000() -> DataSet:
    """Splink's little set: heavily garbled names, birthdays, towns and e-mails."""
    found = DataSet("fake_1000", [], {}, [])
    with (DATA / "fake_1000.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            key = f"fake:{row['unique_id']}"
            record = make_record(
                key,
                given=row["first_name"],
                family=row["surname"],
                name=f"{row['first_name']} {row['surname']}".strip(),
                birthday=row["dob"],
                emails=[row["email"]] if row["email"] else [],
                addresses=[Address(city=row["city"] or None)],
            )
            found.records.append(record)
            found.truth[key] = row["cluster"]
            wanted = ("first_name", "surname", "dob", "city", "email")
            found.rows.append({"id": key} | {name: row[name] or None for name in wanted})
    return found


def historical(cards: int = 50_578) -> DataSet:
    """Splink's 50,000 cards of historical figures, up to 21 a person; many share names and a birth year.

    ``cards`` takes only the first so many, whole persons at a time but for the last.
    """
    import polars as pl

    found = DataSet("historical_50k", [], {}, [])
    path = DATA / "historical_figures_with_errors_50k.parquet"
    for row in pl.read_parquet(path).head(cards).iter_rows(named=True):
        key = f"old:{row['unique_id']}"
        record = make_record(
            key,
            name=row["full_name"],
            given=row["first_name"],
            family=row["surname"],
            birthday=row["dob"],
            title=row["occupation"],
            addresses=[Address(city=row["birth_place"], postal_code=row["postcode_fake"])],
        )
        found.records.append(record)
        found.truth[key] = row["cluster"]
        wanted = ("first_name", "surname", "dob", "birth_place", "postcode_fake", "occupation")
        found.rows.append({"id": key} | {name: row[name] for name in wanted})
    return found


def contacts(cards: int, seed: int) -> DataSet:
    """Cards of our own generator."""
    written, owner = identity_contacts.contacts(seed, cards)
    records = [record_from_contact(card, "GB") for card in written]
    truth = {key: str(number) for key, number in owner.items()}
    return DataSet(f"contacts_{cards}", records, truth, [_contact_row(record) for record in records])


def _contact_row(record: Record) -> Row:
    return {
        "id": record.key,
        "given": record.name.given or None,
        "family": record.name.family or None,
        "email": _first(record.emails),
        "phone": _first(record.phones),
        "organisation": record.organisation or None,
        "birthday": record.birthday or None,
    }


def _first(values: Iterable[str]) -> str | None:
    return next(iter(values), None)
