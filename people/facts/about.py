"""Who a task is about: the name, the firm, how to reach them, and the last contact of a few people. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from people.facts.person import CONTACT_KINDS
from people.phones import as_dialled
from people.tasks import About
from people.text import fold, one_line
from people.wording import LONGEST_DISTINCTION, LONGEST_FIRM, LONGEST_NAME, shortened

_COLUMNS = ("organisation", "title", "phones", "emails", "tier", "labels", "cadence_days", "last_contact")
_NAME = pl.coalesce(
    "name", "organisation", pl.col("emails").list.first(), pl.col("phones").list.first()
).alias("name")
_KEY = pl.col("name").str.slice(0, LONGEST_NAME - 1).str.to_lowercase().alias("key")
_TELLING = ("emails", "phones", "title", "city", "sources")
"""What tells two people of one name and firm apart, the best first."""


def about_people(
    judged: pl.DataFrame, happened: pl.DataFrame, ids: Collection[str], region: str
) -> dict[str, About]:
    """Return what a task says of each person of ``ids``; people who are not in the frame are left out.

    ``judged`` are the judged facts of everybody, because a name that somebody else has too needs more than
    a name. ``happened`` is that of ``people.facts.person``. ``region`` is where the user dials (``GB``).
    """
    named = judged.with_columns(_NAME).with_columns(_KEY)
    chosen = named.filter(pl.col("id").is_in(list(ids)))
    distinctions = _distinctions(named.join(chosen.select("key").unique(), on="key", how="semi"), region)
    events = _last_events(happened.filter(pl.col("person_id").is_in(list(ids))))
    return {
        row["id"]: About(
            name=one_line(row["name"] or ""),
            first_name=one_line(row["first_name"] or ""),
            distinction=distinctions.get(row["id"], ""),
            organisation=row["organisation"],
            job_title=row["title"],
            phones=tuple(as_dialled(phone, region) for phone in row["phones"]),
            emails=tuple(row["emails"]),
            tier=row["tier"],
            labels=tuple(row["labels"]),
            cadence_days=row["cadence_days"],
            last_contact=row["last_contact"],
            last_event=events.get(row["id"]),
        )
        for row in chosen.select("id", "name", "first_name", *_COLUMNS).iter_rows(named=True)
    }


def _last_events(happened: pl.DataFrame) -> dict[str, str]:
    """The title of each person's last contact. A journal line without a note has none."""
    full = happened.filter(pl.col("counts") == "full").sort("day", "record")
    bare = (pl.col("channel") == "journal") & pl.col("title").is_in(CONTACT_KINDS)
    last = full.group_by("person_id", maintain_order=True).last().filter(~bare)
    return {
        person: one_line(title) for person, title in last.select("person_id", "title").iter_rows() if title
    }


def _distinctions(named: pl.DataFrame, region: str) -> dict[str, str]:
    """What goes beside the firm of people whose name another one has too, by id."""
    columns = ("id", "key", "organisation", *_TELLING)
    twins = named.filter(pl.len().over("key") > 1).select(columns)
    distinctions: dict[str, str] = {}
    for _, rows in twins.group_by("key", maintain_order=True):
        people = list(rows.iter_rows(named=True))
        distinctions |= _tell_apart(people, region)
    return distinctions


def _tell_apart(people: Sequence[Mapping[str, Any]], region: str) -> dict[str, str]:
    """Pick for each of several people with one name a value that no other of them has."""
    firms = [_firm(one) for one in people]
    values = {one["id"]: _values(one, region) for one in people}
    seen = [fold(value) for known in values.values() for value in dict.fromkeys(known)]
    distinctions = {}
    for one, firm in zip(people, firms, strict=True):
        if firm and firms.count(firm) == 1:
            continue
        unique = (value for value in values[one["id"]] if seen.count(fold(value)) == 1)
        # Their cards say nothing that differs: the person's own id is all there is.
        distinctions[one["id"]] = next(unique, one["id"])
    return distinctions


def _firm(person: Mapping[str, Any]) -> str:
    return fold(shortened(one_line(person["organisation"] or ""), LONGEST_FIRM))


def _values(person: Mapping[str, Any], region: str) -> list[str]:
    emails, phones, title, city, sources = (person[name] for name in _TELLING)
    dialled: Iterable[str] = (as_dialled(phone, region) for phone in phones)
    known_from = f"from {' and '.join(sources)}" if sources else ""
    values = (*emails, *dialled, title, city, known_from)
    lines = (one_line(value) for value in values if value)
    return [shortened(line, LONGEST_DISTINCTION) for line in lines if line]
