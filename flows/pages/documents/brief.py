"""The document of ``brief``: who you meet on a day, and what to know about each."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from flows.pages.documents.base import Document, Number, Second


class BriefReferral(Document):
    """A referral that is still open."""

    id: str
    direction: str | None = Field(description="`given` if you gave it, `received` if you received it.")
    other: str | None = Field(description="The other one of its two people.")
    outcome: str
    made_on: dt.date
    owes_word: Literal["you", "they"] = Field(
        description="Who owes the other one news of it: `they` if you gave it, `you` if you received it."
    )
    to: str | None = Field(
        description="Who waits for your word, if it is not this guest: who gave you the referral."
    )


class BriefHelper(Document):
    """One of your people who could help, or that the guest could help."""

    person_id: str
    name: str
    organisation: str | None
    topic: str = Field(description="What it is about, in the guest's own words.")
    helps: bool = Field(
        description="True: they offer what the guest needs. False: they need what the guest offers."
    )


class BriefFollowUp(Document):
    """An open follow-up."""

    key: str
    short_key: str = Field(description="The start of the key that no other one shares.")
    title: str
    due: dt.date


class BriefGuest(Document):
    """One guest, and what to know about them on the day of the meeting."""

    person_id: str | None = Field(description="Null for a guest that no record names.")
    name: str = Field(description="The name; without one, the address of the invitation.")
    email: str | None = Field(description="The address of the invitation.")
    known: bool = Field(description="False if there is no card of them, and you never met.")
    organisation: str | None = None
    title: str | None = Field(None, description="The job title.")
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    reach: str | None = Field(None, description="The first number as you dial it, else the first address.")
    tier: str | None = None
    stale: bool = Field(default=False, description="Whether the connection is going cold.")
    cadence_days: int | None = None
    last_contact: dt.date | None = Field(None, description="Before today's meetings.")
    last_event: str | None = Field(None, description="The title of the meeting, or the note, behind it.")
    last_together: dt.date | None = Field(None, description="The last event of any size with both of you.")
    contact_days: int = Field(0, description="On how many days of the last 365 you were in contact.")
    first_met: dt.date | None = Field(None, description="The day of the first meeting on record.")
    first_event: str | None = Field(None, description="The title of that meeting.")
    given: Number = 0
    received: Number = 0
    balance: Number | None = Field(None, description="Given minus received; null when nothing is on record.")
    needs: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    birthday: dt.date | None = Field(None, description="If it is near: from a week ago to two weeks ahead.")
    turns: int | None = Field(None, description="The age on that day, if the year of birth is known.")
    referrals: tuple[BriefReferral, ...] = Field((), description="Open referrals, the newest first.")
    helpers: tuple[BriefHelper, ...] = Field((), description="The best three.")
    follow_ups: tuple[BriefFollowUp, ...] = ()
    log: str | None = Field(
        None, description="The command that records the conversation; null for strangers."
    )


class BriefMeeting(Document):
    """One meeting, and its guests: the most important first."""

    record: str = Field(description="The record key, `source:source_id`.")
    title: str | None
    location: str | None
    day: dt.date = Field(description="The first day, in your time zone.")
    start: Second | None = Field(description="In UTC; null for whole days.")
    end: Second | None
    time: str = Field(description="In your time zone: `10:00-11:30`, or `all day`.")
    over: bool = Field(description="Whether it has ended by now.")
    guests: tuple[BriefGuest, ...] = Field(
        description="All guests; of a large meeting, those who matter or with something open."
    )
    more: int = Field(description="How many other guests come.")


class BriefDocument(Document):
    """The meetings of one day; with WHO, one person and their next meeting."""

    today: dt.date
    day: dt.date = Field(description="The day of the meetings.")
    person: BriefGuest | None = Field(description="The person asked about; null for a day.")
    meetings: tuple[BriefMeeting, ...]
    next_day: dt.date | None = Field(
        description="The next day with a meeting, if it is within a week; null for a person."
    )
    next_day_meetings: int = Field(description="How many meetings it has.")
