"""The steps of a run and their order, without Prefect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from flows.conducting.in_process import InProcess
from flows.run import steps
from flows.run.context import Context, clock
from flows.run.outcome.report import RunReport
from flows.run.outcome.run_name import alerts
from flows.run.pull import SourceReport
from flows.run.steps import Job, ShowProgress, Step
from flows.settings.loading import load
from people.errors import RetryLater
from people.store import follow_ups, open_store
from people.tasks import FollowUp
from tests.support.demo import TODAY, network
from tests.support.stores import copy_network

T = TypeVar("T")
ALL = ["read back tasks", "classify meetings", "resolve people", "judge", "plan", "deliver"]


@dataclass
class Plainly:
    """Does each step in this process, and notes its name. ``fails`` names a step that cannot be done."""

    fails: str = ""
    done: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)

    def step(self, name: Step, work: Callable[[], T]) -> T:
        if name == self.fails:
            raise RetryLater("the list does not answer")
        self.done.append(name)
        return InProcess().step(name, work)

    def pulls(
        self, sources: Mapping[str, Callable[[ShowProgress], SourceReport]]
    ) -> dict[str, SourceReport | BaseException]:
        self.read += sources
        return InProcess().pulls(sources)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo network after its first run."""
    config = network(tmp_path_factory.mktemp("demo") / "network")
    with opened(config) as context:
        run(context)
    return config


@pytest.fixture
def own(demo: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return copy_network(demo, tmp_path / "network")


@contextmanager
def opened(config: Path) -> Iterator[Context]:
    settings = load(config, {})
    store = open_store(settings.store_url)
    day, moment = clock(settings, TODAY)
    yield Context(settings, store, day, moment)
    store.close()


def run(
    context: Context, job: Job | None = None, conductor: Plainly | None = None, *, asks: bool = False
) -> tuple[RunReport, tuple[FollowUp, ...]]:
    report = RunReport("r", TODAY)
    held = steps.run_steps(job or Job(), context, report, conductor or Plainly(), asks=asks)
    return report, held


def test_the_steps_come_in_order(own: Path) -> None:
    conductor = Plainly()
    with opened(own) as context:
        report, held = run(context, conductor=conductor)
    assert conductor.done == ALL
    assert [source.name for source in report.sources] == conductor.read
    assert (report.status, held) == ("ok", ())


def test_the_hourly_run_reads_calendars_and_the_journal(own: Path) -> None:
    conductor = Plainly()
    with opened(own) as context:
        kinds = {source.name: source.kinds for source in context.settings.sources}
        run(context, Job(reads=frozenset({"meetings", "journal"}), adds=False), conductor)
    assert conductor.read == [name for name, tells in kinds.items() if tells & {"meetings", "journal"}]


def test_a_source_that_fails_leaves_the_others_alone(own: Path) -> None:
    (own.parent / "outlook.vcf").unlink()
    with opened(own) as context:
        report, _ = run(context)
    assert [(s.name, s.cause) for s in report.sources if s.status == "failed"] == [
        ("outlook", "file missing")
    ]
    assert report.status == "partial"


def test_a_task_list_that_cannot_be_read_is_not_written(own: Path) -> None:
    conductor = Plainly(fails="read back tasks")
    with opened(own) as context:
        report, _ = run(context, conductor=conductor)
    assert "deliver" not in conductor.done
    assert [problem.message for problem in report.problems] == ["the list does not answer"]


@pytest.mark.parametrize(
    ("job", "asks", "reason"),
    [
        (Job(), True, "waits for your approval in the Prefect UI"),
        (Job(adds=False), False, "waits for the next daily run"),
    ],
)
def test_what_a_run_holds_back_is_stored_with_its_reason(
    tmp_path: Path, job: Job, asks: bool, reason: str
) -> None:
    with opened(network(tmp_path / "network")) as context:
        report, held = run(context, job, asks=asks)
        with context.store.read() as connection:
            stored = {item.key: item for item in follow_ups.listed(connection, closed=False)}
    assert len(held) == context.settings.tasks.capacity_per_day
    assert {(stored[item.key].status, stored[item.key].reason) for item in held} == {("deferred", reason)}
    assert report.deliveries.new == []


def test_only_what_is_allowed_is_delivered(tmp_path: Path) -> None:
    with opened(network(tmp_path / "network")) as context:
        report, held = run(context, asks=True)
        steps.deliver_allowed(context, report, Plainly(), frozenset({held[0].key}))
        with context.store.read() as connection:
            stored = {item.key: item for item in follow_ups.listed(connection, closed=False)}
    assert [item.key for item in report.deliveries.new] == [held[0].key]
    assert stored[held[0].key].status == "open"
    assert stored[held[1].key].reason == "not approved; it is asked for again in the next run"


def test_an_empty_rules_folder_is_held_back_and_raises_an_alert(own: Path) -> None:
    for file in (own.parent / "rules").glob("*.yaml"):
        file.unlink()
    with opened(own) as context:
        report, _ = run(context)
    assert report.plan.withdraw == ()
    assert [(alert.kind, alert.subject) for alert in alerts(report, [])] == [("held-back", "rules")]


def test_a_task_gains_the_new_number_and_keeps_what_the_user_wrote(own: Path) -> None:
    felix, sofia = task_of(own, "Felix Moreau"), task_of(own, "Sofia Marino")
    assert "SUMMARY:Call Felix Moreau (Moreau & Fils\\, Ltd)\n" in unfolded(felix)
    assert "07700 900133 · 01632 960133" in unfolded(felix)
    assert "Going cold: last contact on " in unfolded(felix)
    sofia.write_text(unfolded(sofia).replace("Going cold", "She is in Milan. Going cold"))
    card = own.parent / "phone" / "felix-moreau.vcf"
    card.write_text(card.read_text().replace("07700 900133", "07700 900999"))
    with opened(own) as context:
        report, _ = run(context)
        assert [item.person for item in report.plan.update] == ["Felix Moreau"]
        assert report.deliveries.updated == 1
        assert "07700 900999 · 01632 960133" in unfolded(felix)
        assert "She is in Milan. Going cold" in unfolded(sofia)
        again, _ = run(context, Job(reads=frozenset({"meetings", "journal"}), adds=False))
    assert again.deliveries.updated == 0


def task_of(config: Path, name: str) -> Path:
    return next(path for path in (config.parent / "tasks").glob("*.ics") if name in unfolded(path))


def unfolded(path: Path) -> str:
    return path.read_bytes().decode().replace("\r\n ", "").replace("\r\n", "\n")
