"""A mistake in a rule file is a value: a place, a stable code, a sentence and the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from people.text import one_line
from people.types import Frozen

Severity = Literal["error", "warning"]

Code = Literal[
    # reading the file
    "unreadable", "not-utf8", "bad-character", "too-large", "bad-yaml", "two-documents", "alias", "tag",
    "too-deep", "duplicate-key", "bad-key",
    # its shape
    "bad-version", "unknown-key", "missing-key", "wrong-shape", "unknown-subject", "bad-id", "duplicate-id",
    # fields, tests and values
    "unknown-field", "bad-test", "bad-value", "bad-length", "empty-pattern", "empty-value",
    "unknown-template-field", "bad-template", "reads-later-phase",
    # warnings
    "never-matches", "shadowed", "unused-segment", "undeclared-segment", "unused-group", "undeclared-group",
    "untested",
]  # fmt: skip
"""Every code there is; each has a section in docs/rules/errors.md, and each example there is tested."""


class RuleProblem(Frozen):
    """One mistake (``error``: the rule is left out) or doubt (``warning``: the rule still runs).

    ``line`` and ``column`` count from 1. ``code`` is stable and has a section in
    docs/rules/errors.md; ``help`` names the remedy and may be empty.
    """

    file: str
    line: int
    column: int
    severity: Severity = "error"
    code: Code
    message: str
    help: str = ""

    def __str__(self) -> str:
        head = (
            f"{self.file}:{self.line}:{self.column}: {self.severity}[{self.code}]: {one_line(self.message)}"
        )
        return f"{head}\n    help: {one_line(self.help)}" if self.help else head

    @property
    def place(self) -> tuple[str, int, int]:
        """What problems are sorted by: file, line, column."""
        return (self.file, self.line, self.column)


def in_order(problems: Iterable[RuleProblem]) -> tuple[RuleProblem, ...]:
    """Problems without repeats, sorted by place."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.place))
