"""The screen of ``touchbase explain WHO``: who they are, how the contact stands, what the rules decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import click
from rich.cells import cell_len

from flows.cli.screens.reasons import and_listed, decided, place, reasons
from flows.cli.table import Column, table, terminal_width, wrapped
from people.days import short_day, weekday_and_day
from people.phrases import phrase
from people.tasks import About, Evidence, FollowUp
from rules.engine.showing.decisions import Ruling

_WAITING = {"open": "Open", "snoozed": "Moved by you", "deferred": "Waits"}
_CLOSED = {"done": "Done", "dismissed": "Dropped by you", "withdrawn": "Closed by Touchbase"}
STATES = _WAITING | _CLOSED
"""The states of a follow-up, in the words of a reader."""
_DECISIONS = (Column(least=23), Column(least=27), Column(drop=1, least=40))


@dataclass(frozen=True, slots=True)
class PersonScreen:
    """What the screen shows of one person.

    ``facts`` are their judged facts. ``short`` maps the keys of their follow-ups to the starts that name
    them, ``groups`` ids to names. ``meeting`` is the title of the next meeting. ``folder`` is the rules
    folder as the settings name it.
    """

    about: About
    facts: Mapping[str, Any]
    rulings: Sequence[Ruling]
    tasks: Sequence[FollowUp]
    short: Mapping[str, str]
    groups: Mapping[str, str]
    meeting: str
    folder: str
    today: date


def lines(seen: PersonScreen, *, everything: bool = False) -> Iterator[str]:
    """Yield the screen line by line. With ``everything``, follow-ups that are closed are listed too."""
    yield click.style(wrapped(_who(seen)), bold=True)
    yield from reach(seen.about)
    yield wrapped(contact(seen.about, seen.facts, seen.today))
    rows = [
        (
            decided(one.then, seen.today),
            reasons(one.because, seen.today) or one.why,
            place(one.file, one.line, seen.folder),
        )
        for one in seen.rulings
    ]
    if rows:
        yield table(_DECISIONS, rows, indent="  ")
    else:
        yield "  No rule decides anything about them."
    yield from map(wrapped, _besides(seen))
    yield from map(wrapped, _follow_ups(seen, everything=everything))


def reach(about: About) -> Iterator[str]:
    """Yield the numbers and addresses, on one line if they fit."""
    ways = [way for way in (" · ".join(about.phones), " · ".join(about.emails)) if way]
    line = " · ".join(ways) or "No number or address on file."
    width = terminal_width()
    yield from [wrapped(line)] if width is None or cell_len(line) <= width else map(wrapped, ways)


def contact(about: About, facts: Mapping[str, Any], today: date) -> str:
    """Return how the contact stands: ``Going cold: last contact 11 Aug, 109 days; the aim is 30``."""
    aim = about.cadence_days
    if about.last_contact is None:
        goal = "" if aim is None else f" The aim is {_days(aim)}."
        return f"No contact on record.{goal}"
    event = f" ({about.last_event})" if about.last_event else ""
    since = (today - about.last_contact).days
    ago = "today" if since == 0 else _days(since)
    goal = "no rule sets an aim" if aim is None else f"the aim is {aim}"
    text = f"last contact {short_day(about.last_contact, today)}{event}, {ago}; {goal}."
    return f"Going cold: {text}" if facts.get("stale") else f"{text[0].upper()}{text[1:]}"


def task_line(item: FollowUp, short: str, today: date) -> str:
    """Return a follow-up as one line: ``Open: Call Felix, due Mon 30 Nov (61e2)``."""
    due = f", due {weekday_and_day(item.due, today)}" if item.status in ("open", "snoozed") else ""
    why = f": {reason_of(item)}" if item.reason and not due else ""
    return f"{STATES[item.status]}: {item.title}{due} ({short}){why}"


def reason_of(item: FollowUp) -> str:
    """Return why a follow-up is in its state, without the word for the state that stands before it."""
    return item.reason.removeprefix("waits: ")


def _who(seen: PersonScreen) -> str:
    job = ", ".join(text for text in (seen.about.job_title, seen.facts.get("city")) if text)
    return " · ".join(text for text in (seen.about.name, seen.about.organisation, job) if text)


def _besides(seen: PersonScreen) -> Iterator[str]:
    facts, today = seen.facts, seen.today
    if facts["next_meeting"]:
        title = f" ({seen.meeting})" if seen.meeting else ""
        yield f"You meet on {weekday_and_day(facts['next_meeting'], today)}{title}."
    if facts["given_count"] or facts["received_count"]:
        yield f"Balance: {_balance(facts, today)}."
    if facts["groups"]:
        yield f"Groups: {', '.join(seen.groups.get(one, one) for one in facts['groups'])}."
    if facts["sources"]:
        yield f"Known from {and_listed(sorted(facts['sources']))}."


def _balance(facts: Mapping[str, Any], today: date) -> str:
    value = f"{facts['balance'].normalize():f}"
    fact = Evidence(rule="", file="", line=0, field="balance", value=value, test="is", threshold="")
    return phrase(fact, today)


def _follow_ups(seen: PersonScreen, *, everything: bool) -> Iterator[str]:
    closed = [item for item in seen.tasks if item.status in _CLOSED]
    for item in seen.tasks:
        if everything or item.status in _WAITING:
            yield task_line(item, seen.short[item.key], seen.today)
    if closed and not everything:
        yield f"Closed follow-ups: {len(closed)} (--all shows them)"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
