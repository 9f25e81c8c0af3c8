"""Work on cards that is begun while others are still being read, compared or written.

What is made of a card depends on nothing but its document, so it is found again by that. Whatever does not
come, for a process was lost or none is there, is made when it is needed: nothing hangs on it but time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from people.store.tables_io import chunks

if TYPE_CHECKING:
    from concurrent.futures import Future

logger = logging.getLogger(__name__)

R = TypeVar("R")


class Work(Protocol[R]):
    """What is made of documents, one of each; a function that another process can import."""

    def __call__(self, docs: Sequence[str], region: str) -> list[R]:
        """Phone numbers are read as those of ``region``."""


def digest(doc: str, region: str) -> bytes:
    """What the work on a document is found by; its phone numbers are read as those of ``region``."""
    return blake2b(f"{region}\n{doc}".encode(), digest_size=16).digest()


class Begun(Generic[R]):
    """One kind of work on documents, done by the processes of ``people.parallel`` if there are any."""

    def __init__(self) -> None:
        self._begun: list[tuple[list[bytes], Future[list[R]]]] = []

    def begin(self, work: Work[R], docs: Iterable[str], region: str) -> None:
        """Have ``work`` begun on each of ``docs``, unless no processes are at work in this run."""
        from people import parallel  # noqa: PLC0415 - every command opens a store, and few need processes

        for chunk in chunks(docs, parallel.CHUNK):
            future = parallel.ahead(partial(work, region=region), chunk)
            if future is None:
                return
            self._begun.append(([digest(doc, region) for doc in chunk], future))

    def results(self) -> dict[bytes, R]:
        """What was made, by the digest of its document; waits for it, and keeps nothing."""
        found: dict[bytes, R] = {}
        begun, self._begun = self._begun[::-1], []
        while begun:
            digests, future = begun.pop()
            try:
                found.update(zip(digests, future.result(), strict=True))
            except Exception:  # whatever it was, it is made again where it is needed, and fails there
                logger.debug("what was begun ahead did not come", exc_info=True)
        return found

    def drop(self) -> None:
        """Nobody will ask."""
        for _digests, future in self._begun:
            future.cancel()
        self._begun = []
