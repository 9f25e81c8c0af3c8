"""Settings of LinkedIn's export."""

from __future__ import annotations

from typing import Literal

from connectors.base import FileSource, Surroundings
from connectors.linkedin.source import LinkedInSource
from connectors.questions import Question
from people.types import Trust


class LinkedInSettings(FileSource):
    """LinkedIn's own export, Connections.csv."""

    tells = frozenset({"contacts"})
    title = "LinkedIn: its export, Connections.csv"
    asks = (Question("path"),)
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
