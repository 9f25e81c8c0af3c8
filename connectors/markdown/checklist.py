"""A Markdown checklist with our tasks, changed without touching other text.

A task is one line, ``- [ ] Call Anna ⏫ 📅 2026-11-26 ^tb-3f9a1c20b7de1122``, with signs of Obsidian Tasks
and the key as block id. Notes are bullets below it. A comment at the end of the file remembers what we
last wrote, so that we can recognise the user's changes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from connectors.shared.task_keys import decode, encode
from people.tasks import FollowUp, Priority
from people.text import for_markdown
from people.wording import task_text, title_with_who

# A line in a callout begins with ">".
_TASK = re.compile(r"(?P<indent>[ \t]*(?:>[ \t]*)*)(?P<bullet>[-*+]|\d{1,9}[.)]) \[(?P<box>.)\] (?P<body>.*)")
_ANCHOR = " ^tb-"
# Text may follow: plugins and people write behind the block id.
_ANCHORED = re.compile(r"(?P<head>.*)(?<=[ \t])\^tb-(?P<key>[a-z0-9-]+)(?![\w-])(?P<tail>.*)")
_PLANNED = re.compile(r"[0-9a-f]{16}")
_DUE = re.compile(r"📅\ufe0f?\s{0,4}(\d{4}-\d{2}-\d{2})")
_DONE = re.compile(r"(?:✅\ufe0f?\s{0,4}|\[completion::\s{0,4})(\d{4}-\d{2}-\d{2})")
_QUOTE = re.compile(r"^(?:>\s?)+(?=- )")
_DONE_MARK = re.compile(r"✅\ufe0f?\s{0,4}\d{4}-\d{2}-\d{2}|\[completion::[^\]]*\]")
_PRIORITY: dict[Priority, str] = {"high": "⏫", "medium": "", "low": "🔽"}
_PRIORITIES = re.compile("([🔺⏫🔼🔽⏬])\ufe0f?")
# All signs of Obsidian Tasks. In text of other people they would set dates and states.
_SIGNS = re.compile("[📅✅❌➕⏳🛫🔁🔺⏫🔼🔽⏬🆔⛔🏁\ufe0f]")
_MEMORY = "<!-- touchbase remembers what it wrote:"
_PLACE = re.compile(r"place=([0-9a-f]{16})")
_MOST_GONE = 100
"""How many tasks are remembered whose lines are gone: so many deletions fit between two runs."""
_RANK = {"done": 0, "open": 1, "cancelled": 2}


@dataclass(frozen=True, slots=True)
class Wrote:
    """What we last wrote for one task: its signs, and digests of its words and of its ``lines`` of notes."""

    words: str
    priority: str
    due: str
    notes: str
    lines: int
    withdrawn: bool = False

    def __str__(self) -> str:
        state = "withdrawn" if self.withdrawn else "open"
        return ",".join((self.words, self.priority, self.due, self.notes, str(self.lines), state))

    @classmethod
    def parse(cls, text: str) -> Wrote | None:
        """The inverse of ``str``; None for any other text."""
        parts = text.split(",")
        if len(parts) != 6 or not re.fullmatch(r"[0-9]{1,4}", parts[4]):
            return None
        words, priority, due, notes, lines, state = parts
        return cls(words, priority, due, notes, int(lines), state == "withdrawn")


@dataclass(slots=True)
class TaskLine:
    """One of our tasks: its line ``at`` in the file, the letter in its checkbox, and its text.

    ``tail`` is what stands behind the block id.
    """

    at: int
    key: str
    indent: str
    bullet: str
    box: str
    body: str
    tail: str = ""

    def __str__(self) -> str:
        return f"{self.indent}{self.bullet} [{self.box}] {self.body}{_ANCHOR}{encode(self.key)}{self.tail}"

    @property
    def status(self) -> Literal["open", "done", "cancelled"]:
        """The state by the letter in the box: x and X are done, - is cancelled, any other is open."""
        if self.box in "xX":
            return "done"
        return "cancelled" if self.box == "-" else "open"

    @property
    def due(self) -> date | None:
        """The last due date on the line, None if there is no valid one."""
        return _last_date(_DUE, self.tail) or _last_date(_DUE, self.body)

    def set_due(self, due: date) -> None:
        """Replace the last due date on the line."""
        if _last_date(_DUE, self.tail):
            self.tail = _with_due(self.tail, due)
        else:
            self.body = _with_due(self.body, due)

    @property
    def done_on(self) -> date | None:
        """The day on which the box was ticked, as noted by Obsidian Tasks or Dataview."""
        return _last_date(_DONE, self.tail) or _last_date(_DONE, self.body)

    @property
    def words(self) -> str:
        """The text without the due date and the priority."""
        return " ".join(_PRIORITIES.sub("", _DUE.sub("", self.body)).split())

    @property
    def priority(self) -> str:
        """The sign of its priority, empty if there is none."""
        return "".join(_PRIORITIES.findall(self.body))


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
            task = _read_line(at, line, self.wrote)
            if task is None:
                if _TASK.fullmatch(line.rstrip()) is not None:
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
        match = _TASK.fullmatch(self.lines[at].rstrip())
        if match is None:
            return None
        task = TaskLine(at, "", *match.group("indent", "bullet", "box", "body"))
        notes = " ".join(self._notes_of(task))
        for key in lost:
            wrote = self.wrote[key]
            dated = task.due is not None and task.due.isoformat() == wrote.due
            named = dated and f"touchbase explain {key[:8]} " in f"{notes} "
            if named or _digest([_bare(task.words)]) == wrote.words:
                return replace(task, key=key)
        return None

    def reopen(self, follow_up: FollowUp) -> bool:
        """Open the task again, or add it. Return whether anything changed."""
        task = self.tasks().get(follow_up.key)
        if task is None or task.status == "open":
            return self.ensure(follow_up, again=True)
        task.box = " "
        task.body, task.tail = (" ".join(_DONE_MARK.sub("", text).split()) for text in (task.body, task.tail))
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
        closing = f"{task.indent}  - Closed by Touchbase: {_escaped(reason)}"
        self.lines.insert(task.at + 1 + len(notes), closing)
        wrote = self.wrote.get(key)
        if wrote is not None:
            if (len(notes), _digest(notes)) == (wrote.lines, wrote.notes):
                noted = [*notes, closing]
                wrote = replace(wrote, notes=_digest(noted), lines=len(noted))
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
        words, sign, due = _words(follow_up), _PRIORITY[follow_up.priority], follow_up.due.isoformat()
        body = " ".join(filter(None, (words, sign, f"📅 {due}")))
        notes = [f"  - {note}" for note in _notes(follow_up)]
        if not self.lines:
            self.lines = ["# Follow-ups", ""]
        at = self._end_of_ours()
        self.lines[at:at] = [str(TaskLine(at, follow_up.key, "", "-", " ", body)), *notes]
        self.wrote[follow_up.key] = Wrote(_digest([words]), _name(sign), due, _digest(notes), len(notes))

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
        if _digest(ours) != wrote.notes or _digest(new) == wrote.notes:
            return wrote
        self.lines[task.at + 1 : task.at + 1 + len(ours)] = [f"{task.indent}  - {note}" for note in new]
        return replace(wrote, notes=_digest(new), lines=len(new))


def _read_line(at: int, line: str, known: Container[str]) -> TaskLine | None:
    """Our task on this line, None if there is none. Text behind the id needs a key that is surely ours."""
    anchored = _ANCHORED.fullmatch(line.rstrip())
    match = _TASK.fullmatch(anchored["head"].rstrip(" \t")) if anchored else None
    key = decode(anchored["key"]) if anchored else None
    if anchored is None or match is None or key is None:
        return None
    if anchored["tail"] and not (key in known or _PLANNED.fullmatch(key)):
        return None
    return TaskLine(at, key, *match.group("indent", "bullet", "box", "body"), tail=anchored["tail"])


def _with_due(text: str, due: date) -> str:
    start = [match.start(1) for match in _DUE.finditer(text)][-1]
    return f"{text[:start]}{due.isoformat()}{text[start + 10 :]}"


def _bare(words: str) -> str:
    """The words without the date of the tick."""
    return " ".join(_DONE_MARK.sub("", words).split())


def is_retitled(task: TaskLine, wrote: Wrote | None) -> bool:
    """Whether the user changed the words of the task."""
    return wrote is not None and _digest([_bare(task.words)]) != wrote.words


def title_of(task: TaskLine) -> str:
    """The title as its reader sees it: escapes resolved, signs left out."""
    return " ".join(_SIGNS.sub("", re.sub(r"\\([^\w\s])", r"\1", _bare(task.words))).split())


def _bring_line(task: TaskLine, follow_up: FollowUp, wrote: Wrote) -> Wrote:
    """Update the parts of the line that still are as we wrote them."""
    words, sign = _words(follow_up), _PRIORITY[follow_up.priority]
    if task.due and task.due.isoformat() == wrote.due:
        task.set_due(follow_up.due)
        wrote = replace(wrote, due=follow_up.due.isoformat())
    if _name(task.priority) == wrote.priority and task.priority != sign:
        bare = _PRIORITIES.sub("", task.body)
        head, calendar, rest = bare.rpartition("📅")
        task.body = " ".join(f"{head} {sign} {calendar}{rest}".split())
        wrote = replace(wrote, priority=_name(sign))
    if _digest([task.words]) == wrote.words and _digest([words]) != wrote.words:
        # The line has only our words and the signs.
        date_sign = f"📅 {task.due.isoformat()}" if task.due else ""
        task.body = " ".join(filter(None, (words, task.priority, date_sign)))
        wrote = replace(wrote, words=_digest([words]))
    return wrote


def _words(follow_up: FollowUp) -> str:
    return _escaped(title_with_who(follow_up))[:500] or _escaped(follow_up.person)[:500] or "Follow up"


def _notes(follow_up: FollowUp) -> list[str]:
    text = task_text(follow_up, follow_up.due, delete="Delete the line")
    return [note for line in text.split("\n") if (note := _escaped(line))]


def _escaped(text: str) -> str:
    # A caret at the end of a line would be a block id, such as that of another task.
    return " ".join(for_markdown(_SIGNS.sub("", text)).replace("^", "\\^").split())


def _digest(lines: Sequence[str]) -> str:
    """A digest that does not depend on indentation and bullets."""
    bare = "\n".join(" ".join(_QUOTE.sub("", line.strip()).removeprefix("- ").split()) for line in lines)
    return hashlib.sha256(bare.encode("utf-8", "replace")).hexdigest()[:12]


def _name(sign: str) -> str:
    return {"⏫": "high", "": "medium", "🔽": "low"}.get(sign, "other")


def _last_date(pattern: re.Pattern[str], text: str) -> date | None:
    try:
        return date.fromisoformat(pattern.findall(text)[-1])
    except (IndexError, ValueError):
        return None
