"""What a run shows on standard error while it works: its progress on one line, and what to know."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flows.cli.console import note, safe_line
from people.text import for_terminal

_OURS = ("connectors", "people", "rules", "flows")
_PROGRESS = "flows.progress"


class Screen(logging.Handler):
    """Shows log records: progress on a line that the next record overwrites, all else on lines of their own.

    Progress appears on a terminal alone. With ``verbose``, lines have their time, and errors their traceback.
    """

    def __init__(self, *, verbose: bool = False) -> None:
        super().__init__()
        self._terminal = sys.stderr.isatty()
        self._verbose = verbose
        self._shown = False
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record."""
        if record.name == _PROGRESS:
            if self._terminal:
                self._overwrite(f"{record.getMessage()} ...")
        elif record.levelno >= (logging.INFO if self._verbose else logging.WARNING):
            self.clear()
            text = self.format(record) if self._verbose else record.getMessage()
            note("\n".join(map(safe_line, text.splitlines())))

    def clear(self) -> None:
        """Remove the line of progress."""
        if self._shown:
            self._overwrite("")
            self._shown = False

    def _overwrite(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"\r\x1b[K{for_terminal(text)[:width]}")
        sys.stderr.flush()
        self._shown = True


@contextmanager
def showing(*, verbose: bool = False) -> Iterator[None]:
    """Show what our own loggers report until the block ends."""
    screen = Screen(verbose=verbose)
    loggers = [logging.getLogger(name) for name in _OURS]
    before = [logger.level for logger in loggers]
    progress = logging.getLogger(_PROGRESS)
    for logger in loggers:
        logger.addHandler(screen)
        if verbose:
            logger.setLevel(logging.INFO)
    progress.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.removeHandler(screen)
            logger.setLevel(level)
        progress.setLevel(logging.NOTSET)
        screen.clear()
