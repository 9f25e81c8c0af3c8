"""When a delivery stops, and what it says of the tasks that wait: one line per reason, however many tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from people.errors import LoginNeeded, NoAnswer, PlaceRefuses, RetryLater, ServiceRefuses, TouchbaseError
from people.tasks import FollowUp
from people.types import Problem

Held = tuple[FollowUp, TouchbaseError]
"""A task that waits, and why."""

_FOR_ALL = (LoginNeeded, NoAnswer, PlaceRefuses, ServiceRefuses)
"""Errors of the task list as a whole: what one task meets, the next one meets as well."""
_IN_A_ROW = 3
"""After as many tasks that fail in the same way for now, the rest wait for the next run."""
_MOST_LOST = 30.0
"""Seconds that failed tasks may take in all; the one under way may add its timeout."""


@dataclass
class Futile:
    """Tells when it is futile to go on with the next task. ``clock`` is that of ``time.monotonic``."""

    clock: Callable[[], float]
    in_a_row: int = 0
    lost: float = 0.0
    last: str = ""
    began: float = 0.0

    def begin(self) -> None:
        """Note that a task is about to be delivered."""
        self.began = self.clock()

    def after(self, error: TouchbaseError) -> bool:
        """Whether the tasks that follow would fail as well."""
        self.lost += self.clock() - self.began
        self.in_a_row = self.in_a_row + 1 if error.message == self.last else 1
        self.last = error.message
        often = self.in_a_row >= _IN_A_ROW or self.lost > _MOST_LOST
        return isinstance(error, _FOR_ALL) or (often and isinstance(error, RetryLater))

    def forget(self) -> None:
        """Note that a task was delivered."""
        self.last = ""


def problems_of(failures: Sequence[Held]) -> Iterator[Problem]:
    """Yield one problem per reason."""
    held: dict[tuple[str, str], list[FollowUp]] = {}
    for item, error in failures:
        held.setdefault((error.message, error.help), []).append(item)
    for (message, remedy), items in held.items():
        where, text = f"task '{items[0].title}'", message
        if len(items) > 1:
            where, text = "tasks", f"{len(items)} tasks wait: {message}"
        yield Problem(where=where, message=text, help=_with_next_run(remedy))


def _with_next_run(remedy: str) -> str:
    if "next run" in remedy:
        return remedy
    return f"{remedy}; the next run delivers what waits" if remedy else "the next run delivers what waits"
