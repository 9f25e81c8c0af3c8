"""Which kinds of records a fact about a person comes from, so that a source that is missing is noticed."""

from __future__ import annotations

from people.types import RecordKind

_EVENTS: frozenset[RecordKind] = frozenset({"meetings", "messages", "journal"})
_ORIGINS: dict[str, frozenset[RecordKind]] = {
    **dict.fromkeys(
        (
            "groups", "first_contact", "last_contact", "days_since_contact", "last_channel", "contacts_90d",
            "contacts_365d", "days_known", "last_together", "days_since_together", "last_event",
            "first_event", "first_event_on", "days_since_first_event", "contacts_since_first_event", "given",
            "received", "balance", "given_count", "received_count", "targets_around", "overdue",
            "cadence_used", "days_since_meeting", "days_since_call", "usual_interval_days", "events",
            "usual_interval_used",
            "firm_days_since_contact",
        ),
        _EVENTS,
    ),
    **dict.fromkeys(
        ("last_mail_sent", "last_mail_received", "mails_90d", "mail_bounced"),
        frozenset[RecordKind]({"messages"}),
    ),
    **dict.fromkeys(
        (
            "waiting_for_me_since", "waiting_for_me_days", "waiting_for_them_since", "waiting_for_them_days",
            "waiting_for_them_in_reply", "unanswered_in_a_row",
        ),
        _EVENTS,
    ),
    **dict.fromkeys(("next_meeting", "days_until_meeting"), frozenset[RecordKind]({"meetings"})),
    **dict.fromkeys(
        ("referrals_given", "referrals_received", "days_since_referral_given", "targets_introduced"),
        frozenset[RecordKind]({"journal"}),
    ),
    "days_since_mail": frozenset({"messages", "journal"}),
    **dict.fromkeys(("needs", "offers", "paused_until"), frozenset[RecordKind]({"contacts", "journal"})),
}  # fmt: skip
_CARDS: frozenset[RecordKind] = frozenset({"contacts"})


def origin(fact: str) -> frozenset[RecordKind]:
    """Return the kinds of records behind a field of ``PersonFacts``, without what rules decide of it.

    >>> sorted(origin("last_contact"))
    ['journal', 'meetings', 'messages']
    >>> sorted(origin("birthday"))
    ['contacts']
    """
    return _ORIGINS.get(fact, _CARDS)
