"""Turn guests into contacts, decide which records are one person, and link the journal to people."""

from __future__ import annotations

from typing import Any

import polars as pl

from flows.run.capture import inbox
from flows.run.code_version import code_version
from flows.run.context import Context
from flows.run.facts.meetings import Calendar
from flows.run.identify import identify
from people.facts.guests import guest_as_contact, guests_to_know
from people.store.db import values
from people.store.resolving import guests
from rules.engine import RuleSet


def resolve(
    context: Context, rules: RuleSet, calendar: Calendar, *, adds_people: bool = False
) -> dict[str, Any]:
    """Turn guests into contacts, decide which records are one person, and link the journal to people.

    With ``adds_people``, each new person in the inbox who is clearly described gets a card.

    Returns the counts of ``resolve_store`` and the ``problems`` of both identity and journal.
    """
    # While a rule is broken or stopped, noise may look like people, so the guests stay as they are.
    if not rules.doubtful and not calendar.braked:
        _update_guests(context, calendar)
    found = identify(context)
    failed = inbox.add_new_people(context) if adds_people else None
    if failed is not None:
        found = identify(context)
    unclear = inbox.problems(context.settings, context.store)
    return {**found, "problems": [*found["problems"], *unclear, *(failed or ())]}


def _update_guests(context: Context, calendar: Calendar) -> None:
    """Update the contacts made from guest lists and mail, if these or the rules changed."""
    key = f"{calendar.cache_key} {calendar.mail.cache_key(context.today)}"
    with context.store.read() as connection:
        if values.get(connection, values.GUESTS) == key:
            return
    invited = guests_to_know(calendar.meetings, calendar.verdicts, calendar.guests)
    wanted = pl.concat([invited, calendar.mail.written_to(context.today)])
    if calendar.mail.braked:
        return
    with context.store.begin() as connection:
        guests.sync(connection, wanted, guest_as_contact, context.moment, code_version())
        values.put(connection, values.GUESTS, key)
