"""Our reading of cards held to vobject's: every property of every card, its parameters and its value.

docs/decisions/0001-vobject.md says why our own code reads the cards. A difference that is not
listed here means that one of the two reads a card wrongly.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st
from vobject.vcard import Address, Name

from connectors.vcard.decode import as_utf8
from connectors.vcard.model import Model
from connectors.vcard.repair import TEXTS, Property, RepairedCard, repair
from connectors.vcard.split import split
from connectors.vcard.values import PARTS, unescape
from tests.connectors.vcard.test_vcard import PIECES
from tests.support.paths import ROOT, shared
from tests.support.repaired_cards import card_text

NETWORK = ROOT / "examples" / "network"

Row = tuple[str, str | None, tuple[tuple[str, tuple[str, ...]], ...], Any]
"""A property's name, group, parameters and value."""

DIFFERENCES = {
    "CATEGORIES": "vobject gives a list; repair writes one label per line, so ours is that label",
    "properties outside TEXTS and PARTS": "vobject unescapes most of them, not GEO; ours stay as written, "
    "because they are only kept",
    "binary values": "vobject decodes base64; ours stay encoded, because pictures are never shown",
    "parameters": "vCard 3.0 cannot write a quotation mark or a line break in one, so ' and a blank are",
}
"""What the comparison levels out, and why it differs. Nothing else may differ."""


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".vcf", ".vcard"))


def repaired(path: Path) -> Iterator[RepairedCard]:
    return map(repair, split(as_utf8(path.read_bytes())))


def comparable(value: Any) -> Any:
    return (type(value).__name__, vars(value)) if isinstance(value, Name | Address) else value


def as_written(name: str) -> bool:
    return name not in TEXTS and name not in PARTS


def value_of(prop: Property, value: Any) -> Any:
    if prop.binary:
        return base64.b64decode(prop.value + "=" * (-len(prop.value) % 4))
    if prop.head.name == "CATEGORIES":
        return [value]
    return unescape(value) if as_written(prop.head.name) else comparable(value)


def our_params(prop: Property) -> tuple[tuple[str, tuple[str, ...]], ...]:
    written = (
        (name, tuple(value.replace('"', "'").replace("\n", " ") for value in values))
        for name, values in prop.head.params
    )
    return tuple(sorted(written))


def our_reading(card: RepairedCard) -> list[Row]:
    names = {prop.head.name for prop in card.properties}
    model = Model(card, names)
    values = {id(line.prop): line.value for name in names for line in model.all(name)}
    return [
        (prop.head.name, prop.head.group, our_params(prop), value_of(prop, values.get(id(prop), prop.value)))
        for prop in card.properties
    ]


def vobjects_reading(card: RepairedCard) -> list[Row]:
    return [
        (
            line.name,
            line.group,
            tuple(sorted((name, tuple(given)) for name, given in line.params.items() if name != "ENCODING")),
            unescape(line.value)
            if as_written(line.name) and isinstance(line.value, str)
            else comparable(line.value),
        )
        for line in vobject.readOne(card_text(card)).getChildren()
        if line.name != "VERSION"
    ]


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=repr)


def hold(paths: list[Path]) -> int:
    count = 0
    for path in paths:
        for index, card in enumerate(repaired(path)):
            assert in_order(our_reading(card)) == in_order(vobjects_reading(card)), f"{path} card {index}"
            count += 1
    return count


def test_the_cards_of_the_example_network_are_read_as_vobject_reads_them() -> None:
    assert hold(files(NETWORK)) > 10


def test_cards_by_others_are_read_as_vobject_reads_them() -> None:
    assert hold(files(shared("vcards"))) > 200


@settings(max_examples=200, deadline=None)
@given(data=st.lists(PIECES, max_size=40).map(b"".join))
def test_cards_put_together_from_pieces_are_read_as_vobject_reads_them(data: bytes) -> None:
    for card in map(repair, split(as_utf8(data))):
        assert in_order(our_reading(card)) == in_order(vobjects_reading(card))


def test_a_wrong_reading_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.vcf").write_text("BEGIN:VCARD\nVERSION:3.0\nN:Doe;John\nFN:John Doe\nEND:VCARD\n")
    assert hold(files(tmp_path)) == 1
    monkeypatch.setattr("connectors.vcard.model.fields", lambda value: value.split(";")[::-1])
    with pytest.raises(AssertionError, match="card 0"):
        hold(files(tmp_path))
