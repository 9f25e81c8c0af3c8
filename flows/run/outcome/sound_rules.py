"""Whether the rule files are those that a run last read without a mistake. Nothing here reads rules."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from flows.run.code_version import hash_of
from flows.settings.model import Settings
from people.store import Connection, Store
from people.store.db import values
from rules.engine.checking.files import read_texts

_KEY = "sound_rules"
_READERS = ("rules/engine", "people/facts/declared.py", "people/text.py")
"""The code that decides what is a mistake."""


def remember(store: Store, texts: Mapping[str, bytes]) -> None:
    """Record that rule files, given by name and content, are without mistakes."""
    with store.begin() as connection:
        values.put(connection, _KEY, _hash(texts))


def known(connection: Connection, settings: Settings) -> bool:
    """Whether the files in the folder are those of ``remember``, and so is the code that reads them."""
    texts, problems = read_texts(settings.resolve(settings.rules.path), str(settings.rules.path))
    return not problems and values.get(connection, _KEY) == _hash(texts)


def _hash(texts: Mapping[str, bytes]) -> str:
    total = hashlib.sha256(hash_of(_READERS).encode())
    for name, text in sorted(texts.items()):
        total.update(f"{name}\0{len(text)}\0".encode() + text)
    return total.hexdigest()
