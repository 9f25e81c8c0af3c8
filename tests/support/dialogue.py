"""A real terminal for tests: a command runs in a pseudo-terminal, and each answer waits for its question."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path

from tests.support.paths import ROOT

_PATIENCE = 120
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_MAIN = """\
import fcntl, os, sys, termios
os.setsid()  # the terminal is the command's own, so that Ctrl-C reaches it
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
sys.argv[0] = "touchbase"
from flows.cli.main import main
main()
"""


def dialogue(
    *words: str | Path, answers: Sequence[tuple[str, str]] = (), columns: int = 80
) -> tuple[int, str]:
    """Run ``touchbase WORDS`` on a terminal; return its exit status and what stood on the screen.

    ``answers`` are (the end of a question, what is typed) in order. Colours are left out.
    """
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, columns))
    process = subprocess.Popen(
        [sys.executable, "-c", _MAIN, *map(str, words)],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, close_fds=True,
        env=os.environ | {"TERM": "xterm", "COLUMNS": str(columns)},
    )  # fmt: skip
    os.close(theirs)
    screen, asked = "", 0
    for question, answer in answers:
        screen = _until(ours, question, screen, asked)
        asked = len(screen)
        os.write(ours, f"{answer}\n".encode())
    screen = _until(ours, None, screen, asked)
    os.close(ours)
    return process.wait(_PATIENCE), _COLOURS.sub("", screen).replace("\r\n", "\n")


def _until(ours: int, question: str | None, screen: str, start: int) -> str:
    """Read until the question stands on the screen, or to the end without one."""
    deadline = time.monotonic() + _PATIENCE
    while question is None or question not in screen[start:]:
        assert time.monotonic() < deadline, screen
        if not select.select([ours], [], [], 1)[0]:
            continue
        try:
            data = os.read(ours, 65536)
        except OSError:  # the other side is closed
            data = b""
        if not data:
            assert question is None, f"the command ended before {question!r}:\n{screen}"
            return screen
        screen += data.decode("utf-8", "replace")
    return screen
