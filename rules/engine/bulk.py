"""The bulk evaluator: the same tests as polars expressions over a whole frame at once.

Agrees with ``rules.engine.reference`` on every row; a property test holds the two together. Text is
folded by the very same function, once for each distinct value of the columns that are tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

import polars as pl

from people.facts import Subject
from people.text import fold
from rules.engine.ruleset import Rule, Test, Tests
from rules.engine.vocabulary import Kind, fields_of

MARK = "\x1f"
"""Stands around each element of a joined list; folded text never holds it."""

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


class Rows:
    """A frame of facts, with the helper columns that tests need added as they are first needed."""

    def __init__(self, frame: pl.DataFrame, subject: Subject, today: date | None) -> None:
        self.schema = frame_schema(subject)
        self.subject = subject
        self.today = today
        wrong = {
            name: dtype
            for name, dtype in self.schema.items()
            if name in frame.columns and frame.schema[name] != dtype
        }
        self.facts = frame.with_columns(
            pl.col(name).cast(dtype, strict=False) for name, dtype in wrong.items()
        )
        self._helpers: set[str] = set()
        self._work = self.facts

    def set(self, columns: Iterable[pl.Series]) -> None:
        """Set fact columns to what a phase has decided."""
        new = list(columns)
        stale = [name for name in self._helpers if name.rstrip("~#@") in {series.name for series in new}]
        self.facts = self.facts.with_columns(new)
        self._work = self._work.drop(stale).with_columns(new)
        self._helpers.difference_update(stale)

    def masks(self, rules: Sequence[Rule]) -> list[pl.Series]:
        """Return one column of truth values for each rule: which rows it matches."""
        if not rules:
            return []
        expressions = [
            (self._any(rule.when, when_empty=True) & ~self._any(rule.unless, when_empty=False)).alias(str(i))
            for i, rule in enumerate(rules)
        ]
        answers = self._work.select(expressions)
        return [self._full(answers.get_column(str(i))) for i in range(len(rules))]

    def mask(self, alternatives: Sequence[Tests]) -> pl.Series:
        """Return which rows any of the alternatives holds for."""
        expression = self._any(alternatives, when_empty=False).alias("0")
        return self._full(self._work.select(expression).get_column("0"))

    def _full(self, answer: pl.Series) -> pl.Series:
        if len(answer) == self.facts.height:
            return answer
        return answer.new_from_index(0, self.facts.height)

    def _any(self, alternatives: Sequence[Tests], *, when_empty: bool) -> pl.Expr:
        if not alternatives:
            return pl.lit(when_empty)
        return _or([_and([self._test(test) for test in tests]) for tests in alternatives])

    def _test(self, test: Test) -> pl.Expr:
        if test.field not in self._work.columns:
            self._work = self._work.with_columns(pl.lit(None, self.schema[test.field]).alias(test.field))
        if test.kind == "text":
            return _text_test(test, self._folded(test.field)).fill_null(value=False)
        if test.kind == "texts":
            return self._list_test(test).fill_null(value=False)
        return _plain_test(test, pl.col(test.field), self.today).fill_null(value=False)

    def _list_test(self, test: Test) -> pl.Expr:
        elements = self._elements(test.field)
        if test.test == "exists":
            some = pl.col(elements).list.len() > 0
            return some if test.values[0] else ~some
        if test.test in ("count_gte", "count_lte"):
            count, wanted = pl.col(elements).list.len(), pl.lit(test.values[0])
            return count >= wanted if test.test == "count_gte" else count <= wanted
        if test.test == "every_endswith":
            ends = _or([pl.element().str.ends_with(value) for value in test.values])
            return (pl.col(elements).list.len() > 0) & pl.col(elements).list.eval(ends).list.all()
        before = MARK if test.test in ("is", "startswith") else ""
        after = MARK if test.test in ("is", "endswith") else ""
        return _contains(self._joined(test.field), [f"{before}{value}{after}" for value in test.values])

    def _folded(self, field: str) -> pl.Expr:
        name = f"{field}~"
        if name not in self._helpers:
            self._add(folded(self._work.get_column(field)).alias(name))
        return pl.col(name)

    def _elements(self, field: str) -> str:
        name = f"{field}@"
        if name not in self._helpers:
            self._add(_folded_lists(self._work.get_column(field)).alias(name))
        return name

    def _joined(self, field: str) -> pl.Expr:
        name = f"{field}#"
        if name not in self._helpers:
            joined = MARK + pl.col(self._elements(field)).list.join(MARK) + MARK
            self._add(self._work.select(joined.alias(name)).get_column(name))
        return pl.col(name)

    def _add(self, helper: pl.Series) -> None:
        self._helpers.add(helper.name)
        self._work = self._work.with_columns(helper)


def folded(texts: pl.Series) -> pl.Series:
    """Return the texts folded; blank ones are missing. Each distinct text is folded once."""
    distinct = texts.unique().drop_nulls()
    if distinct.is_empty():
        return texts
    new = pl.Series([fold(text) or None for text in distinct], dtype=pl.String)
    return texts.replace_strict(distinct, new, default=None, return_dtype=pl.String)


def _folded_lists(lists: pl.Series) -> pl.Series:
    full = lists.fill_null(pl.lit([], pl.List(pl.String)))
    distinct = full.explode().unique().drop_nulls()
    if distinct.is_empty():
        return full.list.eval(pl.element().drop_nulls())
    new = pl.Series([fold(text) or None for text in distinct], dtype=pl.String)
    swap = pl.element().replace_strict(distinct, new, default=None, return_dtype=pl.String)
    return full.list.eval(swap).list.drop_nulls()


def _text_test(test: Test, column: pl.Expr) -> pl.Expr:
    match test.test:
        case "exists":
            return column.is_not_null() if test.values[0] else column.is_null()
        case "is":
            return column == test.values[0] if len(test.values) == 1 else column.is_in(list(test.values))
        case "contains":
            return _contains(column, test.values)
        case "startswith":
            return _or([column.str.starts_with(value) for value in test.values])
        case _:
            return _or([column.str.ends_with(value) for value in test.values])


def _contains(column: pl.Expr, patterns: Sequence[str]) -> pl.Expr:
    if len(patterns) == 1:
        return column.str.contains(patterns[0], literal=True)
    return column.str.contains_any(list(patterns))


def _plain_test(test: Test, column: pl.Expr, today: date | None) -> pl.Expr:
    if test.test == "exists":
        return column.is_not_null() if test.values[0] else column.is_null()
    if test.test in ("older_than", "within"):
        return _age_test(test, column, today)
    literals = [pl.lit(value, DTYPES[test.kind]) for value in test.values]
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
