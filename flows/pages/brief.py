"""The brief: who you meet on a day and what to know about each, built from the store and the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from flows.pages.documents.brief import BriefDocument, BriefGuest, BriefMeeting
from flows.pages.guests import guests_of, stranger, with_helpers
from flows.run.context import Context, start_of_day
from flows.run.facts import appointments
from flows.run.facts.appointments import Appointments
from flows.run.look import look_from
from flows.run.rule_versions import rules_in_force
from people.facts.person import FULL_UP_TO

LOOK_AHEAD = 7
"""Days in which the next day with a meeting is looked for."""
MATTER = ("key", "target", "connector")
"""The tiers of guests who are listed even at a large meeting, the most important first."""
MOST_OF_A_LARGE_ONE = 12
"""How many guests of a large meeting are listed."""

Row = Mapping[str, Any]


def of_day(context: Context, day: date, now: datetime | None = None) -> BriefDocument:
    """Brief on the meetings of ``day``. ``now`` (UTC) says which are over; None: none is."""
    return of_days(context, [day], now)[0]


def of_days(context: Context, days: Sequence[date], now: datetime | None = None) -> list[BriefDocument]:
    """Brief on the meetings of each of ``days``, which are in order. Their guests are judged once."""
    context = _before_meetings(context)
    rules, me = rules_in_force(context.store, context.settings), context.settings.me
    ahead = appointments.between(context.store, rules, me, days[0], days[-1] + timedelta(days=LOOK_AHEAD))
    rows = {day: list(ahead.on(day, me.time_zone).iter_rows(named=True)) for day in days}
    invited = {row["record"]: _guests(ahead, row) for meetings in rows.values() for row in meetings}
    ids = {guest["person_id"] for guests in invited.values() for guest in guests if guest["person_id"]}
    seen = look_from(context, rules, ids)
    shown: dict[tuple[date, str], list[BriefGuest]] = {}
    for day, meetings in rows.items():
        known = guests_of(context, seen, day) if meetings else {}
        for row in meetings:
            guests = _in_order(invited[row["record"]], known, row["title"], day)
            shown[day, row["record"]] = _shown(row, guests)
    listed = {one.person_id: one for guests in shown.values() for one in guests if one.person_id}
    helpers = {person: one.helpers for person, one in with_helpers(context, seen, listed).items()}
    documents = []
    for day, meetings in rows.items():
        next_day, count = _next_day(ahead, day, me.time_zone)
        briefs = tuple(
            _meeting(
                row,
                [
                    one.model_copy(update={"helpers": helpers.get(one.person_id or "", ())})
                    for one in shown[day, row["record"]]
                ],
                len(invited[row["record"]]),
                context,
                now,
            )
            for row in meetings
        )
        documents.append(
            BriefDocument(
                today=context.today,
                day=day,
                person=None,
                meetings=briefs,
                next_day=next_day,
                next_day_meetings=count,
            )
        )
    return documents


def of_person(context: Context, person: str, now: datetime | None = None) -> BriefDocument:
    """Brief on one person, and on their next meeting after ``now`` (UTC; None: from today on)."""
    context = _before_meetings(context)
    seen = look_from(context, rules_in_force(context.store, context.settings), [person])
    booked = appointments.of_calendar(context.store, seen.people.calendar)
    coming = _after(booked, person, now or context.moment, context.today)
    row = next(coming.iter_rows(named=True), None)
    day = _day(row, context) if row else context.today
    guests = with_helpers(context, seen, guests_of(context, seen, day))
    guest = guests[person]
    meetings = (_meeting(row, [guest], len(_guests(booked, row)), context, now),) if row else ()
    return BriefDocument(
        today=context.today, day=day, person=guest, meetings=meetings, next_day=None, next_day_meetings=0
    )


def _before_meetings(context: Context) -> Context:
    """The context at the start of its day: a meeting of today does not count yet."""
    zone = context.settings.me.zone
    return replace(context, moment=start_of_day(context.today, zone), caches=False)


def _guests(booked: Appointments, row: Row) -> list[dict[str, Any]]:
    return list(booked.guests.filter(pl.col("record") == row["record"]).iter_rows(named=True))


def _after(booked: Appointments, person: str, moment: datetime, today: date) -> pl.DataFrame:
    theirs = booked.guests.filter(pl.col("person_id") == person)
    ahead = pl.coalesce(pl.col("end_at") > moment, pl.col("end_date") > today)
    return booked.meetings.join(theirs, on="record", how="semi", maintain_order="left").filter(ahead)


def _in_order(
    guests: Iterable[Row], known: Mapping[str, BriefGuest], event: str | None, day: date
) -> list[BriefGuest]:
    """The most important guests first; strangers last."""
    briefs = [
        known[guest["person_id"]].model_copy(update={"email": guest["email"]})
        if guest["person_id"] in known
        else stranger(guest["name"], guest["email"], event, day)
        for guest in guests
    ]
    return sorted(briefs, key=lambda one: (not one.known, _rank(one), not _something_open(one), one.name))


def _rank(guest: BriefGuest) -> int:
    return MATTER.index(guest.tier) if guest.tier in MATTER else len(MATTER)


def _something_open(guest: BriefGuest) -> bool:
    return bool(guest.follow_ups or guest.referrals)


def _shown(row: Row, guests: Sequence[BriefGuest]) -> list[BriefGuest]:
    """All guests, or of a large meeting those who matter."""
    if row["counts"] == "full" or row["attendee_count"] <= FULL_UP_TO:
        return list(guests)
    return [one for one in guests if _rank(one) < len(MATTER) or _something_open(one)][:MOST_OF_A_LARGE_ONE]


def _meeting(
    row: Row, guests: Sequence[BriefGuest], invited: int, context: Context, now: datetime | None
) -> BriefMeeting:
    return BriefMeeting.filled(
        row,
        day=_day(row, context),
        start=row["start_at"],
        end=row["end_at"],
        time=_time(row, context),
        over=now is not None and row["end_at"] is not None and row["end_at"] <= now,
        guests=guests,
        more=invited - len(guests),
    )


def _day(row: Row, context: Context) -> date:
    start: datetime | None = row["start_at"]
    day: date = row["start_date"] if start is None else start.astimezone(context.settings.me.zone).date()
    return day


def _time(row: Row, context: Context) -> str:
    if row["start_at"] is None:
        return "all day"
    zone = context.settings.me.zone
    start, end = (row[name].astimezone(zone) for name in ("start_at", "end_at"))
    return f"{start:%H:%M}-{end:%H:%M}"


def _next_day(week: Appointments, day: date, zone: str) -> tuple[date | None, int]:
    """The first day after ``day`` with a meeting, and how many it has."""
    for ahead in range(1, LOOK_AHEAD + 1):
        one = day + timedelta(days=ahead)
        if count := week.on(one, zone).height:
            return one, count
    return None, 0
