"""A simulated year of the daily run: does any follow-up come twice, get lost, or go where it must not?

Seeded: people on two sources, meetings, mail, a user who completes, moves, rewrites, cancels and deletes
tasks, people who turn out to be one and are taken apart again, sources that fail, and runs that are
killed at any step. After every run that ends, the store and the task folder are compared with what
really happened. What must not happen is counted by kind: each of the counts must be 0.

    python -m benchmarks.year [--days N] [--people N] [--meetings N] [--mails N] [--seed N]
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import sqlalchemy as sa

from benchmarks.results import Result, tell
from benchmarks.year_world import SETTINGS, SOURCES, World
from flows.cli.commands.init import copy_rules
from flows.run import deliver
from flows.run.context import Context, clock
from flows.run.decide import plan_tasks
from flows.run.facts import meetings
from flows.run.facts.people import gather
from flows.run.judge import judge
from flows.run.pull import pull
from flows.run.resolve import resolve
from flows.run.rule_versions import load_rules
from flows.settings.loading import load
from people.collector import gc_paused
from people.errors import TouchbaseError
from people.planning.plan import PastFollowUp
from people.store import Store, follow_ups, open_store
from people.store.db import schema
from people.tasks import FollowUp, TaskSink, TaskState, placed

T = TypeVar("T")
START = date(2026, 1, 5)
CADENCE = {"vip": 30, "prospect": 60, "referral-partner": 90, "": 180}
CADENCE_RULES = ("gone-cold", "gone-quiet")
QUIET = timedelta(days=30)
KINDS = ("duplicate", "lost", "do-not-contact", "within cadence", "revived", "edit lost", "wish lost")
DEEDS = {"nothing": 75, "complete": 14, "move": 4, "rewrite": 4, "cancel": 1, "delete": 2}


class Killed(BaseException):
    """The process is gone: nothing may catch this."""


class Guarded:
    """A sink with a step of the fuse before and after everything that it is told."""

    def __init__(self, sink: TaskSink, fuse: Fuse) -> None:
        self.name = sink.name
        self._sink = placed(sink)
        self._fuse = fuse
        self.marks_its_place = self._sink.marks_its_place
        self.where_to_look = self._sink.where_to_look
        self.place = self._sink.place
        self.address = self._sink.address
        self.find = self._sink.find

    def ensure(self, follow_up: FollowUp) -> str:
        """Told with a step on each side, as all others."""
        return self._told(self._sink.ensure, follow_up)

    def withdraw(self, ref: str, reason: str) -> None:
        """The same."""
        self._told(self._sink.withdraw, ref, reason)

    def complete(self, ref: str) -> None:
        """The same."""
        self._told(self._sink.complete, ref)

    def move(self, ref: str, due: date) -> None:
        """The same."""
        self._told(self._sink.move, ref, due)

    def erase(self, ref: str) -> None:
        """The same."""
        self._told(self._sink.erase, ref)

    def reopen(self, follow_up: FollowUp) -> str:
        """The same."""
        return self._told(self._sink.reopen, follow_up)

    def states(self) -> Iterator[TaskState]:
        """Passed on as it is."""
        return self._sink.states()

    def _told(self, tell: Callable[..., T], *arguments: object) -> T:
        self._fuse.step()
        answer = tell(*arguments)
        self._fuse.step()
        return answer


class Fuse:
    """Ends the run at one of its steps: a commit, or a word to the task list, before it or after it."""

    def __init__(self, burns_at: int | None) -> None:
        self.left = burns_at

    def step(self) -> None:
        """One step further."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Killed

    def guard(self, sink: TaskSink) -> TaskSink:
        """The sink with a step before and after everything that it is told."""
        return Guarded(sink, self)

    def watch(self, store: Store) -> None:
        """Make every transaction of the store a step."""
        begin = store.begin

        @contextmanager
        def watched() -> Iterator[sa.Connection]:
            with begin() as connection:
                yield connection
                self.step()  # before the commit: all of it is lost
            self.step()

        store.begin = watched  # type: ignore[method-assign]


class Year:
    """The simulation; ``violations`` counts what must never happen, by kind."""

    def __init__(
        self, folder: Path, seed: int, *, people: int, meetings: int, mails: int = 0, capacity: int = 5
    ) -> None:
        self.rng = random.Random(seed)
        self.meetings, self.mails = meetings, mails
        self.world = World(folder, random.Random(seed + 1))
        self.world.populate(people, START)
        self.tasks = folder / "tasks"
        (folder / "touchbase.toml").write_text(SETTINGS.format(capacity=capacity), "utf-8")
        copy_rules(folder / "rules", quiet=True)
        self.settings = load(folder / "touchbase.toml")
        self.store = open_store(self.settings.store_url)
        self.violations: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
        self.done: Counter[str] = Counter()
        self.examples: list[str] = []
        self.wrote: dict[str, str] = {}
        self.moved: dict[str, str] = {}
        self.dismissed: list[tuple[str, str, date]] = []
        self.judged_wishes: list[Any] = []

    def play(self, days: int) -> None:
        """Live through ``days`` days, each with a run at its end."""
        for number in range(days):
            today = START + timedelta(days=number)
            self.world.live(today, self.meetings, self.mails)
            self.world.write(faults=True)
            self._run_until_it_ends(today)
            self._check(today)
            self._use(today)
            self.done["runs"] += 1

    def _run_until_it_ends(self, today: date) -> None:
        burns_at = self.rng.randrange(0, 60) if self.rng.random() < 0.15 else None
        try:
            self._run(today, Fuse(burns_at))
        except Killed:
            self.done["killed runs"] += 1
            self._run(today, Fuse(None))

    def _run(self, today: date, fuse: Fuse) -> None:
        day, moment = clock(self.settings, today)
        # A run has a store of its own; that all of them share connections only saves time.
        store = Store(self.store.engine)
        fuse.watch(store)
        # This user deletes most tasks of a day now and then, and says yes when a run asks about it.
        context = Context(self.settings, store, day, moment, accept_removals=(deliver.TASKS,))
        open_sink = deliver.open_sink
        guarded = patch("flows.run.deliver.open_sink", lambda *a, **k: fuse.guard(open_sink(*a, **k)))
        with guarded, gc_paused():
            self._steps(context)

    def _steps(self, context: Context) -> None:
        for source in self.settings.sources:
            try:
                pull(context, source)
                self.world.learn(source.name, context.today)
            except TouchbaseError:
                self.done["source faults"] += 1
        self.done.update(f"read back {item.status}" for item in deliver.read_tasks(context))
        rules = load_rules(self.settings)
        calendar = meetings.classify(context.store, rules, self.settings.me, save=True)
        resolve(context, rules, calendar)
        judged = judge(context, rules, gather(context, rules, calendar))
        decided = plan_tasks(context, judged).plan
        self.done.update(created=len(decided.create), withdrawn=len(decided.withdraw))
        self.done["deferrals"] += len(decided.deferred)
        delivered = deliver.deliver(context)
        assert not delivered.problems, delivered.problems
        with context.store.read() as connection:
            past = follow_ups.past(connection)
        kept = {(i.follow_up.person_id, i.follow_up.rule, i.follow_up.occasion) for i in past if _open(i)}
        waiting = {
            (i.person_id, i.rule, i.occasion)
            for i in (*decided.deferred, *decided.suppressed, *decided.create, *decided.withdraw)
            if i.status != "withdrawn" or i.ending == "set back"
        }
        for wish in judged.wishes:
            name = (wish.person_id, wish.rule, wish.occasion)
            # Of those that wait for their ration, only the next is listed. A question about identity waits
            # for the ration of the rule for which it stands.
            known = name in kept or name in waiting or wish.ration is not None
            self._must("wish lost", known, str(name))

    def _must(self, kind: str, holds: bool, what: str) -> None:
        if not holds:
            self.violations[kind] += 1
            self.examples = [*self.examples, f"{kind}: {what}"][:20]

    def _check(self, today: date) -> None:
        """Compare store, folder and truth after a run that ended."""
        with self.store.read() as connection:
            past = follow_ups.past(connection)
            contacts = schema.contacts.c
            owners = connection.execute(
                sa.select(contacts.source, contacts.source_id, contacts.person_id)
            ).all()
        person_of = {f"{row.source}:{row.source_id}": row.person_id for row in owners}
        files = self._files()
        self._check_tasks(past, files, today)
        self._check_people(past, person_of, today)
        for key, title in self.wrote.items():
            text = files.get(key, "")
            self._must("edit lost", not text or f"SUMMARY:{title}" in text, f"{today} {key} {title}")
        for key, due in self.moved.items():
            text = files.get(key, "")
            kept = not text or "STATUS:NEEDS-ACTION" not in text or f"DUE;VALUE=DATE:{due}" in text
            self._must("edit lost", kept, f"{today} {key} {due}")

    def _check_tasks(self, past: list[PastFollowUp], files: dict[str, str], today: date) -> None:
        uids = Counter(re.findall(r"^UID:(.*)\r?$", "".join(files.values()), re.MULTILINE))
        self._must("duplicate", max(uids.values(), default=1) == 1, f"{today} UIDs")
        open_now = [item.follow_up for item in past if _open(item)]
        names = Counter((item.person_id, item.rule, item.occasion) for item in open_now)
        turns = Counter(item.person_id for item in open_now if item.rule in CADENCE_RULES)
        for name, count in names.items():
            self._must("duplicate", count == 1, f"{today} {name}")
        for person, count in turns.items():
            self._must("duplicate", count == 1, f"{today} {person} {count} cadence tasks")
        keys = {item.key for item in open_now}
        self._must("lost", keys <= files.keys(), f"{today} {keys - files.keys()}")
        shown = {key for key, text in files.items() if "STATUS:NEEDS-ACTION" in text}
        self._must("lost", shown == keys, f"{today} {shown ^ keys}")

    def _check_people(self, past: list[PastFollowUp], person_of: dict[str, str], today: date) -> None:
        cards: dict[str, list[Any]] = {}
        for card in self.world.cards:
            if person_of.get(card.record):
                cards.setdefault(person_of[card.record], []).append(card)
        for item in past:
            task = item.follow_up
            known = cards.get(task.person_id, [])
            labels = {card.label for card in known}
            if _open(item):
                self._must("do-not-contact", "do-not-contact" not in labels, f"{today} {task.title}")
            if _open(item) and task.rule in CADENCE_RULES and known:
                last = max((card.last for card in known if card.last), default=date.min)
                cadence = min(CADENCE[label] for label in labels if label in CADENCE)
                self._must(
                    "within cadence", (today - last).days >= cadence, f"{today} {task.title} {last} {cadence}"
                )
            if item.created_on == today:
                quiet = any(
                    person_of.get(record) == task.person_id and rule == task.rule and today - day < QUIET
                    for record, rule, day in self.dismissed
                )
                self._must("revived", not quiet, f"{today} {task.title} {task.rule}")

    def _files(self) -> dict[str, str]:
        if not self.tasks.exists():
            return {}
        found = ((path.stem.removeprefix("touchbase-"), path) for path in sorted(self.tasks.glob("*.ics")))
        return {key: path.read_bytes().decode().replace("\r\n ", "") for key, path in found}

    def _use(self, today: date) -> None:
        """The user goes through the task list: ticks, moves, rewrites, cancels, deletes, or does nothing."""
        table = schema.follow_ups.c
        query = sa.select(table.key, table.record, table.rule, table.done_is_contact)
        with self.store.read() as connection:
            told = {row.key: row for row in connection.execute(query)}
        for key, text in self._files().items():
            deed = self.rng.choices(list(DEEDS), list(DEEDS.values()))[0]
            if "STATUS:NEEDS-ACTION" not in text or deed == "nothing":
                continue
            self.done[f"user {deed}"] += 1
            record, rule = told[key].record, told[key].rule
            if deed == "complete" and told[key].done_is_contact:
                for card in self.world.cards:
                    if card.record == record:
                        card.last = max(card.last or today, today)
            elif deed in ("cancel", "delete"):
                self.dismissed.append((record, rule, today + timedelta(days=1)))
            path = self.tasks / f"touchbase-{key}.ics"
            if deed == "delete":
                path.unlink()
                self.wrote.pop(key, None)
                self.moved.pop(key, None)
            else:
                path.write_bytes(self._edited(deed, key, text, today).encode())

    def _edited(self, deed: str, key: str, text: str, today: date) -> str:
        """The task's text as a client leaves it."""
        if deed == "complete":
            done = datetime.combine(today, clock_time(18), UTC)
            now = f"COMPLETED:{done:%Y%m%dT%H%M%SZ}\r\nSTATUS:COMPLETED"
            return text.replace("STATUS:NEEDS-ACTION", now)
        if deed == "move":
            self.moved[key] = f"{today + timedelta(days=self.rng.randrange(3, 30)):%Y%m%d}"
            return re.sub(r"DUE;VALUE=DATE:\d{8}", f"DUE;VALUE=DATE:{self.moved[key]}", text)
        if deed == "rewrite":
            self.wrote[key] = f"My own words {self.rng.randrange(10**6)}"
            return re.sub(r"(?m)^SUMMARY:.*?(\r?)$", rf"SUMMARY:{self.wrote[key]}\1", text)
        return text.replace("STATUS:NEEDS-ACTION", "STATUS:CANCELLED")


def _open(item: PastFollowUp) -> bool:
    return item.follow_up.status in ("open", "snoozed")


def main() -> int:
    """Run it and print what came of it; 1 when anything happened that must not."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--meetings", type=int, default=60, help="a month")
    parser.add_argument("--mails", type=int, default=300, help="a month")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="touchbase-year-"))
    started, cpu = time.perf_counter(), time.process_time()
    try:
        year = Year(
            folder, options.seed, people=options.people, meetings=options.meetings, mails=options.mails
        )
        year.play(options.days)
    finally:
        shutil.rmtree(folder)
    seconds, used = time.perf_counter() - started, time.process_time() - cpu
    kinds = [(f"must not happen: {kind}", str(count), "0") for kind, count in year.violations.items()]
    counts = [(kind, f"{count:,}", "") for kind, count in sorted(year.done.items())]
    rows = [
        ("by the clock", f"{seconds:.0f} s", "< 300 s on 2 free cores"),
        ("CPU", f"{used:.0f} s", ""),
        *kinds,
        *counts,
    ]
    title = f"{options.days} simulated days: {options.people} people, {len(SOURCES)} sources, {options.meetings} meetings and {options.mails} mails a month"
    tell(Result("year", title, ("what", "found", "goal"), rows, " ".join(year.examples)))
    return 1 if sum(year.violations.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
