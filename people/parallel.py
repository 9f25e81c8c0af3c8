"""Work on many items with all cores; where there are none to spare, with this one."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_all_start_methods, get_context
from typing import TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")

POOL_FROM = 2_000
"""With no more items than this, starting processes costs more than it saves."""

CHUNK = 250
_NO_POOL = (OSError, BrokenProcessPool, RuntimeError, AssertionError, ImportError)
"""What a system without processes to spare, or a daemon that may have none, answers with."""


def in_chunks(
    work: Callable[[Sequence[T]], list[R]], items: Sequence[T], workers: int | None = None
) -> Iterator[list[R]]:
    """Yield what ``work`` makes of each chunk of ``items``, in their order.

    ``work`` must never raise, and be a function that another process can import. ``workers`` None is one
    for each core; they are used for more than ``POOL_FROM`` items.
    """
    chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
    count, done = workers or os.cpu_count() or 1, 0
    if len(items) > POOL_FROM and count > 1:
        try:
            for result in _in_pool(work, chunks, count):
                done += 1
                yield result
        except _NO_POOL as error:
            logger.info("no processes to work with (%s); going on in this one", error)
    yield from map(work, chunks[done:])


def _in_pool(
    work: Callable[[Sequence[T]], list[R]], chunks: Sequence[Sequence[T]], workers: int
) -> Iterator[list[R]]:
    # Never fork: a flow runs in threads, and a fork would take their locks along.
    method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    with ProcessPoolExecutor(min(workers, len(chunks)), mp_context=get_context(method)) as pool:
        yield from pool.map(work, chunks)
