"""Records for tests and benchmarks, made of raw fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from people.identity import Record, record_from_contact
from people.types import Contact


def make_record(
    key: str,
    *,
    given: str | None = None,
    middle: str | None = None,
    family: str | None = None,
    ids: Iterable[tuple[str, str]] = (),
    region: str = "",
    **fields: Any,
) -> Record:
    """Make a record as from a card with these fields; ``ids`` are pairs of a label and a value."""
    source, _, source_id = key.partition(":")
    numbers = tuple(ids)
    contact = Contact(
        source=source,
        source_id=source_id,
        given_name=given,
        middle_name=middle,
        family_name=family,
        uid=dict(numbers).get("uid"),
        custom=tuple(pair for pair in numbers if pair[0] != "uid"),
        **fields,
    )
    return record_from_contact(contact, region)
