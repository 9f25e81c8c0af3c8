"""Many rules' effects brought together, column by column: the first wins, or they add up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from rules.engine.ruleset import Rule


def brake(rules: Sequence[Rule], masks: Sequence[pl.Series], braked: dict[str, int]) -> dict[str, pl.Series]:
    """Return each rule's rows by rule id; a rule over its ``at_most`` gets none and is noted."""
    kept: dict[str, pl.Series] = {}
    for rule, mask in zip(rules, masks, strict=True):
        if rule.at_most is not None and (count := int(mask.sum())) > rule.at_most:
            braked[rule.id] = count
            mask = pl.repeat(value=False, n=len(mask), dtype=pl.Boolean, eager=True)  # noqa: PLW2901
        kept[rule.id] = mask
    return kept


def winners(rules: Sequence[Rule], masks: Mapping[str, pl.Series], key: str, height: int) -> pl.Series:
    """Return for each row the number (in ``rules``) of the first rule that sets the key, or null."""
    writers = [(i, masks[rule.id]) for i, rule in enumerate(rules) if key in rule.then]
    if not writers:
        return pl.Series(key, [None] * height, dtype=pl.Int32)
    choice = pl.coalesce([pl.when(pl.col(str(i))).then(pl.lit(i, pl.Int32)) for i, _ in writers])
    frame = pl.DataFrame([mask.alias(str(i)) for i, mask in writers])
    return frame.select(choice.alias(key)).get_column(key)


def looked_up(numbers: pl.Series, value_of: Callable[[int], Any], dtype: pl.DataType) -> pl.Series:
    """Return the value of each rule number; null stays null."""
    used = numbers.unique().drop_nulls()
    if used.is_empty():
        return pl.Series(numbers.name, [None] * len(numbers), dtype=dtype)
    new = pl.Series([value_of(number) for number in used], dtype=dtype)
    return numbers.replace_strict(used, new, default=None, return_dtype=dtype)


def first_wins(
    rules: Sequence[Rule], masks: Mapping[str, pl.Series], key: str, dtype: pl.DataType, height: int
) -> pl.Series:
    """Return the key's value of the first rule that sets it, for each row; null where none does."""
    return looked_up(winners(rules, masks, key, height), lambda number: rules[number].then[key], dtype)


def added_up(rules: Sequence[Rule], masks: Mapping[str, pl.Series], key: str, height: int) -> pl.Series:
    """Return the words that rules add under a key, for each row, in the order of the files."""
    by_word: dict[str, pl.Series] = {}
    for rule in rules:
        for word in rule.then.get(key, ()):
            mask = masks[rule.id]
            by_word[word] = by_word[word] | mask if word in by_word else mask
    return words(by_word, height).alias(key)


def words(by_word: Mapping[str, pl.Series], height: int, before: pl.Series | None = None) -> pl.Series:
    """Return a list column of the words whose mask is true, after what ``before`` already has."""
    columns = [before.alias("before")] if before is not None else []
    parts = [pl.col("before").fill_null(pl.lit([], pl.List(pl.String)))] if before is not None else []
    for i, (word, mask) in enumerate(by_word.items()):
        columns.append(mask.alias(str(i)))
        parts.append(pl.when(pl.col(str(i))).then(pl.lit(word)))
    if not parts:
        return pl.Series("words", [[]] * height, dtype=pl.List(pl.String))
    joined = pl.concat_list(parts).list.drop_nulls()
    if before is not None:
        joined = joined.list.unique(maintain_order=True)
    return pl.DataFrame(columns).select(joined.alias("words")).get_column("words")
