"""A simulated month of a consultant with a large book: does the right thing reach them, in time?

800 invented people, 60 meetings a month, and the starter rules. Three users: one does everything at once,
one does two tasks a day, one is away for two weeks and then does two a day. The real run works every weekday
morning, without Prefect. Each seed is another world.

    python -m benchmarks.month [--seeds N] [--people N] [--days N] [--keep DIR]

``--keep`` plays the first user of the first seed into a folder and leaves it there, with all digests.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

from benchmarks.month_world import (
    CADENCE,
    DAYS,
    PHONE,
    SETTINGS,
    START,
    WORK,
    Person,
    World,
    morning,
    working_days,
)
from benchmarks.results import Result, tell
from flows.cli.commands.init import copy_rules
from flows.cli.screens.run import summary
from flows.conducting.in_process import run
from flows.run.steps import Job
from flows.settings.loading import load
from people.planning.plan import PastFollowUp
from people.store import follow_ups, open_store
from people.store.db import schema
from people.wording import why_in_words

USERS = {"does all": None, "two a day": 2, "away, then two a day": 2, "no calendar": None}
"""How many tasks each user does on a day; None: all."""
AWAY = range(7, 21)
"""The days on which the third user is away: two weeks, from the second Monday."""
ABOUT_CONTACT = ("gone-cold", "gone-quiet", "never-spoken")
"""The rules that ask for contact only because there was none."""
DIGEST_LINES = 40


@dataclass
class Found:
    """What one user saw. ``open_most`` and ``digest_most`` are the most on any day."""

    met: int = 0
    asked: int = 0
    birthdays: int = 0
    on_the_day: int = 0
    open_most: int = 0
    open_at_most: int = 0
    digest_most: int = 0
    twice: int = 0
    in_touch: int = 0
    created: int = 0
    set_back: int = 0
    missed: int = 0
    first_steps: Counter[int] = field(default_factory=Counter)
    without_why: int = 0
    problems: int = 0

    def plus(self, other: Found) -> Found:
        """Both together."""
        most = {"open_most", "open_at_most", "digest_most"}
        both = {
            name: max(value, getattr(other, name)) if name in most else value + getattr(other, name)
            for name, value in vars(self).items()
            if name != "first_steps"
        }
        return Found(**both, first_steps=self.first_steps | other.first_steps)


class Month:
    """One user's month in ``folder``."""

    def __init__(self, folder: Path, user: str, seed: int, people: int, days: int) -> None:
        self.folder, self.user, self.days = folder, user, days
        away = AWAY if user.startswith("away") else range(0)
        self.away = {START + timedelta(days=number) for number in away}
        self.world = World(seed, people, 60, days, away)
        self.calendar = user != "no calendar"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "touchbase.toml").write_text(SETTINGS + PHONE + (WORK if self.calendar else ""), "utf-8")
        copy_rules(folder / "rules", quiet=True)
        self.settings = load(folder / "touchbase.toml", {})
        self.found = Found(open_at_most=self.settings.tasks.open_at_most)

    def play(self) -> Found:
        """Live through the month: the run in the morning, then the user."""
        for today in working_days(self.days):
            self.world.write(self.folder, today)
            # A run that is told a day looks back from its end. This one starts in the morning.
            at = patch("flows.conducting.conduct.clock", lambda *_, day=today: (day, morning(day)))
            with at:
                report = run(Job(), self.settings, today)
            self.found.problems += len(report.all_problems())
            self._look(today)
            if today not in self.away:
                self._work(today)
        self._sum_up()
        return self.found

    def _look(self, today: date) -> None:
        """What the user sees after the run."""
        store = open_store(self.settings.store_url)
        with store.read() as connection:
            past = follow_ups.past(connection)
            rows = connection.execute(schema.person_emails.select())
            self.owner = {row.email: row.person_id for row in rows}
        store.close()
        people = {
            self.owner[email]: one for email, one in self.world.by_email().items() if email in self.owner
        }
        self.past = past
        open_now = [item.follow_up for item in past if item.follow_up.status in ("open", "snoozed")]
        self.found.open_most = max(self.found.open_most, len(open_now))
        titles = Counter(re.findall(r"(?m)^SUMMARY:(.*?)\r?$", "".join(self._open_files().values())))
        self.found.twice += sum(count > 1 for count in titles.values())
        page = (self.folder / "digest" / f"{today.isoformat()}.md").read_text("utf-8")
        self.found.digest_most = max(self.found.digest_most, len(page.splitlines()))
        for item in past:
            if item.created_on == today and item.follow_up.ending != "missed":
                self._judge(item, people.get(item.follow_up.person_id), today)

    def _judge(self, item: PastFollowUp, person: Person | None, today: date) -> None:
        task = item.follow_up
        self.found.created += 1
        self.found.without_why += not task.because or not why_in_words(task, today)
        if task.rule == "never-spoken":
            self.found.first_steps[today.isocalendar().week] += 1
        if task.rule in ABOUT_CONTACT and person is not None and self.calendar:
            last = person.last_contact(today)
            self.found.in_touch += last is not None and (today - last).days < CADENCE[person.label]

    def _open_files(self) -> dict[Path, str]:
        found = {p: p.read_bytes().decode() for p in sorted((self.folder / "tasks").glob("*.ics"))}
        return {
            path: text.replace("\r\n ", "") for path, text in found.items() if "STATUS:NEEDS-ACTION" in text
        }

    def _work(self, today: date) -> None:
        """The user does the tasks that are due first."""
        shown = sorted(self._open_files().items(), key=lambda one: (_due(one[1]), one[0]))
        people = {
            self.owner[email]: one for email, one in self.world.by_email().items() if email in self.owner
        }
        told = {item.follow_up.key: item.follow_up for item in self.past}
        for path, text in shown[: USERS[self.user]]:
            done = f"COMPLETED:{datetime(today.year, today.month, today.day, 17, tzinfo=UTC):%Y%m%dT%H%M%SZ}"
            path.write_bytes(text.replace("STATUS:NEEDS-ACTION", f"{done}\r\nSTATUS:COMPLETED").encode())
            person = people.get(told[path.stem.removeprefix("touchbase-")].person_id)
            if person is not None:
                person.contacts.add(today)

    def _sum_up(self) -> None:
        end = START + timedelta(days=self.days - 1)
        made = {
            (item.follow_up.person_id, item.created_on)
            for item in self.past
            if item.follow_up.ending != "missed"
        }
        for person in self.world.new:
            met = person.met or end
            last = DAYS.after(met, 2)
            if not self.calendar or last > end or self.world.meets_again(person, met, end):
                continue
            self.found.met += 1
            id_ = self.owner.get(person.email)
            self.found.asked += any(id_ == who and met < day <= last for who, day in made)
        wished = {
            (i.follow_up.person_id, i.follow_up.due) for i in self.past if i.follow_up.rule == "birthday"
        }
        for person in self.world.cards:
            if person.label == "client" and person.born is not None:
                day = _birthday(person.born, START)
                if day <= end:
                    self.found.birthdays += 1
                    self.found.on_the_day += (self.owner.get(person.email), day) in wished
        endings = Counter(item.follow_up.ending for item in self.past)
        self.found.set_back += endings["set back"]
        self.found.missed += endings["missed"]


def _due(text: str) -> str:
    found = re.search(r"DUE;VALUE=DATE:(\d{8})", text)
    return found[1] if found else ""


def _birthday(born: date, start: date) -> date:
    """The next birthday on or after a day. Nobody here was born on 29 February."""
    this = born.replace(year=start.year)
    return this if this >= start else born.replace(year=start.year + 1)


def play(seed: int, *, people: int, days: int) -> dict[str, Found]:
    """Every user's month in the world of one seed."""
    found = {}
    for user in USERS:
        with tempfile.TemporaryDirectory(prefix="touchbase-month-") as folder:
            found[user] = Month(Path(folder), user, seed, people, days).play()
    return found


def rows_of(found: dict[str, Found]) -> tuple[list[tuple[str, ...]], list[str]]:
    """The table, and what is not as it should be."""
    broken: list[str] = []

    def row(what: str, goal: str, values: Iterable[tuple[str, bool]]) -> tuple[str, ...]:
        shown = list(values)
        broken.extend(
            f"{what}, {user}: {text}" for user, (text, ok) in zip(found, shown, strict=True) if not ok
        )
        return (what, *(text for text, _ in shown), goal)

    users = list(found.items())
    least = {"does all": 0.95, "two a day": 0.8}
    rows = [
        row(
            "newly met, asked within two working days",
            ">= 95 %, >= 80 %",
            ((_share(f.asked, f.met), f.asked >= least.get(user, 0) * f.met) for user, f in users),
        ),
        row(
            "birthdays of key people, on the day",
            "100 %",
            ((_share(f.on_the_day, f.birthdays), f.on_the_day == f.birthdays) for _, f in users),
        ),
        row("most open tasks", "15", ((str(f.open_most), f.open_most <= f.open_at_most) for _, f in users)),
        row("two open tasks with one title", "0", ((str(f.twice), f.twice == 0) for _, f in users)),
        row(
            "most lines in a digest",
            f"{DIGEST_LINES}",
            ((str(f.digest_most), f.digest_most <= DIGEST_LINES) for _, f in users),
        ),
        row("tasks for people in touch", "0", ((str(f.in_touch), f.in_touch == 0) for _, f in users)),
        row(
            "most first steps in a week",
            "3",
            ((str(most := max(f.first_steps.values(), default=0)), most <= 3) for _, f in users),
        ),
        row("tasks without a why", "0", ((str(f.without_why), f.without_why == 0) for _, f in users)),
        *[
            (what, *(f"{getattr(f, name):,}" for _, f in users), "")
            for what, name in (("created", "created"), ("set back", "set_back"), ("missed", "missed"))
        ],
    ]
    return rows, broken


def sentences_for_nothing() -> list[str]:
    """What the first run says if nothing is configured."""
    with tempfile.TemporaryDirectory(prefix="touchbase-month-") as folder:
        config = Path(folder) / "touchbase.toml"
        config.write_text(SETTINGS, "utf-8")
        copy_rules(config.parent / "rules", quiet=True)
        document = run(Job(), load(config, {}), START).document()
    return summary(document).splitlines()


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%} of {whole}" if whole else "-"


def main() -> int:
    """Run it and print what came of it; 1 when something is not as it should be."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--people", type=int, default=800)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--keep", type=Path, help="play the first user of seed 1 into this folder")
    options = parser.parse_args()
    if options.keep:
        Month(options.keep, "does all", 1, options.people, options.days).play()
        print(f"see {options.keep / 'digest'}")
        return 0
    started = time.perf_counter()
    work = partial(play, people=options.people, days=options.days)
    total: dict[str, Found] = {}
    with ProcessPoolExecutor(max_workers=2) as pool:
        for found in pool.map(work, range(1, options.seeds + 1)):
            total = {user: total[user].plus(one) if user in total else one for user, one in found.items()}
    rows, broken = rows_of(total)
    said = sentences_for_nothing()
    broken += [f"nothing configured: {said}"] if len(said) != 1 else []
    rows.append(("lines of a run with nothing configured", str(len(said)), *[""] * (len(USERS) - 1), "1"))
    seconds = time.perf_counter() - started
    rows.append(("all of it", f"{seconds:.0f} s", *[""] * (len(USERS) - 1), "< 600 s on 2 free cores"))
    title = f"A month of {options.people} people: {options.days} days, 60 meetings, {options.seeds} seeds"
    tell(Result("month", title, ("what", *USERS, "goal"), rows, " ".join(broken)))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
