"""The meeting, mail, card or journal line behind each fact of a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl

from flows.run.facts.meetings import Calendar
from flows.run.facts.people import People
from people.facts.days.mailed import worded
from people.store.db.database import Store
from people.store.resolving import persons
from people.tasks import FollowUp

_OF_CONTACT = ("last_contact", "days_since_contact", "overdue", "cadence_used", "last_channel", "stale")
_OF_TOGETHER = ("last_together", "days_since_together", "last_event")
_OF_FIRST = ("days_since_first_event", "first_event", "first_event_on", "days_known", "first_contact")
_OF_BOOKED = ("next_meeting", "days_until_meeting")
_OF_LEDGER = {
    ("given", "given_count"): ("given",),
    ("received", "received_count"): ("received",),
    ("balance",): ("given", "received"),
    ("referrals_given", "days_since_referral_given"): ("given",),
    ("referrals_received",): ("received",),
}
_LINES = 5
_UNCONFIRMED = "unconfirmed"
"""What the starter rules call a meeting that you answered with "maybe", or not at all."""
_OF_MAIL = {
    (True, False): ("last_mail_sent",),
    (False, False): ("last_mail_received",),
    (True, True): ("waiting_for_them_since", "waiting_for_them_days", "unanswered_in_a_row"),
    (False, True): ("waiting_for_me_since", "waiting_for_me_days"),
}
"""By whether the user wrote the letter, and whether it waits."""
_COUNTED = ("contacts_90d", "contacts_365d")


def sources_of(store: Store, people: People, ids: Collection[str]) -> dict[str, dict[str, str]]:
    """Name the source of each fact of the people of ``ids``: by person and field, in words."""
    people = people.only(ids)
    happened, met = (_with_doubt(events, people.calendar) for events in (people.happened, people.met))
    sources: dict[str, dict[str, str]] = {person: {} for person in ids}
    past = happened.filter(pl.col("person_id").is_in(list(ids))).sort("day", "record")
    for (person,), days in past.group_by("person_id", maintain_order=True):
        sources[str(person)].update(_contacts(list(days.iter_rows(named=True))))
    future = met.filter(pl.col("person_id").is_in(list(ids)) & (pl.col("counts") == "full")).sort("day")
    for (person,), days in future.group_by("person_id", maintain_order=True):
        coming = [row for row in days.iter_rows(named=True) if row["record"] not in set(past["record"])]
        if coming:
            row = coming[0]
            sources[str(person)].update(dict.fromkeys(_OF_BOOKED, _event(row)))
    for lines in (_mails(people.letters, ids), _ledger_lines(people.ledger, ids)):
        for person_id, named in lines.items():
            sources[person_id].update(named)
    with store.read() as connection:
        for person_id, origin in persons.origins(connection, ids).items():
            sources[person_id].update(_cards(origin))
    return sources


def _with_doubt(events: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """``events`` with the channel that people read: a meeting that the rules call unconfirmed is one."""
    unconfirmed = calendar.verdicts.filter(pl.col("kind") == _UNCONFIRMED).select(
        pl.concat_str("source", "source_id", separator=":")
    )
    channel = pl.col("channel") if "channel" in events.columns else pl.lit("meeting")
    doubted = pl.col("record").is_in(unconfirmed.to_series().implode())
    return events.with_columns(
        channel=pl.when(doubted).then(pl.lit("unconfirmed meeting")).otherwise(channel)
    )


def _contacts(days: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The sources of one person's facts about contact. ``days`` are in order, and at least one."""
    sources: dict[str, str] = {}
    full = [day for day in days if day["counts"] == "full"]
    if full:
        last = _event(full[-1])
        sources |= dict.fromkeys(_OF_CONTACT, last)
        sources |= dict.fromkeys(_COUNTED, f"{len(full)} in all, the last: {last}")
    sources |= dict.fromkeys(_OF_TOGETHER, _event(days[-1]))
    return sources | dict.fromkeys(_OF_FIRST, _event(days[0]))


def with_sources(items: Collection[FollowUp], sources: Mapping[str, Mapping[str, str]]) -> list[FollowUp]:
    """The follow-ups with the source of each line of evidence named."""
    named = []
    for item in items:
        known = sources.get(item.person_id, {})
        because = tuple(e.model_copy(update={"source": e.source or known.get(e.field)}) for e in item.because)
        named.append(item.model_copy(update={"because": because}))
    return named


def _mails(letters: pl.DataFrame, ids: Collection[str]) -> dict[str, dict[str, str]]:
    """The letter behind each fact of mail, by person and field."""
    sources: dict[str, dict[str, str]] = {}
    mine = letters.filter(pl.col("person_id").is_in(list(ids))).sort("at", "message")
    for row in worded(mine).iter_rows(named=True):
        text = f"{row['title']} on {row['at'].date().isoformat()} ({row['record']})"
        known = sources.setdefault(row["person_id"], {})
        if row["bounced"]:
            known["mail_bounced"] = f"{text}, and it did not arrive"
            continue
        fields = _OF_MAIL[row["sent"], False] + (_OF_MAIL[row["sent"], True] if row["waits"] else ())
        known |= dict.fromkeys(fields, text) | {"mails_90d": f"the last: {text}"}
    return sources


def _ledger_lines(ledger: pl.DataFrame, ids: Collection[str]) -> dict[str, dict[str, str]]:
    """The journal lines that a balance adds up, by person and field, latest first."""
    known = ledger.filter(pl.col("person_id").is_in(list(ids)) & ~pl.col("news"))
    weighed = known.filter(pl.col("weight") > 0)
    sources: dict[str, dict[str, str]] = {}
    for fields, wanted in _OF_LEDGER.items():
        about = known.filter(pl.col("kind") == "referral") if "referral" in fields[0] else weighed
        own = about.filter(pl.col("direction").is_in(list(wanted))).sort("day", "place", descending=True)
        for one, places in own.group_by("person_id", maintain_order=True).agg("place").iter_rows():
            more = f" and {len(places) - _LINES} more" if len(places) > _LINES else ""
            text = f"{', '.join(places[:_LINES])}{more}"
            sources.setdefault(one, {}).update(dict.fromkeys(fields, text))
    return sources


def _event(row: Mapping[str, Any]) -> str:
    if row["channel"] == "email":
        return f"{row['title']} on {row['day'].isoformat()} ({row['record']})"
    title = f" '{row['title']}'" if row["title"] else ""
    return f"{row['channel']}{title} on {row['day'].isoformat()} ({row['record']})"


def _cards(origin: Mapping[str, str]) -> dict[str, str]:
    """The cards behind each field. A field that is a list names the card of each item once."""
    cards_of: dict[str, list[str]] = {}
    for name, record in origin.items():
        field = name.partition("[")[0]
        cards_of.setdefault(field, [])
        if record not in cards_of[field]:
            cards_of[field].append(record)
    return {field: f"card {', '.join(records)}" for field, records in cards_of.items()}
