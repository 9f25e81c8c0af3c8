"""The reference evaluator: one row at a time, in plain Python. It defines what rules mean.

Two-valued: a missing value (None, blank text, an empty list) fails every test except ``exists: false``
and the counts of a list, which then has 0 elements.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Any

from people.text import fold, words_of
from rules.engine.language.ruleset import Rule, Test, Tests
from rules.engine.language.values import Kind

Row = Mapping[str, object]

SCALE = Decimal("0.000001")
"""Both evaluators compare numbers to six decimal places."""

_folded = lru_cache(maxsize=65_536)(fold)


def matches(rule: Rule, row: Row, today: date | None) -> bool:
    """Whether the rule matches: it is in force, any block of ``when`` holds, and none of ``unless``."""
    if not rule.in_force(today) or matching_alternative(rule, row, today) is None:
        return False
    return not any(all_hold(tests, row, today) for tests in rule.unless)


def matching_alternative(rule: Rule, row: Row, today: date | None) -> Tests | None:
    """Return the first alternative of ``when`` that holds, an empty one for a rule without tests."""
    if not rule.when:
        return ()
    return next((tests for tests in rule.when if all_hold(tests, row, today)), None)


def all_hold(tests: Tests, row: Row, today: date | None) -> bool:
    """Whether every test of a block holds."""
    return all(holds(test, row, today) for test in tests)


def holds(test: Test, row: Row, today: date | None) -> bool:
    """Whether one test holds for the row."""
    value = normal(test.kind, row.get(test.field))
    if test.test == "exists":
        return (value not in (None, ())) is test.values[0]
    if value is None:
        return False
    if test.kind == "texts":
        return _list_holds(test, value)
    if test.test in ("older_than", "within"):
        return today is not None and _AGES[test.test]((today - value).days, test.values[0])
    check = _CHECKS[test.test]
    return any(check(value, wanted) for wanted in test.values)


def normal(kind: Kind, value: Any) -> Any:  # noqa: ANN401 - a fact of any kind
    """Return the value as tests compare it: folded text, a tuple of folded texts, a plain number."""
    if kind == "texts":
        return tuple(folded for one in value or () if one is not None and (folded := _folded(one)))
    if value is None:
        return None
    if kind == "text":
        return _folded(value) or None
    if kind == "decimal":
        number = Decimal(value)
        return number.quantize(SCALE, ROUND_HALF_EVEN) if number.is_finite() else None
    return value


def _list_holds(test: Test, elements: tuple[str, ...]) -> bool:
    if test.test == "count_gte":
        return bool(len(elements) >= test.values[0])
    if test.test == "count_lte":
        return bool(len(elements) <= test.values[0])
    if test.test == "every_endswith":
        return bool(elements) and all(one.endswith(test.values) for one in elements)
    check = _CHECKS[test.test]
    return any(check(one, wanted) for one in elements for wanted in test.values)


_CHECKS: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda value, wanted: bool(value == wanted),
    "contains": lambda value, wanted: wanted in value,
    "word": lambda value, wanted: words_of(wanted) in words_of(value),
    "startswith": lambda value, wanted: bool(value.startswith(wanted)),
    "endswith": lambda value, wanted: bool(value.endswith(wanted)),
    "gt": lambda value, wanted: bool(value > wanted),
    "gte": lambda value, wanted: bool(value >= wanted),
    "lt": lambda value, wanted: bool(value < wanted),
    "lte": lambda value, wanted: bool(value <= wanted),
}

_AGES: dict[str, Callable[[int, int], bool]] = {
    "older_than": lambda age, days: age > days,
    "within": lambda age, days: abs(age) <= days,
}
