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
from functools import partial
from typing import Any, Literal

from pydantic import Field, JsonValue

from people.days import WEEKDAYS
from people.facts.days.this_day import MONTHS
from people.types import Frozen

Subject = Literal["attendee", "meeting", "message", "person", "group", "referral"]
Phase = Literal[
    "attendee", "meeting", "message", "relevance", "cadence", "stale", "follow_up", "group", "referral"
]


def fact(
    description: str,
    example: Any,  # noqa: ANN401 - an example of any field's type
    *,
    written_in: Phase | None = None,
    unit: Literal["days"] | None = None,
    default: Any = None,  # noqa: ANN401 - a default of any field's type
    choices: tuple[str, ...] = (),
) -> Any:  # noqa: ANN401 - stands for a field of any type
    """Declare one fact: its meaning, an example, its unit, and the phase that writes it (None: facts do).

    ``choices`` are its only values, if it has few.
    """
    extra: dict[str, JsonValue] = {"written_in": written_in} if written_in else {}
    if unit:
        extra["unit"] = unit
    if choices:
        extra["choices"] = list(choices)
    return Field(default=default, description=description, examples=[example], json_schema_extra=extra)


# Facts that are never missing, and lengths of time.
texts = partial(fact, default=())
flag = partial(fact, default=False)
number = partial(fact, default=0)
decimal = partial(fact, default=Decimal(0))
days = partial(fact, unit="days")


class AttendeeFacts(Frozen):
    """One row of a meeting's guest list, before noise is dropped."""

    email: str | None = fact("The attendee's address, lower case.", "room-4@resource.calendar.google.com")
    domain: str | None = fact("The part of the address after the @.", "example.com")
    local_part: str | None = fact("The part of the address before the @, without a +tag.", "noreply")
    name: str | None = fact("The name in the invitation.", "Anna Berg")
    resource: bool = flag("True for rooms and equipment.", True)
    own_domain: bool = flag("True when the domain is yours and is not a free-mail domain.", True)


class MeetingFacts(Frozen):
    """One calendar event or instance of a series, after noise attendees were dropped."""

    title: str | None = fact("The event's title.", "BNI chapter meeting")
    location: str | None = fact("Where it takes place.", "Harbour Hotel")
    description: str | None = fact("The event's text.", "Agenda: ...")
    calendar: str | None = fact("The calendar that it is in.", "primary")
    source: str | None = fact("The source it came from.", "work")
    organizer: str | None = fact("The organiser's address.", "chair@example.org")
    attendee_count: int | None = fact("How many people, including you, after noise was dropped.", 6)
    attendee_emails: tuple[str, ...] = texts("The addresses of the other people.", ["anna@example.com"])
    attendee_domains: tuple[str, ...] = texts("The domains of the other people.", ["example.com"])
    duration_minutes: int | None = fact("Length in minutes; a whole day has 1440.", 60)
    weekday: str | None = fact("Day of the week in your time zone, in English.", "wednesday")
    start_hour: int | None = fact("Hour of the start in your time zone, 0 to 23.", 7)
    all_day: bool = flag("True for events of whole days.", False)
    recurring: bool = flag("True for an instance of a series.", True)
    status: str | None = fact("confirmed, tentative or cancelled.", "confirmed")
    my_response: str | None = fact("accepted, tentative, declined or needs_action.", "declined")
    event_type: str | None = fact(
        "default, birthday, focus_time, out_of_office, working_location or from_gmail.", "focus_time"
    )
    labels: tuple[str, ...] = texts("Categories of the event.", ["networking"])


class MessageFacts(Frozen):
    """One mail that you wrote or received, by its headers alone."""

    direction: str | None = fact("sent (you wrote it) or received.", "received")
    role: str | None = fact("Your place in a received mail, to or cc, if it names you.", "to")
    from_email: str | None = fact("The address that it came from, lower case.", "no-reply@shop.example")
    from_domain: str | None = fact("The part of that address after the @.", "shop.example")
    recipients: int | None = fact("How many addresses it went to, in To and Cc, yours included.", 2)
    own_domain: bool = flag(
        "True when everybody else in it has an address at a domain of yours that is not free mail.", True
    )
    list_id: str | None = fact("The mailing list that it came through.", "chamber.lists.example")
    bulk: bool = flag("True for a mailing to many, such as a newsletter.", True)
    automatic: bool = flag("True if a machine wrote it, such as an out-of-office reply.", True)
    calendar: bool = flag("True for an invitation, and for an answer to one.", True)
    bounce: bool = flag("True for a report that a mail did not arrive.", True)
    thread_size: int | None = fact("How many mails its thread has so far.", 3)
    answers: bool = flag("True if the other side wrote in its thread before.", True)
    answered_within: int | None = fact("Minutes from your last mail in its thread to theirs, rounded up.", 90)
    folder: str | None = fact("The folder in which it was found first.", "INBOX")
    source: str | None = fact("The source it came from.", "post")
    age: int | None = days("Days since it was written.", 3)


class PersonFacts(Frozen):
    """What is known about one person on one day, including what rules decided earlier in the run."""

    id: str | None = fact("The person's own id, which never changes.", "p3f9a1c20b7de")
    name: str | None = fact("The full name.", "Anna Berg")
    first_name: str | None = fact("The given name, or the first word of the full name.", "Anna")
    given_name: str | None = fact("The given name.", "Anna")
    family_name: str | None = fact("The family name.", "Berg")
    emails: tuple[str, ...] = texts("All addresses, lower case.", ["anna@berg.example"])
    email_domains: tuple[str, ...] = texts("The domains of the addresses.", ["berg.example"])
    phones: tuple[str, ...] = texts("All numbers in E.164, where valid.", ["+441179460000"])
    organisation: str | None = fact("The firm or body that they belong to.", "Berg Interiors")
    title: str | None = fact("The job title.", "Managing Director")
    city: str | None = fact("The town of the first address that names one.", "Bristol")
    country: str | None = fact("The country of that address.", "UK")
    note: str | None = fact("The notes on the cards.", "Met at the chamber dinner")
    birthday: str | None = fact("YYYY-MM-DD, or --MM-DD without a year.", "--04-12")
    next_birthday: date | None = fact(
        "The day of the next birthday, today included; 29 February is on 1 March in other years.",
        "2027-04-12",
    )
    days_until_birthday: int | None = days("Days to the next birthday; 0 is today.", 7)
    age: int | None = fact("Their age today, in years; missing without a year of birth.", 46)
    turns: int | None = fact("The age that they reach on next_birthday; missing without a year of birth.", 47)
    labels: tuple[str, ...] = texts("Labels and categories on the cards.", ["referral-partner"])
    custom: tuple[str, ...] = texts(
        "Labelled fields of the cards, as `label: text`: custom fields, relations, further columns of a CSV.",
        ["cadence: 45d"],
    )
    groups: tuple[str, ...] = texts("The groups they were seen in (declared under groups:).", ["bni-central"])
    sources: tuple[str, ...] = texts("The sources with a record of this person.", ["phone", "linkedin"])
    record_count: int = number("How many cards and entries this person has.", 2)
    today: date | None = fact("The day that is judged, in your time zone.", "2026-11-01")
    month: str | None = fact("Its month, in English.", "december", choices=MONTHS)
    weekday: str | None = fact("Its day of the week, in English.", "monday", choices=WEEKDAYS)
    paused_until: date | None = fact(
        "Until this day there are no follow-ups: from `touchbase pause`, or from a label until-2027-03-01.",
        "2027-03-01",
    )

    first_contact: date | None = fact("The day of the first contact on record.", "2024-02-01")
    last_contact: date | None = fact("The day of the last contact that counts.", "2026-09-14")
    days_since_contact: int | None = days("Days since last_contact; missing when there was none.", 48)
    last_channel: str | None = fact("What the last contact was: meeting, email, journal or task.", "meeting")
    last_mail_sent: date | None = fact("The day of your last mail to them.", "2026-10-20")
    last_mail_received: date | None = fact("The day of their last mail to you.", "2026-10-18")
    mails_90d: int = number("Mails between you that count, in the last 90 days.", 4)
    waiting_for_me_since: date | None = fact("The day of their last mail, if you owe a reply.", "2026-10-29")
    waiting_for_me_days: int | None = days("Days since waiting_for_me_since.", 3)
    waiting_for_them_since: date | None = fact(
        "The day of your last mail, if it waits for their answer.", "2026-10-24"
    )
    waiting_for_them_days: int | None = days("Days since waiting_for_them_since.", 8)
    waiting_for_them_in_reply: bool = flag(
        "True if that mail of yours answered one of theirs: it may have been the last word.", True
    )
    unanswered_in_a_row: int = number("Your mails in a row without any answer.", 1)
    mail_bounced: bool = flag("True if your last mail to them did not arrive.", True)
    next_meeting: date | None = fact("The day of the next meeting that is booked.", "2026-11-12")
    days_until_meeting: int | None = days("Days until next_meeting.", 11)
    days_since_meeting: int | None = days("Days since you last met: in a meeting, at a meal, on a visit.", 90)
    days_since_call: int | None = days("Days since the last call: its title or note says so.", 30)
    days_since_mail: int | None = days("Days since the last mail that counts as contact.", 12)
    usual_interval_days: int | None = days(
        "The usual time between two days of contact, their median; missing with fewer than four.", 21
    )
    usual_interval_used: Decimal | None = fact(
        "days_since_contact divided by usual_interval_days: 3 is three times as long as usual.", "3.2"
    )
    firm_days_since_contact: int | None = days("Days since you were in touch with anybody of their firm.", 9)
    firm_open_follow_ups: int = number(
        "Open follow-ups about others of their firm; 0 for whoever has one themselves.", 1
    )
    contacts_90d: int = number("Contacts that count, in the last 90 days.", 2)
    contacts_365d: int = number("Contacts that count, in the last 365 days.", 9)
    days_known: int | None = days("Days since the first contact or shared event on record.", 400)
    last_together: date | None = fact("The last event attended together, of any size.", "2026-10-29")
    days_since_together: int | None = days("Days since last_together.", 3)
    last_event: str | None = fact("The title of that event.", "Chamber autumn mixer")
    events: tuple[str, ...] = texts(
        "The events of the last 14 days that you both attended.", ["Expo West", "Harbour breakfast"]
    )
    first_event: str | None = fact("The title of the first event you both attended.", "Supper club")
    first_event_on: date | None = fact("The day of that first event.", "2026-10-31")
    days_since_first_event: int | None = days("Days since first_event_on.", 1)
    contacts_since_first_event: int = number("Contacts that count, on the days after first_event_on.", 0)
    connected_on: date | None = fact("The day on which the connection was made (LinkedIn).", "2026-10-20")
    days_connected: int | None = days("Days since connected_on.", 12)
    on_file_since: date | None = fact(
        "The first day on which this person is known at all: seen by Touchbase, revised on a card, connected "
        "on LinkedIn, or met.",
        "2025-09-27",
    )
    days_on_file: int | None = days("Days since on_file_since; also for people without any contact.", 400)

    given: Decimal = decimal("Weight of what you gave, in the last 365 days.", "3")
    received: Decimal = decimal("Weight of what you received, in the last 365 days.", "5")
    balance: Decimal | None = fact("given minus received; missing when nothing is on record.", "-2")
    given_count: int = number("How many things of any weight you gave.", 2)
    received_count: int = number("How many things of any weight you received.", 1)
    referrals_given: int = number("Referrals you gave to this person.", 1)
    referrals_received: int = number("Referrals this person gave to you.", 3)
    days_since_referral_given: int | None = days("Days since your last referral to this person.", 15)
    targets_introduced: int = number("Target people that this person referred or introduced to you.", 1)
    targets_around: int = number("Target people who share a group or an organisation with this person.", 12)
    needs: tuple[str, ...] = texts("What this person looks for.", ["bookkeeping"])
    offers: tuple[str, ...] = texts("What this person offers.", ["web design"])

    tags: tuple[str, ...] = texts("Tags given by rules.", ["target"], written_in="relevance")
    tier: str | None = fact("The tier given by a rule.", "key", written_in="relevance")
    segments: tuple[str, ...] = texts(
        "Target segments given by rules.", ["local-owners"], written_in="relevance"
    )
    cadence_days: int | None = days("How many days may pass between contacts.", 30, written_in="cadence")
    overdue: int | None = days("days_since_contact minus cadence_days.", 18, written_in="cadence")
    cadence_used: Decimal | None = fact(
        "days_since_contact divided by cadence_days: 1 is due, 1.5 is long overdue.",
        "1.6",
        written_in="cadence",
    )
    stale: bool = flag("True when a rule says the connection is going cold.", True, written_in="stale")


class GroupFacts(Frozen):
    """One declared group over the last twelve months.

    Referrals, business and the balance come from the journal lines that name the group.
    """

    id: str | None = fact("The group's id.", "bni-central")
    name: str | None = fact("The group's name.", "BNI Central")
    kind: str | None = fact("chamber, leads, association, club, event, online or informal.", "leads")
    members: int = number("People seen in it, without noise.", 24)
    target_members: int = number("Members in a target segment.", 5)
    new_target_members: int = number("Of those, how many were first met there in the window.", 2)
    new_target_members_6mo: int = number("Of those, how many were first met there in the last six months.", 1)
    trend: str | None = fact(
        "growing, steady or shrinking: target people first met there in the last six months against the "
        "six before; missing in your first year.",
        "steady",
    )
    meetings_attended: int = number("Meetings you attended in the window.", 20)
    hours: Decimal = decimal("Hours spent, including travel.", "40")
    money: Decimal = decimal("Fees and costs in the network's currency.", "640.00")
    referrals_given: int = number("Referrals you gave through it.", 4)
    referrals_received: int = number("Referrals you received through it.", 1)
    business_given: Decimal = decimal(
        "Value that members won through you: purchases and referrals.", "300.00"
    )
    business_received: Decimal = decimal("Value won through it.", "1200.00")
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
    made_on: date | None = fact("The day on which it was made.", "2026-10-18")
    days_since: int | None = days("Days since it was made.", 14)
    updated_on: date | None = fact("The day of its last news.", "2026-10-18")
    days_since_update: int | None = days("Days since its last news.", 14)
    amount: Decimal | None = fact("Value of the business, in the network's currency.", "500.00")


SUBJECTS: dict[Subject, type[Frozen]] = {
    "attendee": AttendeeFacts,
    "meeting": MeetingFacts,
    "message": MessageFacts,
    "person": PersonFacts,
    "group": GroupFacts,
    "referral": ReferralFacts,
}
