"""Copies of one event: invitations and their updates, in several files or several calendars of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from dateutil.rrule import rrulestr

from connectors.ics.event import Event
from connectors.ics.parts.block import Block, Calendar, sequence_of
from connectors.ics.text import CalendarText
from connectors.shared.recurrence import Moment

_NOON = 12


def newest(texts: Mapping[str, CalendarText]) -> dict[str, tuple[int, str]]:
    """The highest SEQUENCE of each UID in all files of a source (RFC 5546, 2.1.4), and its file."""
    best: dict[str, tuple[int, str]] = {}
    for file, text in texts.items():
        for block in text.events:
            uid = block.uid
            if uid and not block.has("RECURRENCE-ID") and not block.calendar.answer:
                best[uid] = max(best.get(uid, (0, file)), (sequence_of(block), file))
    return best


def outdated(blocks: Iterable[Block], best: tuple[int, str] | None) -> str | None:
    """The file with a newer version than all that are here; None if the newest is here, or a part of it."""
    if best is None:
        return None
    sequences = [sequence_of(block) for block in blocks if not block.has("RECURRENCE-ID")]
    return best[1] if sequences and max(sequences) < best[0] else None


def settle(events: list[Event], note: Callable[[Event, str], None]) -> list[Event]:
    """Settle copies under one UID: the highest SEQUENCE counts, and then the latest DTSTAMP.

    Changed instances count in whichever calendar they are. If one calendar has several events with the
    highest SEQUENCE, all of them count. ``note`` hears of events that differ although nothing says which is
    the latest.
    """
    if len(events) < 2:
        return events
    order = {id(event): at for at, event in enumerate(events)}
    # The order in the file must not decide which copy counts.
    events.sort(key=lambda event: (-event.sequence, str(event.start), event.title or ""))
    masters = [event for event in events if event.original is None]
    calendars = list(dict.fromkeys(id(event.calendar) for event in masters))
    if len(calendars) > 1:
        best = max(masters, key=lambda event: (_version(event), -order[id(event)]))
        for event in masters:
            as_new = event.calendar is not best.calendar and _version(event) == _version(best)
            if as_new and _content(event) != _content(best):
                note(event, f"the same event is in {best.calendar.file}, which counts")
        events = [event for event in events if event.original or event.calendar is best.calendar]
        masters = [event for event in masters if event.calendar is best.calendar]
    latest = [event for event in masters if event.sequence == masters[0].sequence]
    if len({event.start for event in latest}) > 1:
        note(latest[0], f"{len(latest)} different events share its UID")
        if all(event.alone for event in events):
            for event in latest:
                event.original = event.start
    return events


def _version(event: Event) -> tuple[bool, int, str, bool]:
    return not event.calendar.answer, event.sequence, event.stamp, event.status == "cancelled"


def without_cancelled(events: Sequence[Event], cancels: Iterable[Block]) -> None:
    """Cancel what a cancellation without times is about (RFC 5546, 3.2.5, lets it name the UID only)."""
    for block in cancels:
        for event in events:
            if event.sequence <= sequence_of(block):
                event.status = "cancelled"


def _content(event: Event) -> tuple[object, ...]:
    return (
        event.start, event.end, event.rules, event.title, event.location, event.status, event.guests.attendees
    )  # fmt: skip


def place(original: Moment, master: Event, rules: Sequence[str]) -> Moment:
    """The place in the series that a RECURRENCE-ID means, in the kind of moment that the series has.

    A date, or midnight where the series has another time, names the instance of that day. Of a series of
    whole days, a time names the day on its own clock; one in UTC may be midnight elsewhere.
    """
    start = master.start
    if isinstance(start, datetime):
        if isinstance(original, datetime):
            there = original.astimezone(start.tzinfo)
            if (original.hour, original.minute) != (0, 0) or there.time() == start.time():
                return original
        return datetime.combine(original, start.timetz())
    if not isinstance(original, datetime):
        return original
    day = original.date()
    if str(original.tzinfo) != "UTC" or original.hour < _NOON:
        return day
    following = day + timedelta(days=1)
    return day if _happens(day, start, rules) and not _happens(following, start, rules) else following


def _happens(day: date, start: date, rules: Sequence[str]) -> bool:
    """Whether a series of whole days has an instance on ``day``. The rules are checked ones."""
    first, moment = (datetime(one.year, one.month, one.day) for one in (start, day))  # noqa: DTZ001 - dateutil takes days as naive midnights
    return day == start or any(moment in rrulestr(rule, dtstart=first) for rule in rules)


def calendars_of(blocks: Iterable[Block]) -> list[Calendar]:
    """The calendars in which the blocks are, each once."""
    return list({id(block.calendar): block.calendar for block in blocks}.values())
