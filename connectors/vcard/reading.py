"""Cards to contacts, on all cores when there are many: chunks of raw cards go out, contacts come back."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_all_start_methods, get_context

from connectors.vcard import ids
from connectors.vcard.card import Place, to_contact
from connectors.vcard.findings import issue
from connectors.vcard.repair import repair
from connectors.vcard.split import RawCard
from people.types import Contact, Issue

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Hears how many of how many new cards are read."""

POOL_FROM = 2_000
"""With no more new cards than this, starting processes costs more than it saves."""

_CHUNK = 250
_NO_POOL = (OSError, BrokenProcessPool, RuntimeError, AssertionError, ImportError)
"""What a system without processes to spare, or a daemon that may have none, answers with."""


@dataclass(frozen=True, slots=True)
class Job:
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


def read_cards(jobs: Sequence[Job], workers: int | None, progress: Progress | None) -> list[Contact]:
    """The contacts of all jobs, in their order.

    ``workers`` None is one for each core; they are used for more than ``POOL_FROM`` jobs, and where
    no processes can be had this one does it all.
    """
    chunks = [jobs[start : start + _CHUNK] for start in range(0, len(jobs), _CHUNK)]
    contacts: list[Contact] = []
    count = workers or os.cpu_count() or 1
    try:
        if len(jobs) > POOL_FROM and count > 1:
            _collect(_in_pool(chunks, count), contacts, len(jobs), progress)
    except _NO_POOL as error:
        logger.info("no processes to read with (%s); going on in this one", error)
    rest = chunks[-(-len(contacts) // _CHUNK) :]
    _collect(map(_read_chunk, rest), contacts, len(jobs), progress)
    return contacts


def _collect(
    done: Iterator[list[Contact]], contacts: list[Contact], total: int, progress: Progress | None
) -> None:
    for chunk in done:
        contacts.extend(chunk)
        if progress is not None:
            progress(len(contacts), total)


def _in_pool(chunks: Sequence[Sequence[Job]], workers: int) -> Iterator[list[Contact]]:
    # Never fork: a flow runs in threads, and a fork would take their locks along.
    method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    with ProcessPoolExecutor(min(workers, len(chunks)), mp_context=get_context(method)) as pool:
        yield from pool.map(_read_chunk, chunks)


def _read_chunk(jobs: Sequence[Job]) -> list[Contact]:
    return [read_card(job) for job in jobs]
