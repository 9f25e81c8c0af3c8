"""Settings of LinkedIn's export."""

from __future__ import annotations

from typing import Literal

from connectors.base import Surroundings
from connectors.linkedin.source import LinkedInSource
from connectors.questions import Question
from connectors.shared.text_source import TextSource
from people.types import Trust


class LinkedInSettings(TextSource):
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
        return LinkedInSource(self.name, around.path(self.path), self.codec)
