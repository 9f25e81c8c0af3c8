"""What follows from tests: which ones exclude each other, and which blocks imply others."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

from people.text import words_of
from rules.engine.judging.reference import holds
from rules.engine.language.ruleset import Test, Tests

_LOWER, _UPPER = ("gt", "gte"), ("lt", "lte")


def contradictory(tests: Tests) -> tuple[Test, Test] | None:
    """Return two tests of a block that no row can pass together, None if none are known."""
    by_field: dict[str, list[Test]] = {}
    for test in tests:
        by_field.setdefault(test.field, []).append(test)
    for same in by_field.values():
        for first, second in combinations(same, 2):
            if _exclude(first, second) or _exclude(second, first):
                return first, second
    return None


def _exclude(first: Test, second: Test) -> bool:
    if first.test == "exists" and first.values[0] is False:
        return not holds_for_nothing(second)
    if first.kind == "texts":
        return first.test == "count_gte" and second.test == "count_lte" and first.values[0] > second.values[0]
    if first.test == "is":
        return not any(_value_passes(second, value) for value in first.values)
    if first.test in _LOWER and second.test in _UPPER:
        low, high = first.values[0], second.values[0]
        strict = first.test == "gt" or second.test == "lt"
        return bool(low >= high if strict else low > high)
    return False


def _value_passes(test: Test, value: object) -> bool:
    """Whether a row with this value could pass. Tests that depend on the day always could."""
    return test.test in ("older_than", "within") or holds(test, {test.field: value}, None)


def holds_for_nothing(test: Test) -> bool:
    """Whether a missing value passes the test, as it passes ``exists: false`` and ``count_gte: 0``."""
    return holds(test, {}, None)


def implies(block: Tests, other: Tests) -> bool:
    """Whether every row that passes ``block`` passes ``other``. False if that is not certain."""
    fields = {one.field for one in block}
    if any(wanted.field not in fields for wanted in other):
        return False
    return all(any(_test_implies(one, wanted) for one in block) for wanted in other)


def _test_implies(one: Test, wanted: Test) -> bool:
    if one.field != wanted.field:
        return False
    if one.test == wanted.test and one.values == wanted.values:
        return True
    if wanted.test == "exists" and wanted.values[0] is True:
        return not holds_for_nothing(one)
    if one.kind != "texts" and one.test == "is":
        fixed = wanted.test not in ("older_than", "within")
        return fixed and all(_value_passes(wanted, value) for value in one.values)
    return _words_imply(one, wanted) or _bound_implies(one, wanted)


def _has_words(text: str, wanted: str) -> bool:
    return words_of(wanted) in words_of(text)


_WORD_IMPLIES: dict[tuple[str, str], Callable[[str, str], bool]] = {
    ("is", "is"): str.__eq__,
    ("is", "contains"): str.__contains__,
    ("is", "startswith"): str.startswith,
    ("is", "endswith"): str.endswith,
    ("startswith", "startswith"): str.startswith,
    ("endswith", "endswith"): str.endswith,
    ("startswith", "contains"): str.__contains__,
    ("endswith", "contains"): str.__contains__,
    ("contains", "contains"): str.__contains__,
    ("is", "word"): _has_words,
    ("word", "word"): _has_words,
}


def _words_imply(one: Test, wanted: Test) -> bool:
    check = _WORD_IMPLIES.get((one.test, wanted.test))
    return check is not None and all(any(check(a, b) for b in wanted.values) for a in one.values)


def _bound_implies(one: Test, wanted: Test) -> bool:
    if wanted.test in _LOWER and one.test in _LOWER:
        a, b = one.values[0], wanted.values[0]
        return bool(a >= b if one.test == "gt" or wanted.test == "gte" else a > b)
    if wanted.test in _UPPER and one.test in _UPPER:
        a, b = one.values[0], wanted.values[0]
        return bool(a <= b if one.test == "lt" or wanted.test == "lte" else a < b)
    return False
