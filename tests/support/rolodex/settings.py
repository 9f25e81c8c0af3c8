"""Settings of the rolodex and the notepad: all that Touchbase knows about them."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from connectors.base import Check, FileSink, FileSource, Secret, Surroundings
from connectors.questions import Question
from people.types import RecordKind, Trust
from tests.support.rolodex.sink import NotepadSink
from tests.support.rolodex.source import RolodexSource


class RolodexSettings(FileSource):
    """Cards and appointments."""

    tells: ClassVar[frozenset[RecordKind]] = frozenset({"contacts", "meetings"})
    trust: ClassVar[Trust] = Trust.IMPORTED
    cursor_expires: ClassVar[bool] = True
    title: ClassVar[str] = "Rolodex: its cards"
    asks: ClassVar[tuple[Question, ...]] = (Question("path"),)
    example: ClassVar[str] = '[[sources]]\nname = "desk"\ntype = "rolodex"\npath = "cards.jsonl"\n'

    type: Literal["rolodex"]

    def open(self, around: Surroundings) -> RolodexSource:
        """Make the source."""
        token = around.environ.get("TOUCHBASE_ROLODEX", "")
        return RolodexSource(self.name, around.path(self.path), token)

    def secrets(self) -> tuple[Secret, ...]:
        """The words that open the rolodex."""
        return (Secret("TOUCHBASE_ROLODEX", "touchbase-rolodex"),)

    def check(self, around: Surroundings) -> Check:
        """Warn when the words are missing."""
        if "TOUCHBASE_ROLODEX" not in around.environ:
            return Check("warning", "the rolodex is locked", "set TOUCHBASE_ROLODEX")
        return super().check(around)


class DiarySettings(FileSource):
    """What happened; its cursor does not expire."""

    tells: ClassVar[frozenset[RecordKind]] = frozenset({"journal"})
    example: ClassVar[str] = '[[sources]]\nname = "diary"\ntype = "diary"\npath = "diary.jsonl"\n'

    type: Literal["diary"]

    def open(self, around: Surroundings) -> RolodexSource:
        """Make the source; no words open it."""
        return RolodexSource(self.name, around.path(self.path), "open sesame")


class NotepadTasks(FileSink):
    """A file of tasks."""

    title: ClassVar[str] = "a notepad"
    asks: ClassVar[tuple[Question, ...]] = (Question("path", "Notes", "notes.json"),)
    example: ClassVar[str] = '[tasks]\ntype = "notepad"\npath = "notes.json"\n'

    type: Literal["notepad"]
    path: Path = Path("notes.json")

    def open(self, around: Surroundings) -> NotepadSink:
        """Make the sink."""
        return NotepadSink(around.path(self.path))
