"""The brief in words: one fact per line, and no line without a fact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from flows.pages.documents.base import number
from flows.pages.documents.brief import BriefDocument, BriefGuest, BriefHelper, BriefMeeting, BriefReferral
from people.days import WEEKDAYS, short_day, weekday_and_day
from people.phrases import in_days, tier_word
from people.text import code_for_markdown, for_markdown

UNKNOWN = "nobody known yet"
NO_TITLE = "no title"
MOST_FACTS = 2
"""How many facts besides the last contact stand in one line about a guest."""


def meeting_title(meeting: BriefMeeting) -> str:
    """Return what and where: ``Lunch with Felix · Harbour Hotel``."""
    return " · ".join(part for part in (meeting.title or NO_TITLE, meeting.location) if part)


def guest_title(guest: BriefGuest) -> str:
    """Return who: ``Felix Moreau · Moreau & Fils · Managing Director · key``."""
    address = guest.email if not guest.known and guest.email != guest.name else None
    return " · ".join(
        part for part in (guest.name, guest.organisation, guest.title, _tier(guest), address) if part
    )


def who(guest: BriefGuest) -> str:
    """Return who in a few words: ``Felix Moreau (Moreau & Fils, key person)``."""
    parts = ", ".join(part for part in (guest.organisation, _tier(guest)) if part)
    return f"{guest.name} ({parts})" if parts else guest.name


def gist(guest: BriefGuest, day: date) -> str:
    """Return the last contact, and the two facts that matter most at the meeting, on one line."""
    if not guest.known:
        return UNKNOWN
    contact = next(_contact(guest, day))
    birthday = [_birthday(guest, guest.birthday, day)] if guest.birthday else []
    wants = _wants("Needs", (), [one for one in guest.helpers if one.helps], "could help")
    facts = [*(_referral(one, day) for one in guest.referrals), *_open(guest, day), *birthday, *wants]
    return ". ".join([contact, *facts[:MOST_FACTS]])


def guest_lines(guest: BriefGuest, day: date, *, reach: bool) -> Iterator[str]:
    """Yield what to know about a guest, one fact per line; with ``reach``, first how to reach them.

    Days are written as of ``day``. A new kind of fact is one line here, and a field of ``BriefGuest``.
    """
    if not guest.known:
        yield UNKNOWN
        return
    if reach and guest.reach:
        yield guest.reach
    yield from _contact(guest, day)
    yield from (_referral(one, day) for one in guest.referrals)
    if guest.given or guest.received:
        yield f"You gave {number(guest.given)}, they gave {number(guest.received)}"
    yield from _wants("Needs", guest.needs, [one for one in guest.helpers if one.helps], "could help")
    yield from _wants("Offers", guest.offers, [one for one in guest.helpers if not one.helps], "needs it")
    yield from _open(guest, day)
    if guest.birthday:
        yield _birthday(guest, guest.birthday, day)


def more(meeting: BriefMeeting) -> str:
    """Return how many other guests come."""
    if meeting.guests:
        return f"and {meeting.more} more"
    return f"{meeting.more} guests, none of them key, target or connector"


def markdown(document: BriefDocument) -> str:
    """Return the brief of a day in Markdown; what strangers wrote is escaped."""
    if not document.meetings:
        return for_markdown(no_meetings(document))
    lines: list[str] = []
    for meeting in document.meetings:
        lines += [f"## {meeting.time} {for_markdown(meeting_title(meeting))}", ""]
        for guest in meeting.guests:
            lines.append(f"- **{for_markdown(guest_title(guest))}**")
            lines += [f"  - {for_markdown(line)}" for line in guest_lines(guest, document.day, reach=True)]
        lines += [f"- {more(meeting)}"] if meeting.more else []
        lines.append("")
    commands = log_lines(document)
    if commands:
        lines += ["Afterwards, with what was said:", "", *(f"- {code_for_markdown(one)}" for one in commands)]
    return "\n".join(lines).rstrip() + "\n"


def log_lines(document: BriefDocument) -> list[str]:
    """Return the commands that record what was said, one per guest."""
    guests = (guest for meeting in document.meetings for guest in meeting.guests)
    return list(dict.fromkeys(guest.log for guest in guests if guest.log))


def no_meetings(document: BriefDocument) -> str:
    """Return the sentence for a day, or a rest of today, without meetings."""
    if document.meetings:
        last = document.meetings[-1]
        return f"Your last meeting of today is over ({last.title or NO_TITLE}, {last.time})."
    week = ", nor in the week after" if document.next_day is None else ""
    return f"No meetings on {weekday_and_day(document.day, document.today)}{week}."


def what_next(document: BriefDocument) -> str:
    """Return the command for the next day with a meeting, or nothing."""
    if document.next_day is None:
        return ""
    ahead = (document.next_day - document.today).days
    weekday = WEEKDAYS[document.next_day.weekday()]
    day = "tomorrow" if ahead == 1 else weekday if ahead < len(WEEKDAYS) else document.next_day.isoformat()
    count = document.next_day_meetings
    meetings = "1 meeting" if count == 1 else f"{count} meetings"
    return f"{weekday_and_day(document.next_day, document.today)}, {meetings}: touchbase brief --day {day}"


def _contact(guest: BriefGuest, day: date) -> Iterator[str]:
    yield _capital(_last_contact(guest, day))
    times = "twice" if guest.contact_days == 2 else f"{guest.contact_days} times"
    parts = [f"{times} in a year"] if guest.contact_days > 1 else []
    if guest.first_met and guest.first_met != guest.last_contact:
        event = f" at {guest.first_event}" if guest.first_event else ""
        parts.append(f"first met {short_day(guest.first_met, day)}{event}")
    if parts:
        yield _capital("; ".join(parts))


def _last_contact(guest: BriefGuest, day: date) -> str:
    if guest.last_contact is None:
        seen = guest.last_together if guest.last_together != guest.first_met else None
        return f"no contact on record{f'; last seen {short_day(seen, day)}' if seen else ''}"
    event = f" ({guest.last_event})" if guest.last_event else ""
    last = f"last contact {short_day(guest.last_contact, day)}{event}"
    if not guest.stale:
        return last
    aim = f"; the aim is {guest.cadence_days}" if guest.cadence_days else ""
    return f"going cold: {last}, {in_days((day - guest.last_contact).days)}{aim}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _referral(one: BriefReferral, day: date) -> str:
    of, other = f"of {short_day(one.made_on, day)} ({one.outcome})", one.other or "somebody"
    if one.owes_word == "they":
        return f"Owes you word on {other}, your referral {of}"
    if one.to is None:
        return f"You owe them word on {other}, their referral {of}"
    return f"You owe {one.to} word on them, a referral {of}"


def _wants(label: str, items: Sequence[str], helpers: Sequence[BriefHelper], verb: str) -> Iterator[str]:
    """One line for each topic with somebody who fits, and one for all the others."""
    by_topic: dict[str, list[str]] = {}
    for one in helpers:
        firm = f" ({one.organisation})" if one.organisation else ""
        by_topic.setdefault(one.topic, []).append(f"{one.name}{firm}")
    for topic, names in by_topic.items():
        yield f"{label} {topic}: {' or '.join(names)} {verb}"
    if others := [item for item in items if item not in by_topic]:
        yield f"{label} {', '.join(others)}"


def _open(guest: BriefGuest, day: date) -> Iterator[str]:
    for item in guest.follow_ups:
        yield f"Open: {item.title}, due {weekday_and_day(item.due, day)} ({item.short_key})"


def _tier(guest: BriefGuest) -> str:
    """The tier as a reader calls it. That somebody is an acquaintance says nothing."""
    return "" if guest.tier == "general" else tier_word(guest.tier)


def _birthday(guest: BriefGuest, birthday: date, day: date) -> str:
    age = f", {guest.turns}" if guest.turns else ""
    if birthday == day:
        return f"Birthday on the day{age}"
    return f"{'Had their birthday' if birthday < day else 'Birthday'} {weekday_and_day(birthday, day)}{age}"
