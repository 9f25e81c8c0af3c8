"""A follow-up written as a Google task, and the state of a follow-up read from one.

The notes end with two lines of ours: a marker with the key, and what we wrote last (the due day, and short
hashes of title and text). The second line shows which fields the user changed. Such a field is theirs from
then on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, unquote

from people.tasks import FollowUp, TaskState
from people.text import one_line
from people.wording import task_text, title_with_who

Json = Mapping[str, Any]

MOST_TITLE = 1024
MOST_NOTES = 8192
_TAIL = re.compile(
    r"^touchbase:(?P<key>\S+)[ \t]*$(?:\s*^as-written:(?P<due>\S+) (?P<title>\w+) (?P<text>\w+)[ \t]*$)?",
    re.MULTILINE,
)
_LIKE_OURS = re.compile(r"^(?=touchbase:|as-written:)", re.MULTILINE)
_KEPT_IN_KEYS = ":/.,@+=#~"
_WITHDRAWN = "Withdrawn by Touchbase: "


@dataclass(frozen=True, slots=True)
class Wording:
    """Title, text and due day (``YYYY-MM-DD``) of a task, without our lines."""

    title: str
    text: str
    due: str

    def digest(self) -> Wording:
        """The same three as the notes remember them."""
        return Wording(_hash(self.title), _hash(self.text), self.due)


@dataclass(frozen=True, slots=True)
class ListedTask:
    """One task (JSON) and its list."""

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
        """When it last changed, as Google writes it. These texts sort like times."""
        return str(self.task.get("updated", ""))

    @property
    def notes(self) -> str:
        """The whole notes, with plain line ends."""
        return (self.task.get("notes") or "").replace("\r\n", "\n")

    @property
    def key(self) -> str | None:
        """The key in its marker, None without one."""
        tail = self._tail()
        return unquote(tail["key"]) if tail else None

    @property
    def marker(self) -> str:
        """The line with the key; empty if there is none."""
        return _marker(self.key) if self.key is not None else ""

    @property
    def is_done(self) -> bool:
        """Whether the user completed it. A completed task may be hidden."""
        return self.task.get("status") == "completed" or bool(self.task.get("hidden"))

    @property
    def is_open(self) -> bool:
        """Whether it is still open."""
        return not self.is_done and not self.task.get("deleted")

    @property
    def is_withdrawn(self) -> bool:
        """Whether Touchbase itself withdrew it, or was about to."""
        return self.notes.startswith(_WITHDRAWN)

    def outranks(self, other: ListedTask) -> bool:
        """Whether this task counts, of two with one key: done before open before deleted."""
        return self._rank > other._rank

    @property
    def _rank(self) -> int:
        if self.task.get("deleted"):
            return 0
        return 2 if self.is_done else 1

    @property
    def wording(self) -> Wording:
        """The current wording of the task."""
        tail, notes = self._tail(), self.notes
        text = f"{notes[: tail.start()]}\n{notes[tail.end() :]}" if tail else notes
        return Wording(self.task.get("title") or "", text.strip(), (self.task.get("due") or "")[:10])

    def changes_for(self, follow_up: FollowUp) -> dict[str, str]:
        """The fields to patch, so that those that are still ours match the follow-up."""
        tail, now, wanted = self._tail(), self.wording, wording_of(follow_up)
        if tail is None or tail["due"] is None:
            return {}  # without our lines the task belongs to the user
        before, digest, ours = (
            Wording(tail["title"], tail["text"], tail["due"]),
            wanted.digest(),
            now.digest(),
        )
        title, remembered_title = _merge(now.title, wanted.title, ours.title, before.title, digest.title)
        text, remembered_text = _merge(now.text, wanted.text, ours.text, before.text, digest.text)
        due, remembered_due = _merge(now.due, wanted.due, ours.due, before.due, digest.due)
        if (title, text, due) == (now.title, now.text, now.due):
            return {}
        remembered = Wording(remembered_title, remembered_text, remembered_due)
        changed = {"notes": _notes(text, follow_up.key, remembered)}
        changed |= {"title": title} if title != now.title else {}
        return changed | ({"due": _midnight(due)} if due != now.due else {})

    def withdrawn_notes(self, reason: str) -> str:
        """The notes of a task that will be deleted, with the reason on top."""
        tail = self._tail()
        ours = f"\n\n{tail[0]}" if tail else ""
        text = f"{_WITHDRAWN}{one_line(reason)}\n\n{self.wording.text}"
        return _cut(text, MOST_NOTES - len(ours)) + ours

    def state(self, key: str | None = None) -> TaskState:
        """The state of a task that carries one of our keys, or of the task of ``key`` without one."""
        due, tail = self.task.get("due"), self._tail()
        completed = self.task.get("completed") or self.task.get("updated")
        title = self.wording.title
        return TaskState(
            key=self.key or key or "",
            ref=self.ref,
            status=self._status(),
            due=date.fromisoformat(due[:10]) if due else None,
            completed_at=datetime.fromisoformat(completed) if completed and self.is_done else None,
            ours=bool(self.task.get("deleted")) and self.is_withdrawn,
            title=title,
            retitled=tail is not None and tail["title"] is not None and _hash(title) != tail["title"],
        )

    def _status(self) -> Any:  # noqa: ANN401 - one of TaskState's
        if self.task.get("deleted"):
            return "cancelled" if self.is_withdrawn else "deleted"
        return "done" if self.is_done else "open"

    def _tail(self) -> re.Match[str] | None:
        """Our lines. The last ones count, because we write them below all other text."""
        return next(reversed(list(_TAIL.finditer(self.notes))), None)


def wording_of(follow_up: FollowUp) -> Wording:
    """The wording of a follow-up, within Google's limits."""
    # Text of other people must not look like our lines, which begin a line.
    text = _LIKE_OURS.sub(" ", task_text(follow_up, follow_up.due)).strip()
    room = MOST_NOTES - len(_notes("", follow_up.key, Wording("", "", "").digest())) - 12
    return Wording(
        _cut(title_with_who(follow_up), MOST_TITLE), _cut(text, room).strip(), follow_up.due.isoformat()
    )


def body_of(follow_up: FollowUp) -> dict[str, str]:
    """The JSON of a new task. Google wants ``due``, the user's own day, as midnight UTC."""
    wording = wording_of(follow_up)
    return {
        "title": wording.title,
        "notes": _notes(wording.text, follow_up.key, wording.digest()),
        "due": _midnight(wording.due),
    }


def _merge(now: str, wanted: str, hashed_now: str, before: str, hashed_wanted: str) -> tuple[str, str]:
    """The field and its remembered hash. It is ours as long as it is what we wrote before."""
    return (wanted, hashed_wanted) if hashed_now == before else (now, before)


def _marker(key: str) -> str:
    return f"touchbase:{quote(key, safe=_KEPT_IN_KEYS)}"


def _notes(text: str, key: str, remembered: Wording) -> str:
    marker = _marker(key)
    state = f"as-written:{remembered.due} {remembered.title} {remembered.text}"
    return f"{text}\n\n{marker}\n{state}".lstrip()


def midnight(day: date) -> str:
    """The user's own day in Google's form: midnight UTC."""
    return _midnight(day.isoformat())


def _midnight(day: str) -> str:
    return f"{day}T00:00:00.000Z"


def _hash(text: str) -> str:
    return hashlib.blake2b(text.strip().encode(), digest_size=4).hexdigest()


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
