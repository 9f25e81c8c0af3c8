"""vCards: a .vcf file, or a folder of them.

``split`` finds the cards of a file, ``repair`` turns each into well-formed content lines, ``model`` gives
structured values vobject's types, and ``card`` makes a ``Contact`` of them. vobject never parses a card that
came from outside; ``docs/decisions/0001-vobject.md`` says why. ``write`` exports cards with vobject.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.vcard.source import read_contacts

__all__ = ["read_contacts"]


def __getattr__(name: str) -> object:
    # Loaded when it is first asked for, because phonenumbers and vobject are slow to import.
    if name in __all__:
        return getattr(import_module("connectors.vcard.source"), name)
    raise AttributeError(name)
