"""One row of a CSV file, read into a ``Contact``."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from connectors.columns import LEFT_OVER
from connectors.csv.columns import Place
from connectors.csv.names import ADDRESS
from connectors.shared.dates import Order, read_birthday
from people.text import fold, one_line
from people.types import Address, Contact, Issue

_SEVERAL = " ::: "  # Google joins the values of one label so
_EMAIL = re.compile(r"[^\s<>,;:\"()]+@[^\s<>,;:\"()]+")
_MEANT = re.compile(r"[1-9]")  # Outlook writes 0/0/00 for no date
_NOT_VOICE = re.compile(r"fax|pager|t[eé]l[eé]copie", re.IGNORECASE)
_GOOGLES_OWN = re.compile(r"\* ?")
_USEFUL = frozenset(("starred", "friends", "family", "coworkers"))
"""Of Google's own groups; every contact is in *myContacts*."""
_LINES = ("street", "extended", "po_box")
_NAMES = ("given_name", "middle_name", "family_name")


@dataclass(frozen=True)
class Row:
    """The cells of one row with their columns. ``order`` is that of days and months in the whole file."""

    places: Sequence[Place]
    cells: Sequence[str]
    order: Order | None = None

    @cached_property
    def _held(self) -> dict[str, list[tuple[Place, str]]]:
        held: dict[str, list[tuple[Place, str]]] = {}
        for place, cell in zip(self.places, self.cells, strict=True):
            if cell:
                held.setdefault(place.field, []).append((place, cell))
        return held

    def values(self, field: str) -> list[str]:
        """All values of a field; those that Google has joined are apart."""
        return [text for _, text in self._apart(field)]

    def first(self, field: str) -> str | None:
        """The first value of a field."""
        return next(iter(self.values(field)), None)

    def _apart(self, field: str) -> Iterator[tuple[Place, str]]:
        for place, cell in self._held.get(field, ()):
            for part in cell.split(_SEVERAL):
                if text := " ".join(part.split()):
                    yield place, text

    def labelled(self, field: str, labels: str) -> Iterator[tuple[str, str]]:
        """The values of a field, each with its label, which stands in a column of its own."""
        by_group = {place.group: text for place, text in self._held.get(labels, ())}
        for place, text in self._apart(field):
            yield by_group.get(place.group, "") if place.group else "", text

    def emails(self) -> tuple[str, ...]:
        """The mail addresses, lower case, with Google's preferred one first."""
        found = [
            (label.startswith("*"), address.lower())
            for label, text in self.labelled("email", "email_label")
            for address in _EMAIL.findall(text)
        ]
        return tuple(dict.fromkeys(address for _, address in sorted(found, key=lambda one: not one[0])))

    def phones(self) -> tuple[str, ...]:
        """The numbers that ring; that of the whole firm comes last."""
        ringing = [t for label, t in self.labelled("phone", "phone_label") if not _NOT_VOICE.search(label)]
        return tuple(dict.fromkeys([*ringing, *self.values("company_phone")]))

    def addresses(self) -> tuple[Address, ...]:
        """Each postal address of its own, at work and at home."""
        groups: dict[str, dict[str, list[str]]] = {}
        for field in ADDRESS:
            for place, cell in self._held.get(field, ()):
                groups.setdefault(place.group, {}).setdefault(field, []).append(cell)
        columns = dict.fromkeys(place.group for place in self.places if place.field in ADDRESS)
        return tuple(_address(groups[group]) for group in columns if group in groups)

    def labels(self) -> tuple[str, ...]:
        """Groups, categories and tags."""
        return tuple(dict.fromkeys(_labels(self._held.get("labels", ()))))

    def related(self) -> Iterator[tuple[str, str]]:
        """Family, managers and assistants, each as kind and name."""
        for field in self._held:
            if field.startswith("related "):
                yield from ((field.removeprefix("related "), text) for text in self.values(field))
        yield from ((label or "related", text) for label, text in self.labelled("relation", "relation_label"))

    def custom(self) -> Iterator[tuple[str, str]]:
        """Labelled fields."""
        yield from (("department", text) for text in self.values("department"))
        yield from ((place.name, one_line(cell)) for place, cell in self._held.get("custom", ()))
        for kind in ("custom_value", "event"):
            named = self.labelled(kind, f"{kind.removesuffix('_value')}_label")
            yield from ((label, text) for label, text in named if label and not _is_anniversary(label))
        yield from (
            (label, t) for label, t in self.labelled("phone", "phone_label") if _NOT_VOICE.search(label)
        )

    def anniversary(self) -> str | None:
        """The anniversary as written."""
        events = (text for label, text in self.labelled("event", "event_label") if _is_anniversary(label))
        return self.first("anniversary") or next(events, None)

    def birthday(self) -> str | None:
        """The birthday as written, or made of its three columns."""
        written = self.first("birthday")
        year, month, day = (self.first(f"birth_{part}") or "" for part in ("year", "month", "day"))
        if written and written.isdigit() and len(written) < 3 and month:
            day = written  # Thunderbird in German calls the day alone Geburtstag
        elif written or not (month.isdigit() and day.isdigit()):
            return written
        return f"{year}-{month:>02}-{day:>02}" if year else f"{day}.{month}."

    def note(self) -> str | None:
        """All notes, with their line ends."""
        return "\n".join(cell for _, cell in self._held.get("note", ())) or None

    def left_over(self) -> Iterator[str]:
        """What no field took, as ``column: cell``."""
        for place, cell in self._held.get(LEFT_OVER, ()):
            yield f"{place.name}: {one_line(cell)}"
        for place, cell in self._held.get("email", ()):
            if not _EMAIL.search(cell):
                yield f"{place.name}: {one_line(cell)}"


def contact_of(row: Row, source: str, file: str, index: int) -> Contact | None:
    """Read a row; None if it names nobody. The id is a cell, the e-mail address, or made of name and firm."""
    emails, phones, organisation = row.emails(), row.phones(), row.first("organisation")
    parts = {field: row.first(field) for field in _NAMES}
    name = row.first("name") or " ".join(filter(None, parts.values())) or None
    if not (name or emails or organisation or phones):
        return None
    dates = {"birthday": row.birthday(), "anniversary": row.anniversary()}
    read = {field: _date(text, row.order) for field, text in dates.items()}
    unread = {
        field: text for field, text in dates.items() if text and not read[field] and _MEANT.search(text)
    }
    return Contact(
        source=source,
        source_id=row.first("id") or next(iter(emails), "") or f"row-{_hash(name, organisation, phones)}",
        name=name,
        **parts,
        **{field: row.first(field) for field in ("prefix", "suffix", "nickname", "title")},
        emails=emails,
        phones=phones,
        organisation=organisation,
        note=row.note(),
        **read,
        labels=row.labels(),
        urls=tuple(dict.fromkeys(row.values("url"))),
        addresses=row.addresses(),
        related=tuple(dict.fromkeys(row.related())),
        custom=tuple(dict.fromkeys(row.custom())),
        extra=(*row.left_over(), *(f"{field}: {text}" for field, text in unread.items())),
        issues=tuple(_unread(field, text) for field, text in unread.items()),
        file=file,
        index=index,
    )


def _unread(field: str, text: str) -> Issue:
    message = f"{field} '{one_line(text)[:40]}' is not one day for certain; write it as 1985-03-14"
    return Issue(code=f"{field}-unreadable", message=message)


def _date(text: str | None, order: Order | None) -> str | None:
    """A day; Google writes one without a year as `` --03-14``."""
    text = (text or "").strip()
    return read_birthday(text.removeprefix("--") if text.startswith("--") else text, order)


def _address(parts: dict[str, list[str]]) -> Address:
    lines = [one_line(text) for field in _LINES for text in parts.get(field, ())]
    if not parts.keys() - {"formatted"}:
        lines = [one_line(parts["formatted"][0])]
    rest = {field: one_line(parts[field][0]) for field in parts if field not in (*_LINES, "formatted")}
    return Address(street=", ".join(dict.fromkeys(lines)) or None, **rest)


def _labels(held: Sequence[tuple[Place, str]]) -> Iterator[str]:
    for place, cell in held:
        google = _SEVERAL in cell or "* " in cell or fold(place.name) in ("labels", "group membership")
        for part in cell.split(_SEVERAL) if google else re.split("[;,]", cell):
            label = " ".join(part.split())
            own = _GOOGLES_OWN.sub("", label, count=1)
            if label and (label == own or own.lower() in _USEFUL):
                yield own


def _is_anniversary(label: str) -> bool:
    return fold(label.strip("* ")) in ("anniversary", "jahrestag", "anniversaire", "aniversario")


def _hash(name: str | None, organisation: str | None, phones: Sequence[str]) -> str:
    parts = (name, organisation) if name or organisation else phones
    text = "\x1f".join(fold(part or "") for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
