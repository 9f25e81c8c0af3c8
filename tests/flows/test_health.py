"""What needs attention, how a run is named, and what an answer to the approval allows."""

from __future__ import annotations

import datetime as dt

import pytest

from flows.orchestration import approval
from flows.run.decide import Hold, Reason, hold_back
from flows.run.deliver import Deliveries
from flows.run.judge import Brake, Judged
from flows.run.outcome import health, run_name
from flows.run.outcome.report import RunReport
from flows.run.pull import Cause, SourceReport, cause
from people.errors import LoginNeeded, RetryLater, SourceMissing, SuspiciousEmptiness
from people.planning.plan import Plan
from people.store.ingest.reading import Counts
from people.store.runs import Run, SourceState
from people.tasks import FollowUp
from people.types import Problem

NOW = dt.datetime(2026, 1, 14, 6, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 1, 14)


FLOOD = Brake("flood", Problem(where="rule flood", message="matched 900", help="raise at_most"))


def follow_up(key: str, **more: object) -> FollowUp:
    return FollowUp(key=key, person_id="p", person="Anna", rule="r", title=f"Call {key}", due=TODAY, **more)


def run(status: str, hours_ago: float) -> Run:
    at = NOW - dt.timedelta(hours=hours_ago)
    return Run("id", at, at, TODAY, status, None)


@pytest.mark.parametrize(
    ("latest", "says"),
    [
        ([], []),
        ([run("ok", 25.9)], []),
        ([run("ok", 26.5)], ["no run has succeeded for 26 hours"]),
        ([run("failed", 1), run("partial", 3)], []),
        ([run("failed", 1), run("ok", 50)], ["no run has succeeded for 50 hours"]),
        ([run("crashed", 1), run("failed", 30)], ["no run has succeeded for 30 hours"]),
    ],
)
def test_silence_is_told_after_26_hours(latest: list[Run], says: list[str]) -> None:
    alerts = health.silent(latest, NOW)
    assert [alert.message for alert in alerts] == says
    assert all("touchbase" in alert.next for alert in alerts)


@pytest.mark.parametrize(
    ("status", "days", "stale"), [("failed", 4, True), ("failed", 2, False), ("ok", 9, False)]
)
def test_a_source_that_failed_for_three_days_is_stale(status: str, days: int, stale: bool) -> None:
    last = NOW - dt.timedelta(days=days)
    state = SourceState("google", None, None, last, NOW, status, "no answer", "touchbase login google", ())
    found = health.stale([state], NOW)
    assert bool(found) is stale
    if stale:
        assert found[0].next == "touchbase login google"


def report(**more: object) -> RunReport:
    return RunReport(run_id="id", today=TODAY, **more)  # type: ignore[arg-type]


class TestName:
    def test_it_tells_what_is_open_and_what_is_wrong(self) -> None:
        failed = SourceReport("google", status="failed", error="...", cause=cause(LoginNeeded("x")))
        plan = Plan(deferred=(follow_up("1"), follow_up("2"), follow_up("3")))
        named = run_name.run_name(report(sources=[failed], plan=plan), "daily", 12)
        assert named == "daily · 12 open · 3 waiting · google: login needed"

    def test_a_brake_and_undelivered_tasks_show(self) -> None:
        judged = Judged(rule_errors=2, brakes=(FLOOD,))
        done = Deliveries(waiting=1, problems=[Problem(where="task", message="no", help="")])
        named = run_name.run_name(report(judged=judged, deliveries=done), "daily", 0)
        assert named == "daily · 0 open · 2 broken rules · held back: flood · 1 not delivered"

    def test_a_failed_run_says_why_on_one_line(self) -> None:
        broken = report()
        broken.fail(SourceMissing("the disk\nis gone"))
        assert run_name.run_name(broken, "daily", 3) == "daily · failed · the disk is gone"

    @pytest.mark.parametrize(
        ("error", "words"),
        [
            (LoginNeeded("x"), "login needed"),
            (SuspiciousEmptiness("x"), "held back"),
            (SourceMissing("x"), "file missing"),
            (RetryLater("x"), "not reachable"),
            (ValueError("x"), "failed"),
        ],
    )
    def test_each_trouble_has_two_words(self, error: Exception, words: Cause) -> None:
        assert cause(error) == words


class TestState:
    def test_nothing_changed(self) -> None:
        quiet = SourceReport("phone", counts={"contacts": Counts(unchanged=9)})
        assert run_name.state_name(report(sources=[quiet])) == "Nothing changed"

    def test_news_is_completed(self) -> None:
        news = SourceReport("phone", counts={"contacts": Counts(changed=1)})
        assert run_name.state_name(report(sources=[news])) == "Completed"

    def test_what_the_user_did_is_completed(self) -> None:
        assert run_name.state_name(report(read_back=[follow_up("a", status="done")])) == "Completed"

    def test_a_failed_source_is_partial(self) -> None:
        assert run_name.state_name(report(sources=[SourceReport("phone", status="failed")])) == "Partial"


def test_alerts_name_the_next_command() -> None:
    sources = [
        SourceReport(
            "google", status="failed", error="expired", help="touchbase login google", cause="login needed"
        ),
        SourceReport(
            "phone",
            status="failed",
            error="20 gone",
            help="touchbase run --accept-removals phone",
            cause="held back",
        ),
        SourceReport("work", status="failed", error="no file", help="correct the path", cause="file missing"),
    ]
    mistake = Problem(where="cadence.yaml:18:5", message="'sixty' is not a length of time", help="write 60d")
    judged = Judged(brakes=(FLOOD,), rule_errors=2, rule_problems=[mistake, mistake])
    found = run_name.alerts(report(sources=sources, judged=judged), [])
    assert [(alert.kind, alert.subject, alert.next) for alert in found] == [
        ("login-needed", "google", "touchbase login google"),
        ("held-back", "phone", "touchbase run --accept-removals phone"),
        ("source-failed", "work", "correct the path"),
        ("held-back", "rule flood", "raise at_most"),
        ("rules-broken", "rules", "touchbase rules check"),
    ]
    assert found[2].message == "source 'work': no file"
    assert found[-1].message == (
        "2 rules cannot be used: cadence.yaml:18:5 'sixty' is not a length of time and 1 more"
    )


@pytest.mark.parametrize(
    ("why", "kind"), [("login needed", "login-needed"), ("file missing", "stale"), ("not reachable", "stale")]
)
def test_a_source_that_has_failed_for_days_is_told_once(why: Cause, kind: str) -> None:
    state = SourceState(
        "work", None, None, NOW - dt.timedelta(days=4), NOW, "failed", "no answer", "touchbase doctor", ()
    )
    failed = SourceReport("work", status="failed", error="no answer", help="touchbase doctor", cause=why)
    (alert,) = run_name.alerts(report(sources=[failed]), health.stale([state], NOW))
    assert (alert.kind, alert.message) == (kind, "source 'work' was last read on 10 Jan: no answer")


class TestHeadline:
    def test_what_is_not_well_comes_first(self) -> None:
        failed = SourceReport("google", status="failed", error="the token is dead", cause="login needed")
        mistake = Problem(where="cadence.yaml:18:5", message="'sixty' is not a length of time", help="")
        shown = report(
            sources=[failed],
            judged=Judged(rule_errors=1, rule_problems=[mistake]),
            plan=Plan(deferred=(follow_up("1"),), withdraw=(follow_up("2", status="withdrawn"),)),
            read_back=[follow_up("3", status="done")],
        )
        assert shown.headline() == (
            "google: the token is dead · cadence.yaml:18:5: 'sixty' is not a length of time"
            " · 1 done · 1 closed by Touchbase · 1 waiting"
        )

    def test_nothing_changed_is_said(self) -> None:
        assert report().headline() == "nothing changed"
        assert report(plan=Plan(deferred=(follow_up("1"),))).headline() == "nothing changed · 1 waiting"


OFFERED = [follow_up("a"), follow_up("b"), follow_up("c"), follow_up("d")]


class TestApproval:
    @pytest.mark.parametrize(
        ("deliver", "numbers", "keys"),
        [
            ("all of them", "", "abcd"),
            ("none today", "1, 2", ""),
            ("only those numbered below", "1, 3", "ac"),
            ("only those numbered below", "2-3", "bc"),
            ("only those numbered below", "3 – 9999", "cd"),
            ("only those numbered below", "0 7 nothing", ""),
            ("only those numbered below", "", ""),
        ],
    )
    def test_what_an_answer_allows(self, deliver: str, numbers: str, keys: str) -> None:
        assert approval.chosen(OFFERED, deliver, numbers) == frozenset(keys)

    def test_the_list_shows_names_literally(self) -> None:
        named = follow_up("x").model_copy(update={"title": "Call [A](javascript:1) <b>"})
        assert approval.listed([named], TODAY).splitlines() == [
            "**Which of these become tasks?**",
            "",
            r"1. Call \[A\](javascript:1) \<b> · r",
        ]

    def test_a_long_list_leaves_room_for_the_choice(self) -> None:
        many = [follow_up(str(number)) for number in range(1, 9)]
        shown = approval.listed(many, TODAY).splitlines()
        assert shown[0] == "**Which of these become tasks?**"
        assert shown[2:] == [f"{number}. Call {number}" for number in range(1, 9)]

    def test_holding_back_loses_nothing(self) -> None:
        plan = Plan(create=tuple(OFFERED), deferred=(follow_up("z"),))
        held = hold_back(plan, Hold(Reason.DAILY_RUN, frozenset("b"))).plan
        assert [item.key for item in held.create] == ["b"]
        assert [(item.key, item.status) for item in held.deferred] == [
            ("a", "deferred"), ("c", "deferred"), ("d", "deferred"), ("z", "open"),
        ]  # fmt: skip
