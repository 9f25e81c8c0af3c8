"""Settings of a Markdown checklist."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from connectors.base import FileSink, Surroundings
from connectors.markdown.sink import MarkdownSink
from connectors.questions import Question


class MarkdownTasks(FileSink):
    """One Markdown checklist."""

    title = "one Markdown checklist, for Obsidian or any editor"
    asks = (Question("path", "File", "follow-ups.md"),)
    example = """\
[tasks]
type = "markdown"                # one checklist, for Obsidian or any editor
path = "follow-ups.md"
"""

    type: Literal["markdown"]
    path: Path = Path("follow-ups.md")

    def open(self, around: Surroundings) -> MarkdownSink:
        """Make the sink."""
        return MarkdownSink(around.path(self.path), delivered=around.delivered)
