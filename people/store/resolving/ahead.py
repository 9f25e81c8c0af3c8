"""Work on cards that is begun while others are still being read.

What is made of a card depends on nothing but its document, so it is found again by that. Whatever does not
come, for a process was lost or none is there, is made when it is needed: nothing hangs on it but time.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Container, Iterable
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING

from people.store.db.bulk import chunks

if TYPE_CHECKING:
    from concurrent.futures import Future

    from people.store.resolving.card_work import Merged, Packed

logger = logging.getLogger(__name__)


def digest(doc: str, region: str) -> bytes:
    """What the work on a document is found by; its phone numbers are read as those of ``region``."""
    return blake2b(f"{region}\n{doc}".encode(), digest_size=16).digest()


class Ahead:
    """Records and profiles of cards, made by the processes of ``people.parallel`` if there are any.

    They are kept as they came, packed, until they are asked for.
    """

    def __init__(self) -> None:
        self._begun: list[tuple[list[bytes], Future[tuple[bytes, bytes]]]] = []
        self._profiles: list[tuple[list[bytes], bytes]] = []

    def begin(self, docs: Iterable[str], region: str) -> None:
        """Have work begun on each of ``docs``, unless no processes are at work in this run."""
        from people import parallel  # noqa: PLC0415 - every command opens a store, and few need processes
        from people.store.resolving.card_work import records_and_profiles  # noqa: PLC0415 - as above

        for chunk in chunks(docs, parallel.CHUNK):
            future = parallel.ahead(partial(records_and_profiles, region=region), chunk)
            if future is None:
                return
            self._begun.append(([digest(doc, region) for doc in chunk], future))

    def records(self) -> dict[bytes, Packed]:
        """The records that were made, by the digest of their document; waits for them, and forgets them."""
        found: dict[bytes, Packed] = {}
        begun, self._begun = self._begun[::-1], []
        while begun:
            digests, future = begun.pop()
            try:
                records, profiles = future.result()
            except Exception:  # whatever it was, the work is done again where it is needed, and fails there
                logger.debug("what was begun ahead did not come", exc_info=True)
                continue
            found.update(zip(digests, pickle.loads(records), strict=True))  # noqa: S301 - from our own process
            self._profiles.append((digests, profiles))
        return found

    def profiles(self, wanted: Container[bytes]) -> dict[bytes, Merged]:
        """Once the records were asked for: what was made for these digests, as of people with one card."""
        found: dict[bytes, Merged] = {}
        made, self._profiles = self._profiles[::-1], []
        while made:
            digests, profiles = made.pop()
            loaded = zip(digests, pickle.loads(profiles), strict=True)  # noqa: S301 - as above
            found.update((key, profile) for key, profile in loaded if key in wanted)
        return found

    def drop(self) -> None:
        """Nobody will ask."""
        for _digests, future in self._begun:
            future.cancel()
        self._begun, self._profiles = [], []
