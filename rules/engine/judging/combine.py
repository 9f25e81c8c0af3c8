"""Combine the effects of many rules into columns: the first rule wins, or their words add up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import polars as pl

from rules.engine.language.card_values import FromCard
from rules.engine.language.ruleset import Rule


def brake(
    rules: Sequence[Rule],
    masks: Sequence[pl.Series],
    stopped: dict[str, int],
    braked: Collection[str] | None = None,
) -> dict[str, pl.Series]:
    """Return each rule's rows by rule id; a stopped rule gets none and is added to ``stopped``.

    A rule is stopped if it matches more rows than its ``at_most``, or, if ``braked`` is given, when it is
    one of these.
    """
    kept: dict[str, pl.Series] = {}
    for rule, mask in zip(rules, masks, strict=True):
        over = rule.at_most is not None and int(mask.sum()) > rule.at_most
        if over if braked is None else rule.id in braked:
            stopped[rule.id] = int(mask.sum())
            kept[rule.id] = pl.repeat(value=False, n=len(mask), dtype=pl.Boolean, eager=True)
        else:
            kept[rule.id] = mask
    return kept


def give_way(rules: Sequence[Rule], masks: dict[str, pl.Series], matched: Mapping[str, pl.Series]) -> None:
    """Take from the rules in ``masks`` the rows that another rule decides instead.

    ``matched`` are the rows of all rules so far, before any of them gave way: a rule that gives way itself
    still stands instead of others.
    """
    for rule in rules:
        for name in rule.instead_of if rule.id in matched else ():
            if name in masks:
                masks[name] &= ~matched[rule.id]


def winners(rules: Sequence[Rule], masks: Mapping[str, pl.Series], key: str, height: int) -> pl.Series:
    """Return for each row the index in ``rules`` of the first rule that sets the key, or null."""
    writers = [(i, masks[rule.id]) for i, rule in enumerate(rules) if key in rule.then]
    if not writers:
        return pl.repeat(None, height, dtype=pl.Int32, eager=True).alias(key)
    choice = pl.coalesce([pl.when(pl.col(str(i))).then(pl.lit(i, pl.Int32)) for i, _ in writers])
    frame = pl.DataFrame([mask.alias(str(i)) for i, mask in writers])
    return frame.select(choice.alias(key)).get_column(key)


def looked_up(numbers: pl.Series, value_of: Callable[[int], Any], dtype: pl.DataType) -> pl.Series:
    """Return the value for each index of a rule; null stays null."""
    used = numbers.unique().drop_nulls()
    if used.is_empty():
        return pl.repeat(None, len(numbers), dtype=dtype, eager=True).alias(numbers.name)
    new = pl.Series([value_of(number) for number in used], dtype=dtype)
    return numbers.replace_strict(used, new, default=None, return_dtype=dtype)


def first_wins(
    rules: Sequence[Rule], masks: Mapping[str, pl.Series], key: str, dtype: pl.DataType, facts: pl.DataFrame
) -> pl.Series:
    """Return for each row the value of the first rule that sets the key, null if none does.

    A rule that takes the value from the card sets it only where the card has one.
    """
    height = facts.height
    cards = {
        number: _from_cards(rule.then[key], facts)
        for number, rule in enumerate(rules)
        if isinstance(rule.then.get(key), FromCard)
    }
    found = {rules[number].id: masks[rules[number].id] & days.is_not_null() for number, days in cards.items()}
    numbers = winners(rules, {**masks, **found}, key, height)
    column = looked_up(numbers, lambda n: None if n in cards else rules[n].then[key], dtype)
    for number, days in cards.items():
        column = days.cast(dtype).zip_with((numbers == number).fill_null(value=False), column).alias(key)
    return column


def _from_cards(value: FromCard, facts: pl.DataFrame) -> pl.Series:
    """Return for each row the days that its card names, null if it names none."""
    if value.field not in facts.columns:
        return pl.repeat(None, facts.height, dtype=pl.Int64, eager=True)
    return pl.Series([value.of(one) for one in facts.get_column(value.field).to_list()], dtype=pl.Int64)


def added_up(rules: Sequence[Rule], masks: Mapping[str, pl.Series], key: str) -> dict[str, pl.Series]:
    """Return the words that rules add under a key, in the order of the files, each with its rows."""
    by_word: dict[str, pl.Series] = {}
    for rule in rules:
        for word in rule.then.get(key, ()):
            mask = masks[rule.id]
            by_word[word] = by_word[word] | mask if word in by_word else mask
    return by_word


def words(by_word: Mapping[str, pl.Series], height: int, before: pl.Series | None = None) -> pl.Series:
    """Return for each row the list of words whose mask is true, after the words of ``before``.

    It collects the matched rows, because a column per word would cost time for every row. Rows and words
    are sorted as one number, because grouping sorted rows takes half the time.
    """
    none = pl.lit([], pl.List(pl.String))
    rows = pl.DataFrame({"row": pl.int_range(height, dtype=pl.UInt32, eager=True)})
    count = max(len(by_word), 1)
    numbers = [mask.arg_true().cast(pl.UInt64) * count + at for at, mask in enumerate(by_word.values())]
    sorted_numbers = pl.concat([pl.Series(dtype=pl.UInt64), *numbers]).sort()
    row = (sorted_numbers // count).cast(pl.UInt32).set_sorted().alias("row")
    word = pl.Series("words", list(by_word), dtype=pl.String).gather(sorted_numbers % count)
    listed = pl.DataFrame([row, word]).group_by("row", maintain_order=True).agg("words")
    joined = rows.join(listed, on="row", how="left", maintain_order="left")
    added = joined.get_column("words").fill_null(none)
    if before is None:
        return added
    known = before.fill_null(none).alias("before")
    both = pl.concat_list("before", "words").list.drop_nulls().list.unique(maintain_order=True)
    return pl.DataFrame([known, added]).select(both.alias("words")).get_column("words")
