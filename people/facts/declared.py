"""Facts: the typed, documented rows that rules may test, one model per subject of a rule.

The language, the editor's completion and the field reference are generated from these models: a field's
type decides its tests, and ``description`` and ``examples`` are its documentation. A missing value is None
(or an empty list) and fails every test. ``written_in`` names the phase that fills in a field; a rule of
that phase or an earlier one cannot read it. ``unit="days"`` marks whole numbers that rules may also
compare with a length of time (``90d``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, JsonValue

from people.types import Frozen

Subject = Literal["attendee", "meeting", "person", "group", "referral"]
Phase = Literal["attendee", "meeting", "relevance", "cadence", "stale", "follow_up", "group", "referral"]


def fact(
    description: str,
    example: Any,  # noqa: ANN401 - an example of any field's type
    *,
    written_in: Phase | None = None,
    unit: Literal["days"] | None = None,
    default: Any = None,  # noqa: ANN401 - a default of any field's type
) -> Any:  # noqa: ANN401 - stands for a field of any type
    """Declare one fact: its meaning, an example, its unit, and the phase that writes it (None: facts do)."""
    extra: dict[str, JsonValue] = {"written_in": written_in} if written_in else {}
    if unit:
        extra["unit"] = unit
    return Field(default=default, description=description, examples=[example], json_schema_extra=extra)


class AttendeeFacts(Frozen):
    """One row of a meeting's guest list, before noise is dropped."""

    email: str | None = fact("The attendee's address, lower case.", "room-4@resource.calendar.google.com")
    domain: str | None = fact("The part of the address after the @.", "example.com")
    local_part: str | None = fact("The part of the address before the @, without a +tag.", "noreply")
    name: str | None = fact("The name in the invitation.", "Anna Berg")
    resource: bool = fact("True for rooms and equipment.", True, default=False)
    own_domain: bool = fact(
        "True when the domain is yours and is not a free-mail domain.", True, default=False
    )


class MeetingFacts(Frozen):
    """One calendar event or instance of a series, after noise attendees were dropped."""

    title: str | None = fact("The event's title.", "BNI chapter meeting")
    location: str | None = fact("Where it takes place.", "Harbour Hotel")
    description: str | None = fact("The event's text.", "Agenda: ...")
    calendar: str | None = fact("The calendar that it is in.", "primary")
    source: str | None = fact("The source it came from.", "work")
    organizer: str | None = fact("The organiser's address.", "chair@example.org")
    attendee_count: int | None = fact("How many people, including you, after noise was dropped.", 6)
    attendee_emails: tuple[str, ...] = fact(
        "The addresses of the other people.", ["anna@example.com"], default=()
    )
    attendee_domains: tuple[str, ...] = fact("The domains of the other people.", ["example.com"], default=())
    duration_minutes: int | None = fact("Length in minutes; a whole day has 1440.", 60)
    weekday: str | None = fact("Day of the week in your time zone, in English.", "wednesday")
    start_hour: int | None = fact("Hour of the start in your time zone, 0 to 23.", 7)
    all_day: bool = fact("True for events of whole days.", False, default=False)
    recurring: bool = fact("True for an instance of a series.", True, default=False)
    status: str | None = fact("confirmed, tentative or cancelled.", "confirmed")
    my_response: str | None = fact("accepted, tentative, declined or needs_action.", "declined")
    event_type: str | None = fact(
        "default, birthday, focus_time, out_of_office, working_location or from_gmail.", "focus_time"
    )
    labels: tuple[str, ...] = fact("Categories of the event.", ["networking"], default=())


class PersonFacts(Frozen):
    """What is known about one person on one day, including what rules decided earlier in the run."""

    id: str | None = fact("The person's own id, which never changes.", "p3f9a1c20b7de")
    name: str | None = fact("The full name.", "Anna Berg")
    first_name: str | None = fact("The given name, or the first word of the full name.", "Anna")
    given_name: str | None = fact("The given name.", "Anna")
    family_name: str | None = fact("The family name.", "Berg")
    emails: tuple[str, ...] = fact("All addresses, lower case.", ["anna@berg.example"], default=())
    email_domains: tuple[str, ...] = fact("The domains of the addresses.", ["berg.example"], default=())
    phones: tuple[str, ...] = fact("All numbers in E.164, where valid.", ["+441179460000"], default=())
    organisation: str | None = fact("The firm or body that they belong to.", "Berg Interiors")
    title: str | None = fact("The job title.", "Managing Director")
    city: str | None = fact("The town of the first address that names one.", "Bristol")
    country: str | None = fact("The country of that address.", "UK")
    note: str | None = fact("The notes on the cards.", "Met at the chamber dinner")
    birthday: str | None = fact("YYYY-MM-DD, or --MM-DD without a year.", "--04-12")
    days_until_birthday: int | None = fact("Days to the next birthday; 0 is today.", 7, unit="days")
    labels: tuple[str, ...] = fact("Labels and categories on the cards.", ["referral-partner"], default=())
    groups: tuple[str, ...] = fact(
        "The groups they were seen in (declared under groups:).", ["bni-central"], default=()
    )
    sources: tuple[str, ...] = fact(
        "The sources with a record of this person.", ["phone", "linkedin"], default=()
    )
    record_count: int = fact("How many cards and entries this person has.", 2, default=0)

    first_contact: date | None = fact("The day of the first contact on record.", "2024-02-01")
    last_contact: date | None = fact("The day of the last contact that counts.", "2026-09-14")
    days_since_contact: int | None = fact(
        "Days since last_contact; missing when there was none.", 48, unit="days"
    )
    last_channel: str | None = fact(
        "meeting, journal or task: where the last contact was recorded.", "meeting"
    )
    next_meeting: date | None = fact("The day of the next meeting that is booked.", "2026-11-12")
    days_until_meeting: int | None = fact("Days until next_meeting.", 11, unit="days")
    contacts_90d: int = fact("Contacts that count, in the last 90 days.", 2, default=0)
    contacts_365d: int = fact("Contacts that count, in the last 365 days.", 9, default=0)
    days_known: int | None = fact("Days since the first contact or shared event on record.", 400, unit="days")
    last_together: date | None = fact("The last event attended together, of any size.", "2026-10-29")
    days_since_together: int | None = fact("Days since last_together.", 3, unit="days")
    last_event: str | None = fact("The title of that event.", "Chamber autumn mixer")
    days_since_first_event: int | None = fact("Days since the first event you both attended.", 1, unit="days")
    days_connected: int | None = fact("Days since the connection was made (LinkedIn).", 12, unit="days")

    given: Decimal = fact("Weight of what you gave, over the ledger's window.", "3", default=Decimal(0))
    received: Decimal = fact(
        "Weight of what you received, over the ledger's window.", "5", default=Decimal(0)
    )
    balance: Decimal | None = fact("given minus received; missing when the ledger is empty.", "-2")
    given_count: int = fact("How many things of any weight you gave.", 2, default=0)
    received_count: int = fact("How many things of any weight you received.", 1, default=0)
    referrals_given: int = fact("Referrals you gave to this person.", 1, default=0)
    referrals_received: int = fact("Referrals this person gave to you.", 3, default=0)
    days_since_referral_given: int | None = fact(
        "Days since your last referral to this person.", 15, unit="days"
    )
    targets_introduced: int = fact(
        "Target people that this person referred or introduced to you.", 1, default=0
    )
    targets_around: int = fact(
        "Target people who share a group or an organisation with this person.", 12, default=0
    )
    needs: tuple[str, ...] = fact("What this person looks for.", ["bookkeeping"], default=())
    offers: tuple[str, ...] = fact("What this person offers.", ["web design"], default=())

    tags: tuple[str, ...] = fact("Tags given by rules.", ["target"], written_in="relevance", default=())
    tier: str | None = fact("The tier given by a rule.", "key", written_in="relevance")
    segments: tuple[str, ...] = fact(
        "Target segments given by rules.", ["local-owners"], written_in="relevance", default=()
    )
    cadence_days: int | None = fact(
        "How many days may pass between contacts.", 30, written_in="cadence", unit="days"
    )
    overdue: int | None = fact(
        "days_since_contact minus cadence_days.", 18, written_in="cadence", unit="days"
    )
    cadence_used: Decimal | None = fact(
        "days_since_contact divided by cadence_days: 1 is due, 1.5 is long overdue.",
        "1.6",
        written_in="cadence",
    )
    stale: bool = fact(
        "True when a rule says the connection is going cold.", True, written_in="stale", default=False
    )


class GroupFacts(Frozen):
    """One declared group over the last twelve months.

    Referrals, business and the balance come from the journal lines that name the group.
    """

    id: str | None = fact("The group's id.", "bni-central")
    name: str | None = fact("The group's name.", "BNI Central")
    kind: str | None = fact("chamber, leads, association, club, event, online or informal.", "leads")
    members: int = fact("People seen in it, without noise.", 24, default=0)
    target_members: int = fact("Members in a target segment.", 5, default=0)
    new_target_members: int = fact("Of those, how many were first met there in the window.", 2, default=0)
    new_target_members_6mo: int = fact(
        "Of those, how many were first met there in the last six months.", 1, default=0
    )
    trend: str | None = fact(
        "growing, steady or shrinking: target people first met there in the last six months against the "
        "six before; missing in your first year.",
        "steady",
    )
    meetings_attended: int = fact("Meetings you attended in the window.", 20, default=0)
    hours: Decimal = fact("Hours spent, including travel.", "40", default=Decimal(0))
    money: Decimal = fact("Fees and costs in the network's currency.", "640.00", default=Decimal(0))
    referrals_given: int = fact("Referrals you gave through it.", 4, default=0)
    referrals_received: int = fact("Referrals you received through it.", 1, default=0)
    business_given: Decimal = fact(
        "Value that members won through you: purchases and referrals.", "300.00", default=Decimal(0)
    )
    business_received: Decimal = fact("Value won through it.", "1200.00", default=Decimal(0))
    balance: Decimal | None = fact("given minus received; missing when the journal is empty.", "3")
    cost_per_new_target: Decimal | None = fact(
        "Money per new target connection; missing without one.", "320.00"
    )
    months_in: int | None = fact("Whole months since you joined.", 14)
    months_to_first_business: int | None = fact("Months from joining to the first business.", 9)


class ReferralFacts(Frozen):
    """One referral that was given or received."""

    person: str | None = fact("Who the referral was given to, or came from.", "Anna Berg")
    other: str | None = fact("The second party.", "Tom Hale")
    direction: str | None = fact("given or received.", "given")
    outcome: str | None = fact(
        "introduced, met, won, lost or nothing yet; introduced when none is noted.", "introduced"
    )
    days_since: int | None = fact("Days since it was made.", 14, unit="days")
    days_since_update: int | None = fact("Days since its last news.", 14, unit="days")
    amount: Decimal | None = fact("Value of the business, in the network's currency.", "500.00")


SUBJECTS: dict[Subject, type[Frozen]] = {
    "attendee": AttendeeFacts,
    "meeting": MeetingFacts,
    "person": PersonFacts,
    "group": GroupFacts,
    "referral": ReferralFacts,
}
