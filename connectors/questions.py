"""What ``touchbase init`` asks about a connector."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """One question, whose answer becomes the value of ``key`` in the connector's table.

    ``text`` stands before the cursor, or else the ``title``. Without a ``default`` an answer is needed.
    """

    key: str
    text: str = ""
    default: str = ""
