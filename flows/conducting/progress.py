"""The progress of a run, as log records that a terminal shows on one line.

They go to a logger of their own at level DEBUG, to which only the command line listens.
"""

from __future__ import annotations

import logging
import time

PROGRESS = logging.getLogger("flows.progress")

LONG_PULL = 2000
"""A pull of at least this many records shows its progress."""
_EVERY_SECONDS = 1.0
_BAR = 30


def bar(name: str, done: int, total: int) -> str:
    """A progress bar as text."""
    filled = _BAR * done // total
    return f"{name} [{'#' * filled}{'.' * (_BAR - filled)}] {done:,} of {total:,}"


class Pulling:
    """The progress of one source's pull. Short pulls show none, and long ones show it once per second."""

    def __init__(self) -> None:
        self._shown = 0.0

    def report(self, name: str, done: int, total: int) -> None:
        """Show ``done`` of ``total``, if it is worth it."""
        self.shows(name, done, total)

    def shows(self, name: str, done: int, total: int) -> bool:
        """Do as ``report``; return whether it was worth it."""
        if total < LONG_PULL or (done < total and time.monotonic() - self._shown < _EVERY_SECONDS):
            return False
        self._shown = time.monotonic()
        PROGRESS.debug(bar(name, done, total))
        return True
