"""The line of a file that a problem is about, with a caret below it."""

from __future__ import annotations

import re
from pathlib import Path

from people.regular_files import read_regular
from people.text import for_terminal
from rules.engine.language.problems import RuleProblem

MOST_COLUMNS = 100
_WORD = re.compile(r"[^\s:,\[\]{}]+")


class SourceLines:
    """The lines of the files in a rules folder, each file read once and only if it has a problem."""

    def __init__(self, folder: Path, label: str) -> None:
        self._folder, self._label = folder, label
        self._lines: dict[str, list[str]] = {}

    def of(self, file: str) -> list[str]:
        """Return the lines of a file as messages name it; none if it cannot be read."""
        if file not in self._lines:
            path = self._folder / file.removeprefix(f"{self._label}/")
            try:
                self._lines[file] = read_regular(path).decode("utf-8-sig", "replace").splitlines()
            except OSError:
                self._lines[file] = []
        return self._lines[file]

    def framed(self, problem: RuleProblem) -> str:
        """Return the problem as text, with its line and a caret between the sentence and the help."""
        lines = self.of(problem.file)
        head, *help_ = str(problem).split("\n")
        if not 1 <= problem.line <= len(lines) or not lines[problem.line - 1].strip():
            return str(problem)
        return "\n".join([head, *caret(lines[problem.line - 1], problem.line, problem.column), *help_])


def caret(line: str, number: int, column: int) -> tuple[str, str]:
    """Return a line of a file and a line with carets below the word at ``column`` (from 1).

    >>> print("\\n".join(caret("when: {titel: Owner}", 5, 8)))
        5 | when: {titel: Owner}
          |        ^^^^^
    """
    start = max(0, column - 1 - MOST_COLUMNS // 2) if column > MOST_COLUMNS else 0
    shown = "".join(char if char.isprintable() else " " for char in line)[start : start + MOST_COLUMNS]
    word = _WORD.match(shown, column - 1 - start)
    marks = "^" * max(1, len(word.group()) if word else 1)
    return f"{number:>5} | {_safe(shown)}", f"{'':>5} | {' ' * (column - 1 - start)}{marks}"


def _safe(line: str) -> str:
    """Return a line that cannot move the cursor; its indent stays."""
    indent = len(line) - len(line.lstrip())
    return line[:indent] + for_terminal(line[indent:]) if not line.isascii() else line


_ESCAPES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_ESCAPES_IN_KEYS = _ESCAPES | str.maketrans({":": "%3A", ",": "%2C"})


def annotation(problem: RuleProblem) -> str:
    """Return the problem as a workflow command of GitHub Actions, shown beside its line in a pull request.

    The escapes are those of GitHub's own toolkit (actions/toolkit, packages/core/src/command.ts).
    """
    keys = {"file": problem.file, "line": problem.line, "col": problem.column, "title": f"[{problem.code}]"}
    listed = ",".join(f"{key}={str(value).translate(_ESCAPES_IN_KEYS)}" for key, value in keys.items())
    text = f"{problem.message}\n{problem.help}" if problem.help else problem.message
    return f"::{problem.severity} {listed}::{text.translate(_ESCAPES)}"
