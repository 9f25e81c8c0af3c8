"""Calendars in .ics files. A script reads one with ``IcsSource``.

It is loaded when it is first asked for, because icalendar is slow to import.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.ics.source import IcsSource

__all__ = ["IcsSource"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module("connectors.ics.source"), name)
    raise AttributeError(name)
