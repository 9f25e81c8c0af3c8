"""A repaired card read into a ``Contact``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.vcard import ids
from connectors.vcard.model import Line, Model
from connectors.vcard.repair import RepairedCard
from connectors.vcard.values import PLAIN_EMAIL, read_day, read_emails, read_instant, split_bare, unescape
from people.types import Address, Contact, ContactKind

_KINDS = ("KIND", "X-ADDRESSBOOKSERVER-KIND")
_ANNIVERSARIES = ("ANNIVERSARY", "X-ANNIVERSARY", "X-MS-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY")
_RELATIVES = {
    f"{prefix}{relation.upper()}": relation
    for prefix in ("X-", "X-MS-", "X-EVOLUTION-")
    for relation in ("spouse", "manager", "assistant")
}
_SOCIAL = ("X-SOCIALPROFILE", "SOCIALPROFILE")
_MEMBERS = ("MEMBER", "X-ADDRESSBOOKSERVER-MEMBER")
_ANDROID = "X-ANDROID-CUSTOM"
_ANDROID_ITEM = "vnd.android.cursor.item"
_ANDROID_FIELDS = {
    (f"{_ANDROID_ITEM}/nickname", ""): "nickname",
    (f"{_ANDROID_ITEM}/contact_event", "1"): "anniversary",
    (f"{_ANDROID_ITEM}/contact_event", "3"): "birthday",
}
_MODELLED = frozenset(
    (
        *("ADR", "BDAY", "CATEGORIES", "EMAIL", "FN", "N", "NICKNAME", "NOTE", "ORG", "RELATED", "REV"),
        *("ROLE", "TEL", "TITLE", "UID", "URL", "X-ABDATE", "X-ABRELATEDNAMES", "X-ABSHOWAS", "X-ABUID"),
        *_KINDS,
        *_ANNIVERSARIES,
        *_RELATIVES,
        *_SOCIAL,
        *_MEMBERS,
        _ANDROID,
    )
)
_NULLS = ("null", "(null)", "undefined")
"""What programs write for a name that is missing. People called Null write themselves with a capital."""
_MAX_KEY = 30
_NOWHERE = Address()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card is: the source's name, the file relative to the source, and the index in the file."""

    source: str
    file: str
    index: int


def to_contact(card: RepairedCard, place: Place, raw_hash: str) -> Contact:
    """Read a repaired card of one person, organisation or group.

    A card that exceeds the limits, or that names nobody, is ``rejected``. ``source_id`` is the UID, or is
    derived from the content. ``ids.made_unique`` makes it unique within the source.
    """
    fields = _Reader(card).fields()
    rejected = card.fatal or not ids.names_somebody(fields)
    if rejected and not card.fatal:
        card.problems.note("nothing-to-identify")
    return Contact(
        source=place.source,
        source_id=ids.own_id(fields, raw_hash),
        file=place.file,
        index=place.index,
        raw_hash=raw_hash,
        rejected=rejected,
        issues=tuple(card.problems.issues),
        **fields,
    )


class _Reader:
    def __init__(self, card: RepairedCard) -> None:
        self._note = card.problems.note
        self._card = Model(card, _MODELLED)

    def fields(self) -> dict[str, Any]:
        """The arguments of ``Contact`` that come from the card."""
        card = self._card
        name = card.first_text("FN").replace("\n", " ") or None
        person = self._name_parts()
        if name and (name.startswith(_NULLS) or name.endswith(_NULLS)):
            name = " ".join(word for word in name.split() if word not in _NULLS) or None
        organisation, department = self._organisation()
        note = "\n\n".join(self._texts("NOTE")) or None
        fields: dict[str, Any] = {
            **person,
            "name": name,
            "nickname": ", ".join(self._texts("NICKNAME")) or None,
            "emails": _unique(self._emails()),
            "phones": self._texts("TEL", without="tel:"),
            "organisation": organisation,
            "title": _not_null(card.first_text("TITLE")),
            "note": note,
            "birthday": self._first_day("BDAY"),
            "anniversary": self._anniversary(),
            "labels": self._texts("CATEGORIES"),
            "addresses": tuple(self._addresses()),
            "urls": _unique(self._urls()),
            "related": tuple(self._related()),
            "members": _unique(_reference(line.text) for line in card.all(*_MEMBERS)),
            "custom": tuple(self._custom(note, department)),
            "uid": self._uid(),
            "revised_at": self._revised_at(),
            "kind": self._kind(name, organisation, has_n=any(person.values())),
        }
        for line in card.all(_ANDROID):
            self._android(line, fields)
        fields["extra"] = card.kept()
        return fields

    def _texts(self, name: str, without: str = "") -> tuple[str, ...]:
        """All values of one property, each once, without the URI scheme ``without``."""
        texts = (line.text for line in self._card.all(name))
        return _unique(text[len(without) :] if text.lower().startswith(without) else text for text in texts)

    def _name_parts(self) -> dict[str, str | None]:
        line = self._card.first("N")
        if line is None:
            return {}
        name = line.value
        return {
            "family_name": _joined(name.family, " "),
            "given_name": _joined(name.given, " "),
            "middle_name": _joined(name.additional, " "),
            "prefix": _joined(name.prefix, " "),
            "suffix": _joined(name.suffix, ", "),
        }

    def _organisation(self) -> tuple[str | None, str | None]:
        line = self._card.first("ORG")
        if line is None:
            return None, None
        first, *units = (_joined(part, ", ") for part in line.value)
        return first, "; ".join(filter(None, units)) or None

    def _emails(self) -> Iterator[str]:
        for line in self._card.all("EMAIL"):
            if PLAIN_EMAIL.fullmatch(line.text):
                yield line.text.lower()
                continue
            emails, more = read_emails(line.text)
            yield from emails
            if not emails:
                self._note("bad-email", line.text)
            if more or not emails:
                self._card.keep(line)

    def _first_day(self, *names: str) -> str | None:
        """The first valid date. The other lines are kept as written."""
        best = None
        for line in self._card.all(*names):
            omitted = next(line.prop.head.values("X-APPLE-OMIT-YEAR"), None)
            day = read_day(line.text, omitted)
            if day is None:
                self._note("bad-date", line.prop.head.name)
            if day is None or best is not None:
                self._card.keep(line)
            else:
                best = day
        return best

    def _android(self, line: Line, fields: dict[str, Any]) -> None:
        """Take a value that Android keeps in a line of its own: ``.../contact_event;2010-06-05;1``."""
        self._card.keep(line)
        what, value, kind, *_ = (unescape(part).strip() for part in (*split_bare(line.text, ";"), "", ""))
        name = _ANDROID_FIELDS.get((what, "" if what.endswith("/nickname") else kind))
        if name and not fields[name]:
            fields[name] = value or None if name == "nickname" else read_day(value)

    def _anniversary(self) -> str | None:
        best = self._first_day(*_ANNIVERSARIES)
        for line in self._card.all("X-ABDATE"):
            day = read_day(line.text) if self._card.label(line) == "anniversary" else None
            if day is None or best is not None:
                self._card.keep(line)
            else:
                best = day
                self._card.use_label(line)
        return best

    def _addresses(self) -> Iterator[Address]:
        for line in self._card.all("ADR"):
            value = line.value
            street = (_joined(part, ", ") for part in (value.box, value.extended, value.street))
            address = Address(
                street=", ".join(filter(None, street)).replace("\n", ", ") or None,
                city=_joined(value.city, ", "),
                region=_joined(value.region, ", "),
                postal_code=_joined(value.code, ", "),
                country=_joined(value.country, ", "),
            )
            if address != _NOWHERE:
                yield address

    def _urls(self) -> Iterator[str]:
        for line in self._card.all("URL"):
            yield line.text
        for line in self._card.all(*_SOCIAL):
            if line.text[:8].lower().startswith(("http://", "https://")):
                yield line.text
            else:
                self._card.keep(line)

    def _related(self) -> Iterator[tuple[str, str]]:
        for line in self._card.all("RELATED"):
            yield next(line.prop.head.values("TYPE"), "related").lower(), _reference(line.text)
        for line in self._card.all("X-ABRELATEDNAMES"):
            yield self._card.label(line) or "related", line.text
            self._card.use_label(line)
        for line in self._card.all(*_RELATIVES):
            yield _RELATIVES[line.prop.head.name], line.text

    def _custom(self, note: str | None, department: str | None) -> Iterator[tuple[str, str]]:
        for line in note.split("\n") if note else ():
            key, _, value = line.partition(":")
            key = key.strip()
            if value[:1].isspace() and value.strip() and _is_key(key):
                yield key.lower(), value.strip()
        if department:
            yield "department", department
        for role in self._texts("ROLE"):
            yield "role", role

    def _uid(self) -> str | None:
        """The UID, or else the one that Apple's address book gives every card, in lower case."""
        apple = self._card.first_text("X-ABUID").removesuffix(":ABPerson").lower()
        return ids.bare_uid(self._card.first_text("UID")) or apple or None

    def _revised_at(self) -> datetime | None:
        line = self._card.first("REV")
        if line is None:
            return None
        revised = read_instant(line.text)
        if revised is None:
            self._card.keep(line)
        return revised

    def _kind(self, name: str | None, organisation: str | None, *, has_n: bool) -> ContactKind:
        kinds = {line.text.lower() for line in self._card.all(*_KINDS)}
        if "group" in kinds:
            return "group"
        if kinds & {"org", "organization", "organisation"}:
            return "organisation"
        if any(line.text.lower() == "company" for line in self._card.all("X-ABSHOWAS")):
            return "organisation"
        alone = organisation is not None and not has_n and name in (None, organisation)
        return "organisation" if alone and not kinds else "person"


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (value.strip() for value in values))))


def _joined(part: str | list[str], separator: str) -> str | None:
    """One part of a structured value as text. It is a list if the card has several values in it."""
    if isinstance(part, str):
        text = part.strip()
        return text if text and text not in _NULLS else None
    return separator.join(filter(None, (item.strip() for item in part))) or None


def _not_null(text: str) -> str | None:
    return text if text and text not in _NULLS else None


def _is_key(text: str) -> bool:
    """Whether ``text`` before a colon in a note names a field, as in ``needs: bookkeeping``."""
    return (
        0 < len(text) <= _MAX_KEY and text[0].isalpha() and text.replace("-", "").replace("_", "").isalnum()
    )


def _reference(text: str) -> str:
    """The target of MEMBER or RELATED: a bare UID or e-mail address if it is one, else the text."""
    text = ids.bare_uid(text)
    return text[7:].lower() if text[:7].lower() == "mailto:" else text
