"""The guest list of an event: its guests, their answers, and the user's own row."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from people.text import clean
from people.types import Attendee, Response

MAX_GUESTS = 1000
"""Further rows are left out, because a longer list is a mailing list, and the list counts as incomplete."""

_RESPONSES: dict[str, Response] = {
    "ACCEPTED": "accepted",
    "COMPLETED": "accepted",
    "TENTATIVE": "tentative",
    "DECLINED": "declined",
    "DELEGATED": "declined",  # someone else went
}
_ADDRESS = re.compile(r"[^\s<>,;\"'()@\x00-\x1f]{1,64}@[^\s<>,;\"'()@\x00-\x1f]{1,190}")
_ROOM_DOMAIN = "@resource.calendar.google.com"

Row = tuple[Mapping[str, object], str]
"""Parameters and value of one ATTENDEE or ORGANIZER."""


@dataclass(frozen=True, slots=True)
class Guests:
    """The guests. ``omitted`` is True if some rows were left out, such as those without an address."""

    attendees: tuple[Attendee, ...] = ()
    organizer: str | None = None
    my_response: Response | None = None
    omitted: bool = False


def read_guests(attendees: Iterable[Row], organizers: Iterable[Row], my_emails: Collection[str]) -> Guests:
    """Read the guest list. ``my_emails`` are lower case.

    If the organiser is not on the list, as in Outlook, they are added with the answer "accepted".
    """
    rows: dict[str, Attendee] = {}
    omitted = False
    for parameters, value in attendees:
        email = _email(parameters, value)
        if email is None or (email not in rows and len(rows) >= MAX_GUESTS):
            omitted = True
            continue
        row = _attendee(email, parameters, is_self=email in my_emails)
        before = rows.get(email)
        if before is None or before.response == "needs_action":
            rows[email] = row
    organizer = _add_organizer(rows, organizers, my_emails)
    mine = [row.response for row in rows.values() if row.is_self]
    # If several of the user's addresses are on the list, the one with an answer counts.
    my_response = next(
        (response for response in mine if response != "needs_action"), mine[0] if mine else None
    )
    return Guests(tuple(rows.values()), organizer, my_response, omitted)


def _add_organizer(
    rows: dict[str, Attendee], organizers: Iterable[Row], my_emails: Collection[str]
) -> str | None:
    for parameters, value in organizers:
        email = _email(parameters, value)
        if email is None:
            continue
        row = rows.get(email) or _attendee(email, parameters, is_self=email in my_emails)
        answered = row.response != "needs_action"
        response: Response = row.response if answered else "accepted"
        if rows or not row.is_self:
            rows[email] = row.model_copy(update={"organizer": True, "response": response})
        return email
    return None


def _attendee(email: str, parameters: Mapping[str, object], *, is_self: bool) -> Attendee:
    kind = str(parameters.get("CUTYPE", "")).upper()
    name = " ".join(clean(str(parameters.get("CN", ""))).split())[:200]
    return Attendee(
        email=email,
        name=name if name and name.lower() != email else None,
        response=_RESPONSES.get(str(parameters.get("PARTSTAT", "")).upper(), "needs_action"),
        resource=kind in ("ROOM", "RESOURCE") or email.endswith(_ROOM_DOMAIN),
        is_self=is_self,
    )


def _email(parameters: Mapping[str, object], value: str) -> str | None:
    """The address of a row: its value, or the EMAIL parameter that iCloud adds to an internal value."""
    for text in (value, str(parameters.get("EMAIL", ""))):
        address = text.strip().lower().removeprefix("mailto:").strip().partition("?")[0]
        if _ADDRESS.fullmatch(address):
            return address
    return None
