"""What reading an address book costs beside a bare vobject loop over the same cards.

Told are seconds by the clock and of CPU, cards a second, and two shares: of the bare loop's time, and of
the first import's CPU. The peer runs in the same process and run; our reads
include the file, the pages and their contacts. CPU of the import by several processes is
not measured (its workers outlive it). Goals: the first import by two processes at most 1.0 x the
bare loop; reading 10,000 unchanged cards again under 5 % of their first import, by hash or by cursor.

    python -m benchmarks.vcards [--cards N] [--rounds N]
"""

from __future__ import annotations

import argparse
import math
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import vobject

from benchmarks.results import Result, tell
from connectors.vcard.source import VCardSource
from people.collector import gc_paused
from people.parallel import Pool
from people.types import Contact, Page

GIVEN = ("Ana", "Ben", "Zoë", "Łukasz", "María", "Tom", "Yuki", "Omar")
FAMILY = ("Perez", "Doe", "Müller", "Nowak", "Smith", "Berg", "Tanaka")


class Cost(NamedTuple):
    wall: float
    processor: float


def card(number: int, chance: random.Random) -> str:
    given, family = chance.choice(GIVEN), chance.choice(FAMILY)
    return "\r\n".join(
        (
            "BEGIN:VCARD",
            "VERSION:3.0",
            "PRODID:-//Apple Inc.//iPhone OS 18.2//EN",
            f"N:{family};{given};;;",
            f"FN:{given} {family}",
            f"ORG:Acme {number % 97} Inc;Sales",
            "TITLE:Director",
            f"EMAIL;type=INTERNET;type=HOME;type=pref:person{number}@example.com",
            f"item1.EMAIL;type=INTERNET:w{number}@work.example",
            "item1.X-ABLabel:Side project",
            f"TEL;type=CELL;type=VOICE;type=pref:+44 7700 9{number:05d}",
            f"item2.ADR;type=HOME;type=pref:;;{number} High Street;Bristol;Avon;BS1 {number % 9}AA;UK",
            f"NOTE:Met at the chamber dinner\\, table {number % 20}.\\nneeds: bookkeeping",
            f"BDAY:19{number % 90 + 10}-04-15",
            "CATEGORIES:referral-partner,chamber",
            f"URL:https\\://www.example.com/{number}",
            "REV:2026-10-01T08:00:00Z",
            f"UID:{number:08d}-2222-3333-4444-555555555555",
            "END:VCARD",
            "",
        )
    )


def measured(work: Callable[[], list[Page]], rounds: int) -> tuple[Cost, list[Page]]:
    """The best of several rounds, as the machine is shared, and what the work yields."""
    costs = []
    for _ in range(rounds):
        wall, processor = time.perf_counter(), time.process_time()
        pages = work()
        costs.append(Cost(time.perf_counter() - wall, time.process_time() - processor))
    return min(costs), pages


def bare_loop(path: Path) -> list[Page]:
    for component in vobject.readComponents(path.read_text(encoding="utf-8")):
        str(component.fn.value)
    return []


def known_from(pages: list[Page]) -> dict[str, str]:
    contacts = (change for page in pages for change in page.changes if isinstance(change, Contact))
    return {contact.raw_hash or "": contact.source_id for contact in contacts}


def measure(path: Path, count: int, rounds: int) -> None:
    def read(workers: int, cursor: str | None = None, known: dict[str, str] | None = None) -> list[Page]:
        # As in a run, which pauses the garbage collector once around all its steps.
        with gc_paused(), Pool(workers, start_from=0) as pool:
            return list(VCardSource("phone", path, pool=pool, known=known).changes(cursor))

    bare, _ = measured(lambda: bare_loop(path), rounds)
    one, pages = measured(lambda: read(1), rounds)
    two, _ = measured(lambda: read(2), rounds)
    known = known_from(pages)
    assert len(known) == count
    by_hash, again = measured(lambda: read(1, known=known), rounds)
    assert sum(len(page.unchanged) for page in again) == count
    by_cursor, nothing = measured(lambda: read(1, pages[-1].cursor, known), rounds)
    assert nothing == [Page(cursor=pages[-1].cursor)]

    costs = {
        "bare vobject loop": (bare, ""),
        "first import, 1 process": (one, ""),
        "first import, 2 processes": (two._replace(processor=float("nan")), "<= 1.0 x the loop"),
        "again, known by hash": (by_hash, "< 5 % of the import"),
        "again, same cursor": (by_cursor, "< 5 % of the import"),
    }
    rows = [
        (
            name,
            f"{cost.wall:.3f} s",
            f"{cost.processor:.3f} s" if not math.isnan(cost.processor) else "",
            f"{count / cost.wall:,.0f}",
            f"{cost.wall / bare.wall:.2f}",
            f"{100 * cost.processor / one.processor:.1f} %" if not math.isnan(cost.processor) else "",
            goal,
        )
        for name, (cost, goal) in costs.items()
    ]
    head = ("what", "by the clock", "CPU", "cards a second", "x the loop", "CPU of import", "goal")
    title = f"Reading {count:,} cards ({path.stat().st_size / 1e6:.1f} MB)"
    tell(Result("vcards", title, head, rows, f"The best of {rounds} rounds."))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cards", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    chance = random.Random(2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "all.vcf")
        text = "".join(card(number, chance) for number in range(options.cards))
        path.write_text(text, encoding="utf-8", newline="")
        measure(path, options.cards, options.rounds)


if __name__ == "__main__":
    main()
