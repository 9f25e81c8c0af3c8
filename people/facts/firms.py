"""What the people of one firm share: the last contact with any of them, and what is open about them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

FACTS = ("firm_days_since_contact", "firm_open_follow_ups")


def with_firms(facts: pl.DataFrame, open_tasks: Mapping[str, int]) -> pl.DataFrame:
    """Fill in the facts of firms. ``facts`` are those of everybody; one firm has one organisation.

    ``open_tasks`` counts the open follow-ups per person. Who has one themselves counts none of their
    colleagues, so that two open tasks at one firm do not drive each other out.
    """
    mine = pl.col("id").replace_strict(open_tasks, default=0, return_dtype=pl.Int64)
    firm = pl.col("organisation").str.strip_chars().str.to_lowercase().replace("", None)
    known = facts.select(pl.all().exclude(FACTS), firm=firm, mine=mine)
    of_firm = pl.col("firm").is_not_null()
    return known.with_columns(
        pl.when(of_firm).then(pl.col("days_since_contact").min().over("firm")).alias(FACTS[0]),
        pl.when(of_firm & (pl.col("mine") == 0))
        .then(pl.col("mine").sum().over("firm"))
        .otherwise(0)
        .alias(FACTS[1]),
    ).select(facts.columns)
