"""A Google person (JSON of the People API) as a ``Contact``."""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from people.text import clean
from people.types import Address, Contact, Issue

Json = Mapping[str, Any]

_READER = "1"
"""Counted up when this module reads persons differently, so that unchanged ones are read again."""


def contact_of(person: Json, source: str, groups: Mapping[str, str]) -> Contact:
    """Read one person; ``groups`` maps the resource names of contact groups to labels.

    Fields may be absent, and each may hold several values of which ``metadata.primary`` marks one;
    that one comes first. Raises ``TypeError``, ``AttributeError``, ``KeyError`` or ``ValueError`` when
    the JSON is not a person.
    """
    issues: list[Issue] = []
    name = _first(person, "names")
    work = _employer(person)
    labels = labels_of(person, groups)
    birthday, odd = _birthday(person, issues)
    return Contact(
        source=source,
        source_id=person["resourceName"],
        name=_text(name, "displayName") or _text(name, "unstructuredName"),
        given_name=_text(name, "givenName"),
        middle_name=_text(name, "middleName"),
        family_name=_text(name, "familyName"),
        prefix=_text(name, "honorificPrefix"),
        suffix=_text(name, "honorificSuffix"),
        nickname=_text(_first(person, "nicknames"), "value"),
        emails=_values(person, "emailAddresses", lower=True),
        phones=_values(person, "phoneNumbers"),
        organisation=_text(work, "name"),
        title=_text(work, "title"),
        note=_text(_first(person, "biographies"), "value"),
        birthday=birthday,
        anniversary=_anniversary(person, issues),
        labels=labels,
        addresses=tuple(_addresses(person)),
        urls=_values(person, "urls"),
        related=tuple(_pairs(person, "relations", "type", "person")),
        custom=tuple(_pairs(person, "userDefined", "key", "value")),
        extra=odd,
        previous_ids=tuple(person.get("metadata", {}).get("previousResourceNames", ())),
        etag=person.get("etag"),
        revised_at=_revised_at(person),
        raw_hash=raw_hash(person, labels),
        issues=tuple(issues),
    )


def raw_hash(person: Json, labels: Sequence[str]) -> str | None:
    """A hash that changes with the person or the names of its labels; None where there is no etag."""
    etag = person.get("etag")
    if not etag:
        return None
    told = "\n".join((_READER, person["resourceName"], etag, *labels))
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def labels_of(person: Json, groups: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the contact groups that the person is a member of, in order."""
    rows = person.get("memberships", ())
    ids = (row.get("contactGroupMembership", {}).get("contactGroupResourceName") for row in rows)
    return tuple(sorted({groups[group] for group in ids if group in groups}))


def is_deleted(person: Json) -> bool:
    """Whether this is a tombstone, which may hold nothing but its resource name."""
    return bool(person.get("metadata", {}).get("deleted"))


def _in_order(person: Json, field: str) -> list[Json]:
    values = person.get(field)
    if not values:
        return []
    return sorted(values, key=_rank) if len(values) > 1 else list(values)


def _rank(value: Json) -> int:
    metadata = value.get("metadata", {})
    return 0 if metadata.get("primary") else 1 if metadata.get("sourcePrimary") else 2


def _first(person: Json, field: str) -> Json:
    values = _in_order(person, field)
    return values[0] if values else {}


def _text(value: Json, key: str) -> str | None:
    text = value.get(key)
    if text is None:
        return None
    if not text.isprintable():
        text = clean(text)
    return text.strip() or None


def _values(person: Json, field: str, *, lower: bool = False) -> tuple[str, ...]:
    texts = (_text(value, "value") for value in _in_order(person, field))
    return tuple(dict.fromkeys(text.lower() if lower else text for text in texts if text))


def _pairs(person: Json, field: str, key: str, value: str) -> Iterator[tuple[str, str]]:
    for row in _in_order(person, field):
        if text := _text(row, value):
            yield _text(row, key) or "", text


def _employer(person: Json) -> Json:
    rows = _in_order(person, "organizations")
    return next((row for row in rows if row.get("current")), rows[0] if rows else {})


def _addresses(person: Json) -> Iterator[Address]:
    for row in _in_order(person, "addresses"):
        street = ", ".join(
            filter(None, (_text(row, key) for key in ("poBox", "streetAddress", "extendedAddress")))
        )
        address = Address(
            street=street or None,
            city=_text(row, "city"),
            region=_text(row, "region"),
            postal_code=_text(row, "postalCode"),
            country=_text(row, "country"),
        )
        if address != Address():
            yield address
        elif formatted := _text(row, "formattedValue"):
            yield Address(street=formatted)


def _birthday(person: Json, issues: list[Issue]) -> tuple[str | None, tuple[str, ...]]:
    """The birthday, and what could not be understood as one, kept as text."""
    for row in _in_order(person, "birthdays"):
        if row.get("date"):
            return _day(row["date"], "birthday", issues), ()
    text = _text(_first(person, "birthdays"), "text")
    return None, (f"birthday:{text}",) if text else ()


def _anniversary(person: Json, issues: list[Issue]) -> str | None:
    for row in _in_order(person, "events"):
        if row.get("type") == "anniversary" and row.get("date"):
            return _day(row["date"], "anniversary", issues)
    return None


def _day(parts: Json, what: str, issues: list[Issue]) -> str | None:
    """``YYYY-MM-DD``, or ``--MM-DD`` when the year is 0 or absent."""
    year, month, day = (parts.get(key) or 0 for key in ("year", "month", "day"))
    leap = calendar.isleap(year) if year else True
    if not (0 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= _DAYS[month] + (leap and month == 2)):
        message = f"{what} {year or '?'}-{month or '?'}-{day or '?'} is no day of the year"
        issues.append(Issue(code=f"bad-{what}", message=message, lost=True))
        return None
    return f"{year:04}-{month:02}-{day:02}" if year else f"--{month:02}-{day:02}"


_DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _revised_at(person: Json) -> datetime | None:
    times = (row.get("updateTime") for row in person.get("metadata", {}).get("sources", ()))
    return max((datetime.fromisoformat(text) for text in times if text), default=None)
