"""Python's search for reference cycles, paused where there are none to find."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
