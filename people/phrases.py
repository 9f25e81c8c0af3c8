"""Facts in words: what a rule saw in a fact, as a reader says it, with days instead of spans.

A phrase begins in lower case and has no full stop, so that it fits into a sentence.
"""

from __future__ import annotations

from datetime import date

from people.days import birthday, short_day
from people.tasks import Evidence
from people.text import fold, one_line

_DAY = {
    "days_since_contact": "last contact on {}",
    "last_contact": "last contact on {}",
    "overdue": "due for contact since {}",
    "first_contact": "first contact on {}",
    "days_known": "known since {}",
    "days_on_file": "on file since {}",
    "on_file_since": "on file since {}",
    "days_connected": "connected on {}",
    "connected_on": "connected on {}",
    "first_event_on": "first met on {}",
    "days_since_first_event": "first met on {}",
    "days_since_together": "last at the same event on {}",
    "last_together": "last at the same event on {}",
    "last_mail_sent": "you last wrote on {}",
    "last_mail_received": "they last wrote on {}",
    "waiting_for_me_since": "they wait for your answer since {}",
    "waiting_for_me_days": "they wait for your answer since {}",
    "waiting_for_them_since": "you wait for their answer since {}",
    "waiting_for_them_days": "you wait for their answer since {}",
    "next_meeting": "you meet on {}",
    "days_until_meeting": "you meet on {}",
    "days_until_birthday": "birthday on {}",
    "next_birthday": "birthday on {}",
    "days_since_referral_given": "your last referral to them was on {}",
    "days_since": "the referral was made on {}",
    "made_on": "the referral was made on {}",
    "days_since_update": "no news since {}",
    "updated_on": "no news since {}",
}
"""Facts that are days, or that count days from or to one."""

_SPAN = {
    "days_known": "known {}",
    "days_on_file": "on file {}",
    "days_connected": "connected {} ago",
    "days_since_first_event": "first met {} ago",
    "days_since_together": "seen {} ago",
    "days_since_referral_given": "your last referral {} ago",
    "days_since": "referral {} ago",
    "days_since_update": "no news for {}",
}
"""The same as spans, for a screen that is read today."""

_VALUE = {
    "tier": "tier {}",
    "first_name": "first name {}",
    "given_name": "given name {}",
    "family_name": "family name {}",
    "emails": "e-mail {}",
    "email_domains": "e-mail at {}",
    "phones": "number {}",
    "organisation": "works at {}",
    "title": "job title {}",
    "city": "in {}",
    "country": "in {}",
    "note": "noted: {}",
    "age": "aged {}",
    "turns": "turns {}",
    "sources": "known from {}",
    "record_count": "cards on file: {}",
    "last_channel": "last contact by {}",
    "first_event": "first met at {}",
    "last_event": "last at the same event: {}",
    "contacts_since_first_event": "contacts since you first met: {}",
    "contacts_90d": "contacts in 90 days: {}",
    "contacts_365d": "contacts in a year: {}",
    "mails_90d": "mails in 90 days: {}",
    "unanswered_in_a_row": "your mails in a row without an answer: {}",
    "cadence_days": "you aim for every {} days",
    "cadence_used": "{} times the time you aim for",
    "given": "you gave {}",
    "received": "you received {}",
    "given_count": "you gave {} times",
    "received_count": "you received {} times",
    "referrals_given": "referrals you gave them: {}",
    "referrals_received": "referrals they gave you: {}",
    "targets_introduced": "target people they introduced: {}",
    "targets_around": "target people around them: {}",
    "needs": "looks for {}",
    "offers": "offers {}",
    "outcome": "last known: {}",
    "amount": "worth {}",
}

_LISTED = {"labels": "label", "groups": "group", "tags": "tag", "segments": "segment"}
"""Facts that are lists of the user's own words: only those that the rule asked for are named."""

_MISSING = {
    "last_contact": "no contact on record",
    "days_since_contact": "no contact on record",
    "first_contact": "no contact on record",
    "next_meeting": "no meeting is booked",
    "last_mail_sent": "you never wrote to them",
    "last_mail_received": "they never wrote to you",
    "waiting_for_me_since": "nobody waits for your answer",
    "waiting_for_me_days": "nobody waits for your answer",
    "waiting_for_them_since": "you wait for no answer",
    "waiting_for_them_days": "you wait for no answer",
    "last_together": "never seen at the same event",
    "birthday": "no birthday on file",
}

_WORDS: dict[tuple[str, str], str] = {
    ("stale", "true"): "going cold",
    ("stale", "false"): "not going cold",
    ("tier", "key"): "key person",
    ("tier", "target"): "target",
    ("tier", "connector"): "connector",
    ("tier", "general"): "acquaintance",
    ("tier", "dormant"): "no contact for long",
    ("contacts_90d", "0"): "no contact in 90 days",
    ("contacts_365d", "0"): "no contact in a year",
    ("waiting_for_them_in_reply", "true"): "your mail answered one of theirs",
    ("waiting_for_them_in_reply", "false"): "your mail was not an answer",
    ("mail_bounced", "true"): "your last mail to them did not arrive",
    ("mail_bounced", "false"): "your mails to them arrive",
    ("balance", "0"): "you gave as much as you received",
    ("direction", "given"): "a referral that you gave",
    ("direction", "received"): "a referral that you received",
    ("outcome", "introduced"): "they were introduced",
    ("outcome", "won"): "it brought business",
    ("outcome", "lost"): "no business came of it",
    ("outcome", "met"): "they met",
}

SILENT = frozenset({"id", "name", "person", "other"})
"""Facts that a title says already."""


def phrase(evidence: Evidence, today: date) -> str:
    """Return what the rule saw, in words; empty for a fact that the title says.

    >>> seen = Evidence(rule="r", file="f", line=1, field="days_connected", value="5", test="lte",
    ...                 threshold="7d", day=date(2026, 11, 24))
    >>> phrase(seen, date(2026, 11, 29))
    'connected on 24 Nov'
    """
    field, value = evidence.field, evidence.value
    if field in SILENT:
        return ""
    if value is None:
        return _MISSING.get(field, f"no {_plain(field)} on record")
    return _in_words(evidence, value, today) or f"{_plain(field)} is {value}"


def _in_words(evidence: Evidence, value: str, today: date) -> str:
    field = evidence.field
    if field in _DAY and evidence.day is not None:
        return _DAY[field].format(short_day(evidence.day, today))
    if field in _LISTED:
        return f"{_LISTED[field]} {', '.join(_asked_for(evidence, value))}"
    if field == "birthday":
        return f"birthday {birthday(value, today)}"
    words = _WORDS.get((field, value))
    if words is None and field == "balance":
        return _balance(value)
    return words or _VALUE.get(field, "").format(value)


def short_phrase(evidence: Evidence, today: date) -> str:
    """Return ``phrase`` for a screen that is read today: with a span where that is shorter."""
    if evidence.field in _SPAN and evidence.day is not None:
        return _SPAN[evidence.field].format(in_days((today - evidence.day).days))
    return phrase(evidence, today)


def tier_word(tier: str | None) -> str:
    """Return a tier as a reader calls it; a tier of the user's own as it is."""
    return _WORDS.get(("tier", tier or ""), one_line(tier or ""))


def in_days(count: int) -> str:
    """Return a number with its unit: ``1 day``."""
    return "1 day" if count == 1 else f"{count} days"


def matched(evidence: Evidence) -> list[str]:
    """Return the words of a list that the rule asked for, such as labels."""
    return _asked_for(evidence, evidence.value or "")


def _asked_for(evidence: Evidence, value: str) -> list[str]:
    words = value.split(", ")
    wanted = {fold(one) for one in evidence.threshold.split(" or ")}
    return [word for word in words if fold(word) in wanted] or words


def _balance(value: str) -> str:
    if value.startswith("-"):
        return f"you received {value[1:]} more than you gave"
    return f"you gave {value} more than you received"


def _plain(field: str) -> str:
    return field.replace("_", " ")
