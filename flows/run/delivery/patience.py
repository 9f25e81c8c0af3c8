"""One patience with the task list: what it refuses for now is tried again, for at most a minute per run."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeVar

from connectors.base import Unanswered
from people.errors import NoAnswer, ServiceRefuses
from people.tasks import FollowUp, PlacedSink, TaskState

logger = logging.getLogger(__name__)
T = TypeVar("T")

ALLOWANCE = 60.0
"""Seconds that a run may lose to its task list, waits and silence together."""
_PAUSE = 5.0
"""Seconds before the next request after a refusal that names no pause. Each further one is twice as long."""
_TRIES_OF_A_SILENT_ONE = 3


class PatientSink:
    """A task sink whose calls are repeated if the service refuses them or is silent.

    Every call of a sink is safe to repeat. When the patience is at its end the error is raised with
    ``gave_up``, and the rest of the run does not wait for this service again.
    """

    def __init__(self, sink: PlacedSink, unanswered: Unanswered) -> None:
        self.name = sink.name
        self.marks_its_place = sink.marks_its_place
        self.where_to_look = sink.where_to_look
        self.address = sink.address
        self._sink = sink
        self._unanswered = unanswered

    def place(self) -> str | None:
        """Name where the tasks are."""
        return self._patiently(self._sink.place)

    def ensure(self, follow_up: FollowUp) -> str:
        """Create the task, or bring it up to date; return its ref."""
        return self._patiently(lambda: self._sink.ensure(follow_up))

    def reopen(self, follow_up: FollowUp) -> str:
        """Open the task again, or make it; return its ref."""
        return self._patiently(lambda: self._sink.reopen(follow_up))

    def find(self, follow_up: FollowUp) -> TaskState | None:
        """Look for a task that ``states`` did not show."""
        return self._patiently(lambda: self._sink.find(follow_up))

    def withdraw(self, ref: str, reason: str) -> None:
        """Close a task that is no longer needed."""
        self._patiently(lambda: self._sink.withdraw(ref, reason))

    def complete(self, ref: str) -> None:
        """Complete the task."""
        self._patiently(lambda: self._sink.complete(ref))

    def move(self, ref: str, due: date) -> None:
        """Give the task another due date."""
        self._patiently(lambda: self._sink.move(ref, due))

    def erase(self, ref: str) -> None:
        """Delete the task."""
        self._patiently(lambda: self._sink.erase(ref))

    def states(self) -> Iterator[TaskState]:
        """Yield the state of every task of ours, once all of them are read."""
        yield from self._patiently(lambda: list(self._sink.states()))

    def _patiently(self, work: Callable[[], T]) -> T:
        attempt = 1
        while True:
            began = self._unanswered.clock()
            try:
                return work()
            except (ServiceRefuses, NoAnswer) as error:
                took = self._unanswered.clock() - began
                seconds = None if error.gave_up else self._pause(error, attempt, took)
                if seconds is None:
                    error.gave_up = True
                    raise
                why = "does not answer" if isinstance(error, NoAnswer) else "wants a pause"
            logger.warning("the task list %s, trying again in %.0f s", why, seconds)
            self._unanswered.sleep(seconds)
            attempt += 1

    def _pause(self, error: ServiceRefuses | NoAnswer, attempt: int, took: float) -> float | None:
        """Seconds until the next attempt, None to give up; ``took`` is how long the failed one lasted."""
        silent = isinstance(error, NoAnswer)
        seconds = error.retry_after or (1.0 if silent else _PAUSE) * 2 ** (attempt - 1)
        # Whoever else asks a silent service shares the loss. A list that refuses may be one of several.
        service, other = self.name, f"tasks at {self.name}"
        if not silent:
            service, other = other, service
        lost = self._unanswered.add(service, took) + self._unanswered.add(other, 0.0)
        # The next attempt may take as long as this one did.
        fits = lost + seconds + took <= ALLOWANCE and not (silent and attempt >= _TRIES_OF_A_SILENT_ONE)
        self._unanswered.add(service, seconds if fits else math.inf)
        return seconds if fits else None
