"""Conduct a run in this process, without Prefect: what ``touchbase run`` does if no server is named."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
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
        """Read the sources. The threads end with the process, so Ctrl-C waits for none of them."""
        outcomes: dict[str, SourceReport | BaseException] = {}

        def read(name: str) -> None:
            outcomes[name] = self._pulled(name, sources[name])

        PROGRESS.debug("reading %s", ", ".join(sources))
        threads = [threading.Thread(target=read, args=(name,), daemon=True) for name in sources]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {name: outcomes[name] for name in sources}

    def _pulled(
        self, name: str, read: Callable[[ShowProgress], SourceReport]
    ) -> SourceReport | BaseException:
        for attempt in count(1):
            try:
                return read(Pulling().report)
            except BaseException as error:  # noqa: BLE001 - the outcome of a thread is a value
                if attempt > steps.PULL_RETRIES or not steps.worth_retrying(error):
                    return error
            seconds = steps.PULL_PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
            logger.warning(steps.trying_again(name, seconds, attempt))
            self.sleep(seconds)
        raise AssertionError
