"""What to know about a guest on the day of a meeting: facts, referrals, follow-ups, and who could help."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from flows.pages.documents.brief import BriefFollowUp, BriefGuest, BriefHelper, BriefReferral
from flows.run.context import Context
from flows.run.helpers import helpers_of
from flows.run.look import Look
from people.days import birthday_near
from people.facts import referrals as referrals_frame
from people.facts.person import CONTACT_KINDS
from people.phones import as_dialled
from people.store import Connection, follow_ups, frames, lookup
from people.store.resolving import persons
from people.text import fold, one_line

BIRTHDAY_BEFORE, BIRTHDAY_AFTER = 7, 14
"""A birthday is near from a week ago, for late wishes, to two weeks ahead."""
MOST_HELPERS = 3
MOST_REFERRALS = 3
YEAR = 365

Row = Mapping[str, Any]


def guests_of(context: Context, seen: Look, day: date) -> dict[str, BriefGuest]:
    """What to know about the people of ``seen`` who are met on ``day``, by id; without helpers."""
    ids = seen.judgement.frame.get_column("id").to_list()
    with context.store.read() as connection:
        carded = persons.with_cards(connection, ids)
        tasks = follow_ups.open_of(connection, ids)
        short = follow_ups.short_keys(connection, [item.key for item in tasks])
        open_referrals = _referrals(connection, ids, context.today)
        rows = list(seen.judgement.frame.iter_rows(named=True))
        logs = _log_lines(connection, rows, day)
    history = _history(seen.people.happened, context.today)
    return {
        row["id"]: BriefGuest.filled(
            row,
            **history.get(row["id"], {}),
            **_birthday(row["birthday"], day),
            person_id=row["id"],
            email=next(iter(row["emails"]), None),
            name=row["name"] or row["id"],
            reach=_reach(row, context.settings.me.region),
            known=row["id"] in carded or row["days_known"] is not None,
            referrals=open_referrals.get(row["id"], ()),
            follow_ups=[
                BriefFollowUp.filled(item, short_key=short[item.key])
                for item in tasks
                if item.person_id == row["id"]
            ],
            log=logs[row["id"]],
        )
        for row in rows
    }


def with_helpers(context: Context, seen: Look, guests: Mapping[str, BriefGuest]) -> dict[str, BriefGuest]:
    """Add to each guest who of your people could help, and who the guest could help."""
    synonyms = seen.rules.synonyms
    suggested = helpers_of(context, seen, guests)
    firms = _firms(context, {other for one in suggested for other in (one.needs_id, one.offers_id)})
    helpers: dict[str, list[BriefHelper]] = {}
    for one in suggested:
        for guest, person, name, helps in (
            (one.needs_id, one.offers_id, one.offers, True),
            (one.offers_id, one.needs_id, one.needs, False),
        ):
            if guest in guests:
                own = guests[guest].needs if helps else guests[guest].offers
                topic = next((item for item in own if _same_topic(item, one.topic, synonyms)), one.topic)
                firm = firms.get(person)
                helper = BriefHelper(person_id=person, name=name, organisation=firm, topic=topic, helps=helps)
                helpers.setdefault(guest, []).append(helper)
    return {
        person: guest.model_copy(update={"helpers": tuple(helpers.get(person, ())[:MOST_HELPERS])})
        for person, guest in guests.items()
    }


def stranger(name: str | None, email: str, event: str | None, day: date) -> BriefGuest:
    """A guest that no record names, and the command that adds them after the meeting."""
    words = [
        "touchbase",
        "add",
        name or "",
        "--email",
        email,
        "--met",
        one_line(event or ""),
        "--date",
        str(day),
    ]
    log = shlex.join(words) if _writable(name) and _writable(email) and _writable(words[6]) else None
    return BriefGuest(person_id=None, name=name or email, email=email, known=False, log=log)


def _same_topic(item: str, topic: str, synonyms: Mapping[str, str]) -> bool:
    return fold(synonyms.get(fold(item), item)) == fold(topic)


def _reach(row: Row, region: str) -> str | None:
    numbers = (as_dialled(number, region) for number in row["phones"])
    return next(numbers, next(iter(row["emails"]), None))


def _history(happened: pl.DataFrame, today: date) -> dict[str, dict[str, Any]]:
    """The last contact, on how many days of the year there was one, and the first meeting, by person."""
    ordered = happened.sort("day", "record")
    full = pl.col("counts") == "full"
    meeting = pl.col("channel") == "meeting"
    # A journal line without a note has its kind as its title.
    title = pl.col("title").replace(list(CONTACT_KINDS), None)
    titled = pl.when(pl.col("channel") == "journal").then(title).otherwise("title")
    rows = ordered.group_by("person_id").agg(
        titled.filter(full).last().alias("last_event"),
        pl.col("day")
        .filter(full & ((pl.lit(today) - pl.col("day")).dt.total_days() <= YEAR))
        .n_unique()
        .alias("contact_days"),
        pl.col("day").filter(meeting).first().alias("first_met"),
        pl.col("title").filter(meeting).first().alias("first_event"),
    )
    return {row.pop("person_id"): row for row in rows.iter_rows(named=True)}


def _birthday(birthday: str | None, day: date) -> dict[str, Any]:
    near = birthday and birthday_near(birthday, day, before=BIRTHDAY_BEFORE, after=BIRTHDAY_AFTER)
    if not birthday or not near:
        return {"birthday": None}
    return {"birthday": near, "turns": None if birthday.startswith("--") else near.year - int(birthday[:4])}


def _referrals(connection: Connection, ids: Collection[str], today: date) -> dict[str, list[BriefReferral]]:
    """The open referrals of these people. Who gave a referral is owed news of it by both of its people."""
    mine = pl.col("person_id").is_in(list(ids)) | pl.col("other_id").is_in(list(ids))
    lines = frames.journal(connection).filter(mine)
    parties = {one for column in ("person_id", "other_id") for one in lines.get_column(column).drop_nulls()}
    names = persons.names_of(connection, parties)
    named = pl.DataFrame(list(names.items()), schema={"id": pl.String, "name": pl.String}, orient="row")
    found: dict[str, list[BriefReferral]] = {}
    for row in referrals_frame.referral_facts(lines, named, today).iter_rows(named=True):
        if row["outcome"] in referrals_frame.SETTLED or row["direction"] is None:
            continue
        received = row["direction"] == "received"
        for own, other in (("person", "other"), ("other", "person")):
            if (person := row[f"{own}_id"]) in ids:
                referral = BriefReferral.filled(
                    row,
                    other=row[other],
                    owes_word="you" if received else "they",
                    to=row["person"] if received and own == "other" else None,
                )
                found.setdefault(person, []).append(referral)
    return {person: referrals[:MOST_REFERRALS] for person, referrals in found.items()}


def _firms(context: Context, ids: Collection[str]) -> dict[str, str | None]:
    with context.store.read() as connection:
        profiles = frames.profiles(connection, frames.records(connection, ids), ids)
    return dict(profiles.select("id", "organisation").iter_rows())


def _log_lines(connection: Connection, rows: Iterable[Row], day: date) -> dict[str, str]:
    """By person, the command that records a conversation on ``day``. It names nobody else."""
    names = {row["id"]: [text for text in (row["name"], *row["emails"]) if _writable(text)] for row in rows}
    known = lookup.exactly(connection, {text for texts in names.values() for text in texts})
    return {
        person: log_line(next((text for text in texts if known[text] == {person}), person), day)
        for person, texts in names.items()
    }


def _writable(text: str | None) -> bool:
    """Whether a text survives the way through a terminal, and is not taken for an option."""
    return bool(text) and text == one_line(text or "") and not (text or "").startswith("-")


def log_line(who: str, day: date) -> str:
    """Return the command that records a conversation, quoted for a shell.

    >>> print(log_line("Fionn O'Shea", date(2026, 11, 30)))
    touchbase log 'Fionn O'"'"'Shea' contact --date 2026-11-30 --note ''
    """
    return shlex.join(["touchbase", "log", who, "contact", "--date", day.isoformat(), "--note", ""])
