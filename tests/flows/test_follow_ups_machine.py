"""Plan, deliver, the user's deeds, crashes, merges, splits and the clock, in any order (Hypothesis).

Rules wish that people who have gone quiet are called, that new ones are written to at once, and a
word on birthdays. At most two tasks are open.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from benchmarks.year import Fuse, Killed
from flows.run import deliver
from flows.run.context import Context
from flows.run.decide import plan_tasks
from flows.run.judge import Judged
from flows.settings.loading import load
from people.errors import SuspiciousEmptiness
from people.planning.plan import Standing
from people.store import follow_ups, open_store
from people.store.db import schema
from people.tasks import FollowUp, FollowUpWish
from tests.support.stores import with_own_store

NUMBERS = st.integers(0, 3)
MEMORY = Path("/dev/shm")
OPEN = ("open", "snoozed")
OPEN_AT_MOST = 2
SETTINGS = f"[tasks]\npath = 'tasks'\ncapacity_per_day = 3\nopen_at_most = {OPEN_AT_MOST}\n"
RULES = frozenset({"gone-quiet", "met", "birthday"})


class FollowUpsMachine(RuleBasedStateMachine):
    """Four records on a real store and a real task folder; ``owner`` says who is who."""

    def __init__(self) -> None:
        super().__init__()
        self._home = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.folder = Path(self._home.name)

    @initialize()
    def begin(self) -> None:
        (self.folder / "touchbase.toml").write_text(SETTINGS)
        self.settings = load(with_own_store(self.folder / "touchbase.toml"))
        self.store = open_store(self.settings.store_url)
        self.today = date(2026, 3, 2)
        self.owner = {f"s:{number}": f"p{number}" for number in range(4)}
        self.wanted = set(self.owner)
        self.met: set[str] = set()
        self.born: dict[str, date] = {}
        self.alone: set[str] = set()
        self.dismissed: dict[str, date] = {}
        self.there_then: dict[str, set[str]] = {}
        self.edited: dict[str, str] = {}
        self.moved: dict[str, date] = {}
        self.ticked: set[str] = set()
        self.place = "tasks"
        with self.store.begin() as connection:
            fixed = {"profile": "{}", "folded": "", "born": 1, "active": True}
            rows = [{"id": person, "anchor": record, **fixed} for record, person in self.owner.items()]
            connection.execute(sa.insert(schema.people), rows)

    def teardown(self) -> None:
        self.store.close()
        self._home.cleanup()

    @rule(number=NUMBERS)
    def a_rule_changes_its_mind(self, number: int) -> None:
        self.wanted ^= {f"s:{number}"}

    @rule(number=NUMBERS)
    def somebody_new_is_met(self, number: int) -> None:
        self.met ^= {f"s:{number}"}

    @rule(number=NUMBERS, days=st.integers(0, 3))
    def a_birthday_comes_near(self, number: int, days: int) -> None:
        self.born[f"s:{number}"] = self.today + timedelta(days=days)

    @rule(number=NUMBERS)
    def somebody_asks_to_be_left_alone(self, number: int) -> None:
        self.alone ^= {f"s:{number}"}

    @rule(one=NUMBERS, other=NUMBERS)
    def two_are_one(self, one: int, other: int) -> None:
        self._owned(f"s:{other}", self.owner[f"s:{one}"])

    @rule(number=NUMBERS)
    def one_is_taken_out_again(self, number: int) -> None:
        self._owned(f"s:{number}", f"p{number}")

    def _owned(self, record: str, person: str) -> None:
        self.owner[record] = person
        with self.store.begin() as connection:
            follow_ups.move(connection, self.owner, {})

    @rule(name=st.sampled_from(["tasks", "other", "new"]))
    def the_settings_name_another_folder(self, name: str) -> None:
        text = (self.folder / "touchbase.toml").read_text()
        (self.folder / "touchbase.toml").write_text(re.sub(r"path = '\w+'", f"path = '{name}'", text))
        self.settings = load(self.folder / "touchbase.toml")
        self.place = name
        self._run(Fuse(None))
        self._check()

    @rule(empty=st.booleans())
    def the_disk_is_not_mounted_for_a_run(self, empty: bool) -> None:
        here, aside = self.folder / self.place, self.folder / "elsewhere" / "unmounted"
        if len([1 for text in self._files().values() if "STATUS:NEEDS-ACTION" in text]) < 1:
            return
        self._run(Fuse(None))
        if not any("STATUS:NEEDS-ACTION" in text for text in self._files().values()):
            return
        before = self._statuses()
        aside.parent.mkdir(exist_ok=True)
        here.rename(aside)
        if empty:
            here.mkdir()
        try:
            with pytest.raises(SuspiciousEmptiness):
                self._run(Fuse(None), accepts=())
        finally:
            if here.exists():
                here.rmdir()
            aside.rename(here)
        assert self._statuses() == before, "a task was closed because its disk was not mounted"

    def _statuses(self) -> dict[str, str]:
        with self.store.read() as connection:
            return {item.follow_up.key: item.follow_up.status for item in follow_ups.past(connection)}

    @rule(days=st.sampled_from([1, 1, 2, 13, 29, 31]))
    def time_passes_until_the_next_run(self, days: int) -> None:
        self.today += timedelta(days=days)
        self.a_run()

    @rule(burns_at=st.integers(0, 14))
    def a_run_is_killed(self, burns_at: int) -> None:
        try:
            self._run(Fuse(burns_at))
        except Killed:
            self.store.close()
            self.store = open_store(self.settings.store_url)

    @rule()
    def a_run(self) -> None:
        self._run(Fuse(None))
        self._check()

    def _run(self, fuse: Fuse, accepts: tuple[str, ...] = (deliver.TASKS,)) -> None:
        store = open_store(self.settings.store_url)
        fuse.watch(store)
        moment = datetime.combine(self.today, datetime.min.time(), UTC) + timedelta(hours=12)
        context = Context(self.settings, store, self.today, moment, accept_removals=accepts)
        standing = {person: Standing(tier="key") for person in self.owner.values()}
        standing |= {self.owner[record]: Standing(tier="off-limits") for record in self.alone}
        judged = Judged(wishes=self._wishes(), standing=standing, rules=RULES)
        try:
            open_sink = deliver.open_sink
            with patch("flows.run.deliver.open_sink", lambda *a, **k: fuse.guard(open_sink(*a, **k))):
                deliver.read_tasks(context)
                plan_tasks(context, judged)
                assert deliver.deliver(context).problems == []
        finally:
            store.close()

    def _wishes(self) -> list[FollowUpWish]:
        def wish(record: str, rule: str, due: date, **more: object) -> FollowUpWish:
            person = self.owner[record]
            fields = {
                "rule": rule,
                "person_id": person,
                "person": person,
                "title": f"Call {person}",
                "due": due,
            }
            return FollowUpWish.model_validate(fields | more)

        born = {record: day for record, day in self.born.items() if self.today <= day}
        on_day = {"on_day": True, "cooldown_days": 0}
        found = [
            *(wish(record, "gone-quiet", self.today) for record in self.wanted),
            *(wish(record, "met", self.today, within=0, priority="high") for record in self.met),
            *(wish(record, "birthday", day, **on_day, occasion=str(day)) for record, day in born.items()),
        ]
        return list({(one.person_id, one.rule, one.occasion): one for one in found}.values())

    @rule(data=st.data(), deed=st.sampled_from(["tick", "move", "rewrite", "delete"]))
    def the_user_acts(self, data: st.DataObject, deed: str) -> None:
        shown = {key: text for key, text in self._files().items() if "STATUS:NEEDS-ACTION" in text}
        if not shown:
            return
        key = data.draw(st.sampled_from(sorted(shown)))
        path, text = self.folder / self.place / f"touchbase-{key}.ics", shown[key]
        if deed == "delete":
            path.unlink()
            self.dismissed[key] = self.today
            self.there_then[key] = {*self._files(), key}
            return
        if deed == "tick":
            self.ticked.add(key)
            text = text.replace("STATUS:NEEDS-ACTION", "STATUS:COMPLETED")
        elif deed == "move":
            self.moved[key] = self.today + timedelta(days=data.draw(st.integers(1, 40)))
            text = re.sub(r"DUE;VALUE=DATE:\d{8}", f"DUE;VALUE=DATE:{self.moved[key]:%Y%m%d}", text)
        else:
            self.edited[key] = f"My words {data.draw(st.integers(0, 999))}"
            text = re.sub(r"(?m)^SUMMARY:.*?(\r?)$", rf"SUMMARY:{self.edited[key]}\1", text)
        path.write_bytes(text.encode())

    def _files(self) -> dict[str, str]:
        found = sorted((self.folder / self.place).glob("touchbase-*.ics"))
        return {
            p.stem.removeprefix("touchbase-"): p.read_bytes().decode().replace("\r\n ", "") for p in found
        }

    def _check(self) -> None:
        """What holds after every run that ends."""
        with self.store.read() as connection:
            past = follow_ups.past(connection)
            assert follow_ups.pending(connection) == []
        files = self._files()
        known: dict[str, FollowUp] = {item.follow_up.key: item.follow_up for item in past}
        alive = [item for item in known.values() if item.status in OPEN]
        names = Counter((item.person_id, item.rule, item.occasion) for item in alive)
        twice = [name for name, n in names.items() if n > 1]
        assert twice == [], "two tasks for one person, rule and occasion"
        assert files.keys() <= known.keys()
        shown = {key for key, text in files.items() if "STATUS:NEEDS-ACTION" in text}
        assert shown == {item.key for item in alive}, "a task is lost, or nobody's"
        ordinary = [item for item in alive if item.status == "open" and not item.on_day]
        assert len(ordinary) <= OPEN_AT_MOST, "the list grew longer than it may"
        greetings = [item for item in known.values() if item.rule == "birthday"]
        told = {item.person_id for item in greetings if item.occasion == str(self.today)}
        quiet_for = {item.person_id for item in greetings if item.status == "dismissed"}
        today = {self.owner[record] for record, day in self.born.items() if day == self.today}
        left_alone = {self.owner[record] for record in self.alone}
        assert today <= told | quiet_for | left_alone, "a missed birthday"
        missed = [item for item in known.values() if item.ending == "missed"]
        assert not any(item.ref or item.key in files for item in missed), "missed, and yet a task"
        off_limits = {self.owner[record] for record in self.alone}
        assert not off_limits & {item.person_id for item in alive}
        assert {known[key].status for key in self.ticked & known.keys()} <= {"done"}
        assert {known[key].status for key in self.dismissed} <= {"dismissed", "withdrawn"}
        for key, words in self.edited.items():
            assert key not in files or f"SUMMARY:{words}" in files[key]
        for key, due in self.moved.items():
            assert key not in shown or f"DUE;VALUE=DATE:{due:%Y%m%d}" in files[key]
        quiet = [item for item in past if item.follow_up.status == "dismissed" and item.closed_on]
        for item in past:
            for gone in quiet:
                rule = gone.follow_up.rule == item.follow_up.rule
                person = gone.follow_up.person_id == item.follow_up.person_id
                same = person and rule and item.created_on == self.today
                # Somebody else's task that was there already stays, also when the two turn out to be one.
                older = item.follow_up.key in self.there_then.get(gone.follow_up.key, ())
                fresh = same and not older and item.follow_up.status in OPEN
                assert not fresh or gone.closed_on is None or (self.today - gone.closed_on).days >= 30


TestFollowUps = FollowUpsMachine.TestCase
TestFollowUps.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
