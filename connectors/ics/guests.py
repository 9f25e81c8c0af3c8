"""The guest list of an event: its guests, their answers, and the user's own row."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from connectors.ics.guest_lines import GuestLine, read_line
from people.text import one_line
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
_ROOM_DOMAIN = "@resource.calendar.google.com"
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Guests:
    """The guests. ``omitted`` is True if some were left out, and then ``problems`` names them."""

    attendees: tuple[Attendee, ...] = ()
    organizer: str | None = None
    my_response: Response | None = None
    omitted: bool = False
    problems: tuple[str, ...] = ()


def read_guests(attendees: Iterable[str], organizers: Iterable[str], my_emails: Collection[str]) -> Guests:
    """Read the guest list from its unfolded lines. ``my_emails`` are lower case.

    If the organiser is not on the list, as in Outlook, they are added with the answer "accepted".
    """
    rows: dict[str, Attendee] = {}
    nameless: list[str] = []
    too_many = 0
    for guest in map(read_line, attendees):
        email = guest.email
        if email is None:
            nameless.append(_shown(guest))
        elif email not in rows and len(rows) >= MAX_GUESTS:
            too_many += 1
        elif email not in rows or rows[email].response == "needs_action":
            rows[email] = _attendee(email, guest, is_self=email in my_emails)
    organizer = _add_organizer(rows, organizers, my_emails, nameless)
    mine = [row.response for row in rows.values() if row.is_self]
    # If several of the user's addresses are on the list, the one with an answer counts.
    my_response = next(
        (response for response in mine if response != "needs_action"), mine[0] if mine else None
    )
    problems = tuple(_problems(nameless, too_many))
    return Guests(tuple(rows.values()), organizer, my_response, bool(problems), problems)


def _problems(nameless: list[str], too_many: int) -> Iterable[str]:
    if nameless:
        more = f" and {len(nameless) - _MOST_NAMED} more" if len(nameless) > _MOST_NAMED else ""
        names = ", ".join(nameless[:_MOST_NAMED])
        yield f"guests without an e-mail address were left out: {names}{more}"
    if too_many:
        yield f"it has more than {MAX_GUESTS} guests; {too_many} were left out"


def _shown(guest: GuestLine) -> str:
    return f"'{one_line(guest.name or 'no name')[:40]}'"


def _add_organizer(
    rows: dict[str, Attendee], organizers: Iterable[str], my_emails: Collection[str], nameless: list[str]
) -> str | None:
    for guest in map(read_line, organizers):
        email = guest.email
        if email is None:
            if guest.name:
                nameless.append(_shown(guest))
            continue
        row = rows.get(email) or _attendee(email, guest, is_self=email in my_emails)
        if rows or not row.is_self:
            response: Response = row.response if row.response != "needs_action" else "accepted"
            rows[email] = _row(
                email, row.name, response, resource=row.resource, is_self=row.is_self, organizer=True
            )
        return email
    return None


def _attendee(email: str, guest: GuestLine, *, is_self: bool) -> Attendee:
    parameters, name = guest.parameters, guest.name
    kind = parameters.get("CUTYPE", "").upper()
    return _row(
        email,
        name if name and name.lower() != email else None,
        _RESPONSES.get(parameters.get("PARTSTAT", "").upper(), "needs_action"),
        resource=kind in ("ROOM", "RESOURCE") or email.endswith(_ROOM_DOMAIN),
        is_self=is_self,
    )


@lru_cache(maxsize=16_384)
def _row(
    email: str,
    name: str | None,
    response: Response,
    *,
    resource: bool,
    is_self: bool,
    organizer: bool = False,
) -> Attendee:
    """One row. The same people come to many meetings, and a row never changes."""
    return Attendee(
        email=email, name=name, response=response, resource=resource, is_self=is_self, organizer=organizer
    )
