"""Follow-ups as a file of JSON, by key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from people.tasks import FollowUp, TaskState
from people.wording import title_with_who


class NotepadSink:
    """One file; a ref is the follow-up's key."""

    name = "notepad"

    def __init__(self, path: Path) -> None:
        self.path = path

    def ensure(self, follow_up: FollowUp) -> str:
        """Add the task, or give it its new title; return its ref."""
        tasks = self._read()
        old = tasks.get(follow_up.key, {"status": "open", "due": follow_up.due.isoformat()})
        self._write(tasks | {follow_up.key: old | {"title": title_with_who(follow_up)}})
        return follow_up.key

    def withdraw(self, ref: str, reason: str) -> None:
        """Cancel the task and note the reason."""
        self._update(ref, status="cancelled", reason=reason)

    def complete(self, ref: str) -> None:
        """Tick the task."""
        self._update(ref, status="done")

    def move(self, ref: str, due: date) -> None:
        """Give the task another day."""
        self._update(ref, due=due.isoformat())

    def erase(self, ref: str) -> None:
        """Delete the task."""
        self._write({key: task for key, task in self._read().items() if key != ref})

    def states(self) -> Iterator[TaskState]:
        """Every task."""
        for key, task in self._read().items():
            yield TaskState(key=key, ref=key, status=task["status"], due=date.fromisoformat(task["due"]))

    def _update(self, ref: str, **changes: str) -> None:
        tasks = self._read()
        if ref in tasks:
            self._write(tasks | {ref: tasks[ref] | changes})

    def _read(self) -> dict[str, Any]:
        return dict(json.loads(self.path.read_text())) if self.path.exists() else {}

    def _write(self, tasks: dict[str, Any]) -> None:
        self.path.write_text(json.dumps(tasks))
