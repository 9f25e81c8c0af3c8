"""Connector value: the target people that one reaches through somebody. Pure.

"You don't know who they know": a person off target may still be worth a cadence, because they introduced
target people, or sit among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

FACTS = ("targets_introduced", "targets_around")


def with_reach(facts: pl.DataFrame, judged: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """``facts`` with ``targets_introduced`` and ``targets_around`` filled in.

    ``judged`` are the same people after a first judgement, which says who lies in a target segment
    (``id, groups, organisation, segments``). ``lines`` is the journal. Who shares a group and a firm with
    a target counts it once.
    """
    import polars as pl  # noqa: PLC0415 - 0.3 s to import, and simple commands do not need it

    people = judged.select(
        "id",
        groups=pl.col("groups").list.sort(),
        firm=pl.col("organisation").str.strip_chars().str.to_lowercase().replace("", None),
        target=pl.col("segments").list.len() > 0,
    )
    reached = (
        people.select("id")
        .join(_introduced(people, lines), on="id", how="left")
        .join(_in_groups(people), on="id", how="left")
        .join(_in_firm(people), on="id", how="left")
        .select(
            "id",
            pl.col("introduced").fill_null(0).cast(pl.Int64).alias(FACTS[0]),
            (pl.col("in_groups").fill_null(0) + pl.col("in_firm").fill_null(0))
            .cast(pl.Int64)
            .alias(FACTS[1]),
        )
    )
    names = facts.columns
    return facts.drop(FACTS).join(reached, on="id", how="left", maintain_order="left").select(names)


def _introduced(people: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415

    brought = lines.filter(
        pl.col("kind").is_in(["referral", "introduction"]) & (pl.col("direction") == "received")
    )
    targets = people.filter("target").select(other_id="id")
    return (
        brought.join(targets, on="other_id")
        .group_by("person_id")
        .agg(pl.col("other_id").n_unique().alias("introduced"))
        .rename({"person_id": "id"})
    )


def _in_groups(people: pl.DataFrame) -> pl.DataFrame:
    """How many targets share a group with each person.

    Many people are in the same few groups, so it is worked out once for each set of groups.
    """
    import polars as pl  # noqa: PLC0415

    key = pl.col("groups").list.join("\n").alias("key")
    sets = people.filter(pl.col("groups").list.len() > 0).with_columns(key)
    targets = sets.filter("target").group_by("key").agg(pl.col("groups").first(), count=pl.len())
    pairs = (
        sets.group_by("key")
        .agg(pl.col("groups").first())
        .explode("groups")
        .join(targets.rename({"key": "theirs"}).explode("groups"), on="groups")
        .unique(["key", "theirs"])
    )
    around = pairs.group_by("key").agg(pl.col("count").sum().cast(pl.Int64).alias("around"))
    return sets.join(around, on="key").select(
        "id", in_groups=pl.col("around") - pl.col("target").cast(pl.Int64)
    )


def _in_firm(people: pl.DataFrame) -> pl.DataFrame:
    """How many targets of the same firm share no group with each person."""
    import polars as pl  # noqa: PLC0415

    firms = people.filter(pl.col("firm").is_not_null())
    pairs = firms.join(firms.filter("target"), on="firm", suffix="_theirs").filter(
        (pl.col("id") != pl.col("id_theirs"))
        & (pl.col("groups").list.set_intersection("groups_theirs").list.len() == 0)
    )
    return pairs.group_by("id").agg(pl.len().cast(pl.Int64).alias("in_firm"))
