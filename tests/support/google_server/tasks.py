"""Tasks v1: task lists and tasks. There are no sync tokens here, and no request ids."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.support.google_server.protocol import Clock, Json, Request, Route, old_error

_READ, _WRITE = ("tasks", "tasks.readonly"), ("tasks",)
MOST_TITLE, MOST_NOTES, MOST_A_PAGE = 1024, 8192, 100


@dataclass
class TaskList:
    """One list: its own fields, and its tasks by id, newest first as Google shows them."""

    entry: Json
    tasks: dict[str, Json] = field(default_factory=dict)


@dataclass
class Tasks:
    """The task lists of the account by id; ``@default`` is the first."""

    clock: Clock
    lists: dict[str, TaskList] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.default = self.add_list("My Tasks")

    # What the owner does in Google's own apps.

    def add_list(self, title: str) -> str:
        list_id = f"list{next(self._numbers)}"
        self.lists[list_id] = TaskList({"kind": "tasks#taskList", "id": list_id, "title": title})
        return list_id

    def delete_list(self, title: str) -> None:
        del self.lists[self.list_named(title)]

    def list_named(self, title: str) -> str:
        return next(key for key, row in self.lists.items() if row.entry["title"] == title)

    def all(self, *, deleted: bool = False) -> list[Json]:
        """Every task of every list, deleted ones only on request."""
        found = (task for row in self.lists.values() for task in row.tasks.values())
        return [task for task in found if deleted or not task.get("deleted")]

    def add(self, title: str, *, list_id: str | None = None, **fields: Any) -> str:
        return str(
            self._save(list_id or self.default, {"title": title, "status": "needsAction", **fields})["id"]
        )

    def complete(self, task_id: str) -> None:
        """Ticked off in Google's own app: done, and hidden from a plain listing."""
        self.change(task_id, status="completed", completed=self.clock.stamp(), hidden=True)

    def postpone(self, task_id: str, day: str) -> None:
        self.change(task_id, due=f"{day}T00:00:00.000Z")

    def delete(self, task_id: str) -> None:
        self.change(task_id, deleted=True)

    def move(self, task_id: str, list_id: str) -> None:
        """Drag a task to another list."""
        source = self._holder(task_id)
        self.lists[list_id].tasks[task_id] = self.lists[source].tasks.pop(task_id)

    def change(self, task_id: str, **fields: Any) -> None:
        list_id = self._holder(task_id)
        self._save(list_id, {**self.lists[list_id].tasks[task_id], **fields})

    def _holder(self, task_id: str) -> str:
        return next(key for key, row in self.lists.items() if task_id in row.tasks)

    # The API.

    def routes(self) -> list[Route]:
        lists, tasks = "/tasks/v1/users/@me/lists", "/tasks/v1/lists/{list}/tasks"
        return [
            Route("GET", lists, self._list_lists, *_READ),
            Route("POST", lists, self._insert_list, *_WRITE),
            Route("GET", lists + "/{list}", self._get_list, *_READ),
            Route("PATCH", lists + "/{list}", self._patch_list, *_WRITE),
            Route("DELETE", lists + "/{list}", self._delete_list, *_WRITE),
            Route("GET", tasks, self._list_tasks, *_READ),
            Route("POST", tasks, self._insert, *_WRITE),
            Route("GET", tasks + "/{task}", self._get, *_READ),
            Route("PATCH", tasks + "/{task}", self._patch, *_WRITE),
            Route("PUT", tasks + "/{task}", self._update, *_WRITE),
            Route("DELETE", tasks + "/{task}", self._delete, *_WRITE),
        ]

    def count(self, _request: Request) -> None:
        """Tasks has a daily quota only; ``faults`` plays it."""

    def _list_lists(self, request: Request) -> Json:
        return _page("tasks#taskLists", [row.entry for row in self.lists.values()], request, 1000, 1000)

    def _insert_list(self, request: Request) -> Json:
        return self.lists[self.add_list(request.json().get("title", ""))].entry

    def _get_list(self, request: Request) -> Json:
        return self._shelf(request).entry

    def _patch_list(self, request: Request) -> Json:
        row = self._shelf(request)
        row.entry = {**row.entry, **request.json(), "id": row.entry["id"]}
        return row.entry

    def _delete_list(self, request: Request) -> None:
        row = self._shelf(request)
        if row.entry["id"] == self.default:
            raise old_error(400, "invalid", "The default task list cannot be deleted")
        del self.lists[row.entry["id"]]

    def _list_tasks(self, request: Request) -> Json:
        def shown(task: Json) -> bool:
            return not (
                (task.get("status") == "completed" and not request.flag("showCompleted", True))
                or (task.get("hidden") and not request.flag("showHidden"))
                or (task.get("deleted") and not request.flag("showDeleted"))
                or (task.get("assignmentInfo") and not request.flag("showAssigned"))
                or task["updated"] < request.get("updatedMin")
            )

        tasks = [task for task in reversed(self._shelf(request).tasks.values()) if shown(task)]
        return _page("tasks#tasks", tasks, request, 20, MOST_A_PAGE)

    def _insert(self, request: Request) -> Json:
        body = {
            key: value
            for key, value in request.json().items()
            if key not in ("id", "assignmentInfo", "hidden")
        }
        return self._save(self._shelf(request).entry["id"], {"status": "needsAction", **body})

    def _get(self, request: Request) -> Json:
        return self._task(request)

    def _patch(self, request: Request) -> Json:
        return self._save(self._shelf(request).entry["id"], {**self._task(request), **request.json()})

    def _update(self, request: Request) -> Json:
        kept = {key: value for key, value in self._task(request).items() if key in ("id", "assignmentInfo")}
        return self._save(
            self._shelf(request).entry["id"], {"status": "needsAction", **request.json(), **kept}
        )

    def _delete(self, request: Request) -> None:
        self._save(self._shelf(request).entry["id"], {**self._task(request), "deleted": True})

    def _shelf(self, request: Request) -> TaskList:
        name = request.names["list"]
        row = self.lists.get(self.default if name == "@default" else name)
        if row is None:
            raise old_error(404, "notFound", "Task list not found.")
        return row

    def _task(self, request: Request) -> Json:
        task = self._shelf(request).tasks.get(request.names["task"])
        if task is None:
            raise old_error(404, "notFound", "Task not found.")
        return task

    def _save(self, list_id: str, task: Json) -> Json:
        if len(task.get("title", "")) > MOST_TITLE or len(task.get("notes", "")) > MOST_NOTES:
            raise old_error(400, "invalid", "Invalid value: too long")
        task_id = task.get("id") or f"task{next(self._numbers)}"
        saved = {**task, "kind": "tasks#task", "id": task_id, "updated": self.clock.stamp()}
        if saved.get("due"):
            saved["due"] = f"{saved['due'][:10]}T00:00:00.000Z"  # the time of day is discarded
        if saved["status"] == "completed":
            saved.setdefault("completed", self.clock.stamp())
        else:
            saved.pop("completed", None)
        self.lists[list_id].tasks[task_id] = saved
        return saved


def _page(kind: str, rows: list[Json], request: Request, usual: int, most: int) -> Json:
    """One page, by position: what is added or removed meanwhile shifts the rest, as at Google."""
    at, size = int(request.get("pageToken") or 0), min(most, request.number("maxResults", usual))
    answer: Json = {"kind": kind}
    if rows[at : at + size]:
        answer["items"] = rows[at : at + size]
    if at + size < len(rows):
        answer["nextPageToken"] = str(at + size)
    return answer
