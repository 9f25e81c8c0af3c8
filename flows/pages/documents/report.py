"""The document of ``report``: what to do, who you meet, the network at a glance, and other documents."""

from __future__ import annotations

from datetime import date
from typing import Literal, get_args

import polars as pl
from pydantic import ConfigDict, Field

from flows.pages.documents.balance import BalanceDocument
from flows.pages.documents.base import Document
from flows.pages.documents.brief import BriefMeeting
from flows.pages.documents.groups import GroupsDocument
from flows.pages.documents.people import TIERS
from flows.pages.documents.referrals import IntroductionsDocument, ReferralsDocument
from flows.run.facts.support import Support
from people.tasks import About, Channel

State = Literal["fresh", "due", "stale", "no clock"]

STATES: dict[State, str] = {
    "fresh": "in touch",
    "due": "due soon",
    "stale": "going cold",
    "no clock": "not timed",
}
"""The states as a reader calls them."""

Part = Literal["balance", "groups", "investment", "referrals", "introductions"]
"""A part of the report that somebody may not use."""

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

    @property
    def people(self) -> int:
        """How many people have this tier."""
        return self.fresh + self.due + self.stale + self.no_clock

    def share(self, state: State) -> str:
        """Return the share of one state in percent, in words: ``12 %``, or ``<1 %``."""
        count = self.of(state)
        percent = round(100 * count / self.people) if self.people else 0
        if count and not percent:
            return "<1 %"
        return ">99 %" if count < self.people and percent == 100 else f"{percent} %"

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
    without_contact: int = Field(description="People without any contact on record. They cannot go cold.")
    stale: int
    going_cold: tuple[GoingCold, ...] = Field(
        description="The stale people, the furthest beyond the cadence first."
    )
    tiers: tuple[TierCounts, ...]


class ReportTask(Document):
    """An open follow-up, in the words of its task."""

    key: str
    short_key: str = Field(description="The start of the key that no other one shares.")
    person_id: str
    title: str = Field(description="With the person's full name and firm.")
    why: str = Field(description="Why it is there, in words.")
    notes: str
    channel: Channel
    due: date
    moved: bool = Field(description="Whether you moved it to its due day.")


class ReportDocument(Document):
    """Every figure of the HTML report."""

    today: date
    first_step: str | None = Field(description="What a network that cannot work yet lacks; null if nothing.")
    tasks: tuple[ReportTask, ...] = Field(description="What is to do, the earliest due day first.")
    waiting: int = Field(description="How many follow-ups wait for a place.")
    meetings: tuple[BriefMeeting, ...] = Field(description="The meetings of today and the next seven days.")
    network: NetworkDocument
    balance: BalanceDocument
    groups: GroupsDocument
    referrals: ReferralsDocument
    introductions: IntroductionsDocument
    people: dict[str, About] = Field(description="By id, how to reach the people that the report names.")
    not_used: tuple[Part, ...] = Field(
        description="The parts that have nothing to show, because nothing feeds them."
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
        without_contact=support.persons.get_column("last_contact").null_count(),
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
