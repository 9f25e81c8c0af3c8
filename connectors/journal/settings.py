"""Settings of the journal."""

from __future__ import annotations

from typing import ClassVar, Literal

from connectors.base import FileSource, Surroundings
from connectors.journal.source import JournalSource
from people.types import RecordKind


class JournalSettings(FileSource):
    """The journal, a CSV file."""

    tells: ClassVar[frozenset[RecordKind]] = frozenset({"journal"})
    example: ClassVar[str] = """\
[[sources]]
name = "journal"
type = "journal"
path = "journal.csv"               # touchbase log adds lines
"""
    ready: ClassVar[bool] = True

    type: Literal["journal"]

    def open(self, around: Surroundings) -> JournalSource:
        """Make the source."""
        return JournalSource(self.name, around.path(self.path))
