"""Google Tasks as a task sink: one task for each follow-up, found again by a marker in its notes.

Google knows no request id, and a request that timed out may have landed. So a task is inserted only
after a scan found none with its marker, and an insert is put on the wire at most once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from connectors.google.api import TIMEOUT, Api, Patience
from connectors.google.auth import Login, scopes_for
from connectors.google.errors import NotFound
from connectors.google.paging import answers
from connectors.google.task_text import Found, body_of, midnight
from people.errors import RetryLater, UserMustAct
from people.tasks import FollowUp, TaskState

# Tasks that were assigned from documents stay unseen, and so cannot be touched.
_EVERYTHING = {"maxResults": 100, "showCompleted": True, "showHidden": True, "showDeleted": True}


class GoogleTasksSink:
    """Google Tasks as ``people.tasks.TaskSink``. A ref is ``LIST/TASK``, in Google's ids.

    New tasks go to the list ``list_title``, which is made when it is missing; with ``create_list``
    False that is an error. All lists of the user are scanned for our marker, so that a task in
    another list, or a list with a new name, does not look like a deletion. What the user changed in a
    task (title, text, due day) is theirs from then on.
    """

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
    ) -> None:
        self.name = name
        self._title = list_title
        self._create_list = create_list
        login = Login(token, command, scopes_for(tasks=True))
        self._api = Api(login, endpoint=endpoint, timeout=timeout, patience=patience)
        self._by_key: dict[str, Found] | None = None
        self._list_id: str | None = None

    def ensure(self, follow_up: FollowUp, *, surely_new: bool = False) -> str:
        """Create the task, or bring our own fields of it up to date; return its ref.

        A task that is done or deleted is left as it is, never made again. ``surely_new`` spares the
        scan, for a follow-up of which no earlier attempt can exist. Raises the groups of
        ``people.errors``; after ``RetryLater`` calling again is safe.
        """
        try:
            found = self._find(follow_up, surely_new=surely_new)
            if found is None:
                found = self._insert(follow_up)
            elif found.is_open:
                found = self._update(found, follow_up)
        except RetryLater:
            self._by_key = None  # the request may have landed: look before the next attempt
            raise
        if self._by_key is not None:
            self._by_key[follow_up.key] = found
        return found.ref

    def withdraw(self, ref: str, reason: str) -> None:
        """Delete an open task that is no longer needed, the reason in its notes.

        A task that is missing, done or deleted already is no error. Raises the groups of
        ``people.errors``.
        """
        found = self._get(ref)
        if found is None or not found.is_open:
            return
        tasks, place = self._api.service("tasks", "tasks"), {"tasklist": found.list_id, "task": found.id}
        try:
            if not found.is_withdrawn:
                notes = {"notes": found.withdrawn_notes(reason)}
                self._api.write(tasks.patch(**place, body=notes), "withdraw a task")
            self._api.write(tasks.delete(**place), "withdraw a task")
        except NotFound:
            return

    def complete(self, ref: str) -> None:
        """Tick an open task; one that is missing or closed is no error.

        Raises the groups of ``people.errors``.
        """
        self._patch(ref, {"status": "completed"}, "complete a task")

    def move(self, ref: str, due: date) -> None:
        """Give an open task the due day that its user chose; a missing one is no error.

        Raises the groups of ``people.errors``.
        """
        self._patch(ref, {"due": midnight(due)}, "move a task")

    def _patch(self, ref: str, body: dict[str, str], doing: str) -> None:
        found = self._get(ref)
        if found is None or not found.is_open:
            return
        tasks = self._api.service("tasks", "tasks")
        try:
            self._api.write(tasks.patch(tasklist=found.list_id, task=found.id, body=body), doing)
        except NotFound:
            return
        self._by_key = None

    def states(self) -> Iterator[TaskState]:
        """Yield the state of every task that carries one of our keys, one for each key.

        ``cancelled`` are those that Touchbase withdrew itself. Raises the groups of ``people.errors``.
        """
        self._by_key = self._scan()
        for found in self._by_key.values():
            yield found.state()

    def _find(self, follow_up: FollowUp, *, surely_new: bool) -> Found | None:
        if follow_up.ref and (found := self._get(follow_up.ref)):
            return found
        if surely_new:
            return None
        if self._by_key is None:
            self._by_key = self._scan()
        return self._by_key.get(follow_up.key)

    def _get(self, ref: str) -> Found | None:
        list_id, _, task_id = ref.partition("/")
        if not task_id:
            return None
        request = self._api.service("tasks", "tasks").get(tasklist=list_id, task=task_id)
        try:
            return Found(list_id, self._api.read(request, "read a task"))
        except NotFound:
            return None

    def _insert(self, follow_up: FollowUp) -> Found:
        tasks, body = self._api.service("tasks", "tasks"), body_of(follow_up)
        try:
            list_id = self._list()
            return Found(list_id, self._api.write(tasks.insert(tasklist=list_id, body=body), "add a task"))
        except NotFound:  # the list was deleted since it was looked up
            self._list_id = None
            list_id = self._list()
            return Found(list_id, self._api.write(tasks.insert(tasklist=list_id, body=body), "add a task"))

    def _update(self, found: Found, follow_up: FollowUp) -> Found:
        changed = found.changes_for(follow_up)
        if not changed:
            return found
        tasks = self._api.service("tasks", "tasks")
        request = tasks.patch(tasklist=found.list_id, task=found.id, body=changed)
        try:
            return Found(found.list_id, self._api.write(request, "bring a task up to date"))
        except NotFound:  # deleted by the user a moment ago
            return found

    def _list(self) -> str:
        """The id of our list, made if need be."""
        if self._list_id is None:
            lists = {row.get("title"): row["id"] for row in reversed(self._lists())}
            self._list_id = lists.get(self._title) or self._make_list()
        return self._list_id

    def _make_list(self) -> str:
        if not self._create_list:
            raise UserMustAct(
                f"Google Tasks has no list called {self._title!r}",
                help="make it again in Google Tasks, or name another under [tasks] in touchbase.toml",
            )
        request = self._api.service("tasks", "tasklists").insert(body={"title": self._title})
        return str(self._api.write(request, "make the task list")["id"])

    def _lists(self) -> list[dict[str, Any]]:
        lists = self._api.service("tasks", "tasklists")
        pages = answers(self._api, lists, {"maxResults": 1000}, "list the task lists")
        return [row for answer in pages for row in answer.get("items", ())]

    def _scan(self) -> dict[str, Found]:
        """Every task with a marker, by key."""
        by_key: dict[str, Found] = {}
        for row in self._lists():
            for found in self._in_list(row["id"]):
                key = found.key
                if key and (key not in by_key or found.outranks(by_key[key])):
                    by_key[key] = found
        return by_key

    def _in_list(self, list_id: str) -> Iterator[Found]:
        tasks = self._api.service("tasks", "tasks")
        parameters = {**_EVERYTHING, "tasklist": list_id}
        newest: dict[str, Found] = {}
        try:
            for answer in answers(self._api, tasks, parameters, "list the tasks"):
                for task in answer.get("items", ()):
                    found = Found(list_id, task)
                    # A list that changes while it is read may show a task on two pages.
                    if found.id not in newest or found.updated >= newest[found.id].updated:
                        newest[found.id] = found
        except NotFound:  # the list was deleted since it was listed
            return
        yield from newest.values()
