"""A Google person (JSON of the People API) read into a ``Contact``."""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from people.text import clean
from people.types import Address, Contact, Issue

Json = Mapping[str, Any]
Rows = Sequence[Json]
Fields = dict[str, Any]

_READER = "1"
"""Raise it if this module reads persons differently, so that unchanged ones are read again."""


def contact_of(person: Json, source: str, groups: Mapping[str, str]) -> Contact:
    """Read one person; ``groups`` maps the resource names of contact groups to labels.

    Fields may be absent. A field may have several values; the one with ``metadata.primary`` comes first.
    Raises ``TypeError``, ``AttributeError``, ``KeyError`` or ``ValueError`` if the JSON is not a person.
    """
    labels = labels_of(person, groups)
    fields: Fields = {"labels": labels, "raw_hash": raw_hash(person, labels), "etag": person.get("etag")}
    for key, read in _READERS.items():
        if rows := person.get(key):
            read(_in_order(rows), fields)
    for key, field, value_of in _SINGLE_FIELDS:
        if rows := person.get(key):
            fields[field] = value_of(_in_order(rows))
    if metadata := person.get("metadata"):
        fields["revised_at"] = _revised_at(metadata)
        if former := metadata.get("previousResourceNames"):
            fields["previous_ids"] = tuple(former)
    return Contact(source=source, source_id=person["resourceName"], **fields)


def group_ids(person: Json) -> Iterator[str]:
    """The resource names of the person's contact groups."""
    for row in person.get("memberships", ()):
        if group := row.get("contactGroupMembership", {}).get("contactGroupResourceName"):
            yield group


def labels_of(person: Json, groups: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the person's contact groups, sorted."""
    return tuple(sorted({groups[group] for group in group_ids(person) if group in groups}))


def raw_hash(person: Json, labels: Sequence[str]) -> str | None:
    """A hash that changes with the person or the names of their labels; None without an etag."""
    etag = person.get("etag")
    if not etag:
        return None
    text = "\n".join((_READER, person["resourceName"], etag, *labels))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def is_deleted(person: Json) -> bool:
    """Whether this is a tombstone, which may only have a resource name."""
    return bool(person.get("metadata", {}).get("deleted"))


def plain(text: str | None) -> str | None:
    """The text without control characters and outer blanks; None if it is empty."""
    if text is None:
        return None
    if not text.isprintable():
        text = clean(text)
    return text.strip() or None


def _in_order(rows: Rows) -> Rows:
    return sorted(rows, key=_rank) if len(rows) > 1 and _rank(rows[0]) else rows


def _rank(row: Json) -> int:
    metadata = row.get("metadata", {})
    return 0 if metadata.get("primary") else 1 if metadata.get("sourcePrimary") else 2


def _values(rows: Rows) -> tuple[str, ...]:
    texts = [text for row in rows if (text := plain(row.get("value")))]
    return tuple(texts if len(texts) < 2 else dict.fromkeys(texts))


def _first_value(rows: Rows) -> str | None:
    return plain(rows[0].get("value"))


def _pairs(rows: Rows, key: str, value: str) -> tuple[tuple[str, str], ...]:
    return tuple((plain(row.get(key)) or "", text) for row in rows if (text := plain(row.get(value))))


def _read_names(rows: Rows, fields: Fields) -> None:
    first = rows[0]
    for field, key in _NAME_PARTS:
        if key in first:
            fields[field] = plain(first[key])
    if not fields.get("name"):
        fields["name"] = plain(first.get("unstructuredName"))


_NAME_PARTS = (
    ("name", "displayName"),
    ("given_name", "givenName"),
    ("middle_name", "middleName"),
    ("family_name", "familyName"),
    ("prefix", "honorificPrefix"),
    ("suffix", "honorificSuffix"),
)


def _emails(rows: Rows) -> tuple[str, ...]:
    return tuple(dict.fromkeys([value.lower() for value in _values(rows)]))


def _read_employer(rows: Rows, fields: Fields) -> None:
    present = next((row for row in rows if row.get("current")), rows[0])
    fields["organisation"] = plain(present.get("name"))
    fields["title"] = plain(present.get("title"))


def _addresses(rows: Rows) -> Iterator[Address]:
    for row in rows:
        street = (plain(row.get(key)) for key in ("poBox", "streetAddress", "extendedAddress"))
        address = Address(
            street=", ".join(filter(None, street)) or None,
            city=plain(row.get("city")),
            region=plain(row.get("region")),
            postal_code=plain(row.get("postalCode")),
            country=plain(row.get("country")),
        )
        if address != Address():
            yield address
        elif formatted := plain(row.get("formattedValue")):
            yield Address(street=formatted)


def _read_birthday(rows: Rows, fields: Fields) -> None:
    """Read the birthday. Free text instead of a date is kept as it is."""
    dated = next((row["date"] for row in rows if row.get("date")), None)
    if dated:
        fields["birthday"] = _day(dated, "birthday", fields)
    elif text := plain(rows[0].get("text")):
        fields["extra"] = (f"birthday:{text}",)


def _read_anniversary(rows: Rows, fields: Fields) -> None:
    dated = (row["date"] for row in rows if row.get("type") == "anniversary" and row.get("date"))
    if first := next(dated, None):
        fields["anniversary"] = _day(first, "anniversary", fields)


_READERS: dict[str, Callable[[Rows, Fields], None]] = {
    "names": _read_names,
    "organizations": _read_employer,
    "birthdays": _read_birthday,
    "events": _read_anniversary,
}
_SINGLE_FIELDS: tuple[tuple[str, str, Callable[[Rows], object]], ...] = (
    ("emailAddresses", "emails", _emails),
    ("phoneNumbers", "phones", _values),
    ("biographies", "note", _first_value),
    ("nicknames", "nickname", _first_value),
    ("addresses", "addresses", lambda rows: tuple(_addresses(rows))),
    ("urls", "urls", _values),
    ("relations", "related", lambda rows: _pairs(rows, "type", "person")),
    ("userDefined", "custom", lambda rows: _pairs(rows, "key", "value")),
)


def _day(parts: Json, what: str, fields: Fields) -> str | None:
    """``YYYY-MM-DD``, or ``--MM-DD`` if the year is 0 or absent; None with an issue if it is not a date."""
    year, month, day = (parts.get(key) or 0 for key in ("year", "month", "day"))
    leap = calendar.isleap(year) if year else True
    if not (0 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= _DAYS[month] + (leap and month == 2)):
        message = f"{what} {year or '?'}-{month or '?'}-{day or '?'} is not a date"
        issue = Issue(code=f"bad-{what}", message=message, lost=True)
        fields["issues"] = (*fields.get("issues", ()), issue)
        return None
    return f"{year:04}-{month:02}-{day:02}" if year else f"--{month:02}-{day:02}"


_DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _revised_at(metadata: Json) -> datetime | None:
    times = [row["updateTime"] for row in metadata.get("sources", ()) if "updateTime" in row]
    return max(map(datetime.fromisoformat, times), default=None)
