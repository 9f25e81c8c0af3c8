"""Settings of LinkedIn's export."""

from __future__ import annotations

from typing import Literal

from connectors.base import FileSource, Surroundings
from connectors.linkedin.source import LinkedInSource
from people.types import Trust


class LinkedInSettings(FileSource):
    """LinkedIn's own export, Connections.csv."""

    tells = frozenset({"contacts"})
    trust = Trust.IMPORTED
    example = """\
[[sources]]
name = "linkedin"
type = "linkedin"
path = "Connections.csv"         # LinkedIn: Settings, Data privacy, Get a copy of your data
"""

    type: Literal["linkedin"]

    def open(self, around: Surroundings) -> LinkedInSource:
        """Make the source."""
        return LinkedInSource(self.name, around.path(self.path))
