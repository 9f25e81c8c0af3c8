"""Google Tasks as a task sink: one task per follow-up, identified by a marker in its notes.

Google has no request ids, and a request that timed out may have succeeded. So a task is inserted only if a
scan finds none with its marker, and an insert is sent at most once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from connectors.google.client.api import TIMEOUT, Api, Patience, answers
from connectors.google.client.auth import Login, scopes_for
from connectors.google.client.errors import NotFound
from connectors.google.task_text import ListedTask, body_of, midnight
from people.errors import PlaceRefuses, RetryLater
from people.mentions import FORGOTTEN
from people.tasks import FollowUp, TaskState

# Tasks assigned from documents are not listed, so they cannot be changed.
_DEFAULT = "@default"
_EVERYTHING = {"maxResults": 100, "showCompleted": True, "showHidden": True, "showDeleted": True}


class GoogleTasksSink:
    """Google Tasks as ``people.tasks.TaskSink``. A ref is ``LIST/TASK``, in Google's ids.

    New tasks go to the list ``list_title`` (``@default``: the default list). If the list ``known`` was
    renamed, they go there. A missing list is made, or with ``create_list`` False it is an error. All lists of
    the user are scanned for our marker, so that a moved task or a renamed list does not look like a deletion.
    If the user changes a title, text or due day, it is theirs from then on.
    """

    marks_its_place = False
    where_to_look = "is it the right Google account (touchbase login google --tasks), and is the list there?"

    def __init__(
        self,
        token: Path,
        *,
        name: str = "google",
        list_title: str = "Touchbase",
        endpoint: str | None = None,
        create_list: bool = True,
        command: str = "touchbase login google",
        timeout: float = TIMEOUT,
        patience: Patience | None = None,
        known: str | None = None,
    ) -> None:
        self.name = name
        self._known = known
        self._title = list_title
        self._create_list = create_list
        login = Login(token, command, scopes_for(tasks=True))
        self._api = Api(login, endpoint=endpoint, timeout=timeout, patience=patience)
        self._by_key: dict[str, ListedTask] | None = None
        self._by_id: dict[str, ListedTask] = {}
        self._list_ids: set[str] = set()
        self._list_id: str | None = None
        self._account: str | None = None

    def place(self) -> str | None:
        """The account, by the id of its default list: each account has one, and it cannot be deleted."""
        if self._account is None:
            request = self._api.service("tasks", "tasklists").get(tasklist=_DEFAULT)
            self._account = str(self._api.read(request, "read the default task list")["id"])
        return f"{self.name}:{self._account}"

    def address(self) -> str | None:
        """The id of our list, if it was needed."""
        return self._list_id or self._known

    def ensure(self, follow_up: FollowUp, *, surely_new: bool = False) -> str:
        """Create the task or update our own fields in it; return its ref.

        A task that is done or deleted stays as it is. ``surely_new`` skips the scan, for a follow-up without
        an earlier attempt. Raises the groups of ``people.errors``. After ``RetryLater`` it is safe to call
        again.
        """
        try:
            task = self._find(follow_up, surely_new=surely_new)
            if task is None:
                task = self._insert(follow_up)
            elif task.is_open:
                task = self._update(task, follow_up)
        except RetryLater:
            self._by_key = None  # the request may have succeeded, so scan before the next attempt
            raise
        if self._by_key is not None:
            self._by_key[follow_up.key] = task
        return task.ref

    def reopen(self, follow_up: FollowUp) -> str:
        """Open the task again; make it if there is none or a deleted one. Raises the errors of ``ensure``."""
        self._by_key = None
        try:
            task = self._find(follow_up, surely_new=False)
            if task is None or task.task.get("deleted"):
                self._by_key = self._scan()
                task = self._by_key.get(follow_up.key)
            if task is None or task.task.get("deleted"):
                task = self._insert(follow_up)
            elif task.is_done:
                tasks = self._api.service("tasks", "tasks")
                body = {"status": "needsAction", "completed": None, "hidden": False}
                request = tasks.patch(tasklist=task.list_id, task=task.id, body=body)
                self._api.write(request, "open a task again")
            else:
                task = self._update(task, follow_up)
        finally:
            self._by_key = None
        return task.ref

    def find(self, follow_up: FollowUp) -> TaskState | None:
        """Ask for the task by its id, because the user may have replaced the notes with our marker.

        It is *lost* if its list is gone. Raises the groups of ``people.errors``.
        """
        ref = follow_up.ref or ""
        task = self._get(ref)
        if task is not None:
            return task.state(follow_up.key)
        if ref.partition("/")[0] in self._list_ids:
            return None
        return TaskState(key=follow_up.key, ref=ref, status="lost")

    def withdraw(self, ref: str, reason: str) -> None:
        """Delete an open task that is no longer needed, with the reason in its notes.

        A missing, done or deleted task is left alone. Raises the groups of
        ``people.errors``.
        """
        task = self._get(ref)
        if task is None or not task.is_open:
            return
        tasks, place = self._api.service("tasks", "tasks"), {"tasklist": task.list_id, "task": task.id}
        try:
            if not task.is_withdrawn:
                notes = {"notes": task.withdrawn_notes(reason)}
                self._api.write(tasks.patch(**place, body=notes), "withdraw a task")
            self._api.write(tasks.delete(**place), "withdraw a task")
        except NotFound:
            raise _moved("withdraw a task") from None

    def complete(self, ref: str) -> None:
        """Complete an open task. A missing or closed one is left alone.

        Raises the groups of ``people.errors``.
        """
        self._patch(ref, {"status": "completed"}, "complete a task")

    def move(self, ref: str, due: date) -> None:
        """Give an open task the due day that the user chose. A missing one is left alone.

        Raises the groups of ``people.errors``.
        """
        self._patch(ref, {"due": midnight(due)}, "move a task")

    def erase(self, ref: str) -> None:
        """Delete the task and its copies. Google keeps deleted tasks for a while, so their words go first.

        Raises the groups of ``people.errors``.
        """
        self._scan()
        tasks, task_id = self._api.service("tasks", "tasks"), ref.partition("/")[2]
        keys = {task.key for task in self._by_id.values() if task.id == task_id} - {None}
        own = [task for task in (self._get(ref),) if task]
        for task in (*own, *(one for one in self._by_id.values() if one.key in keys and one.ref != ref)):
            place = {"tasklist": task.list_id, "task": task.id}
            body = {"title": FORGOTTEN, "notes": task.marker}
            self._api.write(tasks.patch(**place, body=body), "empty a task")
            if not task.task.get("deleted"):
                self._api.write(tasks.delete(**place), "delete a task")
        self._by_key = None

    def _patch(self, ref: str, body: dict[str, str], doing: str) -> None:
        task = self._get(ref)
        if task is None or not task.is_open:
            return
        tasks = self._api.service("tasks", "tasks")
        try:
            self._api.write(tasks.patch(tasklist=task.list_id, task=task.id, body=body), doing)
        except NotFound:
            raise _moved(doing) from None
        self._by_key = None

    def states(self) -> Iterator[TaskState]:
        """Yield the state of every task with one of our keys, one per key.

        Tasks that Touchbase withdrew are ``cancelled``. Raises the groups of ``people.errors``.
        """
        self._by_key = self._scan()
        for task in self._by_key.values():
            yield task.state()

    def _find(self, follow_up: FollowUp, *, surely_new: bool) -> ListedTask | None:
        if follow_up.ref and (task := self._get(follow_up.ref)):
            return task
        if surely_new:
            return None
        if self._by_key is None:
            self._by_key = self._scan()
        return self._by_key.get(follow_up.key)

    def _get(self, ref: str) -> ListedTask | None:
        list_id, _, task_id = ref.partition("/")
        if not task_id:
            return None
        request = self._api.service("tasks", "tasks").get(tasklist=list_id, task=task_id)
        try:
            return ListedTask(list_id, self._api.read(request, "read a task"))
        except NotFound:
            pass
        # A task that was dragged to another list keeps its id.
        if self._by_key is None:
            self._by_key = self._scan()
        return self._by_id.get(task_id)

    def _insert(self, follow_up: FollowUp) -> ListedTask:
        try:
            return self._insert_into(self._list(), follow_up)
        except NotFound:  # the list was deleted since it was looked up
            self._list_id = None
            return self._insert_into(self._list(), follow_up)

    def _insert_into(self, list_id: str, follow_up: FollowUp) -> ListedTask:
        request = self._api.service("tasks", "tasks").insert(tasklist=list_id, body=body_of(follow_up))
        return ListedTask(list_id, self._api.write(request, "add a task"))

    def _update(self, task: ListedTask, follow_up: FollowUp) -> ListedTask:
        changed = task.changes_for(follow_up)
        if not changed:
            return task
        tasks = self._api.service("tasks", "tasks")
        request = tasks.patch(tasklist=task.list_id, task=task.id, body=changed)
        try:
            return ListedTask(task.list_id, self._api.write(request, "bring a task up to date"))
        except NotFound:  # deleted by the user a moment ago
            return task

    def _list(self) -> str:
        """The id of our list, which is made if it is missing."""
        if self._list_id is None and self._title == _DEFAULT:
            self._list_id = (self.place() or "").removeprefix(f"{self.name}:")
        if self._list_id is None:
            lists = {row.get("title"): row["id"] for row in reversed(self._lists())}
            renamed = self._known if self._known in lists.values() else None
            self._list_id = lists.get(self._title) or renamed or self._make_list()
        return self._list_id

    def _make_list(self) -> str:
        if not self._create_list:
            raise PlaceRefuses(
                f"Google Tasks has no list called {self._title!r}",
                help="create it in Google Tasks, or set another list under [tasks] in touchbase.toml",
            )
        request = self._api.service("tasks", "tasklists").insert(body={"title": self._title})
        return str(self._api.write(request, "make the task list")["id"])

    def _lists(self) -> list[dict[str, Any]]:
        lists = self._api.service("tasks", "tasklists")
        pages = answers(self._api, lists, {"maxResults": 1000}, "list the task lists")
        return [row for answer in pages for row in answer.get("items", ())]

    def _scan(self) -> dict[str, ListedTask]:
        """Every task with a marker, by key."""
        by_key: dict[str, ListedTask] = {}
        self._by_id = {}
        self._list_ids = {str(row["id"]) for row in self._lists()}
        for list_id in sorted(self._list_ids):
            for task in self._in_list(list_id):
                self._by_id[task.id] = task
                key = task.key
                if key and (key not in by_key or task.outranks(by_key[key])):
                    by_key[key] = task
        return by_key

    def _in_list(self, list_id: str) -> Iterator[ListedTask]:
        tasks = self._api.service("tasks", "tasks")
        parameters = {**_EVERYTHING, "tasklist": list_id}
        newest: dict[str, ListedTask] = {}
        try:
            for answer in answers(self._api, tasks, parameters, "list the tasks"):
                for item in answer.get("items", ()):
                    task = ListedTask(list_id, item)
                    # If a list changes while it is read, a task may be on two pages.
                    if task.id not in newest or task.updated >= newest[task.id].updated:
                        newest[task.id] = task
        except NotFound:  # the list was deleted since it was listed
            return
        yield from newest.values()


def _moved(doing: str) -> RetryLater:
    """The task was read a moment ago, so a 404 does not say that there is nothing to do."""
    return RetryLater(f"Google could not {doing}: it was moved meanwhile", help="the next run tries again")
