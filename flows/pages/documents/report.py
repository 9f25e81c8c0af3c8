"""The document of ``report``: the network at a glance, and the documents of the single commands."""

from __future__ import annotations

from datetime import date
from typing import Literal, get_args

import polars as pl
from pydantic import ConfigDict, Field

from flows.pages.documents.balance import BalanceDocument, balance
from flows.pages.documents.base import Document
from flows.pages.documents.groups import GroupsDocument, groups
from flows.pages.documents.people import TIERS
from flows.pages.documents.referrals import IntroductionsDocument, ReferralsDocument, introductions, referrals
from flows.run.facts.support import Support

State = Literal["fresh", "due", "stale", "no clock"]

NO_TIER = "no tier"
_DUE_FROM = 0.8
"""The share of the cadence from which a person is due; four fifths leave time to find a date."""


class TierCounts(Document):
    """How many people of one tier are fresh, due or stale."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    tier: str
    fresh: int = Field(description="Within the cadence.")
    due: int = Field(
        description="Beyond four fifths of the cadence, or beyond all of it with a meeting booked."
    )
    stale: int = Field(description="Beyond the cadence with nothing booked.")
    no_clock: int = Field(alias="no clock", description="Without a cadence, or never in contact.")

    def of(self, state: State) -> int:
        """Return the count of one state."""
        return {"fresh": self.fresh, "due": self.due, "stale": self.stale, "no clock": self.no_clock}[state]


class GoingCold(Document):
    """A stale person."""

    person_id: str
    person: str
    tier: str | None
    days_since_contact: int | None
    cadence_days: int | None
    targets_introduced: int = Field(
        description="Target people that this person referred or introduced to you."
    )
    targets_around: int


class NetworkDocument(Document):
    """The network at a glance."""

    people: int
    stale: int
    going_cold: tuple[GoingCold, ...] = Field(
        description="The stale people, the furthest beyond the cadence first."
    )
    tiers: tuple[TierCounts, ...]


class ReportDocument(Document):
    """Every figure of the HTML report."""

    today: date
    network: NetworkDocument
    balance: BalanceDocument
    groups: GroupsDocument
    referrals: ReferralsDocument
    introductions: IntroductionsDocument


def report(support: Support) -> ReportDocument:
    """Return the document of ``report``."""
    return ReportDocument(
        today=support.today,
        network=network(support),
        balance=balance(support),
        groups=groups(support),
        referrals=referrals(support),
        introductions=introductions(support),
    )


def network(support: Support) -> NetworkDocument:
    """Count the people of each tier that are fresh, due or stale, and list who is going cold."""
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
    tiers: dict[str, dict[str, int]] = {}
    for tier, name, count in counted.iter_rows():
        tiers.setdefault(tier, {})[name] = count
    none = dict.fromkeys(get_args(State), 0)
    return NetworkDocument(
        people=support.persons.height,
        stale=sum(counts.get("stale", 0) for counts in tiers.values()),
        going_cold=_going_cold(support),
        tiers=tuple(
            TierCounts.model_validate({"tier": tier, **none, **tiers[tier]})
            for tier in sorted(tiers, key=_place)
        ),
    )


def _place(tier: str) -> tuple[int, str]:
    """The starter rules' tiers in their order, then the user's own by name, then people without a tier."""
    if tier in TIERS:
        return TIERS.index(tier), ""
    return len(TIERS) + (tier == NO_TIER), tier


def _going_cold(support: Support) -> tuple[GoingCold, ...]:
    rows = support.persons.filter("stale").sort("cadence_used", "name", "id", descending=[True, False, False])
    return tuple(
        GoingCold.filled(row, person_id=row["id"], person=row["name"]) for row in rows.iter_rows(named=True)
    )
