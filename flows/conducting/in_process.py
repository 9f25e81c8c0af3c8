"""Conduct a run in this process, without Prefect: what ``touchbase run`` does if no server is named."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import TypeVar
from uuid import uuid4

from flows.conducting.conduct import conduct
from flows.conducting.progress import PROGRESS, Pulling
from flows.run import steps
from flows.run.outcome.report import RunReport
from flows.run.pull import SourceReport
from flows.run.steps import Job, ShowProgress, Step
from flows.settings.model import Settings

logger = logging.getLogger(__name__)
T = TypeVar("T")

_WAKE_SECONDS = 0.2


def run(job: Job, settings: Settings, today: date | None) -> RunReport:
    """Do the run here and return its report. It never asks, because the user is there."""
    return conduct(job, settings, today, InProcess(), str(uuid4()))


@dataclass(frozen=True, slots=True)
class InProcess:
    """Does each step at once, and reads the sources at the same time, one thread each."""

    sleep: Callable[[float], None] = time.sleep

    def step(self, name: Step, work: Callable[[], T]) -> T:
        """Do one step."""
        PROGRESS.debug(name)
        return work()

    def pulls(
        self, sources: Mapping[str, Callable[[ShowProgress], SourceReport]]
    ) -> dict[str, SourceReport | BaseException]:
        """Read the sources. Ctrl-C stops them between two pages, and waits for none of them."""
        outcomes: dict[str, SourceReport | BaseException] = {}
        stopped = threading.Event()

        def read(name: str) -> None:
            pulling = Pulling()

            def report(source: str, done: int, total: int) -> None:
                if stopped.is_set():
                    raise KeyboardInterrupt
                pulling.report(source, done, total)

            outcomes[name] = self._pulled(name, lambda: sources[name](report))

        PROGRESS.debug("reading %s", ", ".join(sources))
        threads = [threading.Thread(target=read, args=(name,), daemon=True) for name in sources]
        for thread in threads:
            thread.start()
        try:
            _join(threads)
        except KeyboardInterrupt:
            stopped.set()
            raise
        return {name: outcomes[name] for name in sources}

    def _pulled(self, name: str, read: Callable[[], SourceReport]) -> SourceReport | BaseException:
        for attempt in count(1):
            try:
                return read()
            except BaseException as error:  # noqa: BLE001 - the outcome of a thread is a value
                if attempt > steps.PULL_RETRIES or not steps.worth_retrying(error):
                    return error
            seconds = steps.PULL_PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
            logger.warning(steps.trying_again(name, seconds, attempt))
            self.sleep(seconds)
        raise AssertionError


def _join(threads: Sequence[threading.Thread]) -> None:
    """Wait until all have ended. Any thread may get Ctrl-C, so the main one wakes up to see it."""
    for thread in threads:
        while thread.is_alive():
            thread.join(_WAKE_SECONDS)
