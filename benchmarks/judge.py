"""Everybody judged from scratch, by size: facts from meetings and journal, then fifty rules.

    python -m benchmarks.judge [--sizes 1000 10000 100000] [--rounds 3]

People with profiles, two meetings and a tenth of a journal line each are made as the frames that the store
gives; timed is all that follows: encounters, ledger, facts, rules. The rules are those of
``benchmarks.rules``. Each size runs in a process of its own, so that its peak memory can be told; making the
frames is in the peak, not in the time. Goals: 100,000 in 3 s; a million ends within 6 GiB, growing no faster
than size^1.1.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from datetime import UTC, date, datetime

import numpy as np
import polars as pl

from benchmarks.groups import WEIGHTS, calendar, journal
from benchmarks.results import Result, of_sizes, tell
from benchmarks.rules import CITIES, FIRMS, LABELS, TITLES, ruleset, specs
from people.facts import person as person_facts
from people.facts.ledger import ledger
from rules.engine.judging.judge import judge

TODAY = date(2026, 6, 15)
MOMENT = datetime(2026, 6, 15, 12, tzinfo=UTC)


def profiles(count: int, random: np.random.Generator) -> pl.DataFrame:
    """As ``people.store.frames.profiles`` gives them."""
    number = pl.Series(range(count)).cast(pl.String)
    none = pl.lit(None, pl.String)
    return pl.DataFrame(
        {
            "id": "p" + number,
            "name": "Person " + number,
            "given_name": "Person",
            "family_name": number,
            "organisation": random.choice(FIRMS, count),
            "title": random.choice(TITLES, count),
            "city": random.choice(CITIES, count),
            "email": "person" + number + "@example.com",
            "label": random.choice(LABELS, count),
            "birthday": "1980-04-15",
            "record_count": 1,
        }
    ).select(
        pl.exclude("email", "label"),
        pl.concat_list("email").alias("emails"),
        pl.concat_list("label").alias("labels"),
        *(none.alias(name) for name in ("country", "note")),
        *(pl.lit(None, pl.Date).alias(name) for name in ("connected_on", "recorded_on")),
        pl.lit(TODAY).alias("first_seen"),
        *(pl.lit([], pl.List(pl.String)).alias(name) for name in ("phones", "needs", "offers", "sources")),
    )


def measure(size: int, rounds: int) -> dict[str, float]:
    """Seconds of facts and of rules (the best round), and the process's peak memory in MiB."""
    random = np.random.default_rng(9)
    people = profiles(size, random)
    lines = journal(size // 10, random, people=size)
    meetings, verdicts, guests = calendar(size * 2, random, people=size, guests_each=1)
    done = pl.DataFrame(
        schema={"person_id": pl.String, "day": pl.Date, "title": pl.String, "record": pl.String}
    )
    rules, best = ruleset(specs()), (float("inf"), 0.0, 0.0)
    for _ in range(rounds):
        began = time.perf_counter()
        met = person_facts.encounters(meetings, guests, verdicts, "Europe/London")
        happened = person_facts.contact_days(met, lines, done, TODAY, MOMENT)
        entries = ledger(lines, WEIGHTS, TODAY, happened=happened)
        facts = person_facts.person_facts(people, met, happened, entries, today=TODAY, moment=MOMENT)
        halfway = time.perf_counter()
        outcome = judge(rules, facts, TODAY)
        assert sum(outcome.counts.values()) > 0
        ended = time.perf_counter()
        best = min(best, (ended - began, halfway - began, ended - halfway))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"total": best[0], "facts": best[1], "rules": best[2], "peak": peak}


def main() -> None:
    """Measure, tell, keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(options.child, options.rounds)))
        return
    found = of_sizes("benchmarks.judge", options.sizes, options.rounds)
    rows = [
        (
            f"{size:,}",
            *(f"{one[part]:.3f} s" for part in ("facts", "rules", "total")),
            f"{one['peak']:.0f} MiB",
        )
        for size, one in found.items()
    ]
    curves = {"facts and rules": [(size, one["total"]) for size, one in found.items()]}
    head = ("people", "facts", "50 rules", "together", "peak memory")
    note = "Goals: 100,000 people in 3 s; a million within 6 GiB; growth exponent at most 1.1."
    tell(Result("judge", "Everybody judged from scratch", head, rows, note, curves))


if __name__ == "__main__":
    main()
