"""Work on all cores: in order, by the same processes within a block, and none of them left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from people.parallel import CHUNK, POOL_FROM, Pool, in_chunks
from tests.support.paths import ROOT

MANY = range(POOL_FROM + 1)
PATIENCE = 30  # seconds; how long is waited at most, not how long it takes


def doubled(items: Sequence[int]) -> list[int]:
    return [2 * item for item in items]


def who(items: Sequence[int]) -> list[int]:
    return [os.getpid() for _ in items]


def lose_the_process(items: Sequence[int], parent: int) -> list[int]:
    """A worker that is killed on the way; its parent, which goes on with the work, is not."""
    if items[0] >= CHUNK and os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return doubled(items)


def workers_of(items: Sequence[int], pool: Pool) -> set[int]:
    return {pid for chunk in pool.in_chunks(who, items) for pid in chunk}


def gone(pids: set[int]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while any(map(runs, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(runs, pids))


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Where nobody asks how an orphan ended, its entry stays.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("count", [0, 1, CHUNK, POOL_FROM, POOL_FROM + 1])
def test_results_come_in_the_order_of_the_items(count: int) -> None:
    with Pool(2) as pool:
        found = [item for chunk in pool.in_chunks(doubled, range(count)) for item in chunk]
    assert found == [2 * item for item in range(count)]


def test_little_work_starts_no_process() -> None:
    with Pool(2) as pool:
        assert workers_of(range(POOL_FROM), pool) == {os.getpid()}


def test_all_work_of_a_block_is_done_by_the_same_processes_which_end_with_it() -> None:
    with Pool(2) as pool:
        first = workers_of(MANY, pool)
        second = {pid for chunk in in_chunks(who, MANY, pool) for pid in chunk}
        third = workers_of(range(CHUNK + 1), pool)
    assert os.getpid() not in first | second | third
    assert len(first | second | third) <= 2
    assert gone(first | second | third)


def test_without_a_block_processes_end_with_their_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    workers = {pid for chunk in in_chunks(who, MANY) for pid in chunk}
    assert os.getpid() not in workers
    assert gone(workers)


def test_threads_share_the_processes() -> None:
    found: list[set[int]] = []
    with Pool(2) as pool:
        threads = [threading.Thread(target=lambda: found.append(workers_of(MANY, pool))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 3
    assert len(set().union(*found)) <= 2


def test_work_goes_on_where_a_process_is_lost() -> None:
    with Pool(2) as pool:
        work = partial(lose_the_process, parent=os.getpid())
        found = [item for chunk in pool.in_chunks(work, MANY) for item in chunk]
        assert found == [2 * item for item in MANY]
        assert os.getpid() not in workers_of(MANY, pool), "others are started for work that comes later"


HANGS = """
import os, sys, time
from people.parallel import Pool
from tests.people.test_parallel import MANY, who
if __name__ == "__main__":
    with Pool(2) as pool:
        print(*{pid for chunk in pool.in_chunks(who, MANY) for pid in chunk}, flush=True)
        time.sleep(600)
"""


def test_the_processes_of_a_killed_run_end(tmp_path: Path) -> None:
    script = tmp_path / "hangs.py"
    script.write_text(HANGS, "utf-8")
    root = ROOT
    run = subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # multiprocessing tells of the semaphores that it frees for the run
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert run.stdout is not None
    workers = {int(pid) for pid in run.stdout.readline().split()}
    assert workers
    assert run.pid not in workers
    run.kill()
    run.wait()
    run.stdout.close()
    assert gone(workers)
