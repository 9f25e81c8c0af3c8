"""Judge guest lists and meetings: what is noise, and what each meeting is, counts and costs."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from rules.engine.judging.combine import brake, first_wins, winners
from rules.engine.judging.expressions import Rows
from rules.engine.language.ruleset import Rule, RuleSet

_KEYS = ("kind", "group", "counts", "cost")

VERDICT_SCHEMA: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "group": pl.String(),
    "counts": pl.String(),
    "cost": pl.Decimal(38, 2),
    "rules": pl.List(pl.String()),
}


def noise(ruleset: RuleSet, attendees: pl.DataFrame) -> pl.Series:
    """Return which rows of guest lists are noise; the first rule that says so, or not, wins.

    ``attendees`` has the columns of ``AttendeeFacts``.
    """
    rules = ruleset.of("attendee")
    masks = brake(rules, Rows(attendees, "attendee", None).masks(rules), {})
    return first_wins(rules, masks, "noise", pl.Boolean(), attendees.height).fill_null(value=False)


def classify_meetings(ruleset: RuleSet, meetings: pl.DataFrame) -> pl.DataFrame:
    """Return one verdict a meeting, in the same order: kind, group, counts, cost and rules.

    ``meetings`` has the columns of ``MeetingFacts``. ``counts`` is null where no rule decides;
    ``rules`` names the rules that decided anything.
    """
    rules = ruleset.of("meeting") + ruleset.declared_meetings()
    masks = brake(rules, Rows(meetings, "meeting", None).masks(rules), {})
    decided = pl.DataFrame([winners(rules, masks, key, meetings.height) for key in _KEYS])
    distinct = decided.unique()
    verdicts = pl.DataFrame(
        [_verdict(rules, row) for row in distinct.iter_rows()], schema=VERDICT_SCHEMA, orient="row"
    )
    table = pl.concat([distinct.rename({key: f"_{key}" for key in _KEYS}), verdicts], how="horizontal")
    numbered = decided.rename({key: f"_{key}" for key in _KEYS})
    joined = numbered.join(
        table, on=list(numbered.columns), how="left", nulls_equal=True, maintain_order="left"
    )
    return joined.select(list(VERDICT_SCHEMA))


def _verdict(rules: Sequence[Rule], numbers: tuple[int | None, ...]) -> tuple[object, ...]:
    values = {
        key: None if number is None else rules[number].then[key]
        for key, number in zip(_KEYS, numbers, strict=True)
    }
    deciding = sorted({number for number in numbers if number is not None})
    return (
        values["kind"],
        values["group"],
        values["counts"],
        values["cost"],
        [rules[number].id for number in deciding],
    )
