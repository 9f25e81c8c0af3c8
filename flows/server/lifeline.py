"""Run a module that ends with the process that started it: ``python -m flows.server.lifeline MODULE ...``.

The starter keeps the other end of our standard input open. When the starter is killed, the system closes
that end, on Linux and on macOS. This process then kills everything below it, and itself.
"""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import threading
from contextlib import suppress

import psutil

_GRACE = 15.0


def main() -> None:
    """Watch standard input, and run the module of the first argument with the other arguments."""
    # What Prefect writes, such as its database, names people in the results of runs.
    os.umask(0o077)
    line = os.dup(sys.stdin.fileno())
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - its descriptor is needed
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    threading.Thread(target=_end_with, args=(line,), daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _end_with(line: int) -> None:
    while os.read(line, 1):
        pass
    while below := descendants(os.getpid()):
        for pid in below:
            kill(pid)
    kill(os.getpid())


def kill(pid: int) -> None:
    """Kill a process, if it still runs."""
    with suppress(OSError):
        os.kill(pid, signal.SIGKILL)


def stop(child: subprocess.Popen[bytes]) -> None:
    """Ask a child to end, and kill it if it has not ended after a while."""
    if child.poll() is None:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(_GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
    child.wait()


def descendants(pid: int) -> list[int]:
    """The running processes below ``pid``, those that a worker started in sessions of their own included."""
    running = []
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(pid).children(recursive=True):
            # A process that ended is listed until its parent asks for its exit status.
            with suppress(psutil.NoSuchProcess):
                if child.status() != psutil.STATUS_ZOMBIE:
                    running.append(child.pid)
    return running


if __name__ == "__main__":
    main()
