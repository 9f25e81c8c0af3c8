"""A Markdown checklist as a task sink, for Obsidian or any editor."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

from connectors.markdown.checklist import Checklist
from connectors.markdown.line import TaskLine, is_retitled, title_of
from connectors.shared.files import find, read_bytes
from connectors.shared.plain_text import decode
from connectors.shared.task_keys import decode as key_of
from connectors.shared.task_keys import encode
from people.errors import SkipThis, SuspiciousEmptiness, UserMustAct
from people.private_files import private_folder, replace_file
from people.tasks import FollowUp, TaskState

_MAX_BYTES = 16 * 1024 * 1024
_MOST_NOTES = 5_000
_NOON = time(12, tzinfo=UTC)


class MarkdownSink:
    """Tasks as lines of the file ``path``, which is made with the first task.

    ``[x]`` is done, ``[-]`` is cancelled, a removed line is deleted, and another date after 📅 is moved. A ✅
    date is when it was done (noon UTC, which is that day nearly everywhere). All other lines are the user's
    and stay as they are, and so does a text, date or priority that the user changed.

    ``delivered`` is the number of open tasks that the store expects here. If it is above 0 and the file is
    missing or blank, ``states`` raises ``SuspiciousEmptiness``. A removed line counts as deleted only while
    the comment at the end of the file still knows it. A task that was moved to another note of the vault, or
    of the file's folder, is found there.
    """

    name = "markdown"
    marks_its_place = True
    where_to_look = "is the note whole, and is [tasks] path right?"

    def __init__(self, path: Path, *, delivered: int = 0) -> None:
        self.path = path
        self.delivered = delivered

    def place(self) -> str | None:
        """The mark in the comment of the file, which goes along if the file is moved."""
        mark = self._read(self.path)[0].mark
        return f"{self.name}:{mark}" if mark else None

    def address(self) -> str | None:
        """Nothing: the settings name the file."""
        return None

    def ensure(self, follow_up: FollowUp) -> str:
        """Create the task or update our own parts of its line; return its block id.

        If it has a ref and is gone, the user deleted it, so it is not made again. Raises ``UserMustAct`` if
        the file cannot be read or written.
        """
        return self._bring(follow_up, Checklist.ensure)

    def reopen(self, follow_up: FollowUp) -> str:
        """Open the task again, or add it; return its block id. Raises the errors of ``ensure``."""
        return self._bring(follow_up, Checklist.reopen)

    def _bring(self, follow_up: FollowUp, change: Callable[[Checklist, FollowUp], bool]) -> str:
        path = self._note_of(follow_up.key, follow_up.places_before()) or self.path
        checklist, form = self._read(path)
        if change(checklist, follow_up):
            self._write(path, checklist, form)
        return f"tb-{encode(follow_up.key)}"

    def withdraw(self, ref: str, reason: str) -> None:
        """Cancel the open task with this block id, and write the reason below it."""
        self._change(ref, lambda checklist, key: checklist.withdraw(key, reason))

    def complete(self, ref: str) -> None:
        """Tick the open task with this block id."""
        self._change(ref, Checklist.complete)

    def move(self, ref: str, due: date) -> None:
        """Give the open task with this block id the due date that the user chose."""
        self._change(ref, lambda checklist, key: checklist.move(key, due))

    def erase(self, ref: str) -> None:
        """Remove the task's line and the notes below it."""
        self._change(ref, Checklist.erase)

    def _change(self, ref: str, change: Callable[[Checklist, str], bool]) -> None:
        key = key_of(ref.removeprefix("tb-"))
        if key is None:
            return
        path = self._note_of(key) or self.path
        checklist, form = self._read(path)
        if change(checklist, key):
            self._write(path, checklist, form)

    def states(self) -> Iterator[TaskState]:
        """Yield the state of each of our tasks.

        Raises ``SuspiciousEmptiness`` if the file is gone or blank although tasks are expected in it, and
        ``UserMustAct`` if it cannot be read.
        """
        checklist, _ = self._read(self.path)
        if self.delivered > 0 and not checklist.lines:
            raise SuspiciousEmptiness(
                f"task list {self.path} is gone or blank, with {self.delivered} open tasks in it",
                help="restore it; if you deleted the tasks on purpose, leave one line of text in it",
            )
        for task in checklist.tasks().values():
            yield _state(task, checklist)

    def find(self, follow_up: FollowUp) -> TaskState | None:
        """The task in the note to which it was moved; None if its line was deleted.

        It is *lost* if the file does not know it: another file, or one that was written over.
        """
        path = self._elsewhere(follow_up.key, follow_up.places_before())
        if path is not None:
            checklist = self._read(path)[0]
            return _state(checklist.tasks()[follow_up.key], checklist)
        if follow_up.key in self._read(self.path)[0].wrote:
            return None
        return TaskState(key=follow_up.key, ref=f"tb-{encode(follow_up.key)}", status="lost")

    def _note_of(self, key: str, left_behind: Collection[str] = ()) -> Path | None:
        """The note with the task: the file, or another one to which it was moved; None if there is none."""
        if key in self._read(self.path)[0].tasks():
            return self.path
        return self._elsewhere(key, left_behind)

    def _elsewhere(self, key: str, left_behind: Collection[str] = ()) -> Path | None:
        """The note of the vault to which the task was moved. It is none that was our list before."""
        sign = f"^tb-{encode(key)}".encode()
        for path in self._other_notes():
            try:
                data = read_bytes(path, _MAX_BYTES)
            except SkipThis:
                continue
            if sign in data:
                checklist = Checklist(decode(data).text.replace("\r\n", "\n"))
                if key in checklist.tasks() and f"{self.name}:{checklist.mark}" not in left_behind:
                    return path
        return None

    def _other_notes(self) -> list[Path]:
        """The other notes: those of the vault (Obsidian's folder), else those beside the file."""
        folder = self.path.parent
        vault = next((one for one in self.path.parents if (one / ".obsidian").is_dir()), None)
        if not folder.is_dir():
            return []
        notes = find(vault, ".md", lambda _name, _reason: None) if vault else ()
        paths = [note.path for note in notes] if vault else sorted(folder.glob("*.md"))
        return [path for path in paths[:_MOST_NOTES] if path != self.path and not path.is_symlink()]

    def _read(self, path: Path) -> tuple[Checklist, tuple[str, str]]:
        """The checklist, and the codec and line ends to write it with. A missing file is an empty one."""
        if not path.exists() and not path.is_symlink():
            return Checklist(""), ("utf-8", "\n")
        try:
            data = read_bytes(path, _MAX_BYTES)
        except SkipThis as error:
            raise UserMustAct(f"task list {path} {error.message}", help=error.help) from error
        text, codec, guessed = decode(data)
        if guessed:
            raise UserMustAct(f"task list {path} is not in UTF-8", help="save it as UTF-8")
        return Checklist(text), (codec, "\r\n" if b"\r\n" in data else "\n")

    def _write(self, path: Path, checklist: Checklist, form: tuple[str, str]) -> None:
        codec, line_end = form
        if path == self.path and checklist.mark is None:
            checklist.mark = secrets.token_hex(8)
        try:
            private_folder(path.parent)
            # The settings name the list, so its user may have put a link there. Other notes are plain files.
            target = path.resolve() if path == self.path else path
            replace_file(target, str(checklist).replace("\n", line_end).encode(codec, "replace"))
        except OSError as error:
            raise UserMustAct(
                f"task list {path} cannot be written: {error.strerror or error}",
                help="check [tasks] path in touchbase.toml and the folder's permissions",
            ) from error


def _state(task: TaskLine, checklist: Checklist) -> TaskState:
    done_on = task.done_on if task.status == "done" else None
    wrote = checklist.wrote.get(task.key)
    return TaskState(
        key=task.key,
        ref=f"tb-{encode(task.key)}",
        status=task.status,
        due=task.due,
        completed_at=datetime.combine(done_on, _NOON) if done_on else None,
        ours=task.status == "cancelled" and wrote is not None and wrote.withdrawn,
        title=title_of(task),
        retitled=is_retitled(task, wrote),
    )
