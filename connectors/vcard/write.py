"""People as vCards, for export: vCard 3.0 in UTF-8, written by vobject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import vobject

from people.text import clean


def write_cards(people: Iterable[Mapping[str, Any]]) -> str:
    """Write one card per person. ``people`` are entries of ``people --json``."""
    return "".join(_card(person) for person in people)


def _card(person: Mapping[str, Any]) -> str:
    card = vobject.vCard()
    card.add("n").value = vobject.vcard.Name(
        family=_text(person["family_name"]), given=_text(person["given_name"])
    )
    card.add("fn").value = _text(person["name"]) or "Unnamed"
    card.add("uid").value = f"urn:touchbase:{person['id']}"
    for email in person["emails"]:
        card.add("email").value = _text(email)
    for phone in person["phones"]:
        card.add("tel").value = _text(phone)
    if person["organisation"]:
        card.add("org").value = [_text(person["organisation"])]
    for name, key in (("title", "title"), ("bday", "birthday")):
        if person[key]:
            card.add(name).value = _text(person[key])
    labels = [*person["labels"], *person["tags"]]
    if labels:
        card.add("categories").value = [_text(label) for label in dict.fromkeys(labels)]
    written: str = card.serialize()
    return written


def _text(value: str | None) -> str:
    return clean(value or "")
