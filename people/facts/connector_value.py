"""Connector value: the target people that a person gives access to. Pure.

"You don't know who they know": a person outside all segments may still deserve a cadence, because they
introduced target people or share groups and firms with them.
"""

from __future__ import annotations

import polars as pl

_ROWS = 1024
FACTS = ("targets_introduced", "targets_around")


def with_reach(facts: pl.DataFrame, judged: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Fill in ``targets_introduced`` and ``targets_around`` of ``facts``.

    ``judged`` are the same people after a first judgement, which says who is in a target segment
    (``id, groups, organisation, segments``). ``lines`` is the journal. A target who shares both a group
    and a firm with a person counts once.
    """
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
    """Count the targets that share a group with each person.

    Many people are in the same few groups, so each set of groups is computed once.
    """
    named = sorted(people.get_column("groups").explode().drop_nulls().unique())
    sets = people.group_by("groups").agg(pl.col("target").sum().alias("targets"))
    if not named or sets.is_empty():
        return pl.DataFrame(schema={"id": pl.String, "in_groups": pl.Int64})
    member = sets.select(pl.col("groups").list.contains(name).alias(name) for name in named)
    # NumPy is not named here: importing it takes longer than most commands that never count targets.
    matrix = member.to_numpy().astype("float32")
    targets = sets.get_column("targets").to_numpy().astype("float32")
    parts = [
        pl.Series(((matrix[start : start + _ROWS] @ matrix.T) > 0).astype("float32") @ targets)
        for start in range(0, len(matrix), _ROWS)
    ]
    around = sets.with_columns(around=pl.concat(parts).round().cast(pl.Int64))
    # People are not around themselves; a person without groups shares none.
    own = (pl.col("target") & (pl.col("groups").list.len() > 0)).cast(pl.Int64)
    return people.join(around, on="groups").select("id", in_groups=pl.col("around") - own)


def _in_firm(people: pl.DataFrame) -> pl.DataFrame:
    """Count the targets of the same firm that share no group with each person."""
    firms = people.filter(pl.col("firm").is_not_null())
    pairs = firms.join(firms.filter("target"), on="firm", suffix="_theirs").filter(
        (pl.col("id") != pl.col("id_theirs"))
        & (pl.col("groups").list.set_intersection("groups_theirs").list.len() == 0)
    )
    return pairs.group_by("id").agg(pl.len().cast(pl.Int64).alias("in_firm"))
