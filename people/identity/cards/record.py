"""Records: the cards of a source in a form that can be compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from people import phones as telephone
from people.identity.cards import emails as mail
from people.identity.cards import names
from people.identity.cards.kin import is_given
from people.identity.cards.words import word_group
from people.types import Address, Contact, ContactKind

_BIRTHDAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})|--(\d{2})-?(\d{2})")
_PROFILE = re.compile(
    r"(?:https?://)?(?:[a-z]{2,3}\.|m\.)?(?:"
    # The old addresses of LinkedIn end with three numbers, and some of Facebook are a number.
    r"(facebook\.com/profile\.php)\?(?:\S*&)?id=(\d+)|(linkedin\.com/pub)/([^/?#\s]+(?:/\w+){3})|"
    r"(linkedin\.com/in|github\.com|x\.com|twitter\.com|facebook\.com|instagram\.com|xing\.com/profile|orcid\.org)"
    r"/@?([^/?#\s]+))",
    re.IGNORECASE,
)
_NO_PERSON = frozenset({
    "facebook.com/events", "facebook.com/groups", "facebook.com/pages", "facebook.com/people",
    "facebook.com/pg", "facebook.com/profile.php", "facebook.com/share", "facebook.com/sharer.php",
    "github.com/orgs", "instagram.com/explore", "instagram.com/p", "instagram.com/reel",
    "instagram.com/stories", "twitter.com/i", "x.com/i",
})  # fmt: skip
"""The first part of addresses that many people have."""
_DIGITS = re.compile(r"\D+")
_PLACEHOLDERS = word_group("placeholders")
_DESKS = word_group("desks")
_COMPANY_FORMS = word_group("company-forms")
_ID_LABELS = word_group("id-labels")

HAS_LANDLINE, HAS_ORGANISATION, HAS_TITLE, HAS_BIRTHDAY, HAS_ID, HAS_PLACE = (1 << at for at in range(6))
"""The groups of fields that a record has: if two records share none, these fields need no comparison."""
PRIVATE_EMAIL, EXTENSION = 1, 2
"""Traits of a record: an address at a provider open to everyone; a phone number with an extension."""


@dataclass(frozen=True, slots=True)
class Record:
    """One card in a form that can be compared: texts are plain words, and empty means unknown.

    ``key`` is ``source:source_id``. ``phones`` may belong to one person, ``landlines`` belong to a household
    or an office; both are E.164, with ``;ext=`` before an extension. ``landlines`` also hold the digits of
    what is not valid. ``birthday`` is ``YYYY-MM-DD`` or ``--MM-DD``. ``profiles`` are pages of one person
    (``linkedin.com/in/x``), ``ids`` are numbers or UIDs given to one person. ``streets`` include the house
    number. ``has``, ``traits``, ``firms`` (the domains of its own e-mails) and ``own_locals`` are derived.
    """

    key: str
    kind: ContactKind = "person"
    name: names.Name = names.NO_NAME
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    landlines: tuple[str, ...] = ()
    organisation: str = ""
    title: str = ""
    birthday: str = ""
    streets: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    has: int = field(init=False, repr=False, compare=False)
    traits: int = field(init=False, repr=False, compare=False)
    firms: tuple[str, ...] = field(init=False, repr=False, compare=False)
    own_locals: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        has = HAS_LANDLINE if self.landlines else 0
        has |= HAS_ORGANISATION if self.organisation else 0
        has |= HAS_TITLE if self.title else 0
        has |= HAS_BIRTHDAY if self.birthday else 0
        has |= HAS_ID if self.profiles or self.ids else 0
        has |= HAS_PLACE if self.streets or self.postcodes or self.cities else 0
        boxes = [box for box in map(mail.mailbox, self.emails) if not box.role]
        traits = 0 if all(box.firm for box in boxes) else PRIVATE_EMAIL
        if any(";" in number for number in self.phones + self.landlines):
            traits |= EXTENSION
        object.__setattr__(self, "has", has)
        object.__setattr__(self, "traits", traits)
        object.__setattr__(self, "firms", tuple(box.firm for box in boxes if box.firm))
        person, name = self.kind == "person", self.name
        own = mail.own_locals(boxes, name.given, name.family) if person and boxes else ()
        object.__setattr__(self, "own_locals", own)

    @property
    def has_extension(self) -> bool:
        """Whether one of its phone numbers or landlines has an extension."""
        return bool(self.traits & EXTENSION)


def record_from_contact(contact: Contact, region: str) -> Record:
    """Make a contact comparable; leaves out what cannot be read.

    ``region`` is the country of phone numbers without a prefix (``GB``); with '' only international numbers
    are read. Ids are the card's ``uid``, which other books may copy, and custom fields with a number that a
    person has only one of. A card with the name of its organisation, or with no other name, is an
    organisation.
    """
    kind, name, given, family = contact.kind, contact.name, contact.given_name, contact.family_name
    if contact.source_id.startswith("mailto:"):
        given = family = None  # A guest list has one text, in whatever order its host writes names.
    if name and "@" in name and len(name.split()) == 1:
        name = None  # An address in the name field has no name in it.
    parts = names.parse(
        name,
        given=given,
        middle=contact.middle_name,
        family=family,
        suffix=contact.suffix,
        nickname=contact.nickname,
    )
    if _is_nobody(parts):
        parts, name, given, family = names.NO_NAME, None, None, None
    company = company_name(contact.organisation or "")
    mailboxes = _unique(mail.canonical(address) for address in contact.emails)
    written = "" if given and family else name or given or family or ""
    if kind == "person" and _is_company(written, parts, company, mailboxes):
        kind, company = "organisation", company or company_name(name or "")
    if kind != "person":
        company, parts = company or company_name(name or ""), names.NO_NAME
    read = [(text, telephone.parse(text, region)) for text in contact.phones]
    numbers = [number for _, number in read if number]
    # Two cards can share a local number, or one that is mistyped; nobody knows who answers it.
    unread = (digits for text, number in read if not number and len(digits := _DIGITS.sub("", text)) > 5)
    places = contact.addresses
    return Record(
        key=contact.record,
        kind=kind,
        name=parts,
        emails=mailboxes,
        phones=_unique(number.key for number in numbers if number.line == "personal"),
        landlines=_unique((*(number.key for number in numbers if number.line == "fixed"), *unread)),
        organisation=company,
        title=names.plain_words(contact.title or ""),
        birthday=_birthday(contact.birthday),
        streets=_unique(names.plain_words(place.street or "") for place in places) if places else (),
        postcodes=_unique(map(_postcode, places)) if places else (),
        cities=_unique(names.plain_words(place.city or "") for place in places) if places else (),
        profiles=_unique(map(_profile, contact.urls)) if contact.urls else (),
        ids=_unique(f"{label}={_compact(value)}" for label, value in _ids(contact) if _compact(value)),
    )


def _postcode(place: Address) -> str:
    return names.plain_words(place.postal_code or "").replace(" ", "")


def _ids(contact: Contact) -> Iterator[tuple[str, str]]:
    yield "uid", contact.uid or ""
    for written, value in contact.custom:
        label = names.plain_words(written).replace(" ", "-")
        if label in _ID_LABELS:
            yield label, value


def company_name(text: str) -> str:
    """A firm's name in plain words, without its legal form (``Acme Ltd.`` and ``ACME`` give ``acme``)."""
    folded = names.plain_words(text).split()
    return " ".join([word for word in folded if word not in _COMPANY_FORMS] or folded)


def districts(postcodes: Iterable[str]) -> frozenset[str]:
    """The first half of each postcode, which neighbours share; codes under five characters have none."""
    return frozenset(code[: len(code) // 2 + 1] for code in postcodes if len(code) > 4)


def _is_company(written: str, parts: names.Name, company: str, mailboxes: tuple[str, ...]) -> bool:
    if not company:
        return False
    if not parts.given and not parts.family:
        return all(mail.is_role(address) for address in mailboxes)
    return company_name(written) == company


def _is_nobody(name: names.Name) -> bool:
    """Whether a name is a placeholder (New contact, Taxi), or the name of a desk (Nordlys Booking)."""
    words = [*filter(None, (name.given, *name.middle, *(name.family_parts or (name.family,))))]
    if all(word in _PLACEHOLDERS or word in _DESKS for word in words):
        return bool(words)
    return not _DESKS.isdisjoint(words) and not any(is_given(word) for word in words)


def _birthday(text: str | None) -> str:
    match = _BIRTHDAY.fullmatch((text or "").strip()[:10])
    if not match:
        return ""
    year, month, day, short_month, short_day = match.groups()
    return f"{year}-{month}-{day}" if year else f"--{short_month}-{short_day}"


def _profile(url: str) -> str:
    """The profile behind a web address, such as ``linkedin.com/in/anna-kupka``; empty if it is none."""
    match = _PROFILE.match(unquote(url.strip()))
    profile = "/".join(filter(None, match.groups())).lower() if match else ""
    return "" if profile in _NO_PERSON else unicodedata.normalize("NFC", profile)


def _compact(text: str) -> str:
    return names.plain_words(text.removeprefix("urn:uuid:")).replace(" ", "")


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    """The values sorted, without repeats and empty texts."""
    found = {value for value in values if value}
    return tuple(sorted(found)) if found else ()
