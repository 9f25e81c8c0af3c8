"""The document of ``balance``: what each person and group gave and received."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, get_args

import polars as pl
from pydantic import Field

from flows.pages.documents.base import Document, Number, number, number_or_none
from flows.run.facts.support import Support
from people.facts.ledger import LEDGER_DAYS, group_totals

Warning = Literal["only-taking", "over-giving", "owe-them"]  # noqa: A001 - the JSON key's own word
"""Tags of the starter rules that warn of a one-sided balance, the gravest first."""


class LedgerLine(Document):
    """One journal line of the ledger."""

    date: dt.date
    kind: str
    direction: str | None
    weight: Number
    amount: Number | None
    group: str | None
    note: str | None
    news: bool = Field(description="Whether the line is news of an earlier referral, and weighs nothing.")
    place: str = Field(description="The line of the journal file.")


class PersonBalance(Document):
    """What one person gave and received, in ledger points."""

    person_id: str
    person: str
    given: Number
    received: Number
    balance: Number
    given_count: int
    received_count: int
    referrals_given: int
    referrals_received: int
    targets_introduced: int
    targets_around: int
    tags: tuple[str, ...]
    warning: Warning | None
    lines: tuple[LedgerLine, ...]


class GroupBalance(Document):
    """What was given and received through one group."""

    group: str
    given: Number
    received: Number
    balance: Number


class BalanceDocument(Document):
    """What you gave and received in the last year, the most one-sided first."""

    today: dt.date
    window_days: int
    weights: dict[str, Number] = Field(description="By kind of journal line, its weight.")
    people: tuple[PersonBalance, ...]
    groups: tuple[GroupBalance, ...]


_FIGURES = ("given", "received", "balance")
_COUNTS = (
    "given_count", "received_count", "referrals_given", "referrals_received", "targets_introduced",
    "targets_around",
)  # fmt: skip


def balance(support: Support) -> BalanceDocument:
    """Return the document of ``balance``."""
    lines: dict[str, list[LedgerLine]] = {}
    for row in support.ledger.sort("day", "place").iter_rows(named=True):
        lines.setdefault(row["person_id"], []).append(_line(row))
    people = support.persons.filter(pl.col("balance").is_not_null()).sort(
        pl.col("balance").abs(), "name", "id", descending=[True, False, False]
    )
    return BalanceDocument(
        today=support.today,
        window_days=LEDGER_DAYS,
        weights={kind: number(weight) for kind, weight in support.weights.items()},
        people=tuple(
            _person(row, lines.get(row["id"], []))
            for row in people.select("id", "name", "tags", *_FIGURES, *_COUNTS).iter_rows(named=True)
        ),
        groups=tuple(
            GroupBalance.model_validate({"group": row["group"], **_figures(row)})
            for row in group_totals(support.ledger).iter_rows(named=True)
        ),
    )


def _person(row: Mapping[str, Any], lines: list[LedgerLine]) -> PersonBalance:
    return PersonBalance.model_validate(
        {
            "person_id": row["id"],
            "person": row["name"],
            **_figures(row),
            **{name: row[name] for name in _COUNTS},
            "tags": tuple(row["tags"]),
            "warning": next((tag for tag in get_args(Warning) if tag in row["tags"]), None),
            "lines": tuple(lines),
        }
    )


def _figures(row: Mapping[str, Any]) -> dict[str, Number]:
    return {name: number(Decimal(str(row[name]))) for name in _FIGURES}


def _line(row: Mapping[str, Any]) -> LedgerLine:
    return LedgerLine(
        date=row["day"],
        kind=row["kind"],
        direction=row["direction"],
        weight=number(row["weight"]),
        amount=number_or_none(row["amount"]),
        group=row["group"],
        note=row["note"],
        news=row["news"],
        place=row["place"],
    )
