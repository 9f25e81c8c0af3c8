"""Run ``prefect server`` behind our guard: ``python -m flows.server.prefect_process start ...``.

It also runs without freezes on SQLite. The guard takes requests for 127.0.0.1, for localhost, and for the
names in TOUCHBASE_SERVER_NAMES, which are separated by commas.

Freeing garbage that holds a cursor waits for the cursor's connection. Prefect's connections wait up to a
minute for SQLite's single writer. If the event loop frees such garbage meanwhile, the writer cannot finish,
and the server does not answer for that minute. This happened when several automations fired at once on a
busy machine. A thread therefore frees the garbage, because a thread may wait without blocking the loop.
"""

from __future__ import annotations

import gc
import os
import runpy
import sys
import threading
import time
from typing import Any

import uvicorn

from flows.server.guard import Guard

_YOUNG_SECONDS = 1.0
_ALL_EVERY = 60


def main() -> None:
    """Run Prefect's command line with ``server`` before our own arguments."""
    gc.disable()
    threading.Thread(target=_collect, daemon=True).start()
    started = uvicorn.run

    def guarded(app: Any, **options: Any) -> None:  # noqa: ANN401 - Prefect's application and its options
        names = os.environ.get("TOUCHBASE_SERVER_NAMES", "").split(",")
        started(Guard(app, [name.strip().lower() for name in names if name.strip()]), **options)

    # Prefect's own services call its application without a host, so the guard stands before the port alone.
    uvicorn.run = guarded
    sys.argv = ["prefect", "server", *sys.argv[1:]]
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)


def _collect() -> None:
    """Collect young objects each second and all objects each minute, about as often as Python itself does."""
    rounds = 0
    while True:
        time.sleep(_YOUNG_SECONDS)
        rounds += 1
        gc.collect(1 if rounds % _ALL_EVERY else 2)


if __name__ == "__main__":
    main()
