"""Addresses that may be the user's own, but are not in ``[me] emails``.

Without them the user becomes a contact of their own, and it is not known which invitations they declined.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from flows.run.context import Context
from flows.run.outcome.document import PossibleAddress
from flows.settings.model import PLACEHOLDER_EMAIL, PLACEHOLDER_NAME
from people.store import guest_lists
from people.store.db import values
from people.store.guest_lists import GuestLists
from people.text import fold

LEAST_MEETINGS = 3
SHARE = 0.9
"""An address is proposed if it is at this share of the meetings without any known address of the user."""
WITHOUT_ME = 0.25
"""These must be this share of a source's meetings with guests. Thus a colleague is not proposed for a few
meetings that the user is not on, and never for those at which a known address of the user is."""
MOST = 3
"""More addresses than this are not proposed at once."""

PLACEHOLDER = f"{PLACEHOLDER_EMAIL} is not your address: touchbase init wrote it as an example"
PLACEHOLDER_HELP = "write your addresses into touchbase.toml: [me] emails"


def placeholder_left(context: Context) -> bool:
    """Whether the settings still have the address that ``touchbase init`` writes as an example."""
    return PLACEHOLDER_EMAIL in context.settings.me.emails


def possible(context: Context) -> list[PossibleAddress]:
    """Return the addresses to ask about, the surest first."""
    me = context.settings.me
    known = {*me.emails, *me.not_mine}
    with context.store.read() as connection:
        named = guest_lists.emails_named(connection, me.name) if me.name != PLACEHOLDER_NAME else set()
        lists = list(guest_lists.latest(connection, me.emails, context.moment))
    found: dict[str, PossibleAddress] = {}
    for one in (*_marked(lists), *_often(lists, me.name), *_on_own_card(named, me.name)):
        if one.email not in known:
            found.setdefault(one.email, one)
    return list(found.values())[:MOST]


def new(context: Context) -> list[PossibleAddress]:
    """Return the addresses that no run has asked about, and remember that this one does."""
    items = possible(context)
    with context.store.begin() as connection:
        asked = set(json.loads(values.get(connection, values.ASKED) or "[]"))
        items = [item for item in items if item.email not in asked]
        if items:
            emails = sorted(asked | {item.email for item in items})
            values.put(connection, values.ASKED, json.dumps(emails))
    return items


def question(item: PossibleAddress) -> str:
    """Return the question about one address."""
    if item.reason == "marked":
        return f"{item.email} is yours, says source '{item.source}'"
    if item.reason == "card":
        return f"{item.email} is on a card with your name: yours?"
    without = " without an address of yours" if item.of < item.meetings_of_source else ""
    return f"{item.email} is at {item.meetings} of {item.of} meetings{without}: yours?"


def remedy(item: PossibleAddress) -> str:
    """Return what to do about one address."""
    no = "" if item.reason == "marked" else "; if it is not yours, add it to [me] not_mine"
    return f"add it to [me] emails in touchbase.toml{no}"


def _marked(lists: list[GuestLists]) -> Iterator[PossibleAddress]:
    for one in lists:
        for email in sorted(one.marked):
            yield PossibleAddress(email=email, reason="marked", source=one.source)


def _often(lists: list[GuestLists], name: str) -> Iterator[PossibleAddress]:
    """Yield who is at nearly all meetings without the user; if some have the user's name, only these."""
    for one in lists:
        if one.without_me < max(LEAST_MEETINGS, WITHOUT_ME * one.meetings):
            continue
        often = {
            email: count
            for email, count in one.others.items()
            if count >= max(LEAST_MEETINGS, SHARE * one.without_me)
        }
        namesakes = {email for email in often if _has_name(email, one.names[email], name)}
        for email in sorted(namesakes or often, key=lambda email: (-often[email], email)):
            yield PossibleAddress(
                email=email,
                reason="meetings",
                source=one.source,
                meetings=often[email],
                of=one.without_me,
                meetings_of_source=one.meetings,
            )


def _has_name(email: str, written: str, name: str) -> bool:
    """Whether the guest list, or the part of the address before the @, has the user's name."""
    words = fold(name).split()
    there = f"{fold(written)} {fold(email.partition('@')[0])}"
    return name != PLACEHOLDER_NAME and bool(words) and all(word in there for word in words)


def _on_own_card(emails: set[str], name: str) -> Iterator[PossibleAddress]:
    for email in sorted(emails) if name else ():
        yield PossibleAddress(email=email, reason="card")
