"""States that are red although the flow did its work: something is not well, and its name says what.

A red state is of Prefect's type FAILED. Only FAILED and CRASHED are listed on the dashboard, and CRASHED
means that the process was lost. The event of a state carries its name. The automation for the name *Failed*
therefore stays silent, and what is not well has an automation of its own.
"""

from __future__ import annotations

import logging
from typing import Any

from prefect import State
from prefect.states import Failed

from flows.run.outcome.document import RunDocument


class NotWell(Exception):
    """What a red state carries, because Prefect wants an exception there. ``document`` is that of a run."""

    def __init__(self, message: str, document: RunDocument | None = None) -> None:
        super().__init__(message)
        self.document = document


def red(name: str, message: str, document: RunDocument | None = None) -> State[Any]:
    """Return a red state with its name in the list of runs, for the flow to return."""
    for logger in ("prefect.flow_runs", "prefect.engine"):
        logging.getLogger(logger).addFilter(_is_news)
    return Failed(name=name, message=message, data=NotWell(message, document))


def _is_news(record: logging.LogRecord) -> bool:
    # Prefect raises the exception of a failed state at the end of the process, and would log its traceback.
    return not (record.exc_info and isinstance(record.exc_info[1], NotWell))
