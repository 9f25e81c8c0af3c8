"""The boundary types: what sources yield, and what everything else works with.

All are frozen pydantic models. Instants are aware and in UTC; whole days are dates without a zone.
A *record key* is ``source:source_id`` and names one contact of one source permanently.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Annotated, Literal, Protocol, get_args

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict

from people.text import one_line


def _to_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""An aware datetime, normalised to UTC."""


class Frozen(BaseModel):
    """Base of all boundary types: immutable, unknown fields refused."""

    # Validators are built on first use: most commands need few of them, and start quicker.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


Line = Annotated[str, AfterValidator(one_line)]
"""Text on one line, safe to print: it often quotes what a stranger wrote."""


ProblemKind = Literal["journal name", "inbox line", "budget"]
"""A line of the journal whose person is not known; a budget that is exceeded."""


class Problem(Frozen):
    """A mistake or oddity in input or rules that did not stop the rest.

    ``where`` names the place (``phone/anna.vcf card 3``, ``journal.csv:12``); ``help`` the remedy. ``kind``
    is set for those that a screen counts instead of listing each.
    """

    where: Line
    message: Line
    help: Line = ""
    kind: ProblemKind | None = None


class Issue(Frozen):
    """A problem of one card, noted while it was read.

    ``code`` is a stable kebab-case name. ``lost`` is True if some of the card's content could not
    be kept; a repair is not a loss.
    """

    code: str
    message: str
    lost: bool = False


RecordKind = Literal["contacts", "meetings", "journal"]
RECORD_KINDS: tuple[RecordKind, ...] = get_args(RecordKind)
"""What a source can yield, in the order in which it is shown."""


class Trust(IntEnum):
    """Whose value a merged profile takes first: the lower number wins."""

    OWN = 0
    """The user's own address book."""
    IMPORTED = 1
    """An export of what others wrote about themselves."""
    GUEST_LIST = 2
    """The guest list of a meeting."""


class Address(Frozen):
    """A postal address. Each part is None if the source has none."""

    street: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


class Record(Frozen):
    """One item of a source; ``source_id`` is unique in it, and names the same item permanently."""

    source: str
    source_id: str

    @property
    def record(self) -> str:
        """The record key, ``source:source_id``."""
        return f"{self.source}:{self.source_id}"


ContactKind = Literal["person", "organisation", "group"]


class Contact(Record):
    """One person (or organisation, or group) exactly as one source has it.

    ``emails`` are lower case, ``phones`` as written; the source's preferred one comes first in both.
    ``birthday`` and ``anniversary`` are ``YYYY-MM-DD``, or ``--MM-DD`` without a year. ``file`` is
    relative to the source's path and ``index`` counts the cards in it from 0; both are None if the
    source has no files. ``custom`` holds labelled extra fields (``needs``, ``offers``), ``extra``
    unknown properties as read. ``rejected`` cards are kept for display only: they never count as contacts.
    """

    kind: ContactKind = "person"
    name: str | None = None
    given_name: str | None = None
    middle_name: str | None = None
    family_name: str | None = None
    prefix: str | None = None
    suffix: str | None = None
    nickname: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    organisation: str | None = None
    title: str | None = None
    note: str | None = None
    birthday: str | None = None
    anniversary: str | None = None
    labels: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    urls: tuple[str, ...] = ()
    related: tuple[tuple[str, str], ...] = ()
    members: tuple[str, ...] = ()
    custom: tuple[tuple[str, str], ...] = ()
    extra: tuple[str, ...] = ()
    uid: str | None = None
    previous_ids: tuple[str, ...] = ()
    etag: str | None = None
    revised_at: Instant | None = None
    connected_on: date | None = None
    file: str | None = None
    index: int | None = None
    raw_hash: str | None = None
    rejected: bool = False
    issues: tuple[Issue, ...] = ()


Response = Literal["accepted", "tentative", "declined", "needs_action"]


class Attendee(Frozen):
    """One row of a meeting's guest list. ``email`` is lower case.

    ``resource`` is True for rooms and equipment, ``is_self`` for the user's own row if the source marks it.
    """

    email: str
    name: str | None = None
    response: Response = "needs_action"
    resource: bool = False
    organizer: bool = False
    is_self: bool = False


EventType = Literal["default", "birthday", "focus_time", "out_of_office", "working_location", "from_gmail"]


class Meeting(Record):
    """One calendar event, or one instance of a series.

    Timed events have ``start`` and ``end`` (UTC). All-day events have ``start_date`` and the
    exclusive ``end_date`` instead, and no instants. ``source_id`` is unique in the source (calendar,
    UID and the instance's original start); ``series`` is shared by all instances of one series.
    ``attendees_omitted`` means that the guest list is known to be incomplete. ``raw_hash`` covers all
    text that the event or series was read from; None if it must be read again every time.
    """

    calendar: str = ""
    uid: str = ""
    series: str | None = None
    title: str | None = None
    description: str | None = None
    location: str | None = None
    start: Instant | None = None
    end: Instant | None = None
    start_date: date | None = None
    end_date: date | None = None
    status: Literal["confirmed", "tentative", "cancelled"] = "confirmed"
    event_type: EventType = "default"
    my_response: Response | None = None
    organizer: str | None = None
    attendees: tuple[Attendee, ...] = ()
    attendees_omitted: bool = False
    labels: tuple[str, ...] = ()
    file: str | None = None
    raw_hash: str | None = None

    @property
    def all_day(self) -> bool:
        """Whether the event covers whole days."""
        return self.start is None


JournalKind = Literal["contact", "met", "purchase", "referral", "introduction", "participation", "mention"]
"""What a journal line is about. *met* is contact at an event, whose name is the note up to a semicolon."""
Direction = Literal["given", "received"]


class JournalLine(Record):
    """One line of the user's journal, as written.

    ``person`` and ``other`` (the second party of a referral or introduction) are a name, an e-mail
    or a record key, still to be looked up. ``amount`` is in the network's currency. ``line`` counts
    from 1 and includes the header.
    """

    date: date
    person: str
    kind: JournalKind
    direction: Direction | None = None
    other: str | None = None
    group: str | None = None
    hours: Decimal | None = None
    amount: Decimal | None = None
    outcome: str | None = None
    note: str | None = None
    file: str | None = None
    line: int | None = None


class Gone(Record):
    """A tombstone: the source says that this record no longer exists."""


Change = Contact | Meeting | JournalLine | Gone


class Page(Frozen):
    """A batch of changes and the cursor that is saved with it, in one transaction.

    ``complete`` ends a full read: of what the store knows from this source, whatever none of the
    read's pages named (in ``changes`` or ``unchanged``) is gone. With ``covers_from`` that holds
    only for meetings that end on or after that day, so that history outside the window stays.
    ``unchanged`` are source ids that were seen and skipped by hash. A delta page leaves
    ``complete`` False. ``cursor`` None keeps the old cursor (pages before the last).

    Ids may be paths. ``scope`` narrows ``complete`` to one part of the source: the id ``scope`` itself
    and every id below it (``scope + "/"``), so that a full read of one calendar does not affect the
    others. ``replaces`` are such paths too, and this page holds all of each (a changed series, a
    deleted event): whatever the store knows at or below them and this page does not name is gone, even if
    ``complete`` is False. Like ``Gone``, this is the source's explicit statement.
    """

    changes: tuple[Change, ...] = ()
    unchanged: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    cursor: str | None = None
    complete: bool = False
    covers_from: date | None = None
    scope: str | None = None
    replaces: tuple[str, ...] = ()


class Source(Protocol):
    """Where contacts, meetings or journal lines come from."""

    name: str

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield what changed since ``cursor``; everything if it is None.

        The first page of a full read starts it; its last page has ``complete=True``. Raises
        ``CursorExpired`` if the cursor can no longer be used, and the groups of ``people.errors``.
        Replaying from an old cursor is always safe.
        """
        ...
