"""A contact as one source has it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from people.types.base import Frozen, Instant, Issue, Record


class Address(Frozen):
    """A postal address. Each part is None if the source has none."""

    street: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


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
