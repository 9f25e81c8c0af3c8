"""The canonical hash: what counts as a change of a contact."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.store.ingest.rows import canonical_hash
from people.types import Address, Contact, Issue

ANNA = Contact(
    source="phone",
    source_id="anna",
    name="Anna Berg",
    emails=("a@berg.example", "b@berg.example"),
    phones=("1", "2"),
    addresses=(Address(city="Bristol"), Address(city="Bath")),
    related=(("spouse", "Ben"), ("child", "Cleo")),
    custom=(("needs", "bookkeeping"), ("offers", "design")),
)


@pytest.mark.parametrize(
    "update",
    [
        {"revised_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"file": "a.vcf", "index": 3},
        {"raw_hash": "x", "etag": "y"},
        {"issues": (Issue(code="not-utf8", message="..."),)},
        {"emails": ("b@berg.example", "a@berg.example"), "phones": ("2", "1")},
        {"addresses": tuple(reversed(ANNA.addresses)), "related": tuple(reversed(ANNA.related))},
    ],
)
def test_no_change_of_content(update: dict[str, object]) -> None:
    assert canonical_hash(ANNA.model_copy(update=update)) == canonical_hash(ANNA)


@pytest.mark.parametrize(
    "update",
    [
        {"name": "Anna Bergh"},
        {"emails": ("a@berg.example",)},
        {"title": "Director"},
        {"rejected": True},
        {"related": (("child", "Ben"), ("spouse", "Cleo"))},
        {"source_id": "anna2"},
    ],
)
def test_a_change_of_content(update: dict[str, object]) -> None:
    assert canonical_hash(ANNA.model_copy(update=update)) != canonical_hash(ANNA)


@given(labels=st.lists(st.text(max_size=5), max_size=5), data=st.data())
def test_order_never_matters(labels: list[str], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(labels))
    one, two = (ANNA.model_copy(update={"labels": tuple(order)}) for order in (labels, shuffled))
    assert canonical_hash(one) == canonical_hash(two)


def test_a_hash_stays_the_same_from_version_to_version() -> None:
    contact = Contact(source="phone", source_id="1", name="Zoë")
    assert canonical_hash(contact) == "24f47c1ec3bf161e659fca571fd9b2546f967cd23d7e0a815541b196ff5875a1"
