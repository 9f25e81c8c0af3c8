"""Compare groups: ``GroupFacts`` in bulk, and the lines behind each figure. Pure.

Every figure is the sum of lines (a meeting, a journal line, a fee, a member), so a report can trace it.
The window is the last twelve months.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import polars as pl
from dateutil.relativedelta import relativedelta

from people.facts.declared import GroupFacts
from people.facts.guests import is_past
from people.facts.referrals import NUMBER
from people.facts.spending import DeclaredGroup, joined_on, months_between

MONTHS = 12
"""The window, in months up to today."""
_SUMS = (
    "meetings_attended", "hours", "money", "members", "target_members", "new_target_members",
    "new_target_members_6mo", "referrals_given", "referrals_received", "business_given",
    "business_received",
)  # fmt: skip
_LINE = ("group", "figure", "day", "value", "what", "record")
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
    window = _Window([group.id for group in groups], today - relativedelta(months=MONTHS))
    members = _members(people, happened, window, today)
    lines = pl.concat(
        [
            _meetings(attended, window, today, moment),
            _costs(spent, window),
            *_member_lines(members, today),
            *_support(ledger, referrals, window, today),
        ]
    )
    facts = _facts(groups, lines, joined, _first_business(ledger, referrals, joined, today), today)
    return Groups(facts.select([*GroupFacts.model_fields]), lines)


class _Window(NamedTuple):
    """The ids of the declared groups, and the last day before the window."""

    groups: list[str]
    before: date

    def declared(self) -> pl.Expr:
        return pl.col("group").is_in(self.groups)

    def holds(self) -> pl.Expr:
        return self.declared() & (pl.col("day") > self.before)


def _line(frame: pl.DataFrame, figure: str, value: pl.Expr | None = None) -> pl.DataFrame:
    number = pl.lit(1) if value is None else value
    return frame.with_columns(figure=pl.lit(figure), value=number.cast(NUMBER)).select(_LINE)


def _meetings(attended: pl.DataFrame, window: _Window, today: date, moment: datetime) -> pl.DataFrame:
    own = attended.filter(is_past(moment, today) & window.holds())
    return _line(own.with_columns(what="title"), "meetings_attended")


def _costs(spent: pl.DataFrame, window: _Window) -> pl.DataFrame:
    return spent.filter((pl.col("state") == "spent") & window.holds()).select(_LINE)


def _members(people: pl.DataFrame, happened: pl.DataFrame, window: _Window, today: date) -> pl.DataFrame:
    """Return who was seen in each group in its window, or belongs to it by the group's own tests.

    ``day`` is when they were first seen there; ``new`` is whether you first met on that day.
    """
    seen = (
        happened.filter(window.declared())
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
        .filter(window.declared())
        .join(seen, on=["group", "person_id"], how="left")
    )
    return listed.filter(pl.col("last").is_null() | (pl.col("last") > window.before)).with_columns(
        new=(pl.col("day") > window.before) & (pl.col("day") == pl.col("first_day")),
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
    ledger: pl.DataFrame, referrals: pl.DataFrame, window: _Window, today: date
) -> list[pl.DataFrame]:
    """Lines of referrals, business and weights, from journal lines that name the group."""
    entries = ledger.filter(window.holds()).with_columns(
        what=pl.coalesce("note", "kind"), record=pl.col("place")
    )
    weighed = entries.filter(pl.col("weight") > 0)
    bought = entries.filter((pl.col("kind") == "purchase") & (pl.col("amount") > 0))
    known = referrals.filter(pl.col("person_id").is_not_null()).with_columns(
        what=pl.concat_str("person", pl.lit(" and "), pl.col("other").fill_null("somebody")),
        record=pl.col("places").list.join(", "),
    )
    won = known.with_columns(day="won_on").filter(
        window.holds() & (pl.col("day") <= today) & (pl.col("amount") > 0)
    )
    made = known.with_columns(day="made_on").filter(window.holds())
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
    sums = lines.group_by("group", "figure").agg(pl.col("value").sum())
    wide = sums.pivot(on="figure", on_columns=[*_SUMS, "given", "received"], index="group", values="value")
    months_in = {group: max(0, months_between(day, today)) for group, day in joined.items()}
    rows = [(g.id, g.name, g.kind, months_in.get(g.id), first_business.get(g.id)) for g in groups]
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
        pl.when(pl.col("months_in").fill_null(0) < MONTHS)
        .then(None)
        .when(recent > before)
        .then(pl.lit("growing"))
        .when(recent < before)
        .then(pl.lit("shrinking"))
        .otherwise(pl.lit("steady"))
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
        trend, balance.cast(NUMBER).alias("balance"), each.cast(NUMBER).alias("cost_per_new_target")
    ).with_columns(pl.col(name).fill_null(0).cast(NUMBER if name in _MONEY else pl.Int64) for name in _SUMS)


def by_month(lines: pl.DataFrame, today: date) -> pl.DataFrame:
    """Return ``group, figure, month, value`` of the last twelve calendar months; ``month`` is a first day."""
    first = today.replace(day=1) - relativedelta(months=MONTHS - 1)
    return (
        lines.filter((pl.col("day") >= first) & (pl.col("day") <= today))
        .group_by("group", "figure", pl.col("day").dt.truncate("1mo").alias("month"))
        .agg(pl.col("value").sum())
        .sort("group", "figure", "month")
    )
