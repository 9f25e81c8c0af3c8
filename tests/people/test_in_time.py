"""What can come too late gets its place in time, the list stays short, and nothing flaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from people.planning.in_time import remembered
from people.planning.model import Occasion, Wanted
from people.planning.plan import PastFollowUp, Plan, Standing, plan
from people.planning.working_days import WorkingDays
from people.tasks import FollowUp, FollowUpWish

TODAY = date(2026, 1, 14)  # a Wednesday
DAYS = WorkingDays("GB-ENG")
KEY, CONNECTOR = Standing(tier="key"), Standing(tier="connector")


def wish(person: str = "p1", rule: str = "gone-cold", **values: object) -> FollowUpWish:
    fields = {"rule": rule, "person_id": person, "person": person, "title": f"Call {person}", "due": TODAY}
    return FollowUpWish.model_validate(fields | values)


def met(person: str, within: int = 2, **values: object) -> FollowUpWish:
    return wish(person, "met", within=within, cooldown_days=0, **values)


def birthday(person: str, day: date) -> FollowUpWish:
    return wish(
        person, "birthday", on_day=True, due=day, cooldown_days=0, priority="low", occasion=str(day.year)
    )


@dataclass
class Desk:
    """Plans day after day and keeps what the store would keep. The user does nothing unless told."""

    capacity: int = 5
    open_at_most: int = 15
    today: date = TODAY
    past: dict[str, PastFollowUp] = field(default_factory=dict)
    waited: Sequence[FollowUp] = ()
    wanted: Mapping[Occasion, Wanted] = field(default_factory=dict)

    def run(self, *wishes: FollowUpWish, standing: dict[str, Standing] | None = None) -> Plan:
        self.wanted = remembered(wishes, self.wanted, self.today)
        decided = plan(
            wishes,
            list(self.past.values()),
            {one.person_id: Standing() for one in wishes} | (standing or {}),
            capacity=self.capacity,
            open_at_most=self.open_at_most,
            today=self.today,
            days=DAYS,
            wanted_since=self.wanted,
            waited=self.waited,
        )
        for item in decided.create:
            self.past[item.key] = PastFollowUp(item.model_copy(update={"ref": "r"}), self.today)
        for item in decided.update:
            self.past[item.key] = PastFollowUp(item, self.past[item.key].created_on)
        for item in decided.withdraw:
            self.past[item.key] = PastFollowUp(item, self.past[item.key].created_on, self.today)
        for item in decided.lapsed:
            self.past[item.key] = PastFollowUp(item, item.useful_until or self.today, self.today)
        self.waited = decided.deferred
        return decided

    def tomorrow(self, days: int = 1) -> None:
        self.today = DAYS.after(self.today, days)

    def do(self, count: int) -> None:
        for item in self.open()[:count]:
            done = item.model_copy(update={"status": "done"})
            self.past[item.key] = PastFollowUp(done, self.past[item.key].created_on, self.today)

    def open(self) -> list[FollowUp]:
        return [one.follow_up for one in self.past.values() if one.follow_up.status in ("open", "snoozed")]


def people(plan: Plan) -> list[str]:
    return [item.person_id for item in plan.create]


def reasons(items: Sequence[FollowUp]) -> dict[str, str]:
    return {item.person_id: item.reason for item in items}


class TestWithin:
    def test_what_would_lapse_comes_first_for_half_of_the_places(self) -> None:
        cold = [wish(f"cold{n}") for n in range(9)]
        new = [met(f"new{n}") for n in range(9)]
        standing = {one.person_id: KEY for one in cold}
        assert people(Desk().run(*cold, *new, standing=standing)) == [
            "new0", "new1", "new2", "cold0", "cold1",
        ]  # fmt: skip

    def test_an_event_may_take_what_quiet_days_of_the_week_left(self) -> None:
        desk, cold = Desk(), [wish(f"cold{n}") for n in range(99)]
        new = [met(f"new{n}") for n in range(99)]
        standing = {one.person_id: KEY for one in cold}
        desk.run(*cold, standing=standing)
        timely = []
        for _ in range(4):
            desk.do(9)
            desk.tomorrow()
            created = people(desk.run(*cold, *new, standing=standing))
            timely.append(sum(person.startswith("new") for person in created))
        # The quiet day left its three, so that two days may take five.
        assert timely == [5, 4, 3, 0]

    def test_and_for_more_if_nothing_else_waits(self) -> None:
        assert len(Desk().run(*(met(f"new{n}") for n in range(9))).create) == 5

    def test_within_their_half_the_last_chance_counts_and_then_the_worth(self) -> None:
        desk = Desk(capacity=1)
        both = [met("old", within=1), met("key", within=9)]
        assert people(desk.run(*both, standing={"key": KEY})) == ["key"]
        desk.tomorrow()
        late = [*both, met("vip", within=9)]
        assert people(desk.run(*late, standing={"key": KEY, "vip": KEY})) == ["old"]

    def test_the_first_day_is_remembered_also_while_something_else_is_in_the_way(self) -> None:
        desk, booked = Desk(), {"p1": Standing(next_meeting=TODAY + timedelta(days=1))}
        assert people(desk.run(met("p1"), standing=booked)) == []
        desk.tomorrow(3)
        decided = desk.run(met("p1"))
        assert reasons(decided.suppressed) == {"p1": "too late: it was useful until 16 Jan"}
        assert decided.missed == ()

    def test_it_counts_from_the_working_day_after_a_day_that_is_the_occasion(self) -> None:
        # No run saw the meeting of Monday before Wednesday: the two days end on Thursday.
        desk = Desk(capacity=0, today=date(2026, 1, 14))
        (waits,) = desk.run(met("p1", occasion="2026-01-12")).deferred
        assert waits.useful_until == date(2026, 1, 15)

    def test_what_was_too_late_before_the_first_run_waits_like_all_others(self) -> None:
        cold = [wish(f"cold{n}") for n in range(9)]
        old, new = met("old", occasion="2026-01-02"), met("new", occasion="2026-01-12")
        decided = Desk(today=date(2026, 1, 13)).run(
            *cold, old, new, standing={one.person_id: KEY for one in cold}
        )
        assert people(decided) == ["new", "cold0", "cold1", "cold2", "cold3"]
        assert {item.person_id: item.useful_until for item in decided.deferred}["old"] is None

    def test_a_weekend_does_not_shorten_it(self) -> None:
        desk = Desk(capacity=0, today=date(2026, 1, 16))  # Friday; two days later is Sunday
        desk.run(met("p1"))
        desk.tomorrow()
        desk.capacity = 1
        assert people(desk.run(met("p1"))) == ["p1"]

    def test_what_lapsed_is_told_on_that_day_and_the_next(self) -> None:
        desk, asked = Desk(capacity=0), [met("p1", within=1)]
        told = []
        for _ in range(5):
            decided = desk.run(*asked)
            told.append((len(decided.deferred), reasons(decided.lapsed), len(decided.missed)))
            desk.tomorrow()
        reason = "missed: it was useful until 15 Jan, and no place was free"
        assert told == [(1, {}, 0), (1, {}, 0), (0, {"p1": reason}, 1), (0, {}, 1), (0, {}, 0)]
        (missed,) = desk.past.values()
        assert (missed.follow_up.status, missed.follow_up.ending) == ("withdrawn", "missed")

    def test_it_is_missed_also_if_the_rule_stops_at_the_same_time(self) -> None:
        desk = Desk(capacity=0)
        desk.run(met("p1", within=0), wish("p2"))
        desk.tomorrow()
        assert people(desk.run(wish("p2"), standing={"p1": Standing()})) == []
        desk = Desk(capacity=0)
        desk.run(met("p1", within=0))
        desk.tomorrow()
        assert reasons(desk.run(standing={"p1": Standing()}).missed).keys() == {"p1"}
        assert desk.run(standing={"p1": Standing()}).lapsed == (), "told twice"

    def test_it_is_not_missed_if_you_met_in_the_meantime(self) -> None:
        desk = Desk(capacity=0)
        desk.run(met("p1", within=0))
        desk.tomorrow()
        assert desk.run(standing={"p1": Standing(last_contact=desk.today)}).missed == ()

    def test_another_occasion_has_its_own_days(self) -> None:
        desk = Desk(capacity=0)
        desk.run(met("p1", occasion="one"))
        desk.tomorrow(5)
        desk.capacity = 1
        assert people(desk.run(met("p1", occasion="one"), met("p1", occasion="two"))) == ["p1"]

    def test_a_rule_that_was_silent_for_two_weeks_asks_for_another_occasion(self) -> None:
        before = remembered([met("p1")], {}, TODAY)
        assert remembered([], before, TODAY + timedelta(days=13)) == before
        assert remembered([met("p1")], before, TODAY + timedelta(days=13))["p1", "met", ""].first == TODAY
        assert remembered([], before, TODAY + timedelta(days=14)) == {}


class TestOnDay:
    @pytest.mark.parametrize(
        ("day", "made"),
        [
            (date(2026, 1, 15), date(2026, 1, 15)),
            (date(2026, 1, 17), date(2026, 1, 16)),  # Saturday: on Friday
            (date(2026, 1, 18), date(2026, 1, 16)),  # Sunday
            (date(2026, 1, 19), date(2026, 1, 19)),
            (date(2026, 4, 5), date(2026, 4, 2)),  # Easter Sunday: on Maundy Thursday
        ],
    )
    def test_it_comes_in_the_last_run_that_is_in_time_and_is_due_on_the_day(
        self, day: date, made: date
    ) -> None:
        desk, born = Desk(today=DAYS.on_or_before(day - timedelta(days=6))), birthday("p1", day)
        while not (decided := desk.run(born)).create:
            assert set(reasons(decided.suppressed)) == {"p1"}
            desk.tomorrow()
        assert (desk.today, [item.due for item in decided.create]) == (made, [day])

    def test_it_says_when_it_comes(self) -> None:
        decided = Desk().run(birthday("p1", date(2026, 1, 19)))
        assert reasons(decided.suppressed) == {"p1": "it comes on its day, Mon 19 Jan"}

    def test_it_finds_a_place_before_all_others(self) -> None:
        cold = [wish(f"cold{n}") for n in range(9)]
        standing = {one.person_id: KEY for one in cold}
        assert people(Desk(capacity=2).run(*cold, birthday("p1", TODAY), standing=standing)) == [
            "p1",
            "cold0",
        ]

    def test_key_people_beyond_the_capacity_and_before_connectors(self) -> None:
        desk = Desk(capacity=5)
        standing = {f"key{n}": KEY for n in range(4)} | {f"con{n}": CONNECTOR for n in range(4)}
        born = [birthday(person, TODAY) for person in standing]
        assert people(desk.run(*born, standing=standing)) == ["key0", "key1", "key2", "key3", "con0"]
        six = {f"key{n}": KEY for n in range(6)} | {"con": CONNECTOR}
        assert people(Desk().run(*(birthday(p, TODAY) for p in six), standing=six)) == sorted(six)[1:]
        desk.tomorrow()
        told = desk.run(*born, standing=standing)
        assert set(reasons(told.missed)) == {"con1", "con2", "con3"}

    def test_a_booked_meeting_does_not_replace_it(self) -> None:
        booked = {"p1": Standing(next_meeting=TODAY + timedelta(days=3))}
        assert people(Desk().run(birthday("p1", TODAY), standing=booked)) == ["p1"]

    @pytest.mark.parametrize("still_wished", [True, False])
    def test_it_stays_for_a_late_word_on_the_next_working_day(self, still_wished: bool) -> None:
        desk, born = Desk(today=date(2026, 1, 16)), birthday("p1", date(2026, 1, 17))
        desk.run(born)
        later = [born] if still_wished else []
        desk.tomorrow()
        assert desk.run(*later).withdraw == ()
        desk.tomorrow()
        assert reasons(desk.run(*later).withdraw) == {"p1": "its day has passed"}

    def test_a_full_list_makes_room(self) -> None:
        desk = Desk(open_at_most=2)
        cold, standing = [wish("p1"), wish("p2")], {"p1": KEY}
        desk.run(*cold, standing=standing)
        decided = desk.run(*cold, birthday("p3", TODAY), standing=standing)
        assert (people(decided), [item.person_id for item in decided.withdraw]) == (["p3"], ["p2"])


class TestOpenAtMost:
    def test_no_new_ones_while_so_many_are_open(self) -> None:
        desk, cold = Desk(capacity=5, open_at_most=7), [wish(f"p{n}") for n in range(20)]
        first = desk.run(*cold)
        assert {item.reason for item in first.deferred} == {"waits: today's 5 places are taken"}
        desk.tomorrow()
        second = desk.run(*cold)
        assert (len(second.create), {item.reason for item in second.deferred}) == (2, {"waits: 7 are open"})
        desk.do(1)
        desk.tomorrow()
        assert len(desk.run(*cold).create) == 1

    def test_what_you_moved_to_a_later_day_takes_no_place(self) -> None:
        desk, both = Desk(open_at_most=1), [wish("p1"), wish("p2")]
        (item,) = desk.run(*both).create
        moved = item.model_copy(update={"status": "snoozed", "due": TODAY + timedelta(days=9)})
        desk.past[item.key] = PastFollowUp(moved, TODAY)
        assert len(desk.run(*both).create) == 1

    def test_long_overdue_ones_make_room_for_what_is_worth_more_and_rest(self) -> None:
        desk, general = Desk(open_at_most=1), wish("p1")
        desk.run(general)
        desk.tomorrow(4)
        assert desk.run(general, wish("p2"), standing={"p2": KEY}).withdraw == ()
        desk.tomorrow()
        decided = desk.run(general, wish("p2"), standing={"p2": KEY})
        assert people(decided) == ["p2"]
        assert reasons(decided.withdraw) == {"p1": "waits again; it returns when it is worth a place"}
        desk.do(1)
        rested = []
        for _ in range(5):
            desk.tomorrow()
            again = desk.run(general)
            rested.append((reasons(again.suppressed), people(again)))
        assert rested == [({"p1": "waits again until 28 Jan"}, [])] * 4 + [({}, ["p1"])]

    def test_nothing_makes_room_for_what_is_worth_less(self) -> None:
        desk = Desk(open_at_most=1)
        desk.run(wish("p1"), standing={"p1": KEY})
        desk.tomorrow(20)
        assert desk.run(wish("p1"), wish("p2"), standing={"p1": KEY}).withdraw == ()

    def test_but_what_is_past_due_makes_room_for_what_would_lapse(self) -> None:
        desk = Desk(open_at_most=1)
        desk.run(wish("p1"), standing={"p1": KEY})
        assert people(desk.run(wish("p1"), met("p2"), standing={"p1": KEY})) == []
        desk.tomorrow()
        assert people(desk.run(wish("p1"), met("p2"), standing={"p1": KEY})) == ["p2"]

    def test_what_is_long_past_due_and_too_late_goes_first(self) -> None:
        desk = Desk(open_at_most=2)
        late = met("late", within=0)
        desk.run(late, wish("p1"))
        desk.tomorrow(5)
        three = [late, wish("p1"), wish("p2")]
        assert reasons(desk.run(*three).withdraw) == {"late": "its time has passed, and others wait"}
        assert reasons(desk.run(*three).suppressed) == {"late": "too late: it was useful until 14 Jan"}

    def test_without_anything_that_waits_it_stays(self) -> None:
        desk = Desk(open_at_most=1)
        desk.run(wish("p1"))
        desk.tomorrow(20)
        assert desk.run(wish("p1")).withdraw == ()

    def test_a_list_that_is_too_long_shrinks_by_what_is_long_overdue(self) -> None:
        desk, cold = Desk(capacity=20, open_at_most=20), [wish(f"p{n}") for n in range(20)]
        desk.run(*cold)
        desk.tomorrow(5)
        desk.open_at_most = 15
        assert (len(desk.run(*cold).withdraw), len(desk.open())) == (5, 15)


KINDS = st.sampled_from(["cold", "met", "birthday"])
TIERS = st.sampled_from(["key", "connector", None])
NEWS = st.lists(st.tuples(KINDS, st.integers(0, 30), TIERS), max_size=12)
STORY = st.lists(st.tuples(NEWS, st.integers(0, 4)), max_size=15)


@settings(deadline=None)
@given(STORY, st.integers(1, 6), st.integers(3, 12))
def test_whatever_comes_the_list_stays_short_and_nothing_flaps(
    story: list[tuple[list[tuple[str, int, str | None]], int]], capacity: int, open_at_most: int
) -> None:
    desk = Desk(capacity=capacity, open_at_most=open_at_most)
    wishes: dict[str, FollowUpWish] = {}
    standing: dict[str, Standing] = {}
    for news, done in story:
        for kind, number, tier in news:
            person = f"{kind}{number}"
            standing[person] = Standing(tier=tier)
            new = {"cold": wish(person), "met": met(person), "birthday": birthday(person, desk.today)}
            wishes.setdefault(person, new[kind])
        before = len(desk.open())
        decided = desk.run(*wishes.values(), standing=standing)
        very_days = sum(item.on_day for item in desk.open())
        assert len(desk.open()) <= max(open_at_most, before, very_days)
        assert len(decided.create) <= max(capacity, very_days)
        born_today = {p for p, one in wishes.items() if one.on_day and one.due == desk.today}
        asked = {one.follow_up.person_id for one in desk.past.values() if one.follow_up.due == desk.today}
        assert {person for person in born_today if standing[person].tier == "key"} <= asked
        set_back = {(i.person_id, i.rule) for i in decided.withdraw if i.ending == "set back"}
        desk.do(done)
        desk.tomorrow()
        back = desk.run(*wishes.values(), standing=standing)
        assert not set_back & {(item.person_id, item.rule) for item in back.create}
        desk.tomorrow()
