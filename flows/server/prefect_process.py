"""``prefect server`` that does not freeze on SQLite: ``python -m flows.server.prefect_process start ...``.

Garbage that holds a cursor waits, when it is freed, for the cursor's connection. Prefect's connections
wait up to a minute for SQLite's one writer; if the event loop frees such garbage meanwhile, the writer
never gets its turn, and the server answers nobody for that minute. It was seen when several automations
fired at once on a busy machine. So garbage is freed here by a thread, which may wait as long as it likes.
"""

from __future__ import annotations

import gc
import runpy
import sys
import threading
import time

_YOUNG_SECONDS = 1.0
_ALL_EVERY = 60


def main() -> None:
    """Run Prefect's command line with ``server`` before our own arguments."""
    gc.disable()
    threading.Thread(target=_collect, daemon=True).start()
    sys.argv = ["prefect", "server", *sys.argv[1:]]
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)


def _collect() -> None:
    """What is young each second, everything each minute: about what Python itself would do."""
    rounds = 0
    while True:
        time.sleep(_YOUNG_SECONDS)
        rounds += 1
        gc.collect(1 if rounds % _ALL_EVERY else 2)


if __name__ == "__main__":
    main()
