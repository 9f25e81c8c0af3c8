"""vCards as a source of contacts: what changed since last time, and every card for display."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connectors.shared.digest_cursor import make_cursor, unchanged
from connectors.vcard import ids
from connectors.vcard.card import Place
from connectors.vcard.listing import CardFile, Listing, list_files, read_file, state
from connectors.vcard.parallel_reading import Job, Progress, read_cards, rejected_file
from people.parallel import Pool
from people.types import Contact, Page, Problem

_PAGE_SIZE = 1_000


class VCardSource:
    """Contacts from a .vcf file, or from all .vcf and .vcard files below a folder (a vdir).

    ``known`` maps the raw hashes of cards that the store holds from this source to their source
    ids: such a card is not read again, only named in ``Page.unchanged``. ``pool`` reads a
    first import (None: one is opened for it); ``progress`` hears of it.

    A source id is the card's UID where no other card of the source has it, else made from the name.
    Pictures, sounds and keys inside cards are not kept; what else finds no field is in ``extra``.
    When a file cannot be read, holds no card or is cut short, nothing is taken for removed in that
    read and the cursor stays.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        *,
        known: Mapping[str, str] | None = None,
        pool: Pool | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.name = name
        self.path = path
        self._known = {} if known is None else known
        self._pool = pool
        self._progress = progress

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Nothing when no file changed since ``cursor``, else all cards but the known ones.

        Raises ``SourceMissing`` when the path does not exist, ``UserMustAct`` when the source is one
        file and cannot be read. Never ``CursorExpired``: a foreign cursor only means a full read.
        """
        listing = list_files(self.name, self.path)
        current = state(listing)
        page = unchanged(cursor, current)
        if page is not None:
            yield page
            return
        found = _collect(listing, self._known)
        contacts = read_cards(found.jobs, self._pool, self._progress)
        replaced = ids.made_unique(contacts, set(found.unchanged), set(self._known.values()))
        contacts = [replaced.get(at, contact) for at, contact in enumerate(contacts)]
        yield from _pages(found, contacts, current)


def read_contacts(source_name: str, path: Path) -> Iterator[Contact]:
    """Every card exactly as the source tells it, in the order of files and of cards in them.

    Rejected cards and files that cannot be read are there too, ``rejected`` and with their issues.
    Raises like ``VCardSource.changes``.
    """
    listing = list_files(source_name, path)
    found = _collect(listing, {})
    contacts = read_cards(found.jobs, None, None)
    replaced = ids.made_unique(contacts, (), ())
    contacts = [replaced.get(at, contact) for at, contact in enumerate(contacts)]
    contacts += [rejected_file(Place(source_name, name, 0), message) for name, message in found.failed]
    contacts.sort(key=lambda contact: (contact.file or "", contact.index or 0))
    yield from contacts


@dataclass(slots=True)
class _Found:
    """All cards of a listing: those to be read, and the ids of those that are known."""

    jobs: list[Job] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    whole: bool = True


def _collect(listing: Listing, known: Mapping[str, str]) -> _Found:
    found = _Found(problems=list(listing.problems), whole=not listing.problems)
    seen: Counter[str] = Counter()
    for entry in listing.files:
        file = read_file(entry, listing)
        found.whole &= file.whole
        if file.problem is not None:
            found.problems.append(file.problem)
            if not file.cards and not file.whole:
                found.failed.append((file.name, file.problem.message))
        _add_cards(found, file, listing.source, known, seen)
    return found


def _add_cards(
    found: _Found, file: CardFile, source: str, known: Mapping[str, str], seen: Counter[str]
) -> None:
    for index, card in enumerate(file.cards):
        seen[card.digest] += 1
        copies = seen[card.digest]
        raw_hash = card.digest if copies == 1 else f"{card.digest}.{copies}"
        source_id = known.get(raw_hash)
        if source_id is None:
            found.jobs.append(Job(card, Place(source, file.name, index), raw_hash))
        else:
            found.unchanged.append(source_id)


def _pages(found: _Found, contacts: list[Contact], current: str) -> Iterator[Page]:
    """Full pages of changes, then of unchanged ids; the last one ends the read."""
    for start in range(0, len(contacts), _PAGE_SIZE):
        yield Page(changes=tuple(contacts[start : start + _PAGE_SIZE]))
    for start in range(0, len(found.unchanged), _PAGE_SIZE):
        yield Page(unchanged=tuple(found.unchanged[start : start + _PAGE_SIZE]))
    yield Page(
        problems=tuple(found.problems),
        cursor=make_cursor(current, found.problems) if found.whole else None,
        complete=found.whole,
    )
