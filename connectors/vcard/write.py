"""People as vCards, for export and for new people: vCard 3.0 in UTF-8, written by vobject."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import vobject

from people.errors import UserMustAct
from people.private_files import private_folder, replace_file
from people.text import clean, fold, one_line
from people.types import Contact

_LONGEST_NAME = 60


def write_cards(people: Iterable[Mapping[str, Any]]) -> str:
    """Write one card per person. ``people`` are entries of ``people --json``."""
    return "".join(_card(person, f"urn:touchbase:{person['id']}") for person in people)


def new_person(source: str, name: str, **fields: Any) -> Contact:  # noqa: ANN401 - fields of Contact
    """Make a contact with an id of its own. The last word of ``name`` is the family name.

    ``fields`` are those of ``Contact``; ``custom`` holds what the person ``needs`` and ``offers``.
    """
    name = one_line(name)
    given, _, family = name.rpartition(" ")
    uid = str(uuid.uuid4())
    return Contact(
        source=source,
        source_id=uid,
        uid=uid,
        name=name,
        given_name=given or family,
        family_name=family if given else None,
        **fields,
    )


def add_card(folder: Path, contact: Contact) -> Path:
    """Write a new card into ``folder``, which is made if it is missing; return the file.

    The file has the person's name. No file is replaced. Raises ``UserMustAct`` if it cannot be written.
    """
    lines = [contact.note, *(f"{one_line(key)}: {one_line(value)}" for key, value in contact.custom)]
    person = {**contact.model_dump(), "tags": (), "note": "\n".join(filter(None, lines))}
    text = _card(person, f"urn:uuid:{contact.uid}")
    try:
        private_folder(folder)
        path = _free(folder, contact.name or "")
        replace_file(path, text.encode())
    except OSError as error:
        reason = error.strerror or error
        raise UserMustAct(
            f"no card can be written into {folder}: {reason}", help="check the path and its permissions"
        ) from error
    return path


def _free(folder: Path, name: str) -> Path:
    slug = re.sub(r"[^a-z0-9]+", "-", fold(name))[:_LONGEST_NAME].strip("-") or "person"
    names = (f"{slug}{'' if number == 1 else f'-{number}'}.vcf" for number in count(1))
    return next(path for path in (folder / name for name in names) if not path.exists())


def _card(person: Mapping[str, Any], uid: str) -> str:
    card = vobject.vCard()
    card.add("n").value = vobject.vcard.Name(
        family=_text(person["family_name"]), given=_text(person["given_name"])
    )
    card.add("fn").value = _text(person["name"]) or "Unnamed"
    card.add("uid").value = uid
    for email in person["emails"]:
        card.add("email").value = _text(email)
    for phone in person["phones"]:
        card.add("tel").value = _text(phone)
    if person["organisation"]:
        card.add("org").value = [_text(person["organisation"])]
    for name, key in (("title", "title"), ("bday", "birthday"), ("note", "note")):
        if person.get(key):
            card.add(name).value = _text(person[key])
    labels = [*person["labels"], *person["tags"]]
    if labels:
        card.add("categories").value = [_text(label) for label in dict.fromkeys(labels)]
    written: str = card.serialize()
    return written


def _text(value: str | None) -> str:
    return clean(value or "")
