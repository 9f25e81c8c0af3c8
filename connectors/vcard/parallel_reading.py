"""Raw cards read into contacts, in several processes if there are many."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from connectors.vcard import ids
from connectors.vcard.card import Place, to_contact
from connectors.vcard.problems import issue
from connectors.vcard.repair import repair
from connectors.vcard.split import RawCard
from people.parallel import Pool, in_chunks
from people.types import Contact, Issue

logger = logging.getLogger(__name__)

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
