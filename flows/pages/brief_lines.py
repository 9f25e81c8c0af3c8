"""The brief in words: one fact per line, and no line without a fact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flows.pages.documents.base import number
from flows.pages.documents.brief import BriefDocument, BriefGuest, BriefHelper, BriefMeeting, BriefReferral
from people.days import short_day, weekday_and_day

UNKNOWN = "nobody known yet"


def meeting_title(meeting: BriefMeeting) -> str:
    """Return what and where: ``Lunch with Felix · Harbour Hotel``."""
    return " · ".join(part for part in (meeting.title or "(no title)", meeting.location) if part)


def guest_title(guest: BriefGuest) -> str:
    """Return who: ``Felix Moreau · Moreau & Fils · Managing Director · key``."""
    tier = None if guest.tier == "general" else guest.tier
    address = guest.email if not guest.known and guest.email != guest.name else None
    return " · ".join(part for part in (guest.name, guest.organisation, guest.title, tier, address) if part)


def guest_lines(guest: BriefGuest, day: date) -> Iterator[str]:
    """Yield what to know about a guest, one fact per line. Days without a year are near ``day``."""
    if not guest.known:
        yield UNKNOWN[:1].upper() + UNKNOWN[1:]
        return
    yield _contact(guest, day)
    if guest.first_met and guest.first_event and guest.first_met != guest.last_contact:
        yield f"First met {short_day(guest.first_met, day)} at {guest.first_event}"
    yield from (_referral(one, guest, day) for one in guest.referrals)
    if guest.given or guest.received:
        yield f"You gave {number(guest.given)} points, they gave {number(guest.received)}"
    yield from _wants("Needs", guest.needs, [one for one in guest.helpers if one.helps], "can help")
    yield from _wants("Offers", guest.offers, [one for one in guest.helpers if not one.helps], "needs it")
    for item in guest.follow_ups:
        yield f"Open: {item.title}, due {weekday_and_day(item.due, day)} ({item.key[:4]})"
    if guest.birthday:
        yield _birthday(guest, guest.birthday, day)


def no_meetings(document: BriefDocument) -> str:
    """Return the sentence for a day, or a rest of a day, without meetings."""
    if not document.meetings:
        return f"No meetings on {weekday_and_day(document.day, document.today)}."
    last = document.meetings[-1]
    return f"Your last meeting of today is over ({last.title or 'no title'}, {last.time})."


def what_next(document: BriefDocument) -> str:
    """Return the command for the next day with a meeting, or nothing."""
    if document.next_day is None:
        return ""
    count = document.next_day_meetings
    day = "tomorrow" if (document.next_day - document.today).days == 1 else document.next_day.isoformat()
    meetings = f"{count} meeting{'s' * (count != 1)}"
    return f"{weekday_and_day(document.next_day, document.today)}, {meetings}: touchbase brief --day {day}"


def _contact(guest: BriefGuest, day: date) -> str:
    if guest.last_contact is None:
        return "No contact on record"
    event = f" ({guest.last_event})" if guest.last_event else ""
    last = f"ast contact {short_day(guest.last_contact, day)}{event}"
    often = f", {guest.contact_days} in a year" if guest.contact_days > 1 else ""
    if not guest.stale:
        return f"L{last}{often}"
    aim = f"; the aim is {guest.cadence_days} days" if guest.cadence_days else ""
    return f"Going cold: l{last}{often}{aim}"


def _referral(one: BriefReferral, guest: BriefGuest, day: date) -> str:
    made, other = short_day(one.made_on, day), one.other or "somebody"
    if one.owes_word == "they":
        return f"Owes you word: your referral with {other}, {made} ({one.outcome})"
    if one.to == guest.name:
        return f"You owe word: their referral of {other}, {made} ({one.outcome})"
    return f"Referred to you by {one.to}, who waits for word, {made} ({one.outcome})"


def _wants(label: str, items: tuple[str, ...], helpers: list[BriefHelper], verb: str) -> Iterator[str]:
    if items:
        yield f"{label} {', '.join(items)}"
    for one in helpers:
        firm = f" ({one.organisation})" if one.organisation else ""
        yield f"  {one.topic}: {one.name}{firm} {verb}"


def _birthday(guest: BriefGuest, birthday: date, day: date) -> str:
    age = f", {guest.turns}" if guest.turns else ""
    if birthday == day:
        return f"Birthday that day{age}"
    verb = "Birthday was" if birthday < day else "Birthday"
    return f"{verb} {weekday_and_day(birthday, day)}{age}"
