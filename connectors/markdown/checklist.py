"""A Markdown checklist with our tasks, changed without touching other text.

A task is one line, ``- [ ] Call Anna ⏫ 📅 2026-11-26 ^tb-3f9a1c20b7de1122``, with signs of Obsidian Tasks
and the key as block id. Notes are bullets below it. A comment at the end of the file remembers what we
last wrote, so that we can recognise the user's changes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from connectors.markdown.line import (
    DONE_MARK,
    PRIORITIES,
    PRIORITY,
    TASK,
    TaskLine,
    Wrote,
    bare,
    digest,
    escaped,
    name_of,
    read_line,
)
from connectors.shared.task_keys import decode, encode
from people.tasks import FollowUp
from people.wording import task_text, title_with_who

_MEMORY = "<!-- touchbase remembers what it wrote:"
_PLACE = re.compile(r"place=([0-9a-f]{16})")
_MOST_GONE = 100
"""How many tasks are remembered whose lines are gone: more than anybody deletes between two runs."""
_RANK = {"done": 0, "open": 1, "cancelled": 2}


class Checklist:
    """The text of a file, with LF line ends. If a key is on several lines, one that is done counts first.

    ``mark`` tells the file from any other one; it is in the comment at the end.
    """

    def __init__(self, text: str) -> None:
        self.lines: list[str] = []
        self.wrote: dict[str, Wrote] = {}
        self.mark: str | None = None
        for line in text.rstrip("\n").split("\n"):
            if line.strip().startswith(_MEMORY):
                self._remember(line)
            else:
                self.lines.append(line)
        while self.lines and not self.lines[-1].strip():
            self.lines.pop()

    def _remember(self, line: str) -> None:
        if (match := _PLACE.search(line)) is not None:
            self.mark = match[1]
        for item in line.strip().removeprefix(_MEMORY).removesuffix("-->").split():
            key, _, rest = item.partition("=")
            wrote = Wrote.parse(rest)
            if wrote is not None and (name := decode(key)) is not None:
                self.wrote[name] = wrote

    def __str__(self) -> str:
        tasks = self.tasks()
        # A line that is gone is still known until its deletion is read.
        gone = [key for key in self.wrote if key not in tasks][-_MOST_GONE:]
        memory = [f"{encode(key)}={self.wrote[key]}" for key in self.wrote if key in tasks or key in gone]
        place = [f"place={self.mark}"] if self.mark else []
        comment = ["", " ".join((_MEMORY, *memory, *place, "-->"))] if memory else []
        return "\n".join([*self.lines, *comment]) + "\n"

    def tasks(self) -> dict[str, TaskLine]:
        """Our tasks by key."""
        tasks: dict[str, TaskLine] = {}
        unknown = []
        for at, line in enumerate(self.lines):
            task = read_line(at, line, self.wrote)
            if task is None:
                if TASK.fullmatch(line.rstrip()) is not None:
                    unknown.append(at)
            elif task.key not in tasks or _RANK[task.status] < _RANK[tasks[task.key].status]:
                tasks[task.key] = task
        lost = [key for key in self.wrote if key not in tasks]
        for at in unknown if lost else ():
            if (task := self._without_id(at, lost)) is not None:
                tasks.setdefault(task.key, task)
        return tasks

    def _without_id(self, at: int, lost: Sequence[str]) -> TaskLine | None:
        """The task at a line that lost its block id: its words, or its date and the notes below, are ours."""
        match = TASK.fullmatch(self.lines[at].rstrip())
        if match is None:
            return None
        task = TaskLine(at, "", *match.group("indent", "bullet", "box", "body"))
        notes = " ".join(self._notes_of(task))
        for key in lost:
            wrote = self.wrote[key]
            dated = task.due is not None and task.due.isoformat() == wrote.due
            named = dated and f"touchbase explain {key[:8]} " in f"{notes} "
            if named or digest([bare(task.words)]) == wrote.words:
                return replace(task, key=key)
        return None

    def reopen(self, follow_up: FollowUp) -> bool:
        """Open the task again, or add it. Return whether anything changed."""
        task = self.tasks().get(follow_up.key)
        if task is None or task.status == "open":
            return self.ensure(follow_up, again=True)
        task.box = " "
        task.body, task.tail = (" ".join(DONE_MARK.sub("", text).split()) for text in (task.body, task.tail))
        task.tail = f" {task.tail}" if task.tail else ""
        self.lines[task.at] = str(task)
        self.ensure(follow_up)
        return True

    def ensure(self, follow_up: FollowUp, *, again: bool = False) -> bool:
        """Add the task or update our own parts of it. Return whether anything changed.

        ``again`` adds it also if its line was deleted.
        """
        task = self.tasks().get(follow_up.key)
        if task is None:
            # With a ref it was delivered before, so the user deleted it.
            if again or not follow_up.ref:
                self._add(follow_up)
            return again or not follow_up.ref
        wrote = self.wrote.get(follow_up.key)
        if wrote is None:
            return False
        if wrote.withdrawn and task.status == "cancelled":
            task.box = " "
        elif task.status != "open":
            return False
        before = (list(self.lines), wrote)
        wrote = self._bring_notes(task, _notes(follow_up), replace(wrote, withdrawn=False))
        wrote = _bring_line(task, follow_up, wrote)
        self.lines[task.at] = str(task)
        self.wrote[follow_up.key] = wrote
        return before != (self.lines, wrote)

    def withdraw(self, key: str, reason: str) -> bool:
        """Cancel an open task, with the reason below its notes. Return whether it was open."""
        task = self.tasks().get(key)
        if task is None or task.status != "open":
            return False
        task.box = "-"
        self.lines[task.at] = str(task)
        notes = self._notes_of(task)
        closing = f"{task.indent}  - Closed by Touchbase: {escaped(reason)}"
        self.lines.insert(task.at + 1 + len(notes), closing)
        wrote = self.wrote.get(key)
        if wrote is not None:
            if (len(notes), digest(notes)) == (wrote.lines, wrote.notes):
                noted = [*notes, closing]
                wrote = replace(wrote, notes=digest(noted), lines=len(noted))
            self.wrote[key] = replace(wrote, withdrawn=True)
        return True

    def complete(self, key: str) -> bool:
        """Tick an open task, without a date. Return whether it was open."""
        task = self.tasks().get(key)
        if task is None or task.status != "open":
            return False
        task.box = "x"
        self.lines[task.at] = str(task)
        return True

    def erase(self, key: str) -> bool:
        """Remove the task, every copy of it, and the notes below. Return whether it was known."""
        known = self.wrote.pop(key, None) is not None
        while (task := self.tasks().get(key)) is not None:
            del self.lines[task.at : task.at + 1 + len(self._notes_of(task))]
            known = True
        return known

    def move(self, key: str, due: date) -> bool:
        """Give an open task the due date that the user chose. Return whether it changed."""
        task = self.tasks().get(key)
        if task is None or task.status != "open" or task.due == due:
            return False
        if task.due is None:
            task.body = f"{task.body} 📅 {due.isoformat()}"
        else:
            task.set_due(due)
        self.lines[task.at] = str(task)
        return True

    def _add(self, follow_up: FollowUp) -> None:
        words, sign, due = _words(follow_up), PRIORITY[follow_up.priority], follow_up.due.isoformat()
        body = " ".join(filter(None, (words, sign, f"📅 {due}")))
        notes = [f"  - {note}" for note in _notes(follow_up)]
        if not self.lines:
            self.lines = ["# Follow-ups", ""]
        at = self._end_of_ours()
        self.lines[at:at] = [str(TaskLine(at, follow_up.key, "", "-", " ", body)), *notes]
        self.wrote[follow_up.key] = Wrote(digest([words]), name_of(sign), due, digest(notes), len(notes))

    def _end_of_ours(self) -> int:
        """The index below our last unindented task, or the end of the file."""
        ends = [task.at + 1 + len(self._notes_of(task)) for task in self.tasks().values() if not task.indent]
        return max(ends, default=len(self.lines))

    def _notes_of(self, task: TaskLine) -> list[str]:
        """The lines below a task that are indented deeper than it."""
        notes = []
        for line in self.lines[task.at + 1 :]:
            if not line.strip(" \t>") or len(line) - len(line.lstrip(" \t>")) <= len(task.indent):
                break
            notes.append(line)
        return notes

    def _bring_notes(self, task: TaskLine, new: Sequence[str], wrote: Wrote) -> Wrote:
        ours = self._notes_of(task)[: wrote.lines]
        if digest(ours) != wrote.notes or digest(new) == wrote.notes:
            return wrote
        self.lines[task.at + 1 : task.at + 1 + len(ours)] = [f"{task.indent}  - {note}" for note in new]
        return replace(wrote, notes=digest(new), lines=len(new))


def _bring_line(task: TaskLine, follow_up: FollowUp, wrote: Wrote) -> Wrote:
    """Update the parts of the line that still are as we wrote them."""
    words, sign = _words(follow_up), PRIORITY[follow_up.priority]
    if task.due and task.due.isoformat() == wrote.due:
        task.set_due(follow_up.due)
        wrote = replace(wrote, due=follow_up.due.isoformat())
    if name_of(task.priority) == wrote.priority and task.priority != sign:
        head, calendar, rest = PRIORITIES.sub("", task.body).rpartition("📅")
        task.body = " ".join(f"{head} {sign} {calendar}{rest}".split())
        wrote = replace(wrote, priority=name_of(sign))
    if digest([task.words]) == wrote.words and digest([words]) != wrote.words:
        # The line has only our words and the signs.
        date_sign = f"📅 {task.due.isoformat()}" if task.due else ""
        task.body = " ".join(filter(None, (words, task.priority, date_sign)))
        wrote = replace(wrote, words=digest([words]))
    return wrote


def _words(follow_up: FollowUp) -> str:
    return escaped(title_with_who(follow_up))[:500] or escaped(follow_up.person)[:500] or "Follow up"


def _notes(follow_up: FollowUp) -> list[str]:
    text = task_text(follow_up, follow_up.due, delete="Delete the line")
    return [note for line in text.split("\n") if (note := escaped(line))]
