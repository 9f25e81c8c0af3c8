"""A folder of tasks (a vdir) as a task sink: one .ics file per task, for todoman and vdirsyncer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, tzinfo
from glob import escape
from pathlib import Path

from connectors.shared.files import read_bytes_inside
from connectors.shared.plain_text import decode
from connectors.shared.task_keys import decode as key_of
from connectors.vtodo.state import outranks, read_state
from connectors.vtodo.task import (
    VtodoSink,
    new_task,
    reopened_task,
    uid_of,
    updated_task,
    utc_now,
)
from people.errors import SkipThis, SuspiciousEmptiness, UserMustAct
from people.private_files import private_folder, replace_file
from people.tasks import FollowUp, TaskState

_MAX_BYTES = 4 * 1024 * 1024
_PREFIX = "touchbase-"
_SUFFIX = ".ics"
_Change = Callable[[str, FollowUp, tzinfo, datetime], str | None]


class VtodoFolderSink(VtodoSink):
    """Tasks as VTODO files in the folder ``path``, which is made with the first task.

    ``time_zone`` is the user's. Alarms ring at 09:00 there on the due day, and times without a zone are read
    in it. ``now`` gives the instant for DTSTAMP and other timestamps. ``delivered`` is the number of open
    tasks that the store expects here. If it is above 0 and the folder does not exist, ``states`` raises
    ``SuspiciousEmptiness``.

    Other files, and broken ones, are left alone. If the file of one of our tasks cannot be read, the task
    counts as open, because an unreadable file is not a deleted one. A link that leads out of the folder is
    never read and never written through: a new task takes its place.
    """

    name = "vtodo-folder"
    marks_its_place = True
    where_to_look = "is the task folder's disk mounted, and is [tasks] path right?"

    def __init__(
        self,
        path: Path,
        *,
        time_zone: tzinfo,
        now: Callable[[], datetime] = utc_now,
        delivered: int = 0,
    ) -> None:
        self.path = path
        self.time_zone = time_zone
        self.now = now
        self.delivered = delivered
        self._seen: dict[str, tuple[int, int, TaskState | None]] = {}

    def place(self) -> str | None:
        """The folder's inode: an empty mount point, or another folder of this path, has another one."""
        return _place(self.path)

    def address(self) -> str | None:
        """Nothing: the settings name the folder."""
        return None

    def ensure(self, follow_up: FollowUp) -> str:
        """Create the task or update our own fields in it; return its UID.

        If it has a ref and is gone, the user deleted it, so it is not made again. Raises ``UserMustAct`` if
        the folder cannot be written.
        """
        return self._bring(follow_up, updated_task, make=not follow_up.ref)

    def reopen(self, follow_up: FollowUp) -> str:
        """Open the task again, or make it; return its UID. Raises the errors of ``ensure``."""
        return self._bring(follow_up, reopened_task, make=True)

    def _bring(self, follow_up: FollowUp, change: _Change, *, make: bool) -> str:
        self._writable()
        uid = uid_of(follow_up.key)
        path = self.path / f"{uid}{_SUFFIX}"
        if not path.exists():
            path = next((file for file, state in self._tasks() if state.key == follow_up.key), path)
        if not path.exists():
            path = self._in_another_list(uid, follow_up.places_before()) or path
        if not (make or path.exists()):
            return uid
        try:
            text = change(self._text(path), follow_up, self.time_zone, self.now())
        except SkipThis:
            text = new_task(follow_up, self.time_zone, self.now())
        if text is not None:
            self._write(path, text)
        return uid

    def find(self, follow_up: FollowUp) -> TaskState | None:
        """The task in another list beside this one, where a client moved it; None if there is none."""
        path = self._in_another_list(uid_of(follow_up.key), follow_up.places_before())
        return self._state(path) if path else None

    def _in_another_list(self, uid: str, left_behind: Collection[str] = ()) -> Path | None:
        """The task's file in a folder beside ours, which is none of those that were ours before."""
        if "/" in uid:
            return None
        paths = sorted(self.path.parent.glob(f"*/{escape(uid)}{_SUFFIX}"))
        others = (path for path in paths if path.parent != self.path and not path.parent.is_symlink())
        return next((path for path in others if _place(path.parent) not in left_behind), None)

    def _change(self, ref: str, change: Callable[[str], str | None]) -> None:
        tasks = list(self._tasks())
        moved = None if any(state.ref == ref for _, state in tasks) else self._in_another_list(ref)
        if moved is not None and (found := self._state(moved)) is not None:
            tasks.append((moved, found))
        for path, state in tasks:
            if state.ref == ref and state.status == "open":
                try:
                    text = change(self._text(path))
                except SkipThis:
                    continue
                if text is not None:
                    self._write(path, text)

    def erase(self, ref: str) -> None:
        """Delete the task's file, and copies of it. One with other tasks in it raises ``UserMustAct``."""
        tasks = list(self._tasks())
        keys = {state.key for _, state in tasks if state.ref == ref}
        files = [path for path, state in tasks if state.key in keys]
        moved = self._in_another_list(ref)
        for path in [*files, *([moved] if moved is not None else [])]:
            if self._holds_more(path):
                raise UserMustAct(f"{path} has other tasks in it, too", help="delete that task in the file")
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise self._cannot("be written", error) from error

    def _holds_more(self, path: Path) -> bool:
        try:
            return self._text(path).count("BEGIN:VTODO") > 1 and len(_uids(self._text(path))) > 1
        except SkipThis:
            return False

    def states(self) -> Iterator[TaskState]:
        """Yield the state of each of our tasks, one per key.

        Raises ``SuspiciousEmptiness`` if the folder is gone although tasks are expected in it, and
        ``UserMustAct`` if it cannot be listed.
        """
        if self.delivered > 0 and not self.path.is_dir():
            raise SuspiciousEmptiness(
                f"task folder {self.path} is gone, with {self.delivered} open tasks in it",
                help="restore it (is its disk mounted?); if you deleted it on purpose, create it empty",
            )
        by_key: dict[str, TaskState] = {}
        for _, state in self._tasks():
            if outranks(state, by_key.get(state.key)):
                by_key[state.key] = state
        yield from by_key.values()

    def _tasks(self) -> Iterator[tuple[Path, TaskState]]:
        """Our tasks with their files, by name. A file that did not change is not read again."""
        try:
            paths = sorted(self.path.iterdir())
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._cannot("be listed", error) from error
        for path in paths:
            if path.suffix == _SUFFIX and not path.name.startswith("."):
                state = self._state(path)
                if state is not None:
                    yield path, state

    def _state(self, path: Path) -> TaskState | None:
        try:
            stat = path.stat()
            before = self._seen.get(str(path))
            if before is not None and before[:2] == (stat.st_mtime_ns, stat.st_size):
                return before[2]
            state = read_state(self._text(path), self.time_zone) or _unreadable(path)
        except (OSError, SkipThis):
            return _unreadable(path)
        self._seen[str(path)] = (stat.st_mtime_ns, stat.st_size, state)
        return state

    def _text(self, path: Path) -> str:
        return decode(read_bytes_inside(path, _MAX_BYTES)).text

    def _writable(self) -> None:
        try:
            private_folder(self.path)
        except OSError as error:
            raise self._cannot("be created", error) from error

    def _write(self, path: Path, text: str) -> None:
        try:
            replace_file(path, text.encode())
        except OSError as error:
            raise self._cannot("be written", error) from error

    def _cannot(self, what: str, error: OSError) -> UserMustAct:
        return UserMustAct(
            f"task folder {self.path} cannot {what}: {error.strerror or error}",
            help="check [tasks] path in touchbase.toml and the folder's permissions",
        )


def _place(folder: Path) -> str | None:
    try:
        return f"{VtodoFolderSink.name}:{folder.stat().st_ino}" if folder.is_dir() else None
    except OSError:
        return None


def _uids(text: str) -> set[str]:
    return {line for line in text.splitlines() if line.upper().startswith("UID:")}


def _unreadable(path: Path) -> TaskState | None:
    """The state of an unreadable file with one of our names: open, until it can be read."""
    uid = path.name.removesuffix(_SUFFIX)
    key = key_of(uid.removeprefix(_PREFIX)) if uid.startswith(_PREFIX) else None
    return TaskState(key=key, ref=uid, status="open") if key is not None else None
