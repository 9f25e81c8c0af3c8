"""Group and balance figures over 100,000 journal lines and 200,000 meetings: under 2 s (issue 7).

Run: python -m benchmarks.groups [LINES] [MEETINGS]. The frames are made as the store would give them;
each stage is timed on its own, best of three.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from benchmarks.results import Result, tell
from people.facts import connector_value, spending
from people.facts import groups as groups_frame
from people.facts import ledger as ledger_frame
from people.facts import person as person_facts
from people.facts import referrals as referrals_frame
from people.facts.guests import with_events
from people.facts.spending import DeclaredGroup

TODAY = dt.date(2026, 6, 15)
MOMENT = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
PEOPLE, GROUPS, GUESTS = 20_000, 12, 4
KINDS = ["contact", "purchase", "referral", "introduction", "participation", "mention"]
WEIGHTS: Any = {kind: Decimal(n) for kind, n in zip(KINDS, (0, 1, 3, 2, 1, 0), strict=True)}
TARGET_SECONDS = 2.0


def journal(count: int, random: np.random.Generator, people: int = PEOPLE) -> pl.DataFrame:
    """Lines of the last three years, a third of them naming a group."""
    days = pl.Series(random.integers(0, 1095, count))
    return pl.DataFrame(
        {
            "source": "journal",
            "source_id": pl.Series(range(count)).cast(pl.String),
            "file": "journal.csv",
            "line": pl.Series(range(2, count + 2)),
            "person_id": "p" + pl.Series(random.integers(0, people, count)).cast(pl.String),
            "other_id": "p" + pl.Series(random.integers(0, people, count)).cast(pl.String),
            "kind": random.choice(KINDS, count),
            "direction": random.choice(["given", "received"], count),
            "group": [f"g{n}" if n < GROUPS else None for n in random.integers(0, GROUPS * 3, count)],
            "hours": random.choice(["0.5", "1", "2.25"], count),
            "amount": pl.Series(random.integers(1, 5000, count)).cast(pl.String) + ".50",
            "outcome": random.choice(["introduced", "met", "won", "lost"], count),
            "note": "what it was about",
        }
    ).with_columns(
        pl.lit(TODAY).dt.offset_by("-" + days.cast(pl.String) + "d").alias("date"),
        person=pl.col("person_id"),
        other=pl.col("other_id"),
    )


def calendar(
    count: int, random: np.random.Generator, people: int = PEOPLE, guests_each: int = GUESTS
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Meetings of three years with their verdicts, and guests who are known."""
    start = pl.Series(random.integers(0, 1095 * 24 * 60, count)).cast(pl.Duration("us")) * 60_000_000
    ids = pl.Series(range(count)).cast(pl.String)
    told = {"source": "work", "source_id": ids, "status": "confirmed", "uid": ids}
    meetings = pl.DataFrame(told).with_columns(
        title=pl.concat_str(pl.lit("Meeting "), "source_id"),
        my_response=pl.lit("accepted"),
        location=pl.lit("Harbour Hotel"),
        event_type=pl.lit("default"),
        attendee_count=pl.lit(guests_each + 1),
        start_at=(pl.lit(MOMENT) - start).cast(pl.Datetime("us", "UTC")),
        start_date=pl.lit(None, pl.Date),
        end_date=pl.lit(None, pl.Date),
    )
    meetings = with_events(meetings.with_columns(end_at=pl.col("start_at") + pl.duration(minutes=90)))
    verdicts = meetings.select(
        "source",
        "source_id",
        pl.Series("group", [f"g{n}" if n < GROUPS else None for n in random.integers(0, GROUPS * 2, count)]),
        kind=pl.lit("meeting"),
        counts=pl.lit("full"),
        cost=pl.lit(None, pl.Decimal(38, 6)),
    )
    guests = pl.DataFrame(
        {
            "source": "work",
            "source_id": ids.gather(np.repeat(np.arange(count), guests_each)),
            "person_id": "p" + pl.Series(random.integers(0, people, count * guests_each)).cast(pl.String),
            "response": "accepted",
        }
    )
    return meetings, verdicts, guests


def timed(name: str, work: Callable[[], Any], times: dict[str, float]) -> Any:  # noqa: ANN401
    best = processor = float("inf")
    for _ in range(3):
        began, began_processor = time.perf_counter(), time.process_time()
        result = work()
        best = min(best, time.perf_counter() - began)
        processor = min(processor, time.process_time() - began_processor)
    times[name], times[f"{name}, processor"] = best, processor
    return result


def main(lines_count: int = 100_000, meetings_count: int = 200_000) -> float:
    """Print each stage's seconds; return those of the figures."""
    random = np.random.default_rng(7)
    lines = journal(lines_count, random)
    meetings, verdicts, guests = calendar(meetings_count, random)
    groups = [
        DeclaredGroup(f"g{n}", f"Group {n}", since=dt.date(2024, 1, 1), fee=Decimal(50), fee_per="month")
        for n in range(GROUPS)
    ]
    segments = [["owners"] if n % 5 == 0 else [] for n in range(PEOPLE)]
    done = pl.DataFrame(
        schema={"person_id": pl.String, "day": pl.Date, "title": pl.String, "record": pl.String}
    )
    seen: dict[str, float] = {}
    met = timed(
        "who met each other (daily facts)",
        lambda: person_facts.encounters(meetings, guests, verdicts, "UTC"),
        seen,
    )
    happened = timed(
        "what happened (daily facts)",
        lambda: person_facts.contact_days(met, lines, done, TODAY, MOMENT),
        seen,
    )
    member = happened.group_by("person_id").agg(
        pl.col("group").drop_nulls().unique().alias("groups"),
        (pl.lit(TODAY) - pl.col("day").min()).dt.total_days().alias("days_known"),
    )
    people = pl.DataFrame({"id": [f"p{n}" for n in range(PEOPLE)], "segments": segments}).join(
        member, left_on="id", right_on="person_id", how="left"
    )
    people = people.with_columns(
        pl.col("groups").fill_null([]), name=pl.col("id"), organisation=pl.lit(None, pl.String)
    )
    names = people.select("id", "name")

    times: dict[str, float] = {}
    ledger = timed("ledger", lambda: ledger_frame.ledger(lines, WEIGHTS, TODAY), times)
    timed("balances by person", lambda: ledger_frame.totals(ledger, TODAY), times)
    timed("balances by group", lambda: ledger_frame.group_totals(ledger), times)
    referrals = timed("referrals", lambda: referrals_frame.referral_facts(lines, names, TODAY), times)
    attended = timed(
        "attendance",
        lambda: spending.attendance(meetings, verdicts, groups, zone="Europe/London", travel=Decimal(2)),
        times,
    )
    spent = timed(
        "hours and money",
        lambda: spending.spending(attended, lines, groups, today=TODAY, moment=MOMENT),
        times,
    )
    found = timed(
        "group figures and their lines",
        lambda: groups_frame.group_facts(
            groups, attended=attended, spent=spent, people=people, happened=happened, ledger=ledger,
            referrals=referrals, today=TODAY, moment=MOMENT,
        ),
        times,
    )  # fmt: skip
    facts = people.with_columns(targets_introduced=pl.lit(0), targets_around=pl.lit(0))
    timed("connector value (not in the sum)", lambda: connector_value.with_reach(facts, people, lines), seen)
    total = sum(seconds for name, seconds in times.items() if "processor" not in name)
    processor = sum(seconds for name, seconds in times.items() if "processor" in name)
    rows = [
        (name, f"{both[name]:.3f} s", f"{both[f'{name}, processor']:.3f} s")
        for both in (seen, times)
        for name in both
        if "processor" not in name
    ]
    rows.append(("group and balance figures", f"{total:.3f} s", f"{processor:.3f} s"))
    title = f"Groups and balances over {lines.height:,} journal lines and {meetings.height:,} meetings"
    note = (
        f"Goal: the figures in {TARGET_SECONDS} s. {guests.height:,} guests, and {found.lines.height:,} lines"
        f" behind {found.facts.height} groups; the first two and the last of the stages are not in the sum."
    )
    tell(Result("groups", title, ("stage", "by the clock", "CPU"), rows, note))
    return total


if __name__ == "__main__":
    raise SystemExit(main(*(int(word) for word in sys.argv[1:3])) > TARGET_SECONDS)
