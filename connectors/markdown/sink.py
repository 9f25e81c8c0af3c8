"""A Markdown checklist as a task sink, for Obsidian or any editor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

from connectors.markdown.checklist import Checklist
from connectors.shared.files import read_bytes
from connectors.shared.plain_text import decode
from connectors.shared.task_keys import decode as key_of
from connectors.shared.task_keys import encode
from people.errors import SkipThis, SuspiciousEmptiness, UserMustAct
from people.private_files import private_folder, replace_file
from people.tasks import FollowUp, TaskState

_MAX_BYTES = 16 * 1024 * 1024
_NOON = time(12, tzinfo=UTC)


class MarkdownSink:
    """Tasks as lines of the file ``path``, which is made with the first task.

    ``[x]`` is done, ``[-]`` is cancelled, a removed line is deleted, and another date after 📅 is moved. A ✅
    date is when it was done (noon UTC, which is that day nearly everywhere). All other lines are the user's
    and stay as they are, and so does a text, date or priority that the user changed.

    ``delivered`` is the number of open tasks that the store expects here. If it is above 0 and the file is
    missing or blank, ``states`` raises ``SuspiciousEmptiness`` instead of reporting all tasks as deleted. Any
    other line in the file confirms that they are gone.
    """

    name = "markdown"

    def __init__(self, path: Path, *, delivered: int = 0) -> None:
        self.path = path
        self.delivered = delivered

    def ensure(self, follow_up: FollowUp) -> str:
        """Create the task or update our own parts of its line; return its block id.

        If it has a ref and is gone, the user deleted it, so it is not made again. Raises ``UserMustAct`` if
        the file cannot be read or written.
        """
        checklist, codec = self._read()
        if checklist.ensure(follow_up):
            self._write(checklist, codec)
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

    def _change(self, ref: str, change: Callable[[Checklist, str], bool]) -> None:
        key = key_of(ref.removeprefix("tb-"))
        checklist, form = self._read()
        if key is not None and change(checklist, key):
            self._write(checklist, form)

    def states(self) -> Iterator[TaskState]:
        """Yield the state of each of our tasks.

        Raises ``SuspiciousEmptiness`` if the file is gone or blank although tasks are expected in it, and
        ``UserMustAct`` if it cannot be read.
        """
        checklist, _ = self._read()
        if self.delivered > 0 and not checklist.lines:
            raise SuspiciousEmptiness(
                f"task list {self.path} is gone or blank, with {self.delivered} open tasks in it",
                help="restore it; if you deleted the tasks on purpose, leave one line of text in it",
            )
        for task in checklist.tasks().values():
            done_on = task.done_on if task.status == "done" else None
            yield TaskState(
                key=task.key,
                ref=f"tb-{encode(task.key)}",
                status=task.status,
                due=task.due,
                completed_at=datetime.combine(done_on, _NOON) if done_on else None,
            )

    def _read(self) -> tuple[Checklist, tuple[str, str]]:
        """The checklist, and the codec and line ends to write it with. A missing file is an empty one."""
        if not self.path.exists() and not self.path.is_symlink():
            return Checklist(""), ("utf-8", "\n")
        try:
            data = read_bytes(self.path, _MAX_BYTES)
        except SkipThis as error:
            raise UserMustAct(f"task list {self.path} {error.message}", help=error.help) from error
        text, codec, guessed = decode(data)
        if guessed:
            raise UserMustAct(f"task list {self.path} is not in UTF-8", help="save it as UTF-8")
        return Checklist(text), (codec, "\r\n" if b"\r\n" in data else "\n")

    def _write(self, checklist: Checklist, form: tuple[str, str]) -> None:
        codec, line_end = form
        try:
            private_folder(self.path.parent)
            replace_file(self.path, str(checklist).replace("\n", line_end).encode(codec, "replace"))
        except OSError as error:
            raise UserMustAct(
                f"task list {self.path} cannot be written: {error.strerror or error}",
                help="check [tasks] path in touchbase.toml and the folder's permissions",
            ) from error
