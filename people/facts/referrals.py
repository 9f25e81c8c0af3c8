"""Referrals and their outcomes. Journal frames in, ``ReferralFacts`` out. Pure.

One or more journal lines about the same two people make a referral: the first says who gave it, later
ones bring news. After it was won or lost, a line that says *introduced* begins a new referral.
Mentions (word of mouth) are separate; they are not referrals.
"""

from __future__ import annotations

import hashlib
from datetime import date

import polars as pl

SETTLED = ("won", "lost")
STEPS = ("introduced", "met", "won", "lost", "nothing yet")
"""The possible outcomes; a line without one means *introduced*."""
NUMBER = pl.Decimal(38, 6)
"""The type of money, hours and weights in frames."""


def place_of() -> pl.Expr:
    """The place of a journal line: ``journal.csv:12``."""
    return pl.concat_str("file", pl.col("line").cast(pl.String), separator=":", ignore_nulls=True)


def decimals(column: str) -> pl.Expr:
    """A column of decimal text as numbers; other text becomes null."""
    return pl.col(column).cast(pl.String).cast(NUMBER, strict=False)


def numbered(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the referral lines in order, each with the number of its referral (``referral``, from 0).

    ``lines`` is the journal (``person_id``, ``other_id``, ``date``, ``kind``, ...). The result also has
    ``outcome`` in lower case (see ``STEPS``), ``amount`` as a decimal, ``begins`` (whether the line is the
    referral's first) and ``place``.
    """
    one, two = _party("person"), _party("other")
    pair = ["pair_a", "pair_b"]
    rows = (
        lines.filter(pl.col("kind") == "referral")
        .with_columns(
            pair_a=pl.min_horizontal(one, two),
            pair_b=pl.max_horizontal(one, two),
            outcome=pl.col("outcome")
            .str.strip_chars()
            .str.to_lowercase()
            .replace("", None)
            .fill_null("introduced"),
            amount=decimals("amount"),
            place=place_of(),
        )
        .sort("date", "source", "line", "source_id")
        .with_columns(pl.col("direction").forward_fill().over(pair).fill_null(""))
    )
    thread = [*pair, "direction"]
    settled = pl.col("outcome").is_in(list(SETTLED)).shift(1).over(thread)
    begins = settled.is_null() | (settled & (pl.col("outcome") == "introduced"))
    rows = rows.with_columns(begins=begins)
    return rows.with_columns(
        nth=pl.col("begins").cast(pl.UInt32).cum_sum().over(thread),
    ).with_columns(referral=(pl.struct(*thread, "nth").rank("dense") - 1).cast(pl.Int64))


def _party(side: str) -> pl.Expr:
    """The person's id, or the text of the journal if it names no known person."""
    written = "?" + pl.col(side).str.strip_chars().str.to_lowercase()
    return pl.coalesce(f"{side}_id", written, pl.lit(""))


def referral_facts(lines: pl.DataFrame, names: pl.DataFrame, today: date) -> pl.DataFrame:
    """Return one row of ``ReferralFacts`` per referral up to ``today``, newest first.

    ``names`` (``id, name``) holds the names of people. Further columns are ``id`` (stable as long as the
    pair, its direction and its first day are), ``person_id``, ``other_id``, ``group``, ``made_on``,
    ``updated_on``, ``won_on``, ``note`` and ``places`` (the journal lines). ``amount`` is the sum of what
    was won; before that, the last amount noted.
    """
    rows = numbered(lines.filter(pl.col("date") <= today))
    won = pl.col("outcome") == "won"
    earned = pl.col("amount").filter(won)
    found = rows.group_by("referral", maintain_order=True).agg(
        pl.col("person", "person_id", "other", "other_id", "pair_a", "pair_b", "direction").first(),
        pl.col("group").drop_nulls().first(),
        pl.col("date").first().alias("made_on"),
        pl.col("date").last().alias("updated_on"),
        pl.col("date").filter(won).first().alias("won_on"),
        pl.col("outcome").last(),
        pl.when(earned.count() > 0)
        .then(earned.sum())
        .otherwise(pl.col("amount").drop_nulls().last())
        .alias("amount"),
        pl.col("note").drop_nulls().first(),
        pl.col("place").alias("places"),
    )
    found = _named(_named(found, names, "person"), names, "other")
    return (
        found.with_columns(
            pl.col("direction").replace("", None),
            pl.Series(
                "id",
                [_id(*row) for row in found.select("pair_a", "pair_b", "direction", "made_on").iter_rows()],
                pl.String,
            ),
            days_since=(pl.lit(today) - pl.col("made_on")).dt.total_days(),
            days_since_update=(pl.lit(today) - pl.col("updated_on")).dt.total_days(),
        )
        .sort("made_on", "id", descending=[True, False])
        .drop("referral", "pair_a", "pair_b")
    )


def _named(found: pl.DataFrame, names: pl.DataFrame, side: str) -> pl.DataFrame:
    known = names.select(pl.col("id").alias(f"{side}_id"), pl.col("name").alias("known"))
    return (
        found.join(known, on=f"{side}_id", how="left", maintain_order="left")
        .with_columns(pl.coalesce("known", side).alias(side))
        .drop("known")
    )


def _id(one: str, other: str, direction: str, made_on: date) -> str:
    payload = f"{one}\n{other}\n{direction}\n{made_on.isoformat()}"
    return f"r{hashlib.sha256(payload.encode()).hexdigest()[:12]}"


def mentions(lines: pl.DataFrame, names: pl.DataFrame, today: date) -> pl.DataFrame:
    """Return word of mouth, newest first: ``date, person, person_id, direction, note, place``."""
    rows = lines.filter((pl.col("kind") == "mention") & (pl.col("date") <= today)).with_columns(
        place=place_of()
    )
    return (
        _named(rows, names, "person")
        .sort("date", "line", descending=True)
        .select("date", "person", "person_id", "direction", "note", "place")
    )
