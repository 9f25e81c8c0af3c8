"""A calendar on a CalDAV server (Nextcloud, Fastmail, Radicale, Xandikos) as a task sink."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from connectors.caldav.refusals import UidTaken
from connectors.caldav.task_list import Conflict, Stored, TaskCalendar
from connectors.vtodo.state import outranks, read_state
from connectors.vtodo.task import (
    VtodoSink,
    new_task,
    reopened_task,
    uid_of,
    updated_task,
    utc_now,
)
from people.errors import RetryLater, SkipThis, SuspiciousEmptiness
from people.tasks import FollowUp, TaskState

_TRIES = 5
_Change = Callable[[str, FollowUp, tzinfo, datetime], str | None]


@dataclass(frozen=True, slots=True)
class _Task:
    stored: Stored
    state: TaskState
    place: str = ""


class CalDavSink(VtodoSink):
    """A calendar of a CalDAV server as ``people.tasks.TaskSink``. A ref is the task's UID.

    ``url`` is the address of the server, the user or the calendar itself. If it does not name a calendar,
    ``list_name`` does, which is made with the first task unless ``create_list`` is False. A task that changed
    after it was read is not overwritten (If-Match), and only our own fields are, as long as the user left
    them alone. ``time_zone`` is the user's. ``delivered`` is the number of open tasks that the store expects
    here. If it is above 0 and the calendar does not exist, ``states`` raises ``SuspiciousEmptiness``. A task
    that was moved to another calendar of the user is found there. ``known`` is the calendar's last address.
    """

    name = "caldav"
    marks_its_place = False
    where_to_look = "is it the right server and [tasks] list?"

    def __init__(
        self,
        url: str,
        *,
        user: str,
        password: str,
        time_zone: tzinfo,
        list_name: str = "Touchbase",
        create_list: bool = True,
        now: Callable[[], datetime] = utc_now,
        delivered: int = 0,
        timeout: float = 30.0,
        known: str | None = None,
        allow_http: bool = False,
    ) -> None:
        self.time_zone = time_zone
        self.now = now
        self.delivered = delivered
        self._create_list = create_list
        self._calendar = TaskCalendar(
            url,
            user=user,
            password=password,
            name=list_name,
            timeout=timeout,
            known=known,
            allow_http=allow_http,
        )
        self._scanned: dict[str, _Task] | None = None
        self._elsewhere: dict[str, list[_Task]] | None = None

    def place(self) -> str | None:
        """The address of the calendar."""
        return f"{self.name}:{self._calendar.url}" if self._calendar.find() else None

    def address(self) -> str | None:
        """The address of the calendar."""
        return self._calendar.url

    def ensure(self, follow_up: FollowUp) -> str:
        """Create the task or update our own fields in it; return its UID.

        If it has a ref and is gone, the user deleted it, so it is not made again. Raises ``LoginNeeded``,
        ``UserMustAct`` or ``RetryLater``. It is safe to call again.
        """
        return self._bring(follow_up, updated_task, make=not follow_up.ref)

    def reopen(self, follow_up: FollowUp) -> str:
        """Open the task again, or make it; return its UID. Raises the errors of ``ensure``."""
        return self._bring(follow_up, reopened_task, make=True)

    def _bring(self, follow_up: FollowUp, change: _Change, *, make: bool) -> str:
        if self._create_list:
            self._calendar.make()
        return self._write(
            self._uid(follow_up),
            lambda text: change(text, follow_up, self.time_zone, self.now()),
            (lambda uid: new_task(follow_up, self.time_zone, self.now(), uid)) if make else None,
            # A new task is in no other calendar.
            looks_around=follow_up.ref is not None,
            key=follow_up.key,
        )

    def _uid(self, follow_up: FollowUp) -> str:
        usual = uid_of(follow_up.key)
        return follow_up.ref if (follow_up.ref or "").startswith(f"{usual}.") and follow_up.ref else usual

    def find(self, follow_up: FollowUp) -> TaskState | None:
        """Ask for the task by its address, then look for it in the user's other calendars.

        It is *lost* if there is no calendar. Raises the errors of ``ensure``.
        """
        uid = self._uid(follow_up)
        lost = TaskState(key=follow_up.key, ref=uid, status="lost")
        here = self._calendar.find()
        stored = self._calendar.get(self._calendar.path_of(uid)) if here else None
        if stored is not None:
            return read_state(stored.text, self.time_zone) or lost
        task = self._in_another_list(uid, follow_up.left_behind)
        return task.state if task else None if here else lost

    def _in_another_list(self, uid: str, left_behind: Collection[str] = ()) -> _Task | None:
        """The task in another calendar of the user, which is none of those that were ours before."""
        if self._elsewhere is None:
            found: dict[str, list[_Task]] = {}
            for url in self._calendar.others():
                for stored in self._calendar.tasks(url):
                    if (state := read_state(stored.text, self.time_zone)) is not None:
                        found.setdefault(state.ref, []).append(_Task(stored, state, f"{self.name}:{url}"))
            self._elsewhere = found
        best: _Task | None = None
        for task in self._elsewhere.get(uid, ()):
            if task.place not in left_behind and outranks(task.state, best.state if best else None):
                best = task
        return best

    def states(self) -> Iterator[TaskState]:
        """Yield the state of each of our tasks, one per key.

        Raises ``SuspiciousEmptiness`` if the calendar is gone although tasks are expected in it, and the
        errors of ``ensure``.
        """
        if not self._calendar.find():
            if self.delivered > 0:
                raise SuspiciousEmptiness(
                    f"calendar '{self._calendar.name}' is gone, with {self.delivered} open tasks in it",
                    help="check [tasks] list; if you deleted the tasks on purpose, create the calendar empty",
                )
            return
        for task in self._scan().values():
            yield task.state

    def erase(self, ref: str) -> None:
        """Delete the task and copies of it. Raises the errors of ``ensure``."""
        if not self._calendar.find():
            return
        listed = [(stored, read_state(stored.text, self.time_zone)) for stored in self._calendar.tasks()]
        tasks = [_Task(stored, state) for stored, state in listed if state is not None]
        keys = {task.state.key for task in tasks if task.state.ref == ref}
        moved = self._in_another_list(ref)
        for task in [*(one for one in tasks if one.state.key in keys), *([moved] if moved else [])]:
            self._calendar.delete(task.stored.path)
        self._scanned = self._elsewhere = None

    def _change(self, uid: str, change: Callable[[str], str | None]) -> None:
        if self._calendar.find():
            self._write(uid, change, None)

    def _write(
        self,
        uid: str,
        change: Callable[[str], str | None],
        create: Callable[[str], str] | None,
        *,
        looks_around: bool = True,
        key: str | None = None,
    ) -> str:
        """Change the task with this UID, or create it; return its UID: another one if it is taken."""
        for number in range(2, _TRIES + 2):
            stored = self._read(uid, looks_around=looks_around, key=key)
            try:
                if stored is None:
                    if create is not None:
                        self._calendar.write(self._calendar.path_of(uid), create(uid), replacing=None)
                    return uid
                text = _changed(stored, change, create, uid)
                if text is not None:
                    self._calendar.write(stored.path, text, replacing=stored)
            except Conflict:
                # Somebody else was faster, so read their version and decide again.
                self._scanned = None
                continue
            except UidTaken:
                # It lies in the server's bin, or in another list on a server where UIDs are unique.
                uid = f"{uid.partition('.')[0]}.{number}"
                continue
            return _uid_in(stored.text, self.time_zone) or uid
        raise RetryLater(
            "another program keeps changing a task on the CalDAV server", help="the next run tries again"
        )

    def _read(self, uid: str, *, looks_around: bool, key: str | None) -> Stored | None:
        """The task at the path that we use, or where a scan finds it, because a client may move it."""
        stored = self._calendar.read(self._calendar.path_of(uid))
        if stored is not None:
            return stored
        if self._scanned is None:
            self._scan()
        scanned = self._scanned_task(uid, key) or (self._in_another_list(uid) if looks_around else None)
        return self._calendar.read(scanned.stored.path) if scanned else None

    def _scanned_task(self, uid: str, key: str | None) -> _Task | None:
        found = self._scanned or {}
        return found.get(uid) or next((task for task in found.values() if task.state.key == key), None)

    def _scan(self) -> dict[str, _Task]:
        """Our tasks by UID. Of two with one key, the one that counts."""
        by_key: dict[str, _Task] = {}
        for stored in self._calendar.tasks():
            state = read_state(stored.text, self.time_zone)
            if state is None:
                continue
            before = by_key.get(state.key)
            if outranks(state, before.state if before else None):
                by_key[state.key] = _Task(stored, state)
        self._scanned = {task.state.ref: task for task in by_key.values()}
        return self._scanned


def _uid_in(text: str, zone: tzinfo) -> str | None:
    state = read_state(text, zone)
    return state.ref if state else None


def _changed(
    stored: Stored, change: Callable[[str], str | None], create: Callable[[str], str] | None, uid: str
) -> str | None:
    try:
        return change(stored.text)
    except SkipThis:
        # At our address is something else. A new task replaces it.
        return create(uid) if create is not None else None
