"""Planning is pure: what is due, what is held back, what the user did with the tasks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.days import short_day
from people.planning.model import Trusted
from people.planning.plan import PastFollowUp, Plan, Standing, plan
from people.planning.read_back import read_back
from people.planning.texts import with_words
from people.planning.working_days import WorkingDays
from people.tasks import About, Evidence, FollowUp, FollowUpWish, TaskState

TODAY = date(2026, 1, 14)  # a Wednesday
DAYS = WorkingDays("GB-ENG")
LONDON = ZoneInfo("Europe/London")


def wish(person: str = "p1", rule: str = "gone-cold", **values: object) -> FollowUpWish:
    fields = {"rule": rule, "person_id": person, "person": person, "title": f"Call {person}", "due": TODAY}
    return FollowUpWish.model_validate(fields | values)


def decide(
    *wishes: FollowUpWish,
    past: Sequence[PastFollowUp] = (),
    standing: dict[str, Standing] | None = None,
    capacity: int = 5,
    today: date = TODAY,
    judged: set[str] | None = None,
    unsure: Collection[str] = (),
    unread: Mapping[str, str] | None = None,
) -> Plan:
    trusted = Trusted(judged, unsure, unread or {})
    return plan(wishes, past, standing or {}, capacity=capacity, today=today, days=DAYS, trusted=trusted)


def made(item: FollowUp, closed: date | None = None, **values: Any) -> PastFollowUp:
    return PastFollowUp(item.model_copy(update={"ref": "r", **values}), TODAY, closed)


def only(plan: Plan) -> FollowUp:
    (item,) = plan.create
    return item


class TestCreate:
    def test_a_wish_becomes_a_task_with_a_stable_key(self) -> None:
        assert only(decide(wish())).key == only(decide(wish())).key
        assert only(decide(wish())).key != only(decide(wish(rule="other"))).key
        assert only(decide(wish())).key != only(decide(wish(occasion="2026-01-01"))).key

    @pytest.mark.parametrize(
        ("wanted", "due"),
        [
            (date(2026, 1, 17), date(2026, 1, 19)),  # Saturday
            (date(2026, 4, 3), date(2026, 4, 7)),  # Good Friday, weekend, Easter Monday
            (date(2025, 12, 25), TODAY),  # past
        ],
    )
    def test_it_falls_due_on_a_working_day(self, wanted: date, due: date) -> None:
        assert only(decide(wish(due=wanted))).due == due

    def test_an_open_task_is_not_made_again(self) -> None:
        item = only(decide(wish()))
        again = decide(wish(notes="49 days ago"), past=[made(item)])
        assert again == Plan()

    def test_other_words_in_the_rule_reach_the_task(self) -> None:
        item = only(decide(wish()))
        (changed,) = decide(wish(title="Write to p1"), past=[made(item)]).update
        assert (changed.key, changed.title) == (item.key, "Write to p1")

    def test_one_person_gets_one_task_at_a_time(self) -> None:
        decided = decide(wish(priority="low"), wish(rule="long-overdue", priority="high"))
        assert only(decided).rule == "long-overdue"
        assert "comes first" in decided.suppressed[0].reason

    def test_a_rule_without_cooldown_is_not_held_back(self) -> None:
        decided = decide(wish(), wish(rule="check-in", cooldown_days=0))
        assert {item.rule for item in decided.create} == {"gone-cold", "check-in"}


class TestCapacity:
    def test_the_most_valuable_come_first_and_the_rest_say_why_they_wait(self) -> None:
        standing = {"p2": Standing(tier="key"), "p3": Standing(overdue_ratio=2.5), "p1": Standing()}
        decided = decide(wish("p1"), wish("p2"), wish("p3"), standing=standing, capacity=2)
        assert [item.person_id for item in decided.create] == ["p2", "p3"]
        assert decided.deferred[0].reason == "waits: today's 2 places are taken"

    def test_what_was_created_today_counts(self) -> None:
        first = decide(*(wish(f"p{n}") for n in range(6)), capacity=4)
        again = decide(*(wish(f"p{n}") for n in range(6)), past=[made(i) for i in first.create], capacity=4)
        assert (again.create, len(again.deferred)) == ((), 2)

    def test_of_very_many_the_best_are_listed_and_all_counted(self) -> None:
        standing = {f"p{n}": Standing(overdue_ratio=n / 2000) for n in range(1_200)}
        decided = decide(*(wish(f"p{n}") for n in range(1_200)), standing=standing, capacity=5)
        assert (len(decided.create), len(decided.deferred), decided.more_deferred) == (5, 1_000, 195)
        assert decided.deferred_count == 1_195
        assert decided.deferred[-1].value > 0.09

    def test_evidence_is_worked_out_for_what_is_listed_alone(self) -> None:
        looked: list[str] = []

        def look(wish: FollowUpWish) -> tuple[Evidence, ...]:
            looked.append(wish.person_id)
            return (line.model_copy(update={"value": wish.person_id}),)

        line = Evidence(
            rule="gone-cold", file="a.yaml", line=3, field="id", value=None, test="exists", threshold="true"
        )
        wishes = [wish(f"p{n}") for n in range(1_100)]
        decided = with_words(decide(*wishes, capacity=5), (), wishes, look, {})
        assert all(item.because[0].value == item.person_id for item in (*decided.create, *decided.deferred))
        assert len(looked) == 1_005 == len(decided.create) + len(decided.deferred)

    def test_the_next_day_has_room_again(self) -> None:
        first = decide(*(wish(f"p{n}") for n in range(6)), capacity=4)
        tomorrow = TODAY + timedelta(days=1)
        later = decide(
            *(wish(f"p{n}") for n in range(6)),
            past=[made(i) for i in first.create],
            capacity=4,
            today=tomorrow,
        )
        assert {i.key for i in later.create} == {i.key for i in first.deferred}

    @given(st.permutations([wish(f"p{n}", rule=r) for n in range(4) for r in ("a", "b")]))
    def test_the_order_of_wishes_does_not_matter(self, wishes: list[FollowUpWish]) -> None:
        usual = [wish(f"p{n}", rule=r) for n in range(4) for r in ("a", "b")]
        assert decide(*wishes, capacity=2) == decide(*usual, capacity=2)


class TestSuppression:
    def test_a_booked_meeting_is_enough(self) -> None:
        decided = decide(wish(), standing={"p1": Standing(next_meeting=TODAY + timedelta(days=8))})
        assert decided.create == ()
        assert decided.suppressed[0].reason == "a meeting is booked on 22 Jan"

    @pytest.mark.parametrize(("days", "created"), [(0, 0), (13, 0), (14, 1)])
    def test_after_a_follow_up_the_person_is_left_alone(self, days: int, created: int) -> None:
        done = made(only(decide(wish(rule="other"))), closed=TODAY - timedelta(days=days), status="done")
        assert len(decide(wish(), past=[done]).create) == created

    @pytest.mark.parametrize(("days", "created"), [(0, 0), (29, 0), (30, 1)])
    def test_a_dismissed_one_is_quiet_for_thirty_days(self, days: int, created: int) -> None:
        item = only(decide(wish()))
        gone = made(item, closed=TODAY - timedelta(days=days), status="dismissed")
        decided = decide(wish(), past=[gone])
        assert len(decided.create) == created
        assert all(again.key != item.key for again in decided.create)

    def test_a_dismissal_is_for_that_rule_alone(self) -> None:
        gone = made(only(decide(wish())), closed=TODAY, status="dismissed")
        assert only(decide(wish(rule="other"), past=[gone])).rule == "other"

    def test_what_was_done_for_an_occasion_is_done(self) -> None:
        done = made(
            only(decide(wish(occasion="r1", cooldown_days=0))),
            closed=TODAY - timedelta(days=200),
            status="done",
        )
        assert decide(wish(occasion="r1", cooldown_days=0), past=[done]).create == ()
        assert only(decide(wish(occasion="r2", cooldown_days=0), past=[done]))

    def test_a_question_that_was_ticked_off_without_an_answer_comes_again(self) -> None:
        wanted = wish(rule="confirm-who", occasion="a b", repeats=True)
        done = made(only(decide(wanted)), closed=TODAY - timedelta(days=20), status="done")
        assert only(decide(wanted, past=[done])).rule == "confirm-who"


class TestWithdraw:
    def test_what_no_rule_wants_any_more_is_withdrawn_and_says_why(self) -> None:
        reasons = {
            TODAY: f"no longer needed; last contact on {short_day(TODAY, TODAY)}",
            # Contact before the task is not what made it needless: the rules or the card have changed.
            date(2025, 1, 13): "no longer needed: its rule does not match any more",
        }
        for day, reason in reasons.items():
            standing = {"p1": Standing(last_contact=day)}
            (gone,) = decide(past=[made(only(decide(wish())))], standing=standing).withdraw
            assert (gone.status, gone.reason) == ("withdrawn", reason)

    def test_who_could_not_be_judged_keeps_the_task(self) -> None:
        assert decide(past=[made(only(decide(wish())))], unsure={"p1"}).withdraw == ()

    def test_a_rule_that_lacks_facts_brings_nothing_new_and_closes_on_contact_alone(self) -> None:
        unread = {wish().rule: "waits: source 'work' was never read"}
        fresh = decide(wish(), unread=unread)
        assert [item.reason for item in fresh.suppressed] == ["waits: source 'work' was never read"]
        assert fresh.create == fresh.deferred == ()
        past = [made(only(decide(wish())))]
        assert decide(past=past, unread=unread).withdraw == ()
        met = {"p1": Standing(last_contact=TODAY)}
        assert len(decide(past=past, unread=unread, standing=met).withdraw) == 1

    def test_a_rule_that_could_not_be_judged_withdraws_nothing(self) -> None:
        assert decide(past=[made(only(decide(wish())))], judged={"other"}).withdraw == ()

    def test_closed_ones_are_left_alone(self) -> None:
        done = made(only(decide(wish())), closed=TODAY, status="done")
        assert decide(past=[done]) == Plan()


class TestReadBack:
    item = only(decide(wish()))

    def state(self, **values: object) -> dict[str, TaskState]:
        fields = {"key": self.item.key, "ref": "r", "status": "open", "due": self.item.due}
        return {self.item.key: TaskState.model_validate(fields | values)}

    def back(self, states: dict[str, TaskState], **values: Any) -> list[tuple[str, date]]:
        found = read_back([made(self.item, **values)], states, TODAY, LONDON)
        return [(item.status, day) for item, day in found]

    def test_an_untouched_task_is_no_news(self) -> None:
        assert self.back(self.state()) == []

    def test_done_is_done_on_the_users_day(self) -> None:
        late = datetime(2025, 7, 9, 23, 30, tzinfo=UTC)  # past midnight in London
        assert self.back(self.state(status="done", completed_at=late)) == [("done", date(2025, 7, 10))]

    def test_done_in_the_future_is_done_today(self) -> None:
        later = datetime(2027, 1, 1, tzinfo=UTC)
        assert self.back(self.state(status="done", completed_at=later)) == [("done", TODAY)]

    def test_a_moved_due_date_is_a_snooze(self) -> None:
        (changed,) = read_back([made(self.item)], self.state(due=date(2026, 2, 2)), TODAY, LONDON)
        assert (changed[0].status, changed[0].due) == ("snoozed", date(2026, 2, 2))
        assert read_back([made(changed[0])], self.state(due=date(2026, 2, 2)), TODAY, LONDON) == []

    def test_a_new_date_that_the_sink_has_not_heard_of_is_not_taken_back(self) -> None:
        mine = self.item.model_copy(update={"status": "snoozed", "due": date(2026, 2, 2), "ref": "r"})
        waiting = PastFollowUp(mine, TODAY, untold=True)
        assert read_back([waiting], self.state(), TODAY, LONDON) == []

    @pytest.mark.parametrize("status", ["deleted", "cancelled"])
    def test_deleted_or_cancelled_is_dismissed(self, status: str) -> None:
        assert self.back(self.state(status=status)) == [("dismissed", TODAY)]
        assert self.back({}) == [("dismissed", TODAY)]

    def test_a_task_that_was_never_delivered_cannot_be_deleted(self) -> None:
        assert self.back({}, ref=None) == []


class TestOneTaskAPerson:
    def test_a_more_urgent_wish_takes_over_the_open_task(self) -> None:
        item = only(decide(wish(rule="gone-quiet", priority="medium")))
        decided = decide(wish(rule="gone-cold", priority="high", title="Call p1 now"), past=[made(item)])
        (taken,) = decided.update
        assert (taken.key, taken.rule, taken.title, taken.priority) == (
            item.key,
            "gone-cold",
            "Call p1 now",
            "high",
        )
        assert (decided.create, decided.withdraw, decided.suppressed) == ((), (), ())
        again = decide(wish(rule="gone-cold", priority="high", title="Call p1 now"), past=[made(taken)])
        assert again == Plan()

    def test_a_wish_that_was_dismissed_takes_over_nothing(self) -> None:
        gone = made(only(decide(wish(rule="gone-cold"))), closed=TODAY, status="dismissed")
        item = only(decide(wish(rule="gone-quiet", priority="low")))
        decided = decide(wish(rule="gone-cold", priority="high"), past=[gone, made(item)])
        assert decided.update == ()
        assert [found.key for found in decided.withdraw] == [item.key]

    def test_a_new_occasion_of_the_same_rule_keeps_the_task(self) -> None:
        item = only(decide(wish(occasion="2025-10-01")))
        (kept,) = decide(wish(occasion="2025-10-09"), past=[made(item)]).update
        assert (kept.key, kept.occasion) == (item.key, "2025-10-09")

    def test_a_suppressed_wish_lends_its_priority_to_the_open_task(self) -> None:
        item = only(decide(wish(rule="gone-quiet", priority="low")))
        both = (wish(rule="gone-quiet", priority="low"), wish(rule="other", priority="high"))
        decided = decide(*both, past=[made(item)])
        (raised,) = decided.update
        assert (raised.rule, raised.priority) == ("gone-quiet", "high")
        assert "another follow-up is open" in decided.suppressed[0].reason
        assert decide(*both, past=[made(raised)]).update == ()

    def test_a_check_in_of_its_own_is_not_taken_over(self) -> None:
        item = only(decide(wish(rule="gone-quiet", priority="low")))
        decided = decide(wish(rule="check-in", priority="high", cooldown_days=0), past=[made(item)])
        assert [found.rule for found in decided.withdraw] == ["gone-quiet"]
        assert only(decided).rule == "check-in"

    def test_of_two_tasks_that_a_merge_made_alike_one_is_closed(self) -> None:
        one, other = only(decide(wish())), only(decide(wish("p2")))
        moved = other.model_copy(update={"person_id": "p1"})
        decided = decide(wish(), past=[made(one), made(moved)])
        assert [(item.key, item.reason) for item in decided.withdraw] == [(other.key, "the same as: Call p1")]


class TestOffLimits:
    def test_who_asked_not_to_be_contacted_gets_no_task_whatever_rules_say(self) -> None:
        decided = decide(wish(cooldown_days=0), standing={"p1": Standing(tier="off-limits")})
        assert decided.create == ()
        assert decided.suppressed[0].reason == "they asked not to be contacted"

    def test_and_an_open_one_is_closed_even_when_its_rule_is_broken(self) -> None:
        item = only(decide(wish()))
        decided = decide(
            wish(), past=[made(item)], standing={"p1": Standing(tier="off-limits")}, judged={"other"}
        )
        assert [found.reason for found in decided.withdraw] == ["they asked not to be contacted"]


class TestFlood:
    def flood(self, count: int, recent: list[int], capacity: int = 5) -> Plan:
        wishes = [wish(f"p{number}") for number in range(count)]
        return plan(wishes, [], {}, capacity=capacity, today=TODAY, days=DAYS, recent=recent)

    @pytest.mark.parametrize(
        ("count", "recent", "usual"),
        [
            (40, [10, 12, 11], 11),
            (33, [10, 12, 11], None),
            (40, [10, 12], None),  # nothing is usual yet
            (14, [0, 0, 0, 0], None),  # no more than three days' work
            (16, [0, 0, 0, 0], 0),
        ],
    )
    def test_three_times_the_usual_is_a_flood(self, count: int, recent: list[int], usual: int | None) -> None:
        decided = self.flood(count, recent)
        assert (decided.flood, len(decided.create)) == (usual, 5)
        assert usual is None or "than the usual" in decided.deferred[0].reason

    def test_a_weekend_counts_for_monday(self) -> None:
        saturday = date(2026, 1, 17)
        first = decide(*(wish(f"p{n}") for n in range(8)), today=saturday)
        past = [PastFollowUp(item.model_copy(update={"ref": "r"}), saturday) for item in first.create]
        for later, room in ((18, 0), (19, 0), (20, 3)):
            day = date(2026, 1, later)
            assert len(decide(*(wish(f"p{n}") for n in range(8)), past=past, today=day).create) == room


def test_a_task_completed_while_we_withdrew_it_is_done() -> None:
    item = only(decide(wish()))
    state = TaskState(key=item.key, ref="r", status="done", due=item.due)
    late = made(item, closed=TODAY, status="withdrawn")
    assert [found.status for found, _ in read_back([late], {item.key: state}, TODAY, LONDON)] == ["done"]
    still = state.model_copy(update={"status": "cancelled"})
    assert read_back([late], {item.key: still}, TODAY, LONDON) == []


class TestWords:
    """After planning, every follow-up says who and why, and open tasks whose text changed are renewed."""

    ANNA = About(name="Anna Berg", first_name="Anna", phones=("07700 900133",))

    def words(
        self, past: Sequence[PastFollowUp] = (), *wishes: FollowUpWish, about: About = ANNA, value: str = "45"
    ) -> Plan:
        because = Evidence(
            rule="gone-cold", file="a.yaml", line=3, field="days_known", value=value, test="gte",
            threshold="30d", day=date(2025, 11, 30),
        )  # fmt: skip
        decided = decide(*wishes, past=past)
        return with_words(decided, past, wishes, lambda _: (because,), {"p1": about})

    def test_new_and_deferred_ones_say_who_and_why(self) -> None:
        item = only(self.words((), wish()))
        assert (item.about, item.because[0].value) == (self.ANNA, "45")

    def test_a_count_that_grows_changes_no_text(self) -> None:
        item = only(self.words((), wish()))
        assert self.words([made(item)], wish(), value="46") == Plan()

    @pytest.mark.parametrize(
        "change",
        [
            {"phones": ("0117 946 0000",)},
            {"organisation": "Berg Ltd"},
            {"last_contact": TODAY},
            {"distinction": "anna@berg.example"},
        ],
    )
    def test_what_the_text_says_of_the_person_renews_it(self, change: dict[str, Any]) -> None:
        item = made(only(self.words((), wish())))
        (renewed,) = self.words([item], wish(), about=self.ANNA.model_copy(update=change)).update
        assert renewed == item.follow_up.model_copy(
            update={"about": self.ANNA.model_copy(update=change), "because": renewed.because}
        )

    def test_other_notes_of_the_rule_renew_it(self) -> None:
        item = made(only(self.words((), wish(notes="Ask about the move."))))
        (renewed,) = self.words([item], wish(notes="Ask about the boat.")).update
        assert (renewed.key, renewed.notes) == (item.follow_up.key, "Ask about the boat.")

    def test_a_task_of_an_earlier_version_is_renewed_once(self) -> None:
        old = made(only(decide(wish())), title="Call Anna")
        (renewed,) = self.words([old], wish(title="Call Anna")).update
        assert renewed.about == self.ANNA
        assert self.words([made(renewed)], wish(title="Call Anna")).update == ()

    def test_a_task_whose_rule_is_broken_keeps_its_reasons_and_gains_the_new_number(self) -> None:
        item = made(only(self.words((), wish())))
        moved = self.ANNA.model_copy(update={"phones": ("0117 946 0000",)})
        decided = decide(past=[item], judged=set())
        (renewed,) = with_words(decided, [item], (), lambda _: (), {"p1": moved}).update
        assert (renewed.about, renewed.because) == (moved, item.follow_up.because)

    def test_closed_tasks_and_those_still_to_be_moved_are_left_alone(self) -> None:
        item = only(self.words((), wish()))
        moved = self.ANNA.model_copy(update={"phones": ("0117 946 0000",)})
        waiting = PastFollowUp(item.model_copy(update={"status": "snoozed"}), TODAY, untold=True)
        assert self.words([waiting], wish(), about=moved).update == ()
        done = made(item, closed=TODAY, status="done")
        assert self.words([done], wish(), about=moved).update == ()
