"""A ration lets the best follow-ups of a rule through per period, and remembers what it let through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from people.planning.plan import PastFollowUp, Plan, Standing, plan
from people.planning.working_days import WorkingDays
from people.tasks import Evidence, FollowUpWish, Match, Ration

WEDNESDAY = date(2026, 1, 14)
DAYS = WorkingDays("GB-ENG")
PEOPLE = [f"p{number}" for number in range(10)]


def wish(person: str, rule: str = "never-spoken", ration: Ration | None = None) -> FollowUpWish:
    return FollowUpWish(
        rule=rule, person_id=person, person=person, title=f"Call {person}", due=WEDNESDAY, ration=ration
    )


def decide(
    wishes: Sequence[FollowUpWish],
    past: Sequence[PastFollowUp] = (),
    *,
    standing: dict[str, Standing] | None = None,
    today: date = WEDNESDAY,
    capacity: int = 5,
) -> Plan:
    return plan(wishes, past, standing or {}, capacity=capacity, today=today, days=DAYS)


def asked(plan: Plan) -> list[str]:
    return [item.person_id for item in plan.create]


def made(plan: Plan, on: date) -> list[PastFollowUp]:
    return [PastFollowUp(item, created_on=on) for item in plan.create]


def first_steps(most: int = 3) -> list[FollowUpWish]:
    return [wish(person, ration=Ration(most, "week")) for person in PEOPLE]


def test_the_best_three_come_and_the_next_three_say_that_they_wait() -> None:
    standing = {person: Standing(overdue_ratio=number / 10) for number, person in enumerate(PEOPLE)}
    decided = decide(first_steps(), standing=standing)
    assert asked(decided) == ["p9", "p8", "p7"]
    assert [(item.person_id, item.status, item.reason) for item in decided.deferred] == [
        (person, "deferred", "waits: never-spoken brings 3 per week") for person in ("p6", "p5", "p4")
    ]


def test_no_more_come_in_the_same_week_and_three_more_in_the_next() -> None:
    monday, friday = WEDNESDAY + timedelta(days=5), WEDNESDAY + timedelta(days=2)
    past = made(decide(first_steps()), WEDNESDAY)
    assert asked(decide(first_steps(), past, today=friday)) == []
    later = decide(first_steps(), past, today=monday)
    assert len(asked(later)) == 3
    assert not set(asked(later)) & {item.follow_up.person_id for item in past}


def test_a_weekend_belongs_to_the_next_week_as_its_tasks_do() -> None:
    saturday, monday = WEDNESDAY + timedelta(days=3), WEDNESDAY + timedelta(days=5)
    past = made(decide(first_steps()), WEDNESDAY)
    weekend = decide(first_steps(), past, today=saturday)
    assert len(asked(weekend)) == 3
    assert asked(decide(first_steps(), [*past, *made(weekend, saturday)], today=monday)) == []


def test_a_deleted_task_makes_no_room() -> None:
    gone = [
        PastFollowUp(item.model_copy(update={"status": "dismissed"}), WEDNESDAY, WEDNESDAY)
        for item in decide(first_steps()).create
    ]
    assert asked(decide(first_steps(), gone)) == []


def test_a_question_about_identity_counts_for_the_rule_that_led_to_it() -> None:
    asks = wish("p0", rule="confirm-who", ration=Ration(3, "week"))
    question = asks.model_copy(update={"match": Match("never-spoken", 0)})
    wishes = [question, *first_steps()[1:]]
    line = Evidence(
        rule="never-spoken", file="f.yaml", line=1, field="tier", value="key", test="is", threshold="key"
    )
    first = decide(wishes)
    assert sorted(item.rule for item in first.create) == ["confirm-who", "never-spoken", "never-spoken"]
    past = [
        PastFollowUp(item.model_copy(update={"because": (line,)}), created_on=WEDNESDAY)
        for item in first.create
    ]
    assert asked(decide(first_steps(), past, today=WEDNESDAY + timedelta(days=1))) == []


def test_what_a_full_day_put_off_comes_on_the_next_day() -> None:
    first = decide(first_steps(), capacity=2)
    assert len(asked(first)) == 2
    thursday = WEDNESDAY + timedelta(days=1)
    assert len(asked(decide(first_steps(), made(first, WEDNESDAY), today=thursday))) == 1


def test_who_waits_for_a_ration_leaves_the_way_free_for_another_rule() -> None:
    other = [wish("p5", rule="zz-other")]
    decided = decide([*first_steps(1), *other])
    assert asked(decided) == ["p0", "p5"]


def test_other_rules_are_not_rationed_and_each_rule_has_its_own() -> None:
    wishes = [
        *(wish(person, "a", Ration(1, "day")) for person in PEOPLE[:4]),
        *(wish(person, "b", Ration(2, "month")) for person in PEOPLE[4:8]),
        *(wish(person, "c") for person in PEOPLE[8:]),
    ]
    decided = decide(wishes, capacity=9)
    assert sorted(item.rule for item in decided.create) == ["a", "b", "b", "c", "c"]
    in_a_month = date(2026, 2, 2)
    again = decide(wishes, made(decided, WEDNESDAY), capacity=9, today=in_a_month)
    assert sorted(item.rule for item in again.create) == ["a", "b", "b"]
    thursday = WEDNESDAY + timedelta(days=1)
    again = decide(wishes, made(decided, WEDNESDAY), capacity=9, today=thursday)
    assert sorted(item.rule for item in again.create) == ["a"]
