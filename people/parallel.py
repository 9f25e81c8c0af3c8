"""Work on many items in several processes."""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from functools import partial
from multiprocessing import forkserver, get_all_start_methods, get_context, parent_process, resource_tracker
from multiprocessing.connection import wait
from typing import Any, Self, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")

POOL_FROM = 50_000
"""Up to this many items, processes cost more than they save.

Measured with records on 2 cores: 5,000, 10,000 and 20,000 take 0.9, 1.4 and 2.3 s of CPU in this process,
and 1.4, 2.2 and 3.7 s in two others, which also start (0.5 s) and fill memories of their own. So two idle
cores break even at 20,000, and 50,000 are the first that take a fifth less time.
"""

CHUNK = 250
"""Items that a process is given at a time. A running pool takes any work of more than one chunk."""

_PRELOADED = ("__main__", "people.identity.card_work", "phonenumbers")
_NEW_OBJECTS = 200_000
"""New objects in a worker before it looks for reference cycles; Python's default is 700."""

_NO_PROCESSES = (
    OSError, EOFError, BrokenProcessPool, CancelledError, RuntimeError, AssertionError, ImportError,
)  # fmt: skip
"""Raised if the system has no processes to spare, if a daemon may have none, or if a worker is killed."""


class Pool:
    """Worker processes, one per core, which end with the ``with`` block.

    They start with the first work of more than ``start_from`` items. Threads can share a pool. If an error
    or Ctrl-C ends the block, the processes are killed, and nothing waits for their work.
    """

    def __init__(self, workers: int | None = None, *, start_from: int = POOL_FROM) -> None:
        self._workers = workers or os.cpu_count() or 1
        self._start_from = start_from
        self._lock = threading.Lock()
        self._executor: ProcessPoolExecutor | None = None
        self._broken_off = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        with self._lock:
            executor, self._executor = self._executor, None
            self._broken_off = error is not None
        if executor is None:
            return
        if error is not None:
            for process in list(executor._processes.values()):  # noqa: SLF001 - kill_workers() is of Python 3.14
                process.kill()
        executor.shutdown(cancel_futures=True)

    def in_chunks(self, work: Callable[[Sequence[T]], list[R]], items: Sequence[T]) -> Iterator[list[R]]:
        """Yield what ``work`` returns for each chunk of ``items``, in their order.

        ``work`` must never raise, and another process must be able to import it. If there are few items or
        one core, or if the processes are lost, the work is done in this process.
        """
        chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
        least, done = self._start_from if self._executor is None else CHUNK, 0
        if len(items) > least and self._workers > 1 and not self._broken_off:
            try:
                for result in self._results(work, chunks):
                    done += 1
                    yield result
            except _NO_PROCESSES as error:
                logger.info("no processes to work with (%s); going on in this one", error)
        yield from map(work, chunks[done:])

    def _results(
        self, work: Callable[[Sequence[T]], list[R]], chunks: Sequence[Sequence[T]]
    ) -> Iterator[list[R]]:
        executor = self._started(work)
        waiting: deque[Future[list[R]]] = deque()
        try:
            waiting.extend(executor.submit(work, chunk) for chunk in chunks)
            while waiting:
                # Taken out first, so that each result is freed as soon as it is used.
                yield waiting.popleft().result()
        except _NO_PROCESSES:
            # Later work starts other processes.
            with self._lock:
                if self._executor is executor:
                    self._executor = None
            # Results that other threads wait for may still come.
            executor.shutdown(wait=False)
            raise
        finally:
            for future in waiting:
                future.cancel()

    def _started(self, work: Callable[..., object]) -> ProcessPoolExecutor:
        """The executor; if there is none, it is started with ``work`` as its first task in mind."""
        with self._lock:
            if self._broken_off:
                raise CancelledError
            if self._executor is None:
                self._executor = _start(work, self._workers)
            return self._executor


def in_chunks(
    work: Callable[[Sequence[T]], list[R]], items: Sequence[T], pool: Pool | None = None
) -> Iterator[list[R]]:
    """Do as ``Pool.in_chunks``; without a ``pool``, one is opened for this work alone."""
    with Pool() if pool is None else nullcontext(pool) as opened:
        yield from opened.in_chunks(work, items)


def _start(work: Callable[..., object], workers: int) -> ProcessPoolExecutor:
    # Never fork: a flow runs in threads, and a fork would copy the locks that they hold.
    method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    # The interpreters of these processes would first look for modules in the working folder.
    os.environ["PYTHONSAFEPATH"] = "1"
    context: Any = get_context(method)
    if method == "forkserver":
        # The fork server imports these once for all workers, if it does not run already.
        function = work.func if isinstance(work, partial) else work
        context.set_forkserver_preload([*_PRELOADED, function.__module__])
        # Ctrl-C reaches all processes of a terminal. The parent ends the workers, which inherit this mask.
        resource_tracker.ensure_running()  # starting it would lift the mask again
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    # The executor starts its processes one by one, as work waits.
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare)


def _prepare() -> None:
    # Imported modules stay, and the results of the work hardly ever contain cycles.
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
    # If the parent is killed, nothing else ends its workers: they would wait for work for ever.
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
