"""What reading a calendar file costs beside a bare icalendar parse of it, first and when a hundredth changed.

One file with an hour each with one guest, and an alarm in every third. CPU of this process, the best of
several rounds; all rounds of a case follow those of its peer. Goals: the first read at most 0.6 x the bare
parse, and with 1 % changed a tenth of it.

    python -m benchmarks.calendars [--events N] [--rounds N]
"""

from __future__ import annotations

import argparse
import hashlib
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import icalendar

from benchmarks.network import ME, TODAY, event
from benchmarks.results import Result, tell
from connectors.ics.source import IcsSource
from people.collector import gc_paused
from people.types import Meeting, Page

T = TypeVar("T")
ALARM = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT10M\r\nEND:VALARM\r\n"
GOALS = {"first read": "<= 0.6 x the parse", "1 % changed": "<= 0.1 x the parse"}


class Cost(NamedTuple):
    cpu: float
    wall: float


def calendar(count: int) -> str:
    chance = random.Random(3)
    parts = ["BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Touchbase//benchmark//EN\r\n"]
    for number in range(count):
        text = event(number, f"guest{chance.randrange(count // 4)}@example.com", chance)
        parts.append(text.replace("END:VEVENT", f"{ALARM}END:VEVENT") if number % 3 == 0 else text)
    return "".join([*parts, "END:VCALENDAR\r\n"])


def measured(work: Callable[[], T], rounds: int) -> tuple[Cost, T]:
    """The best of several rounds, as the machine is shared, and what the work yields."""
    costs = []
    for _ in range(rounds):
        cpu, wall = time.process_time(), time.perf_counter()
        found = work()
        costs.append(Cost(time.process_time() - cpu, time.perf_counter() - wall))
    return min(costs), found


def bare(data: bytes) -> int:
    return sum(bool(found.get("SUMMARY")) for found in icalendar.Calendar.from_ical(data).walk("VEVENT"))


def read(path: Path, known: Mapping[str, Sequence[str]], cursor: str | None = None) -> list[Page]:
    zone = ZoneInfo("Europe/London")
    source = IcsSource("work", path, my_emails=[ME], today=TODAY, time_zone=zone, known=known)
    # As in a run, which pauses the garbage collector once around all its steps.
    with gc_paused():
        return list(source.changes(cursor))


def known_from(pages: Sequence[Page]) -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    for page in pages:
        for change in page.changes:
            if isinstance(change, Meeting) and change.raw_hash:
                known.setdefault(change.raw_hash, []).append(change.source_id)
    return known


def measure(path: Path, count: int, rounds: int) -> dict[str, Cost]:
    """All cases over one file, which is changed on the way."""
    data = path.read_bytes()
    costs: dict[str, Cost] = {}
    costs["bare icalendar parse"], parsed = measured(lambda: bare(data), rounds)
    costs["first read"], first = measured(lambda: read(path, {}), rounds)
    known = known_from(first)
    assert parsed == count == sum(map(len, known.values()))
    cursor = first[-1].cursor
    costs["same cursor"], _ = measured(lambda: read(path, known, cursor), rounds)
    del first
    text = data.decode()
    for number in range(0, count, 100):
        text = text.replace(f"UID:m{number}\r\n", f"UID:m{number}\r\nLOCATION:moved\r\n", 1)
    path.write_bytes(text.encode())
    costs["1 % changed"], again = measured(lambda: read(path, known, cursor), rounds)
    assert sum(len(page.changes) for page in again) == len(range(0, count, 100))
    assert sum(len(page.unchanged) for page in again) == count - len(range(0, count, 100))
    costs["the file hashed"], _ = measured(lambda: hashlib.blake2b(data).hexdigest(), rounds)
    return costs


def main() -> None:
    """Measure, tell, keep."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "work.ics")
        path.write_text(calendar(options.events), encoding="utf-8", newline="")
        title = f"Reading {options.events:,} calendar events ({path.stat().st_size / 1e6:.1f} MB)"
        costs = measure(path, options.events, options.rounds)
    peer = costs["bare icalendar parse"].cpu
    rows = [
        (name, f"{cost.cpu:.3f} s", f"{cost.wall:.3f} s", f"{cost.cpu / peer:.3f}", GOALS.get(name, ""))
        for name, cost in costs.items()
    ]
    head = ("what", "CPU", "by the clock", "x the parse", "goal")
    tell(Result("calendars", title, head, rows, f"One process. The best of {options.rounds} rounds."))


if __name__ == "__main__":
    main()
