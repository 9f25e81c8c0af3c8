"""The documents of ``referrals`` and ``introductions``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from flows.pages.documents.base import Document, Number
from flows.run.facts.support import Support

Way = Literal["given", "received"]


class Referral(Document):
    """One referral: the two people, and how it ended."""

    id: str
    person_id: str | None
    person: str
    other_id: str | None
    other: str | None
    direction: str | None
    group: str | None
    status: str = Field(description="`introduced`, `met`, `won`, `lost` or `nothing yet`.")
    value: Number | None
    made_on: dt.date
    updated_on: dt.date
    days_since: int
    days_since_update: int
    waits: bool = Field(description="Whether it waits for news from you.")
    tags: tuple[str, ...]
    note: str | None
    lines: tuple[str, ...] = Field(description="The lines of the journal file.")


class Funnel(Document):
    """How many referrals of one direction reached each step."""

    introduced: int
    met: int
    won: int
    lost: int
    waiting: int
    value: Number = Field(description="The value of those that were won.")


class Funnels(Document):
    """The referrals you gave, and those you received."""

    given: Funnel
    received: Funnel

    def of(self, way: Way) -> Funnel:
        """Return one of the two directions."""
        return self.given if way == "given" else self.received


class Mention(Document):
    """One mention: word of mouth, which is not a referral."""

    date: dt.date
    person: str
    person_id: str | None
    direction: str | None
    note: str | None
    place: str


class ReferralsDocument(Document):
    """Each referral and mention, the newest first, and the funnel."""

    today: dt.date
    currency: str
    referrals: tuple[Referral, ...]
    funnel: Funnels
    mentions: tuple[Mention, ...]


def referrals(support: Support) -> ReferralsDocument:
    """Return the document of ``referrals``."""
    rows = [
        Referral.filled(
            row,
            status=row["outcome"],
            value=row["amount"],
            waits="waiting" in row["tags"],
            lines=row["places"],
        )
        for row in support.referrals.frame.iter_rows(named=True)
    ]
    funnel = Funnels(given=_funnel(rows, "given"), received=_funnel(rows, "received"))
    mentions = list(support.mentions.iter_rows(named=True))
    return ReferralsDocument.filled(support, referrals=rows, funnel=funnel, mentions=mentions)


def _funnel(rows: Sequence[Referral], way: Way) -> Funnel:
    """How far the referrals of one direction came: each step counts those that reached it."""
    own = [row for row in rows if row.direction == way]
    at = {step: sum(row.status == step for row in own) for step in ("met", "won", "lost", "nothing yet")}
    return Funnel(
        introduced=len(own),
        met=sum(at.values()),
        won=at["won"],
        lost=at["lost"],
        waiting=sum(row.waits for row in own),
        value=sum(row.value or 0 for row in own if row.status == "won"),
    )


class IntroductionDocument(Document):
    """Two people who should meet."""

    key: str = Field(description="The key of the pair, for `introductions dismiss`.")
    needs_id: str
    needs: str = Field(description="Who looks for the topic.")
    offers_id: str
    offers: str = Field(description="Who offers it.")
    topic: str
    mutual: tuple[str, ...] = Field(description="Topics that the other one needs in turn.")
    value: Number = Field(description="The rank among the suggestions; higher comes first.")
    reason: str


class IntroductionsDocument(Document):
    """The suggestions of this week, and how many wait for a later one."""

    today: dt.date
    per_week: int = Field(description="The most suggestions per week.")
    introductions: tuple[IntroductionDocument, ...]
    waiting: int


def introductions(support: Support) -> IntroductionsDocument:
    """Return the document of ``introductions``."""
    suggestions = support.suggestions
    return IntroductionsDocument.filled(
        support,
        per_week=support.budget.introductions_per_week,
        introductions=suggestions[: support.this_week],
        waiting=max(0, len(suggestions) - support.this_week),
    )
