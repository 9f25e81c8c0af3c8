"""Merge the cards of a person into one profile, and note for each field the card that it came from.

The policy, field by field:

1. The user's own address books come first, then what others wrote (LinkedIn), then guest lists: see
   ``people.types.Trust``. A correction in an address book therefore counts.
2. Among equally trusted cards, the one revised last comes first; cards without a date come last.
3. A field comes from the first card with a *good* value. A name of two words comes before a single word, and
   before an e-mail address in the name field; a guest list's name counts only if no card has one. A birthday
   with its year comes before one without. The job title comes from a card that names the chosen
   organisation, or names none.
4. E-mails and phones keep the order of their card, the preferred one first; cards follow by rank.
5. Labels, links, notes, needs, offers and labelled fields are all kept, without repeats.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

from pydantic import Field

from people.identity.cards.names import plain_words
from people.identity.cards.record import company_name
from people.phones import comparable, e164
from people.types import Contact, Frozen, Trust

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_SEPARATORS = re.compile(r"[,;\n]+")
_LONGEST_FIELD = 100
_KEPT_LINE = re.compile(
    r"(?!(?:item\d+\.)?X-AB)(?:item\d+\.)?(?:X-)?([^:;=]{1,40}): ?(\S.{0,99})", re.IGNORECASE
)
"""A property that no field took (``X-CADENCE:45d``), or a cell of a further column (``Cadence: 45d``).

Apple's own ``X-AB...`` say how a card is shown. A line with parameters holds no plain text.
"""


class Profile(Frozen):
    """The merged fields of one person.

    ``emails`` are in lower case, the best one first. ``phones`` are E.164 if valid, and as first written if
    not; valid ones come first, and no number repeats. ``birthday`` is ``YYYY-MM-DD`` or ``--MM-DD``.
    ``connected_on`` is the earliest such day, ``recorded_on`` the earliest day (UTC) on which a card was
    revised, or connected. ``custom`` are labelled fields, each as ``label: text``. ``origin`` maps each field
    to the record that it came from; each item of a list has its own entry (``emails[0]``).
    """

    name: str | None = None
    given_name: str | None = None
    middle_name: str | None = None
    family_name: str | None = None
    nickname: str | None = None
    kind: str = "person"
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    organisation: str | None = None
    title: str | None = None
    city: str | None = None
    country: str | None = None
    birthday: str | None = None
    labels: tuple[str, ...] = ()
    note: str | None = None
    urls: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    custom: tuple[str, ...] = ()
    connected_on: date | None = None
    recorded_on: date | None = None
    origin: dict[str, str] = Field(default_factory=dict)


def merge_profile(
    contacts: Sequence[Contact], region: str, trust: Mapping[str, Trust] | None = None
) -> Profile:
    """Merge the cards of one person; rejected cards are left out.

    ``region`` is the country of phone numbers without a prefix (``GB``). ``trust`` says, by record key, which
    cards are not from the user's own address book. The order of ``contacts`` does not matter.
    """
    merger = _Merger(ranked(contacts, trust or {}), region, trust or {})
    return merger.profile()


def ranked(contacts: Iterable[Contact], trust: Mapping[str, Trust]) -> list[Contact]:
    """The cards that were not rejected, best first: by trust, then by revision, then by record key."""

    def rank(contact: Contact) -> tuple[int, float, str]:
        seconds = ((contact.revised_at or _EARLIEST) - _EARLIEST).total_seconds()
        return trust.get(contact.record, Trust.OWN), -seconds, contact.record

    return sorted((contact for contact in contacts if not contact.rejected), key=rank)


class _Merger:
    """The cards in order of rank, and the origin of each field chosen so far."""

    def __init__(self, cards: list[Contact], region: str, trust: Mapping[str, Trust]) -> None:
        self.cards = cards
        self.trust = trust
        self.region = region
        self.origin: dict[str, str] = {}

    def profile(self) -> Profile:
        named = max(self.cards, key=self._quality, default=None)
        parts = self._with_parts(named)
        organisation = self._first("organisation", lambda card: card.organisation)
        return Profile(
            name=self._of(named, "name", _written_name),
            given_name=self._of(parts, "given_name", lambda card: card.given_name),
            middle_name=self._of(parts, "middle_name", lambda card: card.middle_name),
            family_name=self._of(parts, "family_name", lambda card: card.family_name),
            nickname=self._first("nickname", lambda card: card.nickname),
            kind=self.cards[0].kind if self.cards else "person",
            emails=self._all("emails", lambda card: card.emails),
            phones=self._phones(),
            organisation=organisation,
            title=self._title(organisation),
            **self._place(),
            birthday=self._birthday(),
            labels=self._all("labels", lambda card: card.labels),
            note="\n\n".join(self._all("note", lambda card: [card.note.strip()] if card.note else []))
            or None,
            urls=self._all("urls", lambda card: card.urls),
            needs=self._all("needs", lambda card: _custom(card, "needs")),
            offers=self._all("offers", lambda card: _custom(card, "offers")),
            custom=self._all("custom", _labelled),
            connected_on=self._connected_on(),
            recorded_on=self._recorded_on(),
            origin=self.origin,
        )

    def _quality(self, card: Contact) -> float:
        """2 for a name of two words or more, 1 for one word, 0 for none or an e-mail address.

        A guest's name counts half, because a full name from a stranger's calendar is worth no more than the
        user's own single word.
        """
        name = _written_name(card) or ""
        if "@" in name:
            return 0
        words = min(len(plain_words(name).split()), 2)
        return words / 2 if self.trust.get(card.record) is Trust.GUEST_LIST else words

    def _of(self, card: Contact | None, field: str, get: Callable[[Contact], str | None]) -> str | None:
        """A field of one card; notes the card as its origin."""
        value = (get(card) or "").strip() if card else ""
        if card and value:
            self.origin[field] = card.record
        return value or None

    def _first(self, field: str, get: Callable[[Contact], str | None]) -> str | None:
        return next((value for card in self.cards if (value := self._of(card, field, get))), None)

    def _all(self, field: str, get: Callable[[Contact], Iterable[str]]) -> tuple[str, ...]:
        """Every value once, in order; texts that differ only in case count as equal."""
        values: dict[str, str] = {}
        for card in self.cards:
            for value in get(card):
                if value and value.casefold() not in values:
                    self.origin[f"{field}[{len(values)}]"] = card.record
                    values[value.casefold()] = value
        return tuple(values.values())

    def _with_parts(self, named: Contact | None) -> Contact | None:
        """The card with the parts of the chosen name: its own card, or another with the same name."""
        if named is None or named.given_name or named.family_name:
            return named
        same = plain_words(named.name or "")
        alike = (card for card in self.cards if plain_words(card.name or "") == same)
        return next((card for card in alike if card.given_name or card.family_name), None)

    def _title(self, organisation: str | None) -> str | None:
        company = company_name(organisation or "")

        def title(card: Contact) -> str | None:
            elsewhere = card.organisation and company_name(card.organisation) != company
            return None if elsewhere else card.title

        return self._first("title", title)

    def _phones(self) -> tuple[str, ...]:
        """The valid numbers in E.164, then the others as written."""
        written = [(card, phone.strip()) for card in self.cards for phone in card.phones if phone.strip()]
        read = [(card, phone, e164(phone, self.region)) for card, phone in written]
        numbers: dict[str, str] = {}
        for card, phone, valid in sorted(read, key=lambda one: one[2] is None):
            same = comparable(phone, self.region)
            if same not in numbers:
                self.origin[f"phones[{len(numbers)}]"] = card.record
                numbers[same] = valid or phone
        return tuple(numbers.values())

    def _place(self) -> dict[str, str | None]:
        """City and country of the first address with a city, or else of the first with a country."""
        places = [(card, place) for card in self.cards for place in card.addresses]
        with_city = (one for one in places if one[1].city)
        chosen = next(with_city, None) or next((one for one in places if one[1].country), None)
        if chosen is None:
            return {}
        card, place = chosen
        return {
            "city": self._of(card, "city", lambda _: place.city),
            "country": self._of(card, "country", lambda _: place.country),
        }

    def _birthday(self) -> str | None:
        dated = [card for card in self.cards if card.birthday]
        card = next((card for card in dated if not (card.birthday or "").startswith("--")), None)
        chosen = card or (dated[0] if dated else None)
        return self._of(chosen, "birthday", lambda card: card.birthday)

    def _connected_on(self) -> date | None:
        dated = [(card.connected_on, card.record) for card in self.cards if card.connected_on]
        if not dated:
            return None
        day, self.origin["connected_on"] = min(dated)
        return day

    def _recorded_on(self) -> date | None:
        revised = [(card.revised_at.date(), card.record) for card in self.cards if card.revised_at]
        dated = [*revised, *((card.connected_on, card.record) for card in self.cards if card.connected_on)]
        if not dated:
            return None
        day, self.origin["recorded_on"] = min(dated)
        return day


def _written_name(card: Contact) -> str | None:
    parts = " ".join(part for part in (card.given_name, card.middle_name, card.family_name) if part)
    return (card.name or "").strip() or parts or None


def _custom(card: Contact, label: str) -> list[str]:
    """The values of a custom field, split at commas, semicolons and line ends."""
    texts = [value for name, value in card.custom if name.strip().casefold() == label]
    return [part.strip() for text in texts for part in _SEPARATORS.split(text) if part.strip()]


def _labelled(card: Contact) -> Iterator[str]:
    """The labelled fields of a card: custom ones, relations, and what no field of ``Contact`` took."""
    for label, text in (*card.custom, *card.related):
        if label.strip() and 0 < len(text.strip()) <= _LONGEST_FIELD:
            yield f"{label.strip()}: {text.strip()}"
    for line in card.extra:
        if found := _KEPT_LINE.fullmatch(line):
            yield f"{found[1].strip().lower()}: {found[2].strip()}"
