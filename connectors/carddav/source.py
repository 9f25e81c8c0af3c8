"""Address books on a CardDAV server (RFC 6352) as a source of contacts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from connectors.shared.dav.collection import CARDS
from connectors.shared.dav.discovery import ADDRESS_BOOKS
from connectors.shared.dav.saved import Member
from connectors.shared.dav.server import Server
from connectors.shared.dav.source import Arriving, DavSource, ReadAll, Records
from connectors.shared.digest_cursor import digest
from connectors.vcard import decode, ids
from connectors.vcard.card import Place
from connectors.vcard.source import Job, read_cards
from connectors.vcard.split import PARSER_VERSION, split
from people.parallel import Pool
from people.types import Contact, Problem

_HEAP = 8 << 20
"""Bytes of cards that are held at a time: ten thousand cards without pictures, a few hundred with them."""


class CardDavSource(DavSource):
    """Contacts of a user's address books.

    ``known`` maps the raw hash of each card that the store holds to its source id. The source id is the
    card's UID, as in files. ``file`` is the path of the card on the server. The name of a group (KIND:group,
    and Apple's) becomes a label of its members.
    """

    kind = ADDRESS_BOOKS
    words = CARDS
    service_name = "CardDAV"
    collection_word = "address book"

    def __init__(
        self,
        name: str,
        server: Server,
        *,
        user: str,
        password: str,
        wanted: Sequence[str] = (),
        known: Mapping[str, str] | None = None,
        pool: Pool | None = None,
        progress: Callable[[int, int], None] | None = None,
        timeout: float = 60.0,
    ) -> None:
        super().__init__(name, server, user=user, password=password, wanted=wanted, timeout=timeout)
        self._known = {} if known is None else known
        self._pool = pool
        self._progress = progress

    def settings(self) -> str:
        """The version of the parser."""
        return digest([str(PARSER_VERSION), *self._wanted])

    def ids(self, member: Member) -> Sequence[str] | None:
        """The source ids of a member's cards."""
        found = [self._known.get(each) for each in member.hashes]
        return None if None in found else [each for each in found if each is not None]

    def read(
        self,
        arriving: Arriving,
        names: Mapping[str, str],  # noqa: ARG002 - a card belongs to no book by name
        kept: Collection[str],
    ) -> Records:
        """Read the cards of new and changed members. All books are read if a group changed."""
        records = Records()
        contacts: list[Contact] = []
        for jobs in _heaps(self._jobs(arriving, records)):
            contacts += read_cards(jobs, self._pool, None)
            if self._progress is not None:
                self._progress(len(contacts), max(arriving.total, len(contacts)))
        replaced = ids.made_unique(contacts, set(kept), set(self._known.values()))
        contacts = [replaced.get(at, contact) for at, contact in enumerate(contacts)]
        groups = [contact for contact in contacts if contact.kind == "group"]
        if groups and kept:
            raise ReadAll
        for group in groups:
            path = group.file or ""
            records.members[path] = records.members[path].model_copy(update={"group": True})
        records.changes = list(_labelled(contacts, groups))
        return records

    def _jobs(self, arriving: Arriving, records: Records) -> Iterator[Job]:
        seen: Counter[str] = Counter()
        for _, text in arriving.texts:
            hashes = []
            cards = split(decode.as_utf8(text.data))
            for index, card in enumerate(cards):
                seen[card.digest] += 1
                copies = seen[card.digest]
                hashes.append(card.digest if copies == 1 else f"{card.digest}.{copies}")
                yield Job(card, Place(self.name, text.path, index), hashes[-1])
            if not cards:
                records.problems.append(
                    Problem(where=text.path, message="the card is empty", help="remove it on the server")
                )
            records.members[text.path] = Member(etag=text.etag, hashes=tuple(hashes), again=not cards)


def _heaps(jobs: Iterator[Job]) -> Iterator[list[Job]]:
    """The cards in heaps that fit into memory, pictures included."""
    heap: list[Job] = []
    size = 0
    for job in jobs:
        heap.append(job)
        size += len(job.raw.body)
        if size > _HEAP:
            yield heap
            heap, size = [], 0
    yield heap


def _labelled(contacts: Sequence[Contact], groups: Sequence[Contact]) -> Iterator[Contact]:
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for group in groups:
        for member in group.members:
            if group.name:
                labels[ids.bare_uid(member)].append(group.name)
    for contact in contacts:
        more = labels.get(ids.bare_uid(contact.uid or ""), ())
        new = tuple(dict.fromkeys((*contact.labels, *sorted(more))))
        yield contact.model_copy(update={"labels": new}) if new != contact.labels else contact
