"""A mistake in a rule file as a value: its place, a stable code, a sentence and a help line."""

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
    "untested", "nameless-title", "unsure-day", "due-too-late", "no-ration",
    "unknown-rule", "decides-before", "ignored-file", "wildcard",
    # warnings that the store gives
    "loses", "unseen-value",
]  # fmt: skip
"""All codes. Each has a section in docs/rules/errors.md with tested examples."""


class RuleProblem(Frozen):
    """An ``error`` (the rule is left out) or a ``warning`` (the rule still runs).

    ``line`` and ``column`` count from 1. ``code`` is stable and has a section in
    docs/rules/errors.md. ``help`` says how to fix it and may be empty.
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
        """File, line and column; problems are sorted by them."""
        return (self.file, self.line, self.column)


def problem_at(
    file: str,
    place: tuple[int, int],
    code: Code,
    message: str,
    help: str = "",  # noqa: A002 - the word of RuleProblem
    *,
    severity: Severity = "error",
) -> RuleProblem:
    """Return the problem at (line, column) of a file."""
    line, column = place
    return RuleProblem(
        file=file, line=line, column=column, severity=severity, code=code, message=message, help=help
    )


def in_order(problems: Iterable[RuleProblem]) -> tuple[RuleProblem, ...]:
    """Return the problems without repetitions, sorted by place."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.place))
