"""The JSON documents of mutual support; the commands, the report and the artifacts all show these.

Money and hours are rounded to two decimals, weights to six. Days are ``YYYY-MM-DD``, months ``YYYY-MM``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from dateutil.relativedelta import relativedelta

from flows.run.facts.support import MonthSpend, Support
from people.facts import groups as groups_frame
from people.facts.introductions import Introduction
from people.facts.ledger import LEDGER_DAYS, group_totals
from rules.engine.judging.judge import Judgement

TIERS = ("key", "target", "connector", "general", "dormant", "off-limits")
NO_TIER = "no tier"
STATES = ("fresh", "due", "stale", "no clock")
_DUE_FROM = 0.8


def number(value: Decimal | float | None) -> float | int | None:
    """A decimal as a JSON number with at most two decimals; whole ones without any."""
    if value is None:
        return None
    rounded = round(float(value), 2)
    return int(rounded) if rounded == int(rounded) else rounded


def groups(support: Support) -> dict[str, Any]:
    """The document of ``groups --json``: every group's figures and verdict, and the budget by month."""
    window_from = support.today - relativedelta(months=groups_frame.MONTHS)
    trend = groups_frame.by_month(support.group_lines, support.today)
    return {
        "today": support.today.isoformat(),
        "currency": support.currency,
        "window": {"after": window_from.isoformat(), "to": support.today.isoformat()},
        "groups": [
            {
                **{name: _plain(row[name]) for name in row},
                "because": deciding(support.groups, index, "verdict"),
                "months": _months(trend, row["id"]),
            }
            for index, row in enumerate(support.groups.frame.iter_rows(named=True))
        ],
        "investment": investment(support),
    }


def _months(trend: pl.DataFrame, group: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for figure, month, value in trend.filter(pl.col("group") == group).drop("group").iter_rows():
        if figure in _TREND:
            key = month.strftime("%Y-%m")
            found.setdefault(key, {"month": key, **dict.fromkeys(_TREND, 0)})[figure] = number(value)
    return [found[key] for key in sorted(found)]


_TREND = ("meetings_attended", "hours", "money", "new_target_members", "business_received")


def deciding(judged: Judgement, index: int, key: str) -> dict[str, Any] | None:
    """The rule that decided ``key`` of one row, with what it saw; None when no rule did."""
    rule = next(
        (r for r in judged.ruleset.of(judged.subject) if key in r.then and judged.masks[r.id][index]), None
    )
    if rule is None:
        return None
    row = judged.frame.row(index, named=True)
    tests = [test for tests in rule.when for test in tests]
    return {
        "rule": rule.id,
        "file": rule.place.file,
        "line": rule.place.line,
        "why": rule.why,
        "saw": {test.field: _plain(row[test.field]) for test in tests},
    }


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return number(value)
    return value.isoformat() if isinstance(value, date) else value


def investment(support: Support) -> dict[str, Any]:
    """Hours and money of the last twelve months, by month and by group, against the budget."""
    document: dict[str, Any] = {}
    for figure in ("hours", "money"):
        months = support.months(figure)
        document[figure] = {
            "budget_per_month": number(months[-1].budget),
            "months": [_month(month) for month in months],
            "groups": _by_group(support, figure, months[0].month),
        }
    document["warnings"] = [problem.model_dump() for problem in support.problems]
    return document


def _month(month: MonthSpend) -> dict[str, Any]:
    return {
        "month": month.month.strftime("%Y-%m"),
        "spent": number(month.spent),
        "booked": number(month.booked),
        "state": month.state,
    }


def _by_group(support: Support, figure: str, first: date) -> list[dict[str, Any]]:
    spent = support.spent.filter(
        (pl.col("figure") == figure) & (pl.col("day") >= first) & (pl.col("state") == "spent")
    )
    rows = (
        spent.group_by("group", pl.col("day").dt.strftime("%Y-%m").alias("month"))
        .agg(pl.col("value").sum())
        .sort("group", "month", nulls_last=True)
    )
    found: dict[str | None, dict[str, Any]] = {}
    for group, month, value in rows.iter_rows():
        entry = found.setdefault(group, {"group": group, "months": {}})
        entry["months"][month] = number(value)
    return list(found.values())


def balance(support: Support) -> dict[str, Any]:
    """The document of ``balance --json``: what each person and group gave and got, most one-sided first."""
    lines: dict[str, list[dict[str, Any]]] = {}
    for row in support.ledger.sort("day", "place").iter_rows(named=True):
        lines.setdefault(row["person_id"], []).append(_entry(row))
    people = support.persons.filter(pl.col("balance").is_not_null()).sort(
        pl.col("balance").abs(), "name", "id", descending=[True, False, False]
    )
    return {
        "today": support.today.isoformat(),
        "window_days": LEDGER_DAYS,
        "weights": {kind: number(weight) for kind, weight in support.weights.items()},
        "people": [
            {
                "person_id": row["id"],
                "person": row["name"],
                **{name: _plain(_as_decimal(row[name])) for name in _BALANCE},
                "tags": row["tags"],
                "warning": next((tag for tag in WARNINGS if tag in row["tags"]), None),
                "lines": lines.get(row["id"], []),
            }
            for row in people.select("id", "name", "tags", *_BALANCE).iter_rows(named=True)
        ],
        "groups": [
            {name: _plain(value) for name, value in row.items()}
            for row in group_totals(support.ledger).iter_rows(named=True)
        ],
    }


_BALANCE = (
    "given", "received", "balance", "given_count", "received_count", "referrals_given",
    "referrals_received", "targets_introduced", "targets_around",
)  # fmt: skip
WARNINGS = ("only-taking", "over-giving", "owe-them")
"""Tags of the starter rules that warn of a balance."""


def _as_decimal(value: object) -> object:
    return Decimal(str(value)) if isinstance(value, float) else value


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "date": row["day"].isoformat(),
        "kind": row["kind"],
        "direction": row["direction"],
        "weight": number(row["weight"]),
        "amount": number(row["amount"]),
        "group": row["group"],
        "note": row["note"],
        "news": row["news"],
        "place": row["place"],
    }


def referrals(support: Support) -> dict[str, Any]:
    """The document of ``referrals --json``: each referral, the funnel, and mentions apart from it."""
    rows = [
        {
            "id": row["id"],
            "person_id": row["person_id"],
            "person": row["person"],
            "other_id": row["other_id"],
            "other": row["other"],
            "direction": row["direction"],
            "group": row["group"],
            "status": row["outcome"],
            "value": number(row["amount"]),
            "made_on": row["made_on"].isoformat(),
            "updated_on": row["updated_on"].isoformat(),
            "days_since": row["days_since"],
            "days_since_update": row["days_since_update"],
            "waits": "waiting" in row["tags"],
            "tags": row["tags"],
            "note": row["note"],
            "lines": row["places"],
        }
        for row in support.referrals.frame.iter_rows(named=True)
    ]
    return {
        "today": support.today.isoformat(),
        "currency": support.currency,
        "referrals": rows,
        "funnel": {way: _funnel(rows, way) for way in ("given", "received")},
        "mentions": [
            {**row, "date": row["date"].isoformat()} for row in support.mentions.iter_rows(named=True)
        ],
    }


def _funnel(rows: list[dict[str, Any]], direction: str) -> dict[str, Any]:
    """How far the referrals of one direction came: each step counts those that reached it."""
    own = [row for row in rows if row["direction"] == direction]
    at = {step: sum(row["status"] == step for row in own) for step in _KNOWN}
    return {
        "introduced": len(own),
        "met": sum(at[step] for step in ("met", "won", "lost", "nothing yet")),
        "won": at["won"],
        "lost": at["lost"],
        "waiting": sum(row["waits"] for row in own),
        "value": number(sum(row["value"] or 0 for row in own if row["status"] == "won")),
    }


_KNOWN = ("introduced", "met", "won", "lost", "nothing yet")


def introductions(support: Support) -> dict[str, Any]:
    """The document of ``introductions --json``: this week's suggestions, and how many wait behind them."""
    found = support.suggestions
    return {
        "today": support.today.isoformat(),
        "per_week": support.budget.introductions_per_week,
        "introductions": [_introduction(one) for one in found[: support.this_week]],
        "waiting": max(0, len(found) - support.this_week),
    }


def _introduction(one: Introduction) -> dict[str, Any]:
    return {**asdict(one), "mutual": list(one.mutual), "value": number(one.value)}


def glance(support: Support) -> dict[str, Any]:
    """The network at a glance: how many people of each tier are fresh, due or stale.

    *Due* is who has used up four fifths of the cadence, or more with a meeting booked; *no clock* is who
    has no cadence, or was never in contact.
    """
    used = pl.col("cadence_used").cast(pl.Float64)
    state = (
        pl.when("stale")
        .then(pl.lit("stale"))
        .when(used.is_null())
        .then(pl.lit("no clock"))
        .when(used >= _DUE_FROM)
        .then(pl.lit("due"))
        .otherwise(pl.lit("fresh"))
    )
    counted = support.persons.group_by(pl.col("tier").fill_null(NO_TIER), state.alias("state")).len()
    counts = {(tier, state): count for tier, state, count in counted.iter_rows()}
    seen = {tier for tier, _ in counts}
    tiers = (
        [tier for tier in TIERS if tier in seen]
        + sorted(seen - {*TIERS, NO_TIER})
        + [NO_TIER] * (NO_TIER in seen)
    )
    return {
        "people": support.persons.height,
        "stale": sum(count for (_, state), count in counts.items() if state == "stale"),
        "going_cold": _going_cold(support),
        "tiers": [{"tier": tier, **{s: counts.get((tier, s), 0) for s in STATES}} for tier in tiers],
    }


def _going_cold(support: Support) -> list[dict[str, Any]]:
    """Who is stale, the furthest beyond the cadence first."""
    rows = support.persons.filter("stale").sort("cadence_used", "name", "id", descending=[True, False, False])
    names = ("tier", "days_since_contact", "cadence_days", "targets_introduced", "targets_around")
    return [
        {"person_id": row["id"], "person": row["name"], **{name: row[name] for name in names}}
        for row in rows.select("id", "name", *names).iter_rows(named=True)
    ]


def group_lines(support: Support, group: str) -> list[dict[str, Any]]:
    """Every line behind a group's figures, by figure and day."""
    own = support.group_lines.filter(pl.col("group") == group).drop("group")
    order = list(dict.fromkeys(own.get_column("figure")))
    return [
        {**row, "day": row["day"].isoformat() if row["day"] else None, "value": round(float(row["value"]), 4)}
        for row in own.sort(
            pl.col("figure").cast(pl.Enum(order)), "day", "record", nulls_last=True
        ).iter_rows(named=True)
    ]
