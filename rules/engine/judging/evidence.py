"""The evidence of a match: each test that held, the value it saw, and the source of that value.

A test of something that rules decided (a tier, staleness) is followed by the tests of the rules that
decided it, so that the chain ends at facts: meetings, cards, journal lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from itertools import islice

from people.facts.declared import Subject
from people.tasks import Evidence
from rules.engine.judging.reference import holds, matching_alternative
from rules.engine.language.decisions import by_fact
from rules.engine.language.ruleset import Rule, Test
from rules.engine.language.templates import LONGEST_VALUE, shown
from rules.engine.language.vocabulary import fields_of

Sources = Callable[[str], str | None]
"""Names the meeting, card or journal line behind a field of the current row; None if unknown."""

Deciders = Callable[[str], Iterable[Rule]]
"""Gives the matched rules that set a key of ``then`` for the current row, in file order."""


def evidence(
    rule: Rule,
    row: Mapping[str, object],
    today: date | None,
    sources: Sources | None = None,
    deciders: Deciders | None = None,
) -> tuple[Evidence, ...]:
    """Return one line per test that held: of the rule, then of the rules that decided what it tests."""
    lines: list[Evidence] = []
    chain = [rule]
    for link in chain:
        for test in matching_alternative(link, row, today) or ():
            lines.append(_line(link, test, row, today, sources))
            if deciders is not None:
                before = decided_by(rule.subject, test, deciders)
                chain += [one for one in before if all(one is not known for known in chain)]
    return tuple(lines)


def decided_by(subject: Subject, test: Test, deciders: Deciders) -> list[Rule]:
    """Return the rules that decided the value that the test saw."""
    decision = by_fact(subject).get(test.field)
    if decision is None:
        return []
    if not decision.adds:
        return list(islice(deciders(decision.key), 1))
    return [one for one in deciders(decision.key) if holds(test, {test.field: one.then[decision.key]}, None)]


def origin(field: str, sources: Sources | None) -> str | None:
    """Return the source of a fact. What is counted from the last contact has the source of that contact."""
    if sources is None:
        return None
    counted = field in ("overdue", "cadence_used")
    return sources(field) or (sources("days_since_contact") if counted else None)


def _line(
    rule: Rule, test: Test, row: Mapping[str, object], today: date | None, sources: Sources | None
) -> Evidence:
    value = shown(row.get(test.field))
    return Evidence(
        rule=rule.id,
        file=test.place.file,
        line=test.place.line,
        field=test.field,
        value=None if value is None else value[:LONGEST_VALUE],
        test=test.test,
        threshold=test.threshold,
        source=origin(test.field, sources),
        day=_day(rule.subject, test.field, row.get(test.field), today),
    )


def _day(subject: Subject, field: str, value: object, today: date | None) -> date | None:
    """The day of a date, and of a number of days since or until one."""
    if isinstance(value, date):
        return value
    counts = (
        field != "cadence_days" and field in (known := fields_of(subject)) and known[field].kind == "days"
    )
    if not counts or not isinstance(value, int) or today is None:
        return None
    return today + timedelta(days=value if "until" in field else -value)
