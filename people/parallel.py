"""Work on many items with all cores; where there are none to spare, with this one."""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_all_start_methods, get_context, parent_process
from multiprocessing.connection import wait
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")

POOL_FROM = 2_000
"""With no more items than this, starting processes costs more than it saves."""

CHUNK = 250
_PRELOADED = ("__main__", "people.store.resolving.card_work", "phonenumbers")
_NEW_OBJECTS = 200_000
"""So many come before a worker looks for cycles among them; usually it is 700."""

_NO_POOL = (
    OSError, EOFError, BrokenProcessPool, CancelledError, RuntimeError, AssertionError, ImportError,
)  # fmt: skip
"""What a system without processes to spare, or a daemon that may have none, answers with."""


class _Workers:
    """The processes that this one has at work, for as long as any block of ``processes`` is open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks = 0
        self._pool: ProcessPoolExecutor | None = None

    def enter(self) -> None:
        with self._lock:
            self._blocks += 1

    def leave(self) -> None:
        with self._lock:
            self._blocks -= 1
            ended, self._pool = (None, self._pool) if self._blocks else (self._pool, None)
        if ended is not None:
            ended.shutdown(cancel_futures=True)

    def pool(self, work: Callable[..., object], count: int) -> ProcessPoolExecutor:
        """The processes, started if there are none yet; ``work`` is what they will be asked first."""
        with self._lock:
            if self._pool is None:
                self._pool = _start(work, count)
            return self._pool

    def running(self) -> ProcessPoolExecutor | None:
        return self._pool

    def give_up(self, pool: ProcessPoolExecutor) -> None:
        """Let go of processes that are lost; work that comes later begins with others."""
        with self._lock:
            if self._pool is pool:
                self._pool = None
        # What others asked of it may still come.
        pool.shutdown(wait=False)


_workers = _Workers()


@contextmanager
def processes() -> Iterator[None]:
    """Have all work inside done by the same processes, begun with the first that is worth it.

    Blocks in several threads share them; they end with the last block, or with this process.
    """
    _workers.enter()
    try:
        yield
    finally:
        _workers.leave()


def in_chunks(
    work: Callable[[Sequence[T]], list[R]], items: Sequence[T], workers: int | None = None
) -> Iterator[list[R]]:
    """Yield what ``work`` makes of each chunk of ``items``, in their order.

    ``work`` must never raise, and be a function that another process can import. ``workers`` None is one
    for each core; they are used for more than ``POOL_FROM`` items, or a chunk where they are at work already.
    """
    chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
    count, done = workers or os.cpu_count() or 1, 0
    enough = POOL_FROM if _workers.running() is None else CHUNK
    if len(items) > enough and count > 1:
        try:
            for result in _in_pool(work, chunks, count):
                done += 1
                yield result
        except _NO_POOL as error:
            logger.info("no processes to work with (%s); going on in this one", error)
    yield from map(work, chunks[done:])


def _in_pool(
    work: Callable[[Sequence[T]], list[R]], chunks: Sequence[Sequence[T]], count: int
) -> Iterator[list[R]]:
    with processes():
        pool = _workers.pool(work, count)
        try:
            waiting = deque(pool.submit(work, chunk) for chunk in chunks)
            try:
                while waiting:
                    # Taken out first: what a future holds is freed as soon as it is used.
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()
        except _NO_POOL:
            _workers.give_up(pool)
            raise


def _start(work: Callable[..., object], count: int) -> ProcessPoolExecutor:
    # Never fork: a flow runs in threads, and a fork would take their locks along.
    method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    context: Any = get_context(method)
    if method == "forkserver":
        # Imported once for all of them, if the server of forks is not at work already.
        first = work.func if isinstance(work, partial) else work
        context.set_forkserver_preload([*_PRELOADED, first.__module__])
    # They are started one by one, as work waits.
    return ProcessPoolExecutor(count, mp_context=context, initializer=_prepare)


def _prepare() -> None:
    # What was imported stays; what the work makes is mostly free of cycles.
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
    # A parent that is killed tells its workers nothing, and they would wait for work for ever.
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_wait_for_end, args=(parent.sentinel,), daemon=True).start()


def _wait_for_end(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


@contextmanager
def no_cycle_search() -> Iterator[None]:
    """Make many objects without having them all looked through again and again.

    The search runs after every so many new objects, whether or not they can form cycles; for records and
    JSON, which cannot, it takes a quarter to a third of the time (``benchmarks/google.py``). Memory is
    freed all the same as soon as the last reference goes.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if not gc.get_freeze_count():
                # All that was made counts as old, so that the first search after this does not begin with it.
                gc.freeze()
                gc.unfreeze()
            gc.enable()
