"""Test text columns: each different value is folded and tested once, then the result goes to its rows.

The reference evaluator folds with the same function, so the two always agree about text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from typing import Protocol

import polars as pl

from people.text import words_of
from rules.engine.judging.reference import holds, normal
from rules.engine.language.ruleset import Test

MARK = "\x1f"
"""Separates the elements of a joined list. Folding turns it into a space, so no folded text has it."""


class Tested(Protocol):
    """A column of texts, or of lists of texts, that answers tests."""

    def masks(self, tests: Sequence[Test]) -> list[pl.Series]:
        """Return one mask per test. A missing value fails every test except ``exists: false``."""
        ...


class Distinct:
    """The different values of a column of texts, or of lists of texts, and which rows have them."""

    def __init__(self, column: pl.Series) -> None:
        self._is_list = column.dtype == pl.List
        values = column.unique().alias("value")
        self._values = _lists(values) if self._is_list else _texts(values)
        numbered = values.to_frame().with_row_index("number")
        rows = column.alias("value").to_frame()
        joined = rows.join(numbered, on="value", how="left", nulls_equal=True, maintain_order="left")
        self._numbers = joined.get_column("number")

    def masks(self, tests: Sequence[Test]) -> list[pl.Series]:
        """Return one mask per test. A missing value fails every test except ``exists: false``."""
        if any(test.test == "word" for test in tests) and "words" not in self._values.columns:
            self._values = _with_words(self._values)
        expression = _list_test if self._is_list else _text_test
        named = [expression(test).fill_null(value=False).alias(str(i)) for i, test in enumerate(tests)]
        return [held.gather(self._numbers) for held in self._values.select(named).get_columns()]


class Worded:
    """A column of lists of words that rules added: the words, and which rows have each of them."""

    def __init__(self, by_word: Mapping[str, pl.Series], height: int) -> None:
        self._rows = {word: mask for word, mask in by_word.items() if normal("texts", [word])}
        self._height = height

    def masks(self, tests: Sequence[Test]) -> list[pl.Series]:
        """Return one mask per test. A row without words fails every test except ``exists: false``."""
        return [self._mask(test) for test in tests]

    def _mask(self, test: Test) -> pl.Series:
        match test.test:
            case "exists":
                found = self._any(list(self._rows))
                return found if test.values[0] else ~found
            case "count_gte":
                return self._count() >= int(test.values[0])
            case "count_lte":
                return self._count() <= int(test.values[0])
        passing = {word for word in self._rows if holds(test, {test.field: [word]}, None)}
        if test.test != "every_endswith":
            return self._any(passing)
        return self._any(passing) & ~self._any(self._rows.keys() - passing)

    def _any(self, words: Collection[str]) -> pl.Series:
        nobody = pl.repeat(value=False, n=self._height, dtype=pl.Boolean(), eager=True)
        return reduce(pl.Series.__or__, (self._rows[word] for word in words), nobody)

    def _count(self) -> pl.Series:
        none = pl.repeat(0, self._height, dtype=pl.UInt32(), eager=True)
        return reduce(pl.Series.__add__, (mask.cast(pl.UInt32) for mask in self._rows.values()), none)


def _texts(values: pl.Series) -> pl.DataFrame:
    texts = [normal("text", text) for text in values]
    return pl.DataFrame({"text": texts}, schema={"text": pl.String})


def _lists(values: pl.Series) -> pl.DataFrame:
    lists = [normal("texts", elements) for elements in values.to_list()]
    joined = [f"{MARK}{MARK.join(one)}{MARK}" if one else None for one in lists]
    elements = pl.Series("elements", lists, dtype=pl.List(pl.String))
    return pl.DataFrame([elements, pl.Series("joined", joined, dtype=pl.String)])


def _with_words(values: pl.DataFrame) -> pl.DataFrame:
    """Add the words of each text, with a space around each; those of several elements are kept apart."""
    if "text" in values.columns:
        texts = [None if text is None else words_of(text) for text in values.get_column("text")]
    else:
        lists = values.get_column("elements").to_list()
        texts = [MARK.join(map(words_of, elements)) or None for elements in lists]
    return values.with_columns(pl.Series("words", texts, dtype=pl.String))


def _text_test(test: Test) -> pl.Expr:
    column = pl.col("text")
    match test.test:
        case "exists":
            return column.is_not_null() if test.values[0] else column.is_null()
        case "word":
            return _contains(pl.col("words"), [words_of(value) for value in test.values])
        case "is":
            return column.is_in(list(test.values))
        case "contains":
            return _contains(column, test.values)
        case "startswith":
            return pl.any_horizontal(column.str.starts_with(value) for value in test.values)
        case _:
            return pl.any_horizontal(column.str.ends_with(value) for value in test.values)


def _list_test(test: Test) -> pl.Expr:
    count, joined = pl.col("elements").list.len(), pl.col("joined")
    match test.test:
        case "exists":
            return count > 0 if test.values[0] else count == 0
        case "count_gte":
            return count >= pl.lit(test.values[0])
        case "count_lte":
            return count <= pl.lit(test.values[0])
        case "word":
            return _contains(pl.col("words"), [words_of(value) for value in test.values])
        case "every_endswith":
            ends = pl.any_horizontal(pl.element().str.ends_with(value) for value in test.values)
            return (count > 0) & pl.col("elements").list.eval(ends).list.all()
        case _:
            before = MARK if test.test in ("is", "startswith") else ""
            after = MARK if test.test in ("is", "endswith") else ""
            return _contains(joined, [f"{before}{value}{after}" for value in test.values])


def _contains(column: pl.Expr, patterns: Sequence[str]) -> pl.Expr:
    if len(patterns) == 1:
        return column.str.contains(patterns[0], literal=True)
    return column.str.contains_any(list(patterns))
