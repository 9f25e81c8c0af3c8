"""A program run in a pseudo-terminal of a given width, and the lines that it printed there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata
from pathlib import Path

from tests.support.paths import ROOT

_STYLE = re.compile(r"\x1b\[[0-9;]*m")


def in_terminal(script: str, *words: str | Path, columns: int, folder: Path = ROOT) -> list[str]:
    """Run Python code in a terminal with so many columns; return its lines without their colours."""
    return [_STYLE.sub("", line) for line in raw_lines(script, *words, columns=columns, folder=folder)]


def raw_lines(
    script: str, *words: str | Path, columns: int, folder: Path = ROOT, **environment: str
) -> list[str]:
    """As ``in_terminal``, with the colours. ``environment`` is added to the program's."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, words)],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color"} | environment,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    printed = _all_of(ours)
    _, errors = process.communicate()
    assert process.returncode == 0, f"{printed.decode()}\n{errors.decode()}"
    return printed.decode().replace("\r\n", "\n").rstrip("\n").split("\n")


def _all_of(terminal: int) -> bytes:
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux says so when the program has closed its end.
            part = b""
        if not part:
            os.close(terminal)
            return b"".join(parts)
        parts.append(part)


def cells(text: str) -> int:
    """Return how many columns the text takes, by Unicode's own property and never fewer than a terminal."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    marks = sum(unicodedata.category(letter) in ("Mn", "Me", "Cf") for letter in text)
    return len(text) + wide - marks
