"""Python's garbage collector, kept out of the way."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Make many objects without a search for reference cycles after every few hundred.

    For records and JSON, which form no cycles, the search takes a quarter to a third of the time
    (``benchmarks/google.py``). Memory is freed all the same as soon as the last reference is dropped.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if not gc.get_freeze_count():
                # Makes all objects old, so that the next search does not begin with them.
                gc.freeze()
                gc.unfreeze()
            gc.enable()
