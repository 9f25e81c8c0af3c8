"""What ``touchbase init`` asks about a connector."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """One question, whose answer becomes the value of ``key`` in the connector's table.

    ``text`` stands before the cursor. The first question of a source may leave it empty: its ``title`` is
    asked. Without a ``default`` an answer is needed, except for the first question of a source: no answer
    means that the user does not have it.
    """

    key: str
    text: str = ""
    default: str = ""
