"""What a run does is the same in this process and as a Prefect flow run: one contract for both conductors."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Surroundings
from connectors.vcard.settings import VCardSettings
from flows.run import steps
from flows.settings.loading import load
from people.errors import RetryLater, UserMustAct
from people.store import open_store, runs
from people.types import Page, Source
from tests.support.demo import DELIVERED, PEOPLE, command, network
from tests.support.demo import run as daily_run
from tests.support.marks import ABOUT_SQLITE
from tests.support.paths import ROOT
from tests.support.stores import copy_network

Run = Callable[..., dict[str, Any]]


@pytest.fixture(params=["in this process", pytest.param("in Prefect", marks=pytest.mark.prefect)])
def run(request: pytest.FixtureRequest) -> Run:
    """Do the daily run under one of the conductors; return its document."""
    flow = request.param == "in Prefect"
    if flow:
        request.getfixturevalue("prefect_server")
    return lambda config, **options: daily_run(config, flow=flow, **options)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "PULL_PAUSE", 0.01)


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """The demo network before its first run."""
    return network(tmp_path / "network")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = network(tmp_path_factory.mktemp("finished") / "network")
    assert daily_run(config)["status"] == "ok"
    return config


@pytest.fixture
def after(finished: Path, tmp_path: Path) -> Path:
    """The demo network after its first run."""
    return copy_network(finished, tmp_path / "after")


def last_runs(config: Path) -> list[str]:
    """The statuses of the runs on record, sorted, because runs of the same pretended day have no order."""
    with closing(open_store(load(config, {}).store_url)) as store, store.read() as connection:
        return sorted(run.status for run in runs.latest(connection))


def statuses(config: Path) -> list[str]:
    listed = json.loads(command("follow-ups", "--config", config, "--json").output)
    return [item["status"] for item in listed]


def task_files(config: Path) -> int:
    return len(list((config.parent / "tasks").glob("*.ics")))


def failing(document: dict[str, Any]) -> list[str]:
    return [source["name"] for source in document["sources"] if source["status"] != "ok"]


def out_of_reach(monkeypatch: pytest.MonkeyPatch, name: str, times: int) -> list[float]:
    """Let the vCard source ``name`` fail its next ``times`` reads; returns when each was tried."""
    real, tried = VCardSettings.open, []

    class Away:
        def __init__(self, source: Source) -> None:
            self.name, self._source = source.name, source

        def changes(self, cursor: str | None) -> Iterator[Page]:
            tried.append(time.monotonic())
            if len(tried) <= times:
                raise RetryLater("the line is down", help="wait")
            yield from self._source.changes(cursor)

    def opened(self: VCardSettings, around: Surroundings) -> Any:
        source = real(self, around)
        return Away(source) if self.name == name else source

    monkeypatch.setattr(VCardSettings, "open", opened)
    return tried


class TestContract:
    def test_all_is_well(self, run: Run, fresh: Path) -> None:
        document = run(fresh)
        assert (document["status"], failing(document)) == ("ok", [])
        assert document["people"]["total"] == PEOPLE
        assert document["follow_ups"]["created"] == task_files(fresh) == DELIVERED
        assert last_runs(fresh) == ["ok"]

    def test_a_source_that_fails_once_is_tried_again(
        self, run: Run, fresh: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        tried = out_of_reach(monkeypatch, "phone", times=1)
        document = run(fresh)
        assert (document["status"], len(tried)) == ("ok", 2)
        assert document["people"]["total"] == PEOPLE
        assert "phone: out of reach, trying again in 0 s (1 of 3)" in capsys.readouterr().err

    def test_a_source_that_fails_for_good_leaves_the_rest_alone(
        self, run: Run, after: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        tried = out_of_reach(monkeypatch, "phone", times=99)
        document = run(after)
        assert (document["status"], failing(document)) == ("partial", ["phone"])
        assert len(tried) == 1 + steps.PULL_RETRIES
        assert document["people"]["total"] == PEOPLE
        assert capsys.readouterr().err.count("out of reach") == steps.PULL_RETRIES
        assert last_runs(after) == ["ok", "partial"]

    def test_a_service_that_has_given_up_is_not_tried_again(
        self, run: Run, after: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tried = out_of_reach(monkeypatch, "phone", times=99)
        monkeypatch.setattr(RetryLater, "gave_up", property(lambda _: True, lambda *_: None), raising=False)
        assert failing(run(after)) == ["phone"]
        assert len(tried) == 1

    def test_an_error_that_a_retry_cannot_cure_is_not_tried_again(
        self, run: Run, after: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (after.parent / "outlook.vcf").unlink()
        assert failing(run(after)) == ["outlook"]
        assert "trying again" not in capsys.readouterr().err

    def test_a_broken_rule_is_left_out(self, run: Run, after: Path) -> None:
        rules = after.parent / "rules" / "cadence.yaml"
        broken = "  - {id: a, for: person, when: {titel: x}, then: {tag: y}}\n"
        rules.write_text(rules.read_text() + broken)
        document = run(after)
        assert (document["status"], document["rules"]["problems"]) == ("partial", 1)
        assert document["follow_ups"]["withdrawn"] == 0

    def test_tasks_wait_while_the_task_list_is_down(self, run: Run, fresh: Path) -> None:
        blocker = fresh.parent / "tasks"
        blocker.write_text("a file where the folder should be")
        document = run(fresh)
        assert (document["status"], document["follow_ups"]["created"]) == ("partial", 0)
        blocker.unlink()
        assert run(fresh)["follow_ups"]["created"] == task_files(fresh) == DELIVERED

    def test_a_run_that_breaks_is_recorded_and_the_next_one_completes_it(
        self, run: Run, fresh: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(steps, "judge", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                run(fresh)
        assert last_runs(fresh) == ["failed"]
        assert run(fresh)["follow_ups"]["created"] == task_files(fresh) == DELIVERED
        assert last_runs(fresh) == ["failed", "ok"]

    def test_an_error_with_a_remedy_ends_the_run_with_a_document(
        self, run: Run, after: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def full(*_: object) -> None:
            raise UserMustAct("the disk is full", help="free some space")

        monkeypatch.setattr(steps, "judge", full)
        document = run(after)
        assert document["status"] == "failed"
        assert [(p["where"], p["message"]) for p in document["problems"][:1]] == [("run", "the disk is full")]
        assert "the disk is full" in capsys.readouterr().err

    @ABOUT_SQLITE
    def test_a_second_run_waits_for_the_first(
        self, run: Run, after: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        held, ended = threading.Event(), []

        def first() -> None:
            with closing(open_store(load(after, {}).store_url)) as store, store.run_lock():
                held.set()
                time.sleep(2)
                ended.append(time.monotonic())

        other = threading.Thread(target=first)
        other.start()
        assert held.wait(10)
        document = run(after)
        other.join()
        assert document["status"] == "ok"
        assert ended[0] < time.monotonic()
        assert "another run is under way; waiting for it" in capsys.readouterr().err

    def test_a_dry_run_changes_nothing(self, run: Run, fresh: Path) -> None:
        document = run(fresh, dry_run=True)
        assert (document["dry_run"], document["follow_ups"]["created"]) == (True, DELIVERED)
        assert document["people"]["total"] == PEOPLE
        assert (task_files(fresh), last_runs(fresh), statuses(fresh)) == (0, [], [])

    def test_removals_are_accepted_on_request(self, run: Run, after: Path) -> None:
        (after.parent / "phone" / "icloud-export.vcf").unlink()
        held_back = run(after)
        assert (held_back["status"], failing(held_back)) == ("partial", ["phone"])
        accepted = run(after, accept_removals=("phone",))
        assert accepted["status"] == "ok"
        assert accepted["sources"][0]["contacts"]["gone"] == 20

    def test_it_does_not_ask_from_the_command_line(self, run: Run, fresh: Path) -> None:
        fresh.write_text(f"{fresh.read_text()}\n[approval]\nenabled = true\nhours = 1\n")
        assert run(fresh)["follow_ups"]["created"] == DELIVERED


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize("dry_run", [False, True])
def test_both_conductors_print_the_same(tmp_path: Path, *, dry_run: bool) -> None:
    documents = [
        daily_run(network(tmp_path / name / "network"), flow=flow, dry_run=dry_run)
        for name, flow in (("one", False), ("two", True))
    ]
    assert documents[0].pop("run_id") != documents[1].pop("run_id")
    assert documents[0] == documents[1]


@ABOUT_SQLITE
def test_a_run_in_this_process_imports_no_prefect_and_starts_no_process(fresh: Path) -> None:
    program = (
        "import sys\n"
        "from flows.cli.daily_run import run_daily\n"
        "from pathlib import Path\n"
        f"assert run_daily(Path({str(fresh)!r})).status == 'ok'\n"
        "print(sorted({'prefect', 'httpx', 'matplotlib', 'googleapiclient'} & sys.modules.keys()))\n"
        "import multiprocessing.forkserver as server\n"
        "print(server._forkserver._forkserver_pid)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.returncode) == ("[]\nNone\n", 0), ran.stderr
