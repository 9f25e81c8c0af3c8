"""The whole run by size of the network: first import, nothing changed, 1 % changed, judged again, commands.

    python -m benchmarks.scale [--sizes 1000 10000] [--rounds 3]

Makes a network of each size (``benchmarks.network``: so many cards, twice as many meetings in five
calendars) and runs the stages of the daily run without Prefect. Each case is a process of its own: seconds
are by the clock from its start to its end, libraries included; CPU is of it and its helpers, peak memory its
own. The peers of the first import are a bare vobject loop over the same cards, which only parses them, and
``khard list`` over a folder of them, a file each, where it is installed apart (it is no part of our lock):

    python -m venv ~/.cache/touchbase-bench/khard
    ~/.cache/touchbase-bench/khard/bin/pip install khard==0.22.0

Meetings are imported apart, for no peer reads them. 100,000 cards take some ten minutes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.network import BOOKS, TODAY
from benchmarks.results import Result, tell

ROOT = Path(__file__).resolve().parents[1]
KHARD = Path.home() / ".cache/touchbase-bench/khard/bin/khard"
_CHANGE = "import pathlib, sys, benchmarks.network as n; n.change(pathlib.Path(sys.argv[1]), 0.01)"
_KHARD_CONF = "[addressbooks]\n[[book]]\npath = {}\n[general]\neditor = vi\nmerge_editor = vi\n"


class Cost(NamedTuple):
    """What one process took."""

    wall: float
    cpu: float
    peak_mib: float


def parse_all(folder: Path) -> None:
    """The peer: every card through vobject, and nothing else."""
    import vobject

    for book in BOOKS:
        text = (folder / f"{book}.vcf").read_text("utf-8")
        for card in vobject.readComponents(text, ignoreUnreadable=True):
            str(card.fn.value)


def make_vdir(folder: Path) -> Path:
    """The same cards as khard reads them, a file each; returns its settings."""
    book, number = folder / "khard", 0
    book.mkdir()
    for name in BOOKS:
        for card in (folder / f"{name}.vcf").read_bytes().split(b"END:VCARD\r\n")[:-1]:
            (book / f"{number}.vcf").write_bytes(card + b"END:VCARD\r\n")
            number += 1
    settings = folder / "khard.conf"
    settings.write_text(_KHARD_CONF.format(book), "utf-8")
    return settings


def run(folder: Path, day: int = 0, only: str = "") -> None:
    """The stages of the daily run, ``day`` days after the network's own; ``only`` sources of this type."""
    from flows.run import deliver
    from flows.run.decide import plan_tasks
    from flows.run.facts import meetings
    from flows.run.facts.people import gather
    from flows.run.judge import judge
    from flows.run.pull import pull
    from flows.run.resolve import resolve
    from flows.run.rule_versions import load_rules
    from people.collector import gc_paused

    context = _context(folder, day)
    with gc_paused():
        with context.pool:
            for source in context.settings.sources:
                if only in ("", source.type):
                    pull(context, source)
            deliver.read_tasks(context)
            rules = load_rules(context.settings)
            calendar = meetings.classify(context.store, rules, context.settings.me, save=True)
            resolve(context, rules, calendar)
        plan_tasks(context, judge(context, rules, gather(context, rules, calendar)))
        deliver.deliver(context)
    context.store.close()


def judge_again(folder: Path) -> None:
    """Facts and rules of everybody, from the tables: nothing that an earlier run kept is used."""
    from flows.run.facts import meetings
    from flows.run.facts.people import gather
    from flows.run.judge import judge
    from flows.run.rule_versions import load_rules
    from people.collector import gc_paused
    from people.store import frame_cache

    context = _context(folder, 0)
    with context.store.begin() as connection:
        frame_cache.drop(connection)
    with gc_paused():
        rules = load_rules(context.settings)
        calendar = meetings.classify(context.store, rules, context.settings.me, save=True)
        assert judge(context, rules, gather(context, rules, calendar)).people is not None
    context.store.close()


def _context(folder: Path, day: int) -> Any:  # noqa: ANN401 - flows are imported where they are timed
    from flows.run.context import Context
    from flows.settings.loading import load
    from people.store import open_store

    settings = load(folder / "touchbase.toml")
    today = TODAY + timedelta(days=day)
    moment = datetime.combine(today, datetime.min.time(), UTC) + timedelta(hours=12)
    return Context(settings, open_store(settings.store_url), today, moment)


LIBRARIES = "importing sqlalchemy and pydantic"
CASES: dict[str, Callable[[Path], None]] = {
    "bare vobject loop": parse_all,
    "first import, cards": lambda folder: run(folder, only="vcard"),
    "first import, the rest": run,
    "nothing changed": run,
    "1 % changed": run,
    "judged again": judge_again,
}
COMMANDS = {
    "people QUERY": ["people", "NAME"],
    "explain PERSON": ["explain", "PERSON"],
    "follow-ups": ["follow-ups"],
    "status": ["status"],
    "report": ["report", "--output", "report.html"],
}
_LOOKS = "<= 2 x, and <= 0.6 s at 100,000"
GOALS = {
    "nothing changed": "<= 3 s, <= 600 MiB at 100,000",
    "1 % changed": "<= 2 x nothing changed",
    "judged again": "<= 3 s at 100,000; growth <= 1.1",
    **dict.fromkeys(("people QUERY", "explain PERSON", "follow-ups", "status"), _LOOKS),
}


def cost(command: Sequence[str]) -> Cost:
    """Run a command to its end; CPU includes the helpers that it waited for."""
    began = time.perf_counter()
    quiet = subprocess.DEVNULL if command[0] == str(KHARD) else None  # it warns of each vCard 2.1
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=quiet)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _apart(words: Sequence[str]) -> None:
    """Run Python elsewhere: a child's peak memory begins with what its parent holds."""
    subprocess.run([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)


def best(command: Sequence[str], rounds: int) -> Cost:
    """The quickest of several rounds: the machine may be shared."""
    return min(cost(command) for _ in range(rounds))


def measure(size: int, rounds: int) -> dict[str, Cost]:
    """All cases of one size."""
    found: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory(prefix="touchbase-scale-") as name:
        folder = Path(name)
        settings = f"{name}/touchbase.toml"
        _apart(["-m", "benchmarks.network", name, "--cards", str(size), "--meetings", str(2 * size)])
        for case in CASES:
            if case == "1 % changed":
                _apart(["-c", _CHANGE, name])
            again = case in ("bare vobject loop", "nothing changed", "judged again")
            child = [sys.executable, "-m", "benchmarks.scale", "--child", case, "--folder", name]
            found[case] = best(child, rounds if again else 1)
        if KHARD.exists():
            listing = [str(KHARD), "-c", str(make_vdir(folder)), "--skip-unparsable", "list"]
            found["khard list"] = best(listing, 1)
        found[LIBRARIES] = best([sys.executable, "-c", "import sqlalchemy, pydantic"], rounds)
        touchbase = str(Path(sys.executable).with_name("touchbase"))
        person, full_name = _somebody(settings)
        for case, words in COMMANDS.items():
            put = {"PERSON": person, "NAME": full_name, "report.html": f"{name}/report.html"}
            told = [put.get(word, word) for word in words]
            found[case] = best([touchbase, *told, "--config", settings], rounds)
    return found


def _somebody(settings: str) -> tuple[str, str]:
    """The id and name of one person."""
    from flows.settings.loading import load
    from people.store import open_store

    store = open_store(load(Path(settings)).store_url)
    query = "SELECT id, name FROM people WHERE active AND name LIKE '% %' ORDER BY id LIMIT 1"
    with store.read() as connection:
        person, name = connection.exec_driver_sql(query).one()
    store.close()
    return str(person), str(name)


def result(found: dict[int, dict[str, Cost]]) -> Result:
    """The table: a line for each case and size."""
    rows = []
    cases = [
        case
        for case in ("khard list", *CASES, LIBRARIES, *COMMANDS)
        if all(case in costs for costs in found.values())
    ]
    for case in cases:
        for size, costs in found.items():
            one = costs[case]
            peer = costs["bare vobject loop"].wall
            goal = GOALS.get(case, "")
            if case == "first import, cards":
                goal = f"{one.wall / peer:.2f} x the loop (goal <= 1.0)"
            elif case in COMMANDS and goal:
                goal = f"{one.cpu / costs[LIBRARIES].cpu:.2f} x its libraries (goal {goal})"
            elif case == "1 % changed":
                goal = f"{one.wall / costs['nothing changed'].wall:.2f} x nothing changed (goal <= 2)"
            figures = f"{one.wall:.2f} s", f"{one.cpu:.2f} s", f"{one.peak_mib:.0f} MiB"
            rows.append((case, f"{size:,}", *figures, goal))
    curves = {case: [(size, costs[case].wall) for size, costs in found.items()] for case in cases}
    head = ("case", "cards", "by the clock", "CPU", "peak memory", "goal")
    note = "Each network has twice as many meetings as cards. Processes are timed whole, libraries included."
    return Result("scale", "The whole run by size of the network", head, rows, note, curves)


def main() -> None:
    """Measure, tell, keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", choices=CASES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        CASES[options.child](options.folder)
        return
    tell(result({size: measure(size, options.rounds) for size in options.sizes}))


if __name__ == "__main__":
    main()
