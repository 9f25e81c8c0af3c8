"""The daily run with mail and nothing changed, against the same run without mail.

    python -m benchmarks.mail_days [--people N] [--mails N] [--rounds N]

Makes a network (``benchmarks.network``), runs it once, and times the run of the next days, in which nothing
has changed. Then it puts mail into the store, half of it with people and half with strangers, runs once, and
times the same again, and a run after a hundred new mails. Each run is a process of its own.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from benchmarks.network import TODAY, write
from benchmarks.results import Result, tell
from people.store import Store, open_store
from people.store.db import schema
from people.store.ingest.reading import Reading
from people.types import Counterpart, Message, Page

_RUN = "import pathlib, sys, benchmarks.scale as s; s.run(pathlib.Path(sys.argv[1]), int(sys.argv[2]))"
_PAGE = 5_000
_NEW = 100


def fill(store: Store, mails: int, *, seed: int = 1) -> tuple[float, float]:
    """Put ``mails`` into the store; return the CPU seconds and the megabytes that they take."""
    with store.read() as connection:
        known = list(connection.scalars(sa.select(schema.person_emails.c.email)))
    chance = random.Random(seed)
    strangers = [f"news{number}@shop{number % 900}.example" for number in range(max(1, mails // 20))]
    moment = datetime.combine(TODAY, datetime.min.time(), UTC)
    before = store.path.stat().st_size if store.path else 0
    reading = Reading(store, "post", moment)
    spent = 0.0
    for start in range(0, mails, _PAGE):
        page = Page(
            changes=tuple(_mails(range(start, min(mails, start + _PAGE)), known, strangers, chance, moment))
        )
        begun = time.process_time()
        reading.apply(page)
        spent += time.process_time() - begun
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return spent, ((store.path.stat().st_size if store.path else 0) - before) / 1e6


def _mails(
    numbers: range, known: list[str], strangers: list[str], chance: random.Random, moment: datetime
) -> Iterator[Message]:
    for number in numbers:
        personal = chance.random() < 0.5
        sent = personal and chance.random() < 0.5
        emails = chance.sample(known if personal else strangers, chance.choice((1, 1, 1, 2, 4)))
        roles = ["to" if sent else "from", *["cc"] * len(emails)]
        yield Message.model_validate(
            {
                "source": "post",
                "source_id": f"<{number}.{chance.randrange(10**9)}@mail.example>",
                "at": moment - timedelta(minutes=chance.randrange(60 * 24 * 365 * 3)),
                "direction": "sent" if sent else "received",
                "role": None if sent else "to",
                "counterparts": [
                    Counterpart(email=email, role=role) for email, role in zip(emails, roles, strict=False)
                ],
                "recipients": len(emails),
                "thread": f"<{number // 3}@mail.example>",
                "bulk": not personal,
            }
        )


def timed(folder: Path, rounds: int, first: int) -> float:
    """The median CPU seconds of runs on which nothing changed: a busy machine does not count."""
    seconds = []
    for day in range(first, first + rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", _RUN, str(folder), str(day)], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(seconds)


def main() -> None:
    """Run it and print what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--mails", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="touchbase-mail-"))
    try:
        write(folder, options.people, meetings=options.people * 2)
        timed(folder, 1, 0)
        without = timed(folder, options.rounds, 0)
        store = open_store(f"sqlite:///{folder / 'touchbase.db'}")
        spent, megabytes = fill(store, options.mails)
        store.close()
        news = timed(folder, 1, 0)
        with_mail = timed(folder, options.rounds, 0)
        store = open_store(f"sqlite:///{folder / 'touchbase.db'}")
        fill(store, _NEW, seed=2)
        store.close()
        some = timed(folder, 1, 0)
    finally:
        shutil.rmtree(folder)
    rows = [
        ("nothing changed, without mail", f"{without:.2f} s of CPU", ""),
        ("nothing changed, with mail", f"{with_mail:.2f} s of CPU", ""),
        ("with to without", f"{with_mail / without:.2f} x", "<= 1.3 x"),
        (f"{_NEW} mails are new", f"{some:.2f} s of CPU", ""),
        ("all mail is new", f"{news:.2f} s of CPU", ""),
        ("storing it", f"{spent:.1f} s of CPU", ""),
        ("size of a million", f"{megabytes / options.mails * 1e6:.0f} MB", "<= 250 MB"),
    ]
    title = f"{options.people:,} cards, {options.mails:,} mails"
    tell(Result("mail_days", title, ("what", "found", "goal"), rows, ""))


if __name__ == "__main__":
    main()
