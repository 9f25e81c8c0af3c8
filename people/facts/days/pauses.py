"""Who is left alone until a day: by a label such as ``until-2027-03-01``, or by ``touchbase pause``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

import polars as pl

from people.text import fold

KIND = "pause"
"""The kind of journal line that ``touchbase pause`` writes. Its outcome is the day until which to wait."""

_LABEL = re.compile(r"until[- :]?(\d{4}-\d{2}-\d{2})")


def labelled_until(labels: Iterable[str]) -> date | None:
    """Return the latest day that a label names.

    >>> labelled_until(["client", "Until-2027-03-01"])
    datetime.date(2027, 3, 1)
    """
    found = (_LABEL.fullmatch(fold(label)) for label in labels)
    days = [day for one in found if one is not None and (day := _day(one[1])) is not None]
    return max(days, default=None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def with_pauses(profiles: pl.DataFrame, lines: pl.DataFrame, today: date) -> pl.DataFrame:
    """Add ``paused_until`` to the profiles (``id, labels``): the later day of label and journal.

    ``lines`` is the journal with ``person_id``. Of several lines about a person the newest counts, so that a
    pause can be ended.
    """
    paused = (
        lines.filter((pl.col("kind") == KIND) & (pl.col("date") <= today) & pl.col("person_id").is_not_null())
        .sort("date", "file", "line", maintain_order=True)
        .group_by("person_id")
        .agg(noted=pl.col("outcome").last().str.to_date("%Y-%m-%d", strict=False))
        .rename({"person_id": "id"})
    )
    different = profiles.get_column("labels").drop_nulls().explode().drop_nulls().unique().to_list()
    days = {label: day for label in different if (day := labelled_until([label])) is not None}
    labelled = pl.lit(None, pl.Date)
    if days:
        by_label = pl.element().replace_strict(
            list(days), list(days.values()), default=None, return_dtype=pl.Date
        )
        labelled = pl.col("labels").list.eval(by_label).list.max()
    joined = profiles.join(paused, on="id", how="left", maintain_order="left")
    return joined.with_columns(paused_until=pl.max_horizontal(labelled, "noted")).drop("noted")
