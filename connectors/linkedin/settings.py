"""Settings of LinkedIn's export."""

from __future__ import annotations

from typing import Literal

from connectors.base import Surroundings
from connectors.columns import Column
from connectors.linkedin.source import LinkedInSource
from connectors.questions import Question
from connectors.shared.text_source import TextSource
from people.types import RecordKind, Trust

_LISTS = (".csv", ".tsv", ".txt")


class LinkedInSettings(TextSource):
    """LinkedIn's archive: its ZIP, a folder with it or of its files, or Connections.csv alone."""

    tells = frozenset({"contacts", "journal"})
    title = "LinkedIn's archive (ZIP), or Connections.csv"
    asks = (Question("path"),)
    trust = Trust.IMPORTED
    example = """\
[[sources]]
name = "linkedin"
type = "linkedin"
path = "Connections.csv"         # or the ZIP: LinkedIn, Settings, Data privacy, Get a copy of your data
"""

    type: Literal["linkedin"]

    @property
    def kinds(self) -> frozenset[RecordKind]:
        """Contacts alone, if the path is that of their list."""
        return frozenset({"contacts"}) if self.path.suffix.lower() in _LISTS else self.tells

    def open(self, around: Surroundings) -> LinkedInSource:
        """Make the source."""
        return LinkedInSource(
            self.name, around.path(self.path), self.codec, around.me.zone, around.known_days
        )

    def columns_of(self, around: Surroundings) -> tuple[Column, ...]:
        """What each column of each table became."""
        return self.open(around).columns()
