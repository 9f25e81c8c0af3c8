"""Cards to contacts, on all cores when there are many: chunks of raw cards go out, contacts come back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from connectors.vcard import ids
from connectors.vcard.card import Place, to_contact
from connectors.vcard.findings import issue
from connectors.vcard.repair import repair
from connectors.vcard.split import RawCard
from people.parallel import Pool, in_chunks
from people.types import Contact, Issue

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Hears how many of how many new cards are read."""


class Job(NamedTuple):
    """One raw card, where it stands, and the hash it is known by in this source."""

    raw: RawCard
    place: Place
    raw_hash: str


def read_card(job: Job) -> Contact:
    """The contact of one card. Never raises: what cannot be read is a rejected contact."""
    try:
        return to_contact(repair(job.raw), job.place, job.raw_hash)
    except Exception as error:  # whatever a card does to vobject, its neighbours are read
        logger.debug("card %s of %s", job.place.index, job.place.file, exc_info=True)
        return rejected(job.place, job.raw_hash, issue("unreadable", type(error).__name__))


def rejected(place: Place, raw_hash: str | None, problem: Issue) -> Contact:
    """A contact that only says why there is none."""
    return Contact(
        source=place.source,
        source_id=ids.own_id({}, raw_hash or f"{place.file}\n{place.index}"),
        file=place.file,
        index=place.index,
        raw_hash=raw_hash,
        rejected=True,
        issues=(problem,),
    )


def rejected_file(place: Place, message: str) -> Contact:
    """What stands for a file that has no readable card."""
    return rejected(place, None, issue("unreadable-file", message))


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
