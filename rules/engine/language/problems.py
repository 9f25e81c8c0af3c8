"""A mistake in a rule file is a value: a place, a stable code, a sentence and the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
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


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word nearest to this one, None when none is near."""
    if word in (known := tuple(known)):
        return word
    candidates = {candidate.lower(): candidate for candidate in sorted({*known}, reverse=True)}
    near = get_close_matches(word.lower(), candidates, n=1, cutoff=0.6)
    return candidates[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """Return a help line naming the nearest known word, or ``otherwise`` when none is near."""
    near = nearest(word, known)
    return f"did you mean '{near}'?" if near else otherwise


def in_order(problems: Iterable[RuleProblem]) -> tuple[RuleProblem, ...]:
    """Problems without repeats, sorted by place."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.place))
