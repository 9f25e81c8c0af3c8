"""A task list that refuses: one patience for the whole delivery, one line, and nothing doubled afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.base import Unanswered
from connectors.google.tasks import GoogleTasksSink
from flows.run import deliver
from flows.run.context import Context
from flows.run.decide import plan_tasks
from flows.run.deliver import Deliveries
from flows.run.judge import Judged
from flows.settings.loading import load
from people.errors import RetryLater, ServiceRefuses
from people.store import Store, open_store
from tests.flows.test_task_places import Network
from tests.support.crash_points import DAYS, all_of, run, wish
from tests.support.google_server import Fault, GoogleServer
from tests.support.google_server.fixtures import fresh_google
from tests.support.small_dav import Call, Reply, SmallDav, fine, small_dav

NAMES = [f"p{number:02}" for number in range(20)]
WISHES = [wish(name) for name in NAMES]
MOST = 60.0


class Clock:
    """A clock that moves only with what is waited for, or with ``silence``."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def patience(self) -> Unanswered:
        return Unanswered(sleep=self.sleep, clock=lambda: self.now)


def context_on(config: Path, day: date) -> tuple[Context, Store]:
    """The context of a run on this day; its waits cost no time."""
    settings = load(config)
    store = open_store(settings.store_url)
    moment = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    return Context(settings, store, day, moment, unanswered=Clock().patience()), store


def deliver_all(network: Network, clock: Clock) -> Deliveries:
    """Plan all wishes and deliver them."""
    settings = load(network.folder / "touchbase.toml")
    store = open_store(settings.store_url)
    moment = datetime(2026, 3, 2, 9, tzinfo=UTC)
    context = Context(settings, store, DAYS[0], moment, unanswered=clock.patience())
    plan_tasks(context, Judged(wishes=WISHES, rules=frozenset({"gone-quiet"})))
    done = deliver.deliver(context)
    store.close()
    return done


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network(tmp_path / "network")


class TestGoogle:
    @pytest.fixture
    def google(self, network: Network) -> GoogleServer:
        google = fresh_google()
        google.write_token(network.folder / "google.json")
        network.point(type="google", token="google.json", endpoint=google.endpoint, open_at_most=30)
        return google

    @pytest.mark.parametrize(
        ("code", "reason", "says"),
        [
            (429, "", "limits requests per minute"),
            (403, "rateLimitExceeded", "limits requests per minute"),
            (403, "quotaExceeded", "the day's quota is used up"),
            (403, "insufficientPermissions", "touchbase login google --tasks"),
            (503, "backendError", "next run"),
            (403, "accessNotConfigured", "enable this API"),
        ],
    )
    @pytest.mark.parametrize("on", ["/tasks/v1", "POST /tasks/v1/lists/.*/tasks"])
    def test_twenty_tasks_wait_with_one_line(
        self,
        network: Network,
        google: GoogleServer,
        code: int,
        reason: str,
        says: str,
        on: str,
    ) -> None:
        clock = Clock()
        google.faults.append(Fault("error", on, times=9999, code=code, reason=reason))
        done = deliver_all(network, clock)
        (problem,) = done.problems
        assert problem.where == "tasks"
        assert problem.message.startswith("20 tasks wait: Google could not ")
        assert says in problem.help
        assert "next run" in problem.help
        assert sum(clock.slept) <= MOST
        assert (done.new, done.waiting) == ([], 20)
        if reason in ("quotaExceeded", "insufficientPermissions", "accessNotConfigured"):
            assert clock.slept == []
        google.faults.clear()
        run(load(network.folder / "touchbase.toml"), WISHES, DAYS[1])
        assert sorted(task["title"] for task in google.tasks.all()) == [f"Call {name}" for name in NAMES]

    def test_what_came_before_the_limit_is_delivered_and_nothing_comes_twice(
        self, network: Network, google: GoogleServer
    ) -> None:
        clock = Clock()
        google.faults.append(
            Fault("error", "POST /tasks/v1/lists/.*/tasks", times=9999, skip=7, code=429, reason="")
        )
        done = deliver_all(network, clock)
        assert (len(done.new), done.waiting, len(google.tasks.all())) == (7, 13, 7)
        assert [problem.message.partition(":")[0] for problem in done.problems] == ["13 tasks wait"]
        assert 0 < sum(clock.slept) <= MOST
        google.faults.clear()
        run(load(network.folder / "touchbase.toml"), WISHES, DAYS[1])
        assert sorted(task["title"] for task in google.tasks.all()) == [f"Call {name}" for name in NAMES]

    def test_a_short_pause_is_waited_for(self, network: Network, google: GoogleServer) -> None:
        clock = Clock()
        insert = "POST /tasks/v1/lists/.*/tasks"
        refusal = Fault("error", insert, skip=3, code=429, reason="", headers={"Retry-After": "7"})
        google.faults.append(refusal)
        done = deliver_all(network, clock)
        assert (done.problems, len(done.new), clock.slept) == ([], 20, [7.0])

    def test_a_long_pause_is_left_to_the_next_run(self, network: Network, google: GoogleServer) -> None:
        clock = Clock()
        google.faults.append(
            Fault("error", "/tasks/v1", times=99, code=503, reason="", headers={"Retry-After": "3600"})
        )
        done = deliver_all(network, clock)
        assert (clock.slept, done.waiting) == ([], 20)

    def test_reading_back_under_a_limit_costs_one_patience(
        self, network: Network, google: GoogleServer
    ) -> None:
        config = network.folder / "touchbase.toml"
        run(load(config), WISHES, DAYS[0])
        google.faults.append(Fault("error", "/tasks/v1", times=9999, code=429, reason=""))
        settings = load(config)
        store = open_store(settings.store_url)
        clock = Clock()
        moment = datetime(2026, 3, 3, 9, tzinfo=UTC)
        context = Context(settings, store, DAYS[1], moment, unanswered=clock.patience())
        for _ in range(3):
            with pytest.raises(ServiceRefuses):
                deliver.read_tasks(context)
        assert 0 < sum(clock.slept) <= MOST
        assert {item.status for item in all_of(settings)} == {"open"}

    def test_a_task_that_is_bad_itself_leaves_the_others(
        self, network: Network, google: GoogleServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        insert = GoogleTasksSink._insert

        def refusing(self: GoogleTasksSink, item: object) -> object:
            if "p03" in str(item):
                google.faults.append(Fault("error", "POST", code=400, reason="invalid"))
            return insert(self, item)  # type: ignore[arg-type]

        monkeypatch.setattr(GoogleTasksSink, "_insert", refusing)
        done = deliver_all(network, Clock())
        assert [problem.where for problem in done.problems] == ["task 'Call p03'"]
        assert len(done.new) == 19


class TestCalDav:
    @pytest.fixture
    def dav(self, network: Network) -> Iterator[SmallDav]:
        with small_dav() as server:
            network.point(type="caldav", url=server.url, list="people", open_at_most=30)
            yield server

    def refused(self, status: int, **headers: str) -> Callable[[Call], Reply]:
        return lambda _call: Reply(status, headers={n.replace("_", "-"): v for n, v in headers.items()})

    @pytest.mark.parametrize(
        ("reply", "says"),
        [
            (Reply(429), "asks for a pause"),
            (Reply(429, headers={"Retry-After": "9"}), "asks for a pause"),
            (Reply(503, headers={"Retry-After": "9"}), "asks for a pause"),
            (Reply(503, headers={"Retry-After": "7200"}), "asks for a pause"),
            (Reply(500), "answers 500"),
            (Reply(401), "refuses user or password"),
        ],
    )
    @pytest.mark.parametrize("writing", [False, True], ids=["from-the-first-on", "writes-only"])
    def test_twenty_tasks_wait_with_one_line(
        self, network: Network, dav: SmallDav, reply: Reply, says: str, *, writing: bool
    ) -> None:
        clock = Clock()
        dav.trouble = lambda call: reply if call.method == "PUT" or not writing else None
        done = deliver_all(network, clock)
        (problem,) = done.problems
        assert problem.message.startswith("20 tasks wait: the CalDAV server ")
        assert says in problem.message
        assert "next run" in problem.help
        assert (done.new, done.waiting) == ([], 20)
        assert sum(clock.slept) <= MOST
        assert len(dav.calls) < 50
        dav.trouble = fine
        run(load(network.folder / "touchbase.toml"), WISHES, DAYS[1])
        assert len(dav.all_texts()) == 20

    def test_silence_costs_one_patience(self, network: Network, dav: SmallDav) -> None:
        clock = Clock()
        network.point(type="caldav", url=dav.url, list="people", open_at_most=30)

        def slow_to_refuse(call: Call) -> Reply | None:
            if call.method != "PUT":
                return None
            clock.now += 19.0
            return Reply(500)

        dav.trouble = slow_to_refuse
        done = deliver_all(network, clock)
        assert done.waiting == 20
        assert clock.now <= MOST

    def test_a_server_that_is_down_is_asked_three_times(self, network: Network) -> None:
        with small_dav() as server:
            network.point(type="caldav", url=server.url, list="people", open_at_most=30)
        clock = Clock()
        done = deliver_all(network, clock)
        (problem,) = done.problems
        assert problem.message == f"20 tasks wait: the CalDAV server {server.url} does not answer"
        assert clock.slept == [1.0, 2.0]

    def test_what_was_ticked_before_the_list_changed_waits_until_it_can_be_read(
        self, network: Network, dav: SmallDav
    ) -> None:
        config = network.folder / "touchbase.toml"
        run(load(config), WISHES[:3], DAYS[0])
        (calendar,) = dav.texts.values()
        ticked = next(name for name, text in calendar.items() if "Call p00" in text)
        calendar[ticked] = calendar[ticked].replace("NEEDS-ACTION", "COMPLETED")
        network.point(path="tasks")
        dav.trouble = self.refused(500)
        with pytest.raises(RetryLater, match="the task list of before cannot be read"):
            run(load(config), WISHES[:3], DAYS[1])
        # A command that delivers meanwhile does not forget the place of before either.
        context, store = context_on(config, DAYS[1])
        deliver.deliver(context)
        store.close()
        dav.trouble = fine
        run(load(config), WISHES[:3], DAYS[1])
        assert sorted(item.status for item in all_of(load(config))) == ["done", "open", "open"]
        assert len(list((network.folder / "tasks").glob("*.ics"))) == 2

    def test_a_list_that_is_gone_for_good_holds_one_run_up(self, network: Network) -> None:
        config = network.folder / "touchbase.toml"
        with small_dav() as server:
            network.point(type="caldav", url=server.url, list="people")
            run(load(config), WISHES[:3], DAYS[0])
        network.point(path="tasks")
        with pytest.raises(RetryLater, match="the task list of before cannot be read"):
            run(load(config), WISHES[:3], DAYS[1])
        run(load(config), WISHES[:3], DAYS[1])
        assert {item.status for item in all_of(load(config))} == {"open"}
        assert len(list((network.folder / "tasks").glob("*.ics"))) == 3

    @pytest.mark.parametrize(
        ("tasks", "says"),
        [
            (
                {"list": "new"},
                "3 open tasks stay where they are, and are read there; new ones go to the new list.",
            ),
            (
                {"list": "people", "user": "kim"},
                "3 open tasks were not in the task list, and will be made there",
            ),
            ({"list": "people", "create_list": False}, "all 3 open tasks are in it."),
        ],
    )
    def test_another_place_is_said_in_one_sentence(
        self,
        network: Network,
        dav: SmallDav,
        monkeypatch: pytest.MonkeyPatch,
        tasks: dict[str, object],
        says: str,
    ) -> None:
        monkeypatch.setenv("TOUCHBASE_CALDAV_PASSWORD", "secret")
        config = network.folder / "touchbase.toml"
        run(load(config), WISHES[:3], DAYS[0])
        network.point(type="caldav", url=dav.url, **tasks)
        context, store = context_on(config, DAYS[1])
        deliver.read_tasks(context)
        store.close()
        (note,) = context.notes
        assert says in note

    def test_a_short_pause_is_waited_for(self, network: Network, dav: SmallDav) -> None:
        clock = Clock()
        pauses = [Reply(429, headers={"Retry-After": "4"})] * 3
        dav.trouble = lambda call: pauses.pop() if call.method == "PUT" and pauses else None
        done = deliver_all(network, clock)
        assert (done.problems, len(done.new), clock.slept) == ([], 20, [4.0, 4.0, 4.0])
