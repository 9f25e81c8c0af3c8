"""Settings of the inbox."""

from __future__ import annotations

from typing import Literal

from connectors.base import Check, FileSource, Surroundings
from connectors.inbox.source import InboxSource, read_lines


class InboxSettings(FileSource):
    """The inbox, a text file."""

    tells = frozenset({"journal"})
    example = """\
[[sources]]
name = "inbox"
type = "inbox"
path = "inbox.txt"                 # a text file in a folder that your phone syncs: docs/capture.md
"""

    type: Literal["inbox"]

    def open(self, around: Surroundings) -> InboxSource:
        """Make the source."""
        path = around.path(self.path)
        return InboxSource(self.name, path, around.today, around.me.zone, around.known_days)

    def check(self, around: Surroundings) -> Check:
        """Say whether the file can be read, and how many of its lines are unclear."""
        found = super().check(around)
        if found.status != "ok":
            return found
        lines = read_lines(around.path(self.path))
        unclear = sum(line.thought is None for line in lines)
        hint = f", {unclear} of them unclear (touchbase inbox)" if unclear else ""
        return Check("ok", f"{found.message}: {len(lines)} lines{hint}")
