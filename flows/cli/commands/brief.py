"""``touchbase brief``: whom you meet, and what to know about each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import click

from flows.cli.console import judging_options, safe_line, show
from flows.pages import brief as briefs
from flows.pages import brief_lines as words
from flows.pages.documents.brief import BriefDocument, BriefGuest, BriefMeeting
from flows.run.context import clock, context_of, network
from people.days import weekday_and_day
from people.store import lookup

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@click.command(epilog="Example: touchbase brief --day tomorrow   or: touchbase brief 'Anna Berg'")
@click.argument("who", default="", metavar="[WHO]")
@click.option("--day", "wanted", metavar="DAY", help="tomorrow, a weekday or YYYY-MM-DD (default: today).")
@judging_options
def brief(who: str, wanted: str | None, config: Path, today: date | None, *, as_json: bool) -> int:
    """Show whom you meet on a day, and what to know about each of them.

    With WHO (a name, e-mail, id or record key), show the same about one person, and their next meeting.
    """
    if who and wanted:
        raise click.UsageError("Name a person or a day, not both.")
    with network(config) as (settings, store):
        context = context_of(settings, store, today)
        real = context.today == clock(settings, None)[0]
        now = context.moment if real else None
        if who:
            with store.read() as connection:
                person = lookup.one(connection, who)
            document = briefs.of_person(context, person, now)
        else:
            document = briefs.of_day(context, _day(wanted, context.today), now)
    return show(document, lambda: "\n".join(_lines(document)), as_json=as_json)


def _day(text: str | None, today: date) -> date:
    """Read a day: ``tomorrow``, the next Monday (which may be today), or YYYY-MM-DD."""
    word = (text or "today").strip().lower()
    if word in ("today", "tomorrow"):
        return today + timedelta(days=word == "tomorrow")
    for number, weekday in enumerate(_WEEKDAYS):
        if len(word) >= len("mon") and weekday.startswith(word):
            return today + timedelta(days=(number - today.weekday()) % 7)
    try:
        return date.fromisoformat(word)
    except ValueError as error:
        raise click.BadParameter(
            f"'{text}' is not a day; write tomorrow, monday or 2026-01-31", param_hint="--day"
        ) from error


def _lines(document: BriefDocument) -> Iterator[str]:
    if document.person is not None:
        yield from _person(document, document.person)
        return
    if all(meeting.over for meeting in document.meetings):
        yield safe_line(words.no_meetings(document))
    else:
        yield click.style(weekday_and_day(document.day, document.today), bold=True)
    for meeting in document.meetings:
        yield ""
        yield from _meeting(meeting, document.day)
    if any(guest.log for meeting in document.meetings for guest in meeting.guests):
        yield "\nAfterwards, what was said (between the quotes):"
        yield from _log(document)
    if next_day := words.what_next(document):
        yield f"\n{next_day}"


def _meeting(meeting: BriefMeeting, day: date) -> Iterator[str]:
    over = "  (over)" if meeting.over else ""
    heading = f"{meeting.time}  {words.meeting_title(meeting)}{over}"
    yield click.style(safe_line(heading), bold=True)
    for guest in meeting.guests:
        yield from _guest(guest, day, lines=not meeting.over)
    if meeting.more:
        yield f"  and {meeting.more} more" if meeting.guests else f"  {meeting.more} guests"


def _guest(guest: BriefGuest, day: date, *, lines: bool = True) -> Iterator[str]:
    yield click.style(safe_line(f"  {words.guest_title(guest)}"), fg="cyan")
    if lines:
        yield from (safe_line(f"    {line}") for line in words.guest_lines(guest, day))


def _person(document: BriefDocument, guest: BriefGuest) -> Iterator[str]:
    yield from _guest(guest, document.day)
    for meeting in document.meetings:
        yield ""
        when = f"{weekday_and_day(meeting.day, document.today)}, {meeting.time}"
        yield safe_line(f"  Next meeting: {when}, {words.meeting_title(meeting)}")
        if meeting.more:
            yield f"  and {meeting.more} more guests"
    if not document.meetings:
        yield "\n  No meeting is booked."
    if guest.log:
        yield f"\nAfterwards:\n  {guest.log}"


def _log(document: BriefDocument) -> Iterator[str]:
    lines = [guest.log for meeting in document.meetings for guest in meeting.guests if guest.log]
    yield from (f"  {line}" for line in dict.fromkeys(lines))
