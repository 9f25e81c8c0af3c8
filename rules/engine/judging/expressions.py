"""The bulk evaluator: tests as polars expressions over a whole frame.

It agrees with ``rules.engine.judging.reference`` on every row; a property test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from people.facts.declared import Subject
from rules.engine.judging.combine import words
from rules.engine.judging.text_tests import Distinct, Tested, Worded
from rules.engine.language.ruleset import Rule, Test, Tests
from rules.engine.language.values import Kind
from rules.engine.language.vocabulary import fields_of

DTYPES: dict[Kind, pl.DataType] = {
    "text": pl.String(),
    "texts": pl.List(pl.String()),
    "whole": pl.Int64(),
    "days": pl.Int64(),
    "decimal": pl.Decimal(38, 6),
    "date": pl.Date(),
    "flag": pl.Boolean(),
}


def frame_schema(subject: Subject) -> dict[str, pl.DataType]:
    """Return the columns of a subject's frame. A frame may lack some: they count as missing."""
    return {name: DTYPES[field.kind] for name, field in fields_of(subject).items()}


_Key = tuple[str, str, tuple[object, ...]]


def _key(test: Test) -> _Key:
    return (test.field, test.test, test.values)


class Rows:
    """A frame of facts in the types that tests expect, with the results for its text columns."""

    def __init__(self, frame: pl.DataFrame, subject: Subject, today: date | None) -> None:
        schema = frame_schema(subject)
        present = {name: dtype for name, dtype in schema.items() if name in frame.columns}
        wrong = (name for name, dtype in present.items() if frame.schema[name] != dtype)
        self.facts = frame.with_columns(pl.col(name).cast(schema[name], strict=False) for name in wrong)
        self.today = today
        self._schema = schema
        self._distinct: dict[str, Tested] = {}
        self._tested: dict[_Key, pl.Series] = {}

    def set(self, columns: Iterable[pl.Series]) -> None:
        """Set columns to what a phase decided, and forget the results of the old ones."""
        new = list(columns)
        self.facts = self.facts.with_columns(new)
        changed = {series.name for series in new}
        self._distinct = {name: known for name, known in self._distinct.items() if name not in changed}
        self._tested = {key: known for key, known in self._tested.items() if key[0] not in changed}

    def set_words(self, name: str, by_word: Mapping[str, pl.Series]) -> None:
        """Set a column to the words of each row. Tests read the rows of each word, not the lists."""
        self.set([words(by_word, self.facts.height).alias(name)])
        self._distinct[name] = Worded(by_word, self.facts.height)

    def masks(self, rules: Sequence[Rule]) -> list[pl.Series]:
        """Return one column per rule: whether each row matches."""
        self._test_texts(test for rule in rules for tests in (*rule.when, *rule.unless) for test in tests)
        return self._answers([self._matches(rule) for rule in rules])

    def mask(self, alternatives: Sequence[Tests]) -> pl.Series:
        """Return for which rows any of the alternatives holds."""
        self._test_texts(test for tests in alternatives for test in tests)
        return self._answers([self._any(alternatives, when_empty=False)])[0]

    def _matches(self, rule: Rule) -> pl.Expr:
        if not rule.in_force(self.today):
            return pl.lit(value=False)
        return self._any(rule.when, when_empty=True) & ~self._any(rule.unless, when_empty=False)

    def _answers(self, expressions: Sequence[pl.Expr]) -> list[pl.Series]:
        if not expressions:
            return []
        named = [expression.alias(str(number)) for number, expression in enumerate(expressions)]
        answers = self.facts.select(named).get_columns()
        return [self._full(answer) for answer in answers]

    def _full(self, answer: pl.Series) -> pl.Series:
        """Return an answer for every row. A rule without tests gives a single one for all rows."""
        if len(answer) == self.facts.height:
            return answer
        return answer.new_from_index(0, self.facts.height)

    def _any(self, alternatives: Sequence[Tests], *, when_empty: bool) -> pl.Expr:
        if not alternatives:
            return pl.lit(when_empty)
        return _or([_and([self._test(test) for test in tests]) for tests in alternatives])

    def _test(self, test: Test) -> pl.Expr:
        if test.kind in ("text", "texts"):
            return pl.lit(self._tested[_key(test)])
        if test.field not in self.facts.columns:
            column = pl.lit(None, self._schema[test.field])
            return _plain_test(test, column, self.today).fill_null(value=False)
        return _plain_test(test, pl.col(test.field), self.today).fill_null(value=False)

    def _test_texts(self, tests: Iterable[Test]) -> None:
        """Run the tests of texts that have not run yet; all tests of one field run together."""
        by_field: dict[str, dict[_Key, Test]] = {}
        for test in tests:
            if test.kind in ("text", "texts") and _key(test) not in self._tested:
                by_field.setdefault(test.field, {})[_key(test)] = test
        for field, wanted in by_field.items():
            masks = self._distinct_of(field).masks(tuple(wanted.values()))
            self._tested.update(zip(wanted, masks, strict=True))

    def _distinct_of(self, field: str) -> Tested:
        if field not in self._distinct:
            missing = pl.repeat(None, self.facts.height, dtype=self._schema[field], eager=True)
            present = field in self.facts.columns
            self._distinct[field] = Distinct(self.facts.get_column(field) if present else missing)
        return self._distinct[field]


def _plain_test(test: Test, column: pl.Expr, today: date | None) -> pl.Expr:
    if test.test == "exists":
        return column.is_not_null() if test.values[0] else column.is_null()
    if test.test in ("older_than", "within"):
        return _age_test(test, column, today)
    # Written as text, because polars imports NumPy for a Decimal, which takes as long as a whole command.
    written = (f"{value:f}" if isinstance(value, Decimal) else value for value in test.values)
    literals = [pl.lit(value).cast(DTYPES[test.kind]) for value in written]
    return _or([_COMPARE[test.test](column, literal) for literal in literals])


_COMPARE: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "is": pl.Expr.eq,
    "gt": pl.Expr.gt,
    "gte": pl.Expr.ge,
    "lt": pl.Expr.lt,
    "lte": pl.Expr.le,
}


def _age_test(test: Test, column: pl.Expr, today: date | None) -> pl.Expr:
    if today is None:
        return pl.lit(value=False)
    days = timedelta(days=test.values[0])
    if test.test == "older_than":
        return column < pl.lit(today - days, pl.Date())
    return column.is_between(pl.lit(today - days, pl.Date()), pl.lit(today + days, pl.Date()))


def _and(expressions: Sequence[pl.Expr]) -> pl.Expr:
    return expressions[0] if len(expressions) == 1 else pl.all_horizontal(expressions)


def _or(expressions: Sequence[pl.Expr]) -> pl.Expr:
    return expressions[0] if len(expressions) == 1 else pl.any_horizontal(expressions)
