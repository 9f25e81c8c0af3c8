"""Settings of a list of calls and messages."""

from __future__ import annotations

from typing import Literal

from connectors.base import Surroundings
from connectors.interactions.source import InteractionsSource
from connectors.shared.text_source import TextSource


class InteractionsSettings(TextSource):
    """A CSV file with one line per call or message, which a program writes."""

    tells = frozenset({"journal"})
    example = """\
[[sources]]
name = "calls"
type = "interactions"
path = "interactions.csv"        # when,who,direction,channel,minutes: docs/interactions.md
"""

    type: Literal["interactions"]

    def open(self, around: Surroundings) -> InteractionsSource:
        """Make the source."""
        return InteractionsSource(
            self.name,
            around.path(self.path),
            zone=around.me.zone,
            region=around.me.region,
            encoding=self.codec,
        )
