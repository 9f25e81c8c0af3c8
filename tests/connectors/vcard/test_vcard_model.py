"""A card in vobject's terms, made without vobject's tree: every value is the one that the tree would hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vobject.base import Component, ContentLine
from vobject.vcard import Address, Name, VCard3_0

from connectors.vcard.lines import Head
from connectors.vcard.model import Model
from connectors.vcard.repair import TEXTS, Property, RepairedCard
from connectors.vcard.values import structured

VALUES = st.text(alphabet="aZé ;,\\nN:\n\"'", max_size=30)


def in_the_tree(name: str, value: str) -> Any:
    card = Component("VCARD")
    card.setBehavior(VCard3_0)
    line = card.add(ContentLine(name, [["TYPE", "home"]], value, "item1"))
    card.transformChildrenToNative()
    return line.value


def in_the_model(name: str, value: str) -> Any:
    head = Head(name, group="item1", params=(("TYPE", ("home",)),))
    card = RepairedCard("digest", properties=[Property(head, value)])
    line = Model(card, {name}).first(name)
    assert line is not None
    return line.value


def same(one: Any, other: Any) -> bool:
    if isinstance(one, Name | Address):
        return type(one) is type(other) and vars(one) == vars(other)
    return bool(one == other)


@pytest.mark.parametrize("name", ["N", "ADR", "ORG"])
@given(text=VALUES)
def test_structured_values_are_as_vobject_splits_them(name: str, text: str) -> None:
    for value in (text, structured(name, text)[0]):
        assert same(in_the_model(name, value), in_the_tree(name, value))


@given(name=st.sampled_from(sorted(TEXTS)), text=VALUES)
def test_texts_are_as_vobject_leaves_them(name: str, text: str) -> None:
    assert in_the_model(name, text) == in_the_tree(name, text) == text
