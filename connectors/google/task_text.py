"""What a follow-up looks like as a Google task, and what a Google task says of its follow-up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, unquote

from people.tasks import FollowUp, TaskState
from people.text import clean, one_line

Json = Mapping[str, Any]

MOST_TITLE = 1024
MOST_NOTES = 8192
_MARKER = re.compile(r"^touchbase:(\S+)[ \t]*$", re.MULTILINE)
_PLAIN = ":/.,@+=#~"
_WITHDRAWN = "Withdrawn by Touchbase: "


@dataclass(frozen=True, slots=True)
class Found:
    """One task (JSON) and the list it stands in."""

    list_id: str
    task: Json

    @property
    def id(self) -> str:
        """Google's id of the task."""
        return str(self.task["id"])

    @property
    def ref(self) -> str:
        """The sink's ref of the task."""
        return f"{self.list_id}/{self.id}"

    @property
    def updated(self) -> str:
        """When it was last changed, as Google writes it (so that texts compare like times)."""
        return str(self.task.get("updated", ""))

    @property
    def key(self) -> str | None:
        """The key of its marker; the last one counts, since ours is written below all other text."""
        markers = _MARKER.findall(self.task.get("notes") or "")
        return unquote(markers[-1]) if markers else None

    @property
    def is_done(self) -> bool:
        """Whether the user completed it (and perhaps cleared it away)."""
        return self.task.get("status") == "completed" or bool(self.task.get("hidden"))

    @property
    def is_open(self) -> bool:
        """Whether it is still to do."""
        return not self.is_done and not self.task.get("deleted")

    def outranks(self, other: Found) -> bool:
        """Which of two tasks with one key speaks for it: done before open before deleted."""
        return self._rank > other._rank

    @property
    def _rank(self) -> int:
        if self.task.get("deleted"):
            return 0
        return 2 if self.is_done else 1

    def difference(self, body: Mapping[str, str]) -> dict[str, str]:
        """The fields of ``body`` that the task does not have yet; a due day is compared as a day."""
        changed = {
            key: value for key, value in body.items() if _plain(self.task.get(key) or "") != _plain(value)
        }
        if (self.task.get("due") or "")[:10] == body["due"][:10]:
            changed.pop("due", None)
        return changed


def body_of(follow_up: FollowUp) -> dict[str, str]:
    """Title, notes and due day of a follow-up; cut to Google's limits, the marker always whole.

    ``due`` is the user's own day, which Google wants as midnight UTC.
    """
    marker = f"touchbase:{quote(follow_up.key, safe=_PLAIN)}"
    return {
        "title": _cut(one_line(follow_up.title), MOST_TITLE),
        "notes": _with_marker(clean(follow_up.notes), marker),
        "due": f"{follow_up.due.isoformat()}T00:00:00.000Z",
    }


def withdrawn_notes(notes: str, reason: str) -> str:
    """The notes of a task that is about to be deleted, the reason above the marker."""
    markers = _MARKER.findall(notes)
    marker = f"touchbase:{markers[-1]}" if markers else ""
    return _with_marker(f"{_WITHDRAWN}{one_line(reason)}\n\n{_MARKER.sub('', notes).strip()}", marker)


def state_of(key: str, found: Found) -> TaskState:
    """The state of a task that carries our key."""
    task = found.task
    due, completed = task.get("due"), task.get("completed")
    if task.get("deleted"):
        status = "cancelled" if (task.get("notes") or "").startswith(_WITHDRAWN) else "deleted"
    else:
        status = "done" if found.is_done else "open"
    return TaskState(
        key=key,
        ref=found.ref,
        status=status,
        due=date.fromisoformat(due[:10]) if due else None,
        completed_at=datetime.fromisoformat(completed) if completed else None,
    )


def _with_marker(text: str, marker: str) -> str:
    # Text of others may not pass for a marker: ours are looked for at the start of a line.
    body = _MARKER.sub(r" touchbase:\1", text).strip("\n")
    return f"{_cut(body, MOST_NOTES - len(marker) - 2)}\n\n{marker}".lstrip("\n")


def _plain(text: str) -> str:
    """Text without what a server may trim on its own."""
    return text.replace("\r\n", "\n").strip()


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
