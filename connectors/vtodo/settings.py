"""Settings of a folder of tasks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from connectors.base import FileSink, Surroundings
from connectors.questions import Question

if TYPE_CHECKING:
    from connectors.vtodo.sink import VtodoFolderSink


class VtodoTasks(FileSink):
    """A folder with one .ics file per task (vdir), for todoman, vdirsyncer and the like."""

    title = "a folder with one .ics file per task, for todoman and vdirsyncer"
    asks = (Question("path", "Folder", "tasks"),)
    example = """\
[tasks]
type = "vtodo-folder"              # one .ics file per task: docs/follow-ups.md
path = "tasks"
"""

    type: Literal["vtodo-folder"] = "vtodo-folder"
    path: Path = Path("tasks")

    def open(self, around: Surroundings) -> VtodoFolderSink:
        """Make the sink."""
        from connectors.vtodo.sink import VtodoFolderSink  # noqa: PLC0415 - vobject is slow to import

        return VtodoFolderSink(around.path(self.path), time_zone=around.me.zone, delivered=around.delivered)
