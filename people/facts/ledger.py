"""The ledger: the weight of what the user gave to and received from each person. Pure.

The journal says what was given and received. Meetings that count in full and completed follow-ups are
*contact*. They change a balance only if the rules give contact a weight other than the default 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from people.facts.referrals import NUMBER, decimals, numbered, place_of
from people.types import JournalKind

LEDGER_DAYS = 365
"""The window of balances, in days up to today."""
COLUMNS = (
    "person_id", "day", "kind", "direction", "weight", "amount", "hours", "group", "other_id", "note",
    "place", "news",
)  # fmt: skip


def ledger(
    lines: pl.DataFrame,
    weights: Mapping[JournalKind, Decimal],
    today: date,
    *,
    happened: pl.DataFrame | None = None,
    hosts: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return one row per thing given or received in the window, with the columns of ``COLUMNS``.

    ``lines`` is the journal with ``person_id``; lines whose person is unclear are left out. Only the
    first line of a referral has a weight; later ones are ``news``. ``happened`` (of
    ``people.facts.person``) adds meetings and completed follow-ups as contact; ``hosts`` (``record,
    direction``) says whether you went to a meeting (given) or they came to you (received).
    """
    in_window = (pl.col("date") > today - timedelta(days=LEDGER_DAYS + 1)) & (pl.col("date") <= today)
    known = lines.filter(pl.col("person_id").is_not_null() & (pl.col("date") <= today))
    news = numbered(known).filter(~pl.col("begins")).select("source", "source_id", news=pl.lit(value=True))
    weighed = (
        known.filter(in_window)
        .join(news, on=["source", "source_id"], how="left")
        .with_columns(
            day=pl.col("date"),
            weight=pl.when(pl.col("news").is_null()).then(_weight(weights)).otherwise(pl.lit(0, NUMBER)),
            news=pl.col("news").fill_null(value=False),
            amount=decimals("amount"),
            hours=decimals("hours"),
            place=place_of(),
        )
        .select(COLUMNS)
    )
    if happened is None or not weights.get("contact"):
        return weighed
    return pl.concat([weighed, _contacts(happened, hosts, weights["contact"], today)])


def _weight(weights: Mapping[JournalKind, Decimal]) -> pl.Expr:
    texts = {kind: str(weight) for kind, weight in weights.items()}
    return pl.col("kind").replace_strict(texts, default="0", return_dtype=pl.String).cast(NUMBER)


def _contacts(
    happened: pl.DataFrame, hosts: pl.DataFrame | None, weight: Decimal, today: date
) -> pl.DataFrame:
    since = today - timedelta(days=LEDGER_DAYS)
    full = happened.filter(
        pl.col("channel").is_in(["meeting", "task"]) & (pl.col("counts") == "full") & (pl.col("day") >= since)
    )
    if hosts is None:
        hosts = pl.DataFrame(schema={"record": pl.String, "direction": pl.String})
    # The one who follows up gives; at a meeting, the one who travelled does.
    direction = pl.when(pl.col("channel") == "task").then(pl.lit("given")).otherwise(pl.col("direction"))
    return full.join(hosts, on="record", how="left").select(
        "person_id",
        "day",
        pl.lit("contact").alias("kind"),
        direction.alias("direction"),
        pl.lit(str(weight)).cast(NUMBER).alias("weight"),
        pl.lit(None, NUMBER).alias("amount"),
        pl.lit(None, NUMBER).alias("hours"),
        "group",
        pl.lit(None, pl.String).alias("other_id"),
        pl.col("title").alias("note"),
        pl.col("record").alias("place"),
        pl.lit(value=False).alias("news"),
    )


def totals(entries: pl.DataFrame, today: date) -> pl.DataFrame:
    """Return the balance of each person in a ledger: ``person_id`` and these facts.

    ``given``, ``received``, ``balance`` (given minus received), the number of things with a weight
    (``given_count``, ``received_count``), ``referrals_given``, ``referrals_received`` and
    ``days_since_referral_given``.
    """
    given, received = pl.col("direction") == "given", pl.col("direction") == "received"
    referral = (pl.col("kind") == "referral") & ~pl.col("news")
    some = pl.col("weight") > 0
    ago = (pl.lit(today) - pl.col("day")).dt.total_days()
    return entries.group_by("person_id").agg(
        *_sums(),
        (some & given).sum().alias("given_count"),
        (some & received).sum().alias("received_count"),
        (referral & given).sum().alias("referrals_given"),
        (referral & received).sum().alias("referrals_received"),
        ago.filter(referral & given).min().alias("days_since_referral_given"),
    )


def _sums() -> list[pl.Expr]:
    weight = pl.col("weight")
    given = weight.filter(pl.col("direction") == "given").sum()
    received = weight.filter(pl.col("direction") == "received").sum()
    return [given.alias("given"), received.alias("received"), (given - received).alias("balance")]


def group_totals(entries: pl.DataFrame) -> pl.DataFrame:
    """Return ``group, given, received, balance`` of the lines that name a group."""
    return entries.filter(pl.col("group").is_not_null()).group_by("group").agg(_sums()).sort("group")
