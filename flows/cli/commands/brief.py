"""``touchbase brief``: who you meet, and what to know about each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import click

from flows.cli.console import judging_options, show
from flows.cli.table import wrapped
from flows.pages import brief as briefs
from flows.pages import brief_lines as words
from flows.pages.documents.brief import BriefDocument, BriefGuest, BriefMeeting
from flows.run.context import clock, context_of, network
from people.days import WEEKDAYS, weekday_and_day
from people.store import lookup

_FEW = 3
"""Up to this many guests of a meeting are shown with their number: you may be late."""


@click.command(epilog="Example: touchbase brief --day tomorrow   or: touchbase brief 'Anna Berg'")
@click.argument("who", default="", metavar="[WHO]")
@click.option("--day", "wanted", metavar="DAY", help="tomorrow, a weekday or YYYY-MM-DD (default: today).")
@judging_options
def brief(who: str, wanted: str | None, config: Path, today: date | None, *, as_json: bool) -> int:
    """Show who you meet on a day, and what to know about each of them.

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
    return show(document, lambda: "\n".join(lines_of(document)), as_json=as_json)


def _day(text: str | None, today: date) -> date:
    """Read a day: ``tomorrow``, the next Monday (which may be today), or YYYY-MM-DD."""
    word = (text or "today").strip().lower()
    if word in ("today", "tomorrow"):
        return today + timedelta(days=word == "tomorrow")
    for number, weekday in enumerate(WEEKDAYS):
        if len(word) >= len("mon") and weekday.startswith(word):
            return today + timedelta(days=(number - today.weekday()) % 7)
    try:
        return date.fromisoformat(word)
    except ValueError as error:
        raise click.BadParameter(
            f"'{text}' is not a day; write tomorrow, monday or 2026-01-31", param_hint="--day"
        ) from error


def lines_of(document: BriefDocument) -> Iterator[str]:
    """Yield the brief as it is printed."""
    if document.person is not None:
        yield from _person(document, document.person)
        return
    if all(meeting.over for meeting in document.meetings):
        yield wrapped(words.no_meetings(document))
    else:
        yield click.style(weekday_and_day(document.day, document.today), bold=True)
    for meeting in document.meetings:
        yield from ("", *_meeting(meeting, document.day))
    if commands := words.log_lines(document):
        yield from ("", "Afterwards, with what was said:", *(f"  {line}" for line in commands))
    if next_day := words.what_next(document):
        yield from ("", next_day)


def _meeting(meeting: BriefMeeting, day: date) -> Iterator[str]:
    over = " (over)" if meeting.over else ""
    heading = wrapped(f"{meeting.time} {words.meeting_title(meeting)}{over}", " " * 12, "")
    yield click.style(heading, bold=True)
    for guest in meeting.guests:
        if meeting.over:
            yield _heading(guest)
        else:
            yield from ("", *_guest(guest, day, reach=len(meeting.guests) <= _FEW))
    if meeting.more:
        yield from ("", f"  {words.more(meeting)}")


def _heading(guest: BriefGuest) -> str:
    return click.style(wrapped(words.guest_title(guest), "    ", "  "), fg="cyan")


def _guest(guest: BriefGuest, day: date, *, reach: bool) -> Iterator[str]:
    yield _heading(guest)
    yield from (wrapped(line, "      ", "    ") for line in words.guest_lines(guest, day, reach=reach))


def _person(document: BriefDocument, guest: BriefGuest) -> Iterator[str]:
    yield from _guest(guest, document.day, reach=True)
    if not document.meetings:
        yield "    No meeting is booked"
    for meeting in document.meetings:
        when = f"{weekday_and_day(meeting.day, document.today)}, {meeting.time}"
        others = f", with {meeting.more} more" if meeting.more else ""
        yield wrapped(f"Next meeting {when}: {words.meeting_title(meeting)}{others}", "      ", "    ")
    if guest.log:
        yield from ("", "Afterwards, with what was said:", f"  {guest.log}")
