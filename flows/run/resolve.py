"""Turn guests into contacts, find out who is who, and link the journal to people."""

from __future__ import annotations

from typing import Any

from flows.run import meetings
from flows.run.code_version import made_by
from flows.run.context import Context
from flows.run.inputs import calendar_of, ruleset_of
from people.facts.guests import guest_as_contact, guests_to_know
from people.store import lookup
from people.store.db import values
from people.store.resolving import guests, resolution


def resolve(context: Context) -> dict[str, Any]:
    """Turn guests into contacts, find out who is who, and link the journal to people."""
    # While a rule file is broken, noise may look like people: the guests stay as they were.
    if not ruleset_of(context).errors:
        _renew_guests(context)
    settings = context.settings
    outcome = resolution.resolve_store(
        context.store,
        region=settings.me.region,
        overrides=settings.resolve(settings.identity.path),
        now=context.moment,
        pool=context.pool,
    )
    with context.store.begin() as connection:
        problems = lookup.name_journal(connection)
    return {**outcome, "problems": [*outcome["problems"], *problems]}


def _renew_guests(context: Context) -> None:
    """Make the contacts from guest lists what the calendar and the rules say, if either changed."""
    mark = meetings.mark(context.store, ruleset_of(context), context.settings.me)
    with context.store.read() as connection:
        if values.get(connection, values.GUESTS) == mark:
            return
    calendar = calendar_of(context)
    found = guests_to_know(calendar.meetings, calendar.verdicts, calendar.guests)
    with context.store.begin() as connection:
        guests.sync(connection, found, guest_as_contact, context.moment, made_by())
        values.put(connection, values.GUESTS, mark)
