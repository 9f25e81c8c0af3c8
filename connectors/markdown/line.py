"""One line of a Markdown checklist: a task of ours, what the user changed in it, and what we wrote."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from connectors.shared.task_keys import decode, encode
from people.tasks import Priority
from people.text import for_markdown

# A line in a callout begins with ">".
TASK = re.compile(r"(?P<indent>[ \t]*(?:>[ \t]*)*)(?P<bullet>[-*+]|\d{1,9}[.)]) \[(?P<box>.)\] (?P<body>.*)")
_ANCHOR = " ^tb-"
# Text may follow: plugins and people write behind the block id.
_ANCHORED = re.compile(r"(?P<head>.*)(?<=[ \t])\^tb-(?P<key>[a-z0-9-]+)(?![\w-])(?P<tail>.*)")
_PLANNED = re.compile(r"[0-9a-f]{16}")
_DUE = re.compile(r"📅\ufe0f?\s{0,4}(\d{4}-\d{2}-\d{2})")
_DONE = re.compile(r"(?:✅\ufe0f?\s{0,4}|\[completion::\s{0,4})(\d{4}-\d{2}-\d{2})")
_QUOTE = re.compile(r"^(?:>\s?)+(?=- )")
DONE_MARK = re.compile(r"✅\ufe0f?\s{0,4}\d{4}-\d{2}-\d{2}|\[completion::[^\]]*\]")
PRIORITY: dict[Priority, str] = {"high": "⏫", "medium": "", "low": "🔽"}
PRIORITIES = re.compile("([🔺⏫🔼🔽⏬])\ufe0f?")
# All signs of Obsidian Tasks. In text of other people they would set dates and states.
SIGNS = re.compile("[📅✅❌➕⏳🛫🔁🔺⏫🔼🔽⏬🆔⛔🏁\ufe0f]")


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
        return " ".join(PRIORITIES.sub("", _DUE.sub("", self.body)).split())

    @property
    def priority(self) -> str:
        """The sign of its priority, empty if there is none."""
        return "".join(PRIORITIES.findall(self.body))


def read_line(at: int, line: str, known: Container[str]) -> TaskLine | None:
    """Our task on this line, None if there is none. Text behind the id needs a key that is surely ours."""
    anchored = _ANCHORED.fullmatch(line.rstrip())
    match = TASK.fullmatch(anchored["head"].rstrip(" \t")) if anchored else None
    key = decode(anchored["key"]) if anchored else None
    if anchored is None or match is None or key is None:
        return None
    if anchored["tail"] and not (key in known or _PLANNED.fullmatch(key)):
        return None
    indent, bullet, box, body = match.group("indent", "bullet", "box", "body")
    return TaskLine(at, key, indent, bullet, box, body, anchored["tail"])


def _with_due(text: str, due: date) -> str:
    start = [match.start(1) for match in _DUE.finditer(text)][-1]
    return f"{text[:start]}{due.isoformat()}{text[start + 10 :]}"


def bare(words: str) -> str:
    """The words without the date of the tick."""
    return " ".join(DONE_MARK.sub("", words).split())


def is_retitled(task: TaskLine, wrote: Wrote | None) -> bool:
    """Whether the user changed the words of the task."""
    return wrote is not None and digest([bare(task.words)]) != wrote.words


def title_of(task: TaskLine) -> str:
    """The title as its reader sees it: escapes resolved, signs left out."""
    return " ".join(SIGNS.sub("", re.sub(r"\\([^\w\s])", r"\1", bare(task.words))).split())


def escaped(text: str) -> str:
    """Text of others as one line of plain text, without signs of Obsidian Tasks."""
    # A caret at the end of a line would be a block id, such as that of another task.
    return " ".join(for_markdown(SIGNS.sub("", text)).replace("^", "\\^").split())


def digest(lines: Sequence[str]) -> str:
    """A digest that does not depend on indentation and bullets."""
    plain = "\n".join(" ".join(_QUOTE.sub("", line.strip()).removeprefix("- ").split()) for line in lines)
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:12]


def name_of(sign: str) -> str:
    """The name of a priority's sign."""
    return {"⏫": "high", "": "medium", "🔽": "low"}.get(sign, "other")


def _last_date(pattern: re.Pattern[str], text: str) -> date | None:
    try:
        return date.fromisoformat(pattern.findall(text)[-1])
    except (IndexError, ValueError):
        return None
