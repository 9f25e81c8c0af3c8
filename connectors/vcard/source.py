"""vCards as a source of contacts."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from connectors.shared.digest_cursor import make_cursor, unchanged
from connectors.vcard import ids
from connectors.vcard.card import Place, to_contact
from connectors.vcard.listing import Listing, list_files, read_file, state
from connectors.vcard.problems import issue
from connectors.vcard.repair import repair
from connectors.vcard.split import RawCard
from people.parallel import Pool, in_chunks
from people.types import Contact, Issue, Page, Problem

logger = logging.getLogger(__name__)

_PAGE_SIZE = 1_000

Progress = Callable[[int, int], None]
"""Hears how many of how many new cards are read."""


class Job(NamedTuple):
    """One raw card, its place, and the hash by which the store knows it."""

    raw: RawCard
    place: Place
    raw_hash: str


def read_card(job: Job) -> Contact:
    """Read one card. Never raises: a card that cannot be read is a rejected contact."""
    try:
        return to_contact(repair(job.raw), job.place, job.raw_hash)
    except Exception as error:  # one card must not stop the others
        logger.debug("card %s of %s", job.place.index, job.place.file, exc_info=True)
        return rejected(job.place, job.raw_hash, issue("unreadable", type(error).__name__))


def rejected(place: Place, raw_hash: str | None, problem: Issue) -> Contact:
    """A rejected contact, which only carries the problem."""
    return Contact(
        source=place.source,
        source_id=ids.own_id({}, raw_hash or f"{place.file}\n{place.index}"),
        file=place.file,
        index=place.index,
        raw_hash=raw_hash,
        rejected=True,
        issues=(problem,),
    )


def read_cards(jobs: Sequence[Job], pool: Pool | None, progress: Progress | None) -> list[Contact]:
    """Read the contacts of all jobs, in their order, with the processes of ``pool``."""
    contacts: list[Contact] = []
    for chunk in in_chunks(_read_chunk, jobs, pool):
        contacts.extend(chunk)
        if progress is not None:
            progress(len(contacts), len(jobs))
    return contacts


def _read_chunk(jobs: Sequence[Job]) -> list[Contact]:
    return [read_card(job) for job in jobs]


class VCardSource:
    """Contacts from a .vcf file, or from all .vcf and .vcard files below a folder (a vdir).

    ``known`` maps the raw hash of each card that the store holds from this source to its source id. Such a
    card is not read again, and its id is in ``Page.unchanged``. ``pool`` reads the cards of a large import
    (None opens one). ``progress`` is called as they are read.

    The source id is the card's UID if no other card of the source has it, else it is made from the name.
    Equal cards without a UID get one in common, so that they are one person. ``encoding`` is the codec of
    text that is not in UTF-8.
    Pictures, sounds and keys are not kept. Other properties without a field are in ``extra``. If a file
    cannot be read, contains no card or is cut short, no card counts as removed and the cursor stays.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        *,
        known: Mapping[str, str] | None = None,
        pool: Pool | None = None,
        progress: Progress | None = None,
        encoding: str | None = None,
    ) -> None:
        self.name = name
        self._encoding = encoding
        self.path = path
        self._known = {} if known is None else known
        self._pool = pool
        self._progress = progress

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield one empty page if no file changed since ``cursor``, else all cards except the known ones.

        Raises ``SourceMissing`` if the path does not exist, and ``UserMustAct`` if the source is a single
        file that cannot be read. Never raises ``CursorExpired``: an unknown cursor means a full read.
        """
        listing = list_files(self.name, self.path, self._encoding)
        current = state(listing)
        page = unchanged(cursor, current)
        if page is not None:
            yield page
            return
        cards = _collect(listing, self._known)
        contacts = read_cards(cards.jobs, self._pool, self._progress)
        replaced = ids.made_unique(contacts, set(cards.unchanged), set(self._known.values()))
        contacts = [replaced.get(at, contact) for at, contact in enumerate(contacts)]
        if cards.copied:
            contacts = list(map(cards.marked, cards.jobs, contacts))
        yield from _pages(cards, contacts, current)


@dataclass(slots=True)
class _Cards:
    """The cards of a listing: the ones to read, and the ids of the known ones.

    ``first`` has the file, the index and the known id of each card. ``copied`` are the digests of cards that
    are there more than once, as in Google Takeout, which writes a person into a file for each label.
    """

    jobs: list[Job] = field(default_factory=list)
    unchanged: dict[str, None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    whole: bool = True
    first: dict[str, tuple[str, int, str | None]] = field(default_factory=dict)
    copied: Counter[str] = field(default_factory=Counter)

    def add(self, card: RawCard, source: str, file: str, index: int, known: Mapping[str, str]) -> None:
        """Add one card. A copy of an earlier card is a record of its own."""
        digest = card.digest
        if digest not in self.first:
            # The hash of a card with copies is another one, so that it is read again when the first appears.
            source_id = known.get(digest)
            self.first[digest] = file, index, source_id
            raw_hash = digest
            if source_id is None and known:
                source_id = known.get(f"{digest}.1")
        else:
            self._copied(card, source)
            raw_hash = f"{digest}.{self.copied[digest] + 1}"
            source_id = known.get(raw_hash)
        if source_id is None:
            self.jobs.append(Job(card, Place(source, file, index), raw_hash))
        else:
            self.unchanged[source_id] = None

    def _copied(self, card: RawCard, source: str) -> None:
        self.copied[card.digest] += 1
        file, index, source_id = self.first[card.digest]
        if source_id is not None and self.copied[card.digest] == 1:
            del self.unchanged[source_id]
            self.jobs.append(Job(card, Place(source, file, index), card.digest))

    def marked(self, job: Job, contact: Contact) -> Contact:
        """The contact of a job. Equal cards get one UID and another hash, see ``add``."""
        digest = job.raw.digest
        if digest not in self.copied:
            return contact
        update: dict[str, object] = {"uid": contact.uid or f"copies-of-{digest}"}
        if contact.raw_hash == digest:
            update["raw_hash"] = f"{digest}.1"
        return contact.model_copy(update=update)


def _collect(listing: Listing, known: Mapping[str, str]) -> _Cards:
    cards = _Cards(problems=list(listing.problems), whole=not listing.problems)
    for entry in listing.files:
        file = read_file(entry, listing)
        cards.whole &= file.whole
        if file.problem is not None:
            cards.problems.append(file.problem)
        for index, card in enumerate(file.cards):
            cards.add(card, listing.source, file.name, index, known)
    return cards


def _pages(cards: _Cards, contacts: list[Contact], current: str) -> Iterator[Page]:
    """Yield pages of changes, then of unchanged ids. The last page ends the read."""
    for start in range(0, len(contacts), _PAGE_SIZE):
        yield Page(changes=tuple(contacts[start : start + _PAGE_SIZE]))
    same = tuple(cards.unchanged)
    for start in range(0, len(same), _PAGE_SIZE):
        yield Page(unchanged=same[start : start + _PAGE_SIZE])
    yield Page(
        problems=tuple(cards.problems),
        cursor=make_cursor(current, cards.problems) if cards.whole else None,
        complete=cards.whole,
    )


def read_contacts(source: str, path: Path) -> list[Contact]:
    """Read all contacts of a file or folder, for scripts. Raises the errors of ``VCardSource.changes``."""
    pages = VCardSource(source, path).changes(None)
    return [change for page in pages for change in page.changes if isinstance(change, Contact)]
