"""Run a module that ends with its starter: ``python -m flows.server.lifeline MODULE ...``.

The starter keeps the other end of our standard input open. When it is killed the system closes that
end, on Linux and macOS alike, and then this process and all below it are killed.
"""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import threading
from contextlib import suppress


def main() -> None:
    """Watch standard input, and run the module that the first argument names with the others."""
    line = os.dup(sys.stdin.fileno())
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is wanted
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
    """Kill a process; it may have ended by itself."""
    with suppress(OSError):
        os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """The processes below ``pid``; a worker's runs are in sessions of their own."""
    listing = subprocess.Popen(
        ["ps", "-A", "-o", "pid=,ppid=,stat="],  # noqa: S607 - where it lies differs
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    listed = listing.communicate()[0]
    children: dict[int, list[int]] = {}
    for line in listed.splitlines():
        own, parent, state = line.split()[:3]
        # What has ended is listed until its parent asks how.
        if int(own) != listing.pid and not state.startswith("Z"):
            children.setdefault(int(parent), []).append(int(own))
    found, open_ = [], [pid]
    while open_:
        below = children.get(open_.pop(), [])
        found += below
        open_ += below
    return found


if __name__ == "__main__":
    main()
