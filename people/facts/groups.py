"""Compare groups: ``GroupFacts`` in bulk, and the lines behind each figure. Pure.

Every figure is the sum of lines (a meeting, a journal line, a fee, a member), so a report can trace it.
The window is the last twelve months.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from dateutil.relativedelta import relativedelta

from people.facts.declared import GroupFacts
from people.facts.referrals import MONEY
from people.facts.spending import DeclaredGroup, joined_on, months_between

MONTHS = 12
"""The window, in months up to today."""
_SUMS = (
    "meetings_attended", "hours", "money", "members", "target_members", "new_target_members",
    "new_target_members_6mo", "referrals_given", "referrals_received", "business_given",
    "business_received",
)  # fmt: skip
_MONEY = ("hours", "money", "business_given", "business_received")


@dataclass(frozen=True)
class Groups:
    """``facts`` has one row of ``GroupFacts`` per group; its figures are sums of ``lines``.

    ``lines`` has ``group, figure, day, value, what, record``; the balance is ``given`` minus
    ``received``.
    """

    facts: pl.DataFrame
    lines: pl.DataFrame


def group_facts(
    groups: Sequence[DeclaredGroup],
    *,
    attended: pl.DataFrame,
    spent: pl.DataFrame,
    people: pl.DataFrame,
    happened: pl.DataFrame,
    ledger: pl.DataFrame,
    referrals: pl.DataFrame,
    today: date,
    moment: datetime,
) -> Groups:
    """Compute the figures of every declared group.

    ``attended`` and ``spent`` come from ``people.facts.spending``, ``happened`` from
    ``people.facts.person`` and ``ledger`` from ``people.facts.ledger``. ``people`` are judged
    ``PersonFacts`` (``id, name, groups, segments, days_known``), ``referrals`` are ``ReferralFacts``.
    """
    joined = joined_on(groups, attended)
    windows = _windows(groups, today)
    members = _members(people, happened, windows, today)
    lines = pl.concat(
        [
            _meetings(attended, windows, today, moment),
            _costs(spent, windows),
            *_member_lines(members, today),
            *_support(ledger, referrals, windows, today),
        ]
    )
    facts = _facts(groups, lines, joined, _first_business(ledger, referrals, joined, today), today)
    return Groups(facts.select([*GroupFacts.model_fields]), lines)


def _windows(groups: Sequence[DeclaredGroup], today: date) -> pl.DataFrame:
    """``group, start``: the last day before each group's window."""
    year_ago = today - relativedelta(months=MONTHS)
    rows = [(group.id, year_ago) for group in groups]
    return pl.DataFrame(rows, schema={"group": pl.String, "start": pl.Date}, orient="row")


def _line(frame: pl.DataFrame, figure: str, value: pl.Expr | None = None) -> pl.DataFrame:
    number = pl.Decimal(38, MONEY)
    return frame.select(
        "group",
        pl.lit(figure).alias("figure"),
        "day",
        (pl.lit(1).cast(number) if value is None else value.cast(number)).alias("value"),
        "what",
        "record",
    )


def _meetings(attended: pl.DataFrame, windows: pl.DataFrame, today: date, moment: datetime) -> pl.DataFrame:
    past = pl.coalesce(pl.col("at") <= moment, pl.col("day") < today)
    own = attended.filter(past).join(windows, on="group").filter(pl.col("day") > pl.col("start"))
    return _line(own.with_columns(what=pl.col("title")), "meetings_attended")


def _costs(spent: pl.DataFrame, windows: pl.DataFrame) -> pl.DataFrame:
    own = spent.filter(pl.col("state") == "spent").join(windows, on="group")
    return own.filter(pl.col("day") > pl.col("start")).select(
        "group", "figure", "day", "value", "what", "record"
    )


def _members(
    people: pl.DataFrame, happened: pl.DataFrame, windows: pl.DataFrame, today: date
) -> pl.DataFrame:
    """Return who was seen in each group in its window, or belongs to it by the group's own tests.

    ``day`` is when they were first seen there; ``new`` is whether you first met on that day.
    """
    seen = (
        happened.filter(pl.col("group").is_in(windows.get_column("group").to_list()))
        .select("group", "person_id", "day", "record")
        .sort("day", "record")
        .group_by("group", "person_id")
        .agg(pl.col("day").first(), pl.col("record").first(), pl.col("day").last().alias("last"))
    )
    listed = (
        people.select(
            pl.col("id").alias("person_id"),
            "name",
            "groups",
            target=pl.col("segments").list.len() > 0,
            first_day=pl.lit(today) - pl.duration(days="days_known"),
        )
        .explode("groups")
        .rename({"groups": "group"})
        .join(windows, on="group")
        .join(seen, on=["group", "person_id"], how="left")
    )
    return listed.filter(pl.col("last").is_null() | (pl.col("last") > pl.col("start"))).with_columns(
        new=(pl.col("day") > pl.col("start")) & (pl.col("day") == pl.col("first_day")),
        what=pl.coalesce("name", "person_id"),
        record=pl.coalesce("record", pl.lit("rules")),
    )


def _member_lines(members: pl.DataFrame, today: date) -> list[pl.DataFrame]:
    target = members.filter("target")
    new = target.filter(pl.col("new").fill_null(value=False))
    recent = new.filter(pl.col("day") > today - relativedelta(months=MONTHS // 2))
    frames = {
        "members": members,
        "target_members": target,
        "new_target_members": new,
        "new_target_members_6mo": recent,
    }
    return [_line(frame, figure) for figure, frame in frames.items()]


def _support(
    ledger: pl.DataFrame, referrals: pl.DataFrame, windows: pl.DataFrame, today: date
) -> list[pl.DataFrame]:
    """Lines of referrals, business and weights, from journal lines that name the group."""
    entries = ledger.join(windows, on="group").filter(pl.col("day") > pl.col("start"))
    entries = entries.with_columns(what=pl.coalesce("note", "kind"), record=pl.col("place"))
    weighed = entries.filter(pl.col("weight") > 0)
    bought = entries.filter((pl.col("kind") == "purchase") & (pl.col("amount") > 0))
    made = (
        referrals.filter(pl.col("person_id").is_not_null())
        .join(windows, on="group")
        .with_columns(
            what=pl.concat_str("person", pl.lit(" and "), pl.col("other").fill_null("somebody")),
            record=pl.col("places").list.join(", "),
        )
    )
    won = made.filter(pl.col("won_on").is_not_null() & (pl.col("amount") > 0)).with_columns(day="won_on")
    won = won.filter((pl.col("day") > pl.col("start")) & (pl.col("day") <= today))
    made = made.with_columns(day="made_on").filter(pl.col("day") > pl.col("start"))
    found = []
    for direction in ("given", "received"):
        way = pl.col("direction") == direction
        found += [
            _line(weighed.filter(way), direction, pl.col("weight")),
            _line(made.filter(way), f"referrals_{direction}"),
            _line(won.filter(way), f"business_{direction}", pl.col("amount")),
            _line(bought.filter(way), f"business_{direction}", pl.col("amount")),
        ]
    return found


def _first_business(
    ledger: pl.DataFrame, referrals: pl.DataFrame, joined: dict[str, date], today: date
) -> dict[str, int]:
    """Whole months from joining to the first business received, by group."""
    way = pl.col("direction") == "received"
    bought = ledger.filter(way & (pl.col("kind") == "purchase") & (pl.col("amount") > 0))
    won = referrals.filter(way & (pl.col("won_on") <= today) & (pl.col("amount") > 0))
    days = pl.concat([bought.select("group", "day"), won.select("group", pl.col("won_on").alias("day"))])
    first: dict[str, date] = dict(days.drop_nulls().group_by("group").agg(pl.col("day").min()).iter_rows())
    return {
        group: max(0, months_between(joined[group], day)) for group, day in first.items() if group in joined
    }


def _facts(
    groups: Sequence[DeclaredGroup],
    lines: pl.DataFrame,
    joined: dict[str, date],
    first_business: dict[str, int],
    today: date,
) -> pl.DataFrame:
    number = pl.Decimal(38, MONEY)
    sums = lines.group_by("group", "figure").agg(pl.col("value").sum())
    wide = sums.pivot(on="figure", on_columns=[*_SUMS, "given", "received"], index="group", values="value")
    rows = [
        (g.id, g.name, g.kind, _months_in(joined.get(g.id), today), first_business.get(g.id)) for g in groups
    ]
    types: dict[str, Any] = {
        "id": pl.String, "name": pl.String, "kind": pl.String, "months_in": pl.Int64,
        "months_to_first_business": pl.Int64,
    }  # fmt: skip
    frame = pl.DataFrame(rows, schema=types, orient="row").join(
        wide, left_on="id", right_on="group", how="left", maintain_order="left"
    )
    recent = pl.col("new_target_members_6mo").fill_null(0)
    before = pl.col("new_target_members").fill_null(0) - recent
    trend = (
        pl.when(pl.col("months_in") >= MONTHS)
        .then(
            pl.when(recent > before)
            .then(pl.lit("growing"))
            .when(recent < before)
            .then(pl.lit("shrinking"))
            .otherwise(pl.lit("steady"))
        )
        .alias("trend")
    )
    balance = pl.when(pl.col("given").is_not_null() | pl.col("received").is_not_null()).then(
        pl.col("given").fill_null(0) - pl.col("received").fill_null(0)
    )
    new = pl.col("new_target_members")
    each = pl.when(new > 0).then(
        (pl.col("money").fill_null(0).cast(pl.Float64) / new.cast(pl.Float64)).round(2)
    )
    return frame.with_columns(
        trend, balance.cast(number).alias("balance"), each.cast(number).alias("cost_per_new_target")
    ).with_columns(pl.col(name).fill_null(0).cast(number if name in _MONEY else pl.Int64) for name in _SUMS)


def _months_in(joined: date | None, today: date) -> int | None:
    return None if joined is None else max(0, months_between(joined, today))


def by_month(lines: pl.DataFrame, today: date) -> pl.DataFrame:
    """Return ``group, figure, month, value`` of the last twelve calendar months; ``month`` is a first day."""
    first = today.replace(day=1) - relativedelta(months=MONTHS - 1)
    return (
        lines.filter((pl.col("day") >= first) & (pl.col("day") <= today))
        .group_by("group", "figure", pl.col("day").dt.truncate("1mo").alias("month"))
        .agg(pl.col("value").sum())
        .sort("group", "figure", "month")
    )
