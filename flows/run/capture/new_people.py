"""New people: a card in the user's own folder, and a line of the journal that says where they met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connectors.journal.source import append_line
from connectors.vcard.settings import VCardSettings
from connectors.vcard.source import VCardSource
from connectors.vcard.write import add_card, new_person
from flows.settings.model import Settings
from people.errors import SourceMissing
from people.phones import comparable
from people.store import Store, lookup
from people.text import fold
from people.types import Contact


@dataclass(frozen=True)
class NewPerson:
    """What the user says about a person. ``emails`` are lower case."""

    name: str
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    organisation: str | None = None
    title: str | None = None
    needs: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    note: str | None = None

    def card(self, source: str) -> Contact:
        """Make the card, with an id of its own."""
        wants = (("needs", ", ".join(self.needs)), ("offers", ", ".join(self.offers)))
        return new_person(
            source,
            self.name,
            emails=self.emails,
            phones=self.phones,
            organisation=self.organisation,
            title=self.title,
            labels=self.labels,
            note=self.note,
            custom=tuple((key, value) for key, value in wants if value),
        )

    def is_on(self, card: Contact, region: str) -> bool:
        """Whether the card has this name, and all these addresses and numbers."""
        numbers, theirs = (_numbers(texts, region) for texts in (self.phones, card.phones))
        return self._named(card) and numbers <= theirs and set(self.emails) <= set(card.emails)

    def is_like(self, card: Contact, region: str) -> bool:
        """Whether the card has this name, or one of these addresses or numbers."""
        numbers, theirs = (_numbers(texts, region) for texts in (self.phones, card.phones))
        return self._named(card) or bool(numbers & theirs) or bool(set(self.emails) & set(card.emails))

    def _named(self, card: Contact) -> bool:
        return fold(card.name or "") == fold(self.name)


def _numbers(texts: tuple[str, ...], region: str) -> set[str]:
    return {comparable(text, region) for text in texts}


def write_card(settings: Settings, source: VCardSettings, person: NewPerson) -> tuple[Path, Contact]:
    """Write the card of a new person; return its file and itself."""
    card = person.card(source.name)
    return add_card(settings.resolve(source.path), card), card


def text_for_journal(store: Store, person: NewPerson, card: Contact) -> str:
    """Return how the journal names a new person: as the user did, unless that means somebody else."""
    with store.read() as connection:
        found = lookup.exactly(connection, [person.name, *person.emails])
    return next((text for text in (person.name, *person.emails) if not found[text]), card.record)


def write_met(settings: Settings, who: str, event: str, day: date) -> Path:
    """Add a line to the journal that says where you met; return the file."""
    path = settings.journal_path()
    append_line(path, on=day, person=who, kind="met", note=event)
    return path


def own_card(settings: Settings, source: VCardSettings, person: NewPerson) -> Contact | None:
    """Return the card of somebody like this in the folder for new people, read by a run or not."""
    region = settings.me.region
    alike = [card for card in _cards(settings, source) if person.is_like(card, region)]
    return next((card for card in alike if person.is_on(card, region)), next(iter(alike), None))


def _cards(settings: Settings, source: VCardSettings) -> Iterator[Contact]:
    try:
        for page in VCardSource(source.name, settings.resolve(source.path)).changes(None):
            yield from (card for card in page.changes if isinstance(card, Contact) and not card.rejected)
    except SourceMissing:
        return


def known_ids(store: Store, person: NewPerson, region: str) -> set[str]:
    """Return the ids of the people in the store with this name, or one of these addresses or numbers."""
    with store.read() as connection:
        found = lookup.exactly(connection, [person.name, *person.emails])
        numbers = lookup.with_phones(connection, person.phones, region)
    return set().union(numbers, *found.values())
