"""The documents of ``people``, ``export`` and ``contacts``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from flows.pages.documents.base import Document, plain
from people.types import ContactKind, Issue

TIERS = ("key", "target", "connector", "general", "dormant", "off-limits")
"""The tiers of the starter rules, in the order in which they are shown."""


class Person(Document):
    """One person as judged today."""

    id: str = Field(description="The person's own id, which never changes.")
    name: str | None
    given_name: str | None
    family_name: str | None
    emails: tuple[str, ...] = Field(description="Lower case.")
    phones: tuple[str, ...] = Field(description="In E.164 where valid.")
    organisation: str | None
    title: str | None = Field(description="The job title.")
    birthday: str | None = Field(description="`YYYY-MM-DD`, or `--MM-DD` without a year.")
    labels: tuple[str, ...]
    groups: tuple[str, ...] = Field(description="The ids of the declared groups this person was seen in.")
    tier: str | None
    tags: tuple[str, ...]
    segments: tuple[str, ...]
    stale: bool
    cadence_days: int | None
    last_contact: str | None
    days_since_contact: int | None
    next_meeting: str | None
    balance: float | None = Field(description="Given minus received; null when nothing is on record.")
    records: tuple[str, ...] = Field(description="The record keys, `source:source_id`.")


FACTS = tuple(name for name in Person.model_fields if name != "records")
"""The fields of ``Person`` that are facts of a judged frame."""


def person(row: dict[str, Any], records: Sequence[str]) -> Person:
    """Return the document of one row of a judged frame; ``row`` holds ``FACTS``."""
    facts = {name: plain(value) for name, value in row.items()}
    return Person.filled(facts, balance=row["balance"], records=records)


class Card(Document):
    """One card exactly as its source has it, rejected cards included."""

    record: str = Field(description="The record key, `source:source_id`.")
    source: str
    file: str | None = Field(description="Relative to the source's path; null for sources without files.")
    index: int | None = Field(description="Counts the cards of the file from 0.")
    name: str | None
    given_name: str | None
    family_name: str | None
    emails: tuple[str, ...]
    phones: tuple[str, ...] = Field(description="As written.")
    organisation: str | None
    title: str | None
    note: str | None
    birthday: str | None
    labels: tuple[str, ...]
    extra: tuple[str, ...] = Field(
        description="What no field took, as `name: value`; rules find it under `custom`."
    )
    kind: ContactKind
    rejected: bool = Field(description="Whether the card is shown only, and not used.")
    issues: tuple[Issue, ...] = Field(
        description="The problems in the card. `lost` is true when content could not be kept."
    )


class TableColumn(Document):
    """What one column of a table became (`--columns`)."""

    source: str
    file: str = Field(description="Relative to the source's path.")
    column: str = Field(description="Its name, as written.")
    field: str | None = Field(
        description="The fact that it became; `custom` for a labelled field; null if it is not used."
    )
    known: bool = Field(description="False if the name is not known: the column was left over.")
    rows: int = Field(description="The number of rows that have a value.")
    example: str | None = Field(description="The first value.")


def tier_rank(tier: str | None) -> int:
    """Return the place of a tier: those of the starter rules in order, then the user's own, then none.

    >>> sorted(["mine", None, "general", "key"], key=tier_rank)
    ['key', 'general', 'mine', None]
    """
    return TIERS.index(tier) if tier in TIERS else len(TIERS) + (tier is None)
