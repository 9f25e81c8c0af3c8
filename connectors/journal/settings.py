"""Settings of the journal."""

from __future__ import annotations

from typing import Literal

from connectors.base import Surroundings
from connectors.journal.source import JournalSource
from connectors.shared.text_source import TextSource


class JournalSettings(TextSource):
    """The journal, a CSV file."""

    tells = frozenset({"journal"})
    example = """\
[[sources]]
name = "journal"
type = "journal"
path = "journal.csv"               # touchbase log adds lines
"""
    ready = True

    type: Literal["journal"]

    def open(self, around: Surroundings) -> JournalSource:
        """Make the source."""
        return JournalSource(self.name, around.path(self.path), self.codec)
