"""The *why* of a match: each test that held, the value it saw, and where that value came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from people.tasks import Evidence
from rules.engine.reference import matching_alternative
from rules.engine.ruleset import Rule, Test
from rules.engine.templates import LONGEST_VALUE, shown

Sources = Callable[[str], str | None]
"""Names the meeting, card or journal line behind a field of the row at hand; None when unknown."""


def evidence(
    rule: Rule, row: Mapping[str, object], today: date | None, sources: Sources | None = None
) -> tuple[Evidence, ...]:
    """Return one line for each test of the alternative through which the rule matched the row."""
    tests = matching_alternative(rule, row, today) or ()
    return tuple(_line(rule, test, row, sources) for test in tests)


def _line(rule: Rule, test: Test, row: Mapping[str, object], sources: Sources | None) -> Evidence:
    value = shown(row.get(test.field))
    return Evidence(
        rule=rule.id,
        file=test.place.file,
        line=test.place.line,
        field=test.field,
        value=None if value is None else value[:LONGEST_VALUE],
        test=test.test,
        threshold=test.threshold,
        source=sources(test.field) if sources else None,
    )
