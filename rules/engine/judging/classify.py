"""Judge guest lists, meetings and mails: which rows are noise, what each one is, and how it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import polars as pl

from rules.engine.judging.combine import brake, first_wins, give_way, winners
from rules.engine.judging.expressions import DTYPES, Rows
from rules.engine.language.decisions import decisions_of
from rules.engine.language.ruleset import Rule, RuleSet

Classified = Literal["meeting", "message"]

_MONEY = pl.Decimal(38, 2)


def verdict_schema(subject: Classified = "meeting") -> dict[str, pl.DataType]:
    """Return the columns of a meeting's or a mail's verdict: what rules decide, and which rules did."""
    decided = {
        key: _MONEY if one.kind == "decimal" else DTYPES[one.kind]
        for key, one in decisions_of(subject).items()
        if one.kind is not None
    }
    return {**decided, "rules": pl.List(pl.String())}


def noise(ruleset: RuleSet, attendees: pl.DataFrame, stopped: dict[str, int] | None = None) -> pl.Series:
    """Return which rows of guest lists are noise. The first rule that decides wins.

    ``attendees`` has the columns of ``AttendeeFacts``. A rule that matches more rows than its ``at_most``
    is stopped, and added to ``stopped`` with their number.
    """
    rules = ruleset.of("attendee")
    masks = _masks(rules, Rows(attendees, "attendee", None), stopped)
    return first_wins(rules, masks, "noise", pl.Boolean(), attendees).fill_null(value=False)


def classify_meetings(
    ruleset: RuleSet, meetings: pl.DataFrame, stopped: dict[str, int] | None = None
) -> pl.DataFrame:
    """Return one verdict per meeting, in the same order: kind, group, counts, cost and rules.

    ``meetings`` has the columns of ``MeetingFacts``. ``counts`` is null if no rule decides.
    ``rules`` names the rules that decided something. ``stopped`` is that of ``noise``.
    """
    return _classify(ruleset, "meeting", Rows(meetings, "meeting", None), stopped)


def classify_messages(
    ruleset: RuleSet, messages: pl.DataFrame, today: date, stopped: dict[str, int] | None = None
) -> pl.DataFrame:
    """Return one verdict per mail, in the same order: noise, counts, settled and rules.

    ``messages`` has the columns of ``MessageFacts``. A value that no rule decides is null. ``rules`` and
    ``stopped`` are those of ``classify_meetings``.
    """
    return _classify(ruleset, "message", Rows(messages, "message", today), stopped)


def _classify(
    ruleset: RuleSet, subject: Classified, rows: Rows, stopped: dict[str, int] | None
) -> pl.DataFrame:
    rules, schema = ruleset.about(subject), verdict_schema(subject)
    keys, height = list(decisions_of(subject)), rows.facts.height
    masks = _masks(rules, rows, stopped)
    decided = pl.DataFrame([winners(rules, masks, key, height) for key in keys])
    # Few combinations of winners occur, so each verdict is made once and joined to its rows.
    numbers = decided.rename({key: f"_{key}" for key in keys})
    combinations = numbers.unique()
    verdicts = pl.DataFrame(
        [_verdict(rules, keys, row) for row in combinations.iter_rows()], schema=schema, orient="row"
    )
    table = pl.concat([combinations, verdicts], how="horizontal")
    joined = numbers.join(table, on=numbers.columns, how="left", nulls_equal=True, maintain_order="left")
    return joined.select(list(schema))


def _masks(rules: Sequence[Rule], rows: Rows, stopped: dict[str, int] | None) -> dict[str, pl.Series]:
    """Return the rows of each rule, without those that another rule decides instead."""
    masks = brake(rules, rows.masks(rules), {} if stopped is None else stopped)
    give_way(rules, masks, dict(masks))
    return masks


def _verdict(rules: Sequence[Rule], keys: Sequence[str], numbers: tuple[int | None, ...]) -> list[object]:
    """Return the values that the winning rules set, and the ids of these rules."""
    pairs = zip(keys, numbers, strict=True)
    values = [None if number is None else rules[number].then[key] for key, number in pairs]
    deciding = sorted({number for number in numbers if number is not None})
    return [*values, [rules[number].id for number in deciding]]
