"""Naming the meeting, card or journal line behind each fact of a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from people.store.db.database import Store
from people.store.resolving import persons
from people.tasks import FollowUp

_OF_CONTACT = ("last_contact", "days_since_contact", "overdue", "cadence_used", "last_channel", "stale")
_OF_TOGETHER = ("last_together", "days_since_together", "last_event")
_OF_FIRST = ("days_since_first_event", "days_known", "first_contact")
_OF_BOOKED = ("next_meeting", "days_until_meeting")
_OF_LEDGER = {
    ("given", "given_count"): ("given",),
    ("received", "received_count"): ("received",),
    ("balance",): ("given", "received"),
    ("referrals_given", "days_since_referral_given"): ("given",),
    ("referrals_received",): ("received",),
}
_LINES = 5
_COUNTED = ("contacts_90d", "contacts_365d")


def sources_of(
    store: Store,
    happened: pl.DataFrame,
    met: pl.DataFrame,
    ids: Collection[str],
    ledger: pl.DataFrame | None = None,
) -> dict[str, dict[str, str]]:
    """For each person of ``ids`` the evidence by field, in words.

    ``happened`` and ``met`` are the frames of ``people.facts.person``, ``ledger`` that of
    ``people.facts.ledger``.
    """
    found: dict[str, dict[str, str]] = {person: {} for person in ids}
    past = happened.filter(pl.col("person_id").is_in(list(ids))).sort("day", "record")
    for (person,), days in past.group_by("person_id", maintain_order=True):
        rows = list(days.iter_rows(named=True))
        full = [row for row in rows if row["counts"] == "full"]
        entry = found[str(person)]
        entry.update(dict.fromkeys(_OF_CONTACT, _event(full[-1])) if full else {})
        entry.update(
            dict.fromkeys(_COUNTED, f"{len(full)} in all, the last: {_event(full[-1])}") if full else {}
        )
        entry.update(dict.fromkeys(_OF_TOGETHER, _event(rows[-1])))
        entry.update(dict.fromkeys(_OF_FIRST, _event(rows[0])))
    future = met.filter(pl.col("person_id").is_in(list(ids)) & (pl.col("counts") == "full")).sort("day")
    for (person,), days in future.group_by("person_id", maintain_order=True):
        coming = [row for row in days.iter_rows(named=True) if row["record"] not in set(past["record"])]
        if coming:
            row = {**coming[0], "channel": "meeting"}
            found[str(person)].update(dict.fromkeys(_OF_BOOKED, _event(row)))
    if ledger is not None:
        for one, lines in _ledger_lines(ledger, ids).items():
            found[one].update(lines)
    with store.read() as connection:
        for one, origin in persons.origins(connection, ids).items():
            found[one].update(_cards(origin))
    return found


def with_sources(items: Collection[FollowUp], sources: Mapping[str, Mapping[str, str]]) -> list[FollowUp]:
    """The follow-ups, each line of their why naming its evidence."""
    named = []
    for item in items:
        known = sources.get(item.person_id, {})
        because = tuple(e.model_copy(update={"source": e.source or known.get(e.field)}) for e in item.because)
        named.append(item.model_copy(update={"because": because}))
    return named


def _ledger_lines(ledger: pl.DataFrame, ids: Collection[str]) -> dict[str, dict[str, str]]:
    """By person and field the lines that a balance adds up, the latest first."""
    known = ledger.filter(pl.col("person_id").is_in(list(ids)) & ~pl.col("news"))
    weighed = known.filter(pl.col("weight") > 0)
    found: dict[str, dict[str, str]] = {}
    for fields, wanted in _OF_LEDGER.items():
        about = known.filter(pl.col("kind") == "referral") if "referral" in fields[0] else weighed
        own = about.filter(pl.col("direction").is_in(list(wanted))).sort("day", "place", descending=True)
        for one, places in own.group_by("person_id", maintain_order=True).agg("place").iter_rows():
            more = f" and {len(places) - _LINES} more" if len(places) > _LINES else ""
            said = f"{', '.join(places[:_LINES])}{more}"
            found.setdefault(one, {}).update(dict.fromkeys(fields, said))
    return found


def _event(row: Mapping[str, Any]) -> str:
    title = f" '{row['title']}'" if row["title"] else ""
    return f"{row['channel']}{title} on {row['day'].isoformat()} ({row['record']})"


def _cards(origin: Mapping[str, str]) -> dict[str, str]:
    """Field to card; of a list the cards of its items, each once."""
    found: dict[str, list[str]] = {}
    for name, record in origin.items():
        field = name.partition("[")[0]
        found.setdefault(field, [])
        if record not in found[field]:
            found[field].append(record)
    return {field: f"card {', '.join(records)}" for field, records in found.items()}
