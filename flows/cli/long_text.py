"""Texts that are longer or wider than the terminal: folded lines, and a pager."""

from __future__ import annotations

import re
import shutil
import sys

import click
from rich.cells import cell_len

from flows.cli.console import safe_line
from flows.cli.table import terminal_width, wrapped

_HEAD = re.compile(r" *(?:\S+(?: \S+)* {2,})?")
"""The indent of a line, and its first column if it has one."""


def paged(text: str) -> None:
    """Print text; on a terminal with fewer lines, in the user's pager."""
    if sys.stdout.isatty() and text.count("\n") >= shutil.get_terminal_size().lines:
        click.echo_via_pager(text)
    else:
        click.echo(text)


def folded(text: str) -> str:
    """Return text with its long lines broken between words, and continued below their first word.

    A first column, which ends with two spaces or more, stays free. In a file or a pipe no line is broken.
    """
    return "\n".join(map(_folded, text.split("\n")))


def _folded(line: str) -> str:
    width = terminal_width()
    if width is None or cell_len(line) <= width:
        return safe_line(line)
    found = _HEAD.match(line)
    head = found[0] if found else ""
    if len(head) > width // 2:
        head = " " * (len(line) - len(line.lstrip(" ")))
    return wrapped(line[len(head) :], " " * len(head), safe_line(head.rstrip()).ljust(len(head)))
