"""The document of ``balance``: what each person and group gave and received."""

from __future__ import annotations

import datetime as dt
from typing import Literal, get_args

import polars as pl
from pydantic import Field

from flows.pages.documents.base import Document, Number, number
from flows.run.facts.support import Support
from people.facts.ledger import LEDGER_DAYS, group_totals

Warning = Literal["only-taking", "over-giving", "owe-them"]  # noqa: A001 - the JSON key's own word
"""Tags of the starter rules that warn of a one-sided balance, the gravest first."""


class LedgerLine(Document):
    """One journal line that counts as given or received."""

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
    """What one person gave and received, in points (weights of the rules)."""

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


def balance(support: Support) -> BalanceDocument:
    """Return the document of ``balance``."""
    lines: dict[str, list[LedgerLine]] = {}
    for row in support.ledger.sort("day", "place").iter_rows(named=True):
        lines.setdefault(row["person_id"], []).append(LedgerLine.filled(row, date=row["day"]))
    people = support.persons.filter(pl.col("balance").is_not_null()).sort(
        pl.col("balance").abs(), "name", "id", descending=[True, False, False]
    )
    return BalanceDocument(
        today=support.today,
        window_days=LEDGER_DAYS,
        weights={kind: number(weight) for kind, weight in support.weights.items()},
        people=tuple(
            PersonBalance.filled(
                row,
                person_id=row["id"],
                person=row["name"],
                warning=next((tag for tag in get_args(Warning) if tag in row["tags"]), None),
                lines=lines.get(row["id"], []),
            )
            for row in people.iter_rows(named=True)
        ),
        groups=tuple(GroupBalance.filled(row) for row in group_totals(support.ledger).iter_rows(named=True)),
    )
