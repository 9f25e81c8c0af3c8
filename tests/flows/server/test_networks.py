"""Every network on several workers: a real server, real workers, one Postgres, and a machine that is lost."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Crashed, Pending

from flows import every_network
from flows.every_network import Ended, FanOut, headline
from flows.server.lifeline import descendants
from flows.settings.loading import load
from flows.settings.networks import Network, listed, sharing
from people.errors import SettingsError
from people.store import open_store, runs
from tests.support.demo import command
from tests.support.paths import ROOT

NAMES = [f"n{number:02}" for number in range(10)]
DAY = "2026-01-14"
PATIENCE = 600.0


def write(folder: Path, name: str, store: str) -> Path:
    """A network of two people; one rule wants to hear from both."""
    here = folder / name
    (here / "rules").mkdir(parents=True)
    (here / "rules" / "hello.yaml").write_text(
        "version: 1\nrules:\n  - id: say-hello\n    for: person\n    why: New people hear from me.\n"
        "    when: {last_contact|exists: false}\n"
        '    then: {follow_up: {channel: email, due: 1d, title: "Write to {first_name}"}}\n'
    )
    (here / "cards.vcf").write_text(
        "".join(
            f"BEGIN:VCARD\nVERSION:4.0\nUID:{name}-{who}\nFN:{who} of {name}\n"
            f"EMAIL:{who.lower()}@{name}.example\nEND:VCARD\n"
            for who in ("Anna", "Ben")
        )
    )
    (here / "touchbase.toml").write_text(
        f'[store]\n{store}\n[[sources]]\nname = "cards"\ntype = "vcard"\npath = "cards.vcf"\n'
    )
    return here


class TestFolder:
    def test_networks_are_the_folders_with_settings(self, tmp_path: Path) -> None:
        for name in ("ben", "anna"):
            write(tmp_path, name, "")
        (tmp_path / "notes").mkdir()
        assert listed(tmp_path) == [
            Network("anna", tmp_path / "anna" / "touchbase.toml"),
            Network("ben", tmp_path / "ben" / "touchbase.toml"),
        ]

    def test_a_folder_without_any_says_how_to_make_one(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="holds no network") as told:
            listed(tmp_path)
        assert "touchbase init" in told.value.help

    def test_two_that_share_a_store_are_found(self, tmp_path: Path) -> None:
        url = 'url = "postgresql+psycopg://me@host/x"\n'
        for name, store in {
            "anna": url + 'schema = "anna"',
            "ben": url + 'schema = "ben"',
            "twin": url + 'schema = "anna"',
            "local": "",
            "other": "",
            "wrong": "nonsense = 1",
        }.items():
            write(tmp_path, name, store)
        assert sharing(listed(tmp_path)) == {"twin": "anna"}


def test_the_headline_counts_all_and_names_those_in_trouble() -> None:
    ended = {
        "anna": Ended("completed"),
        "ben": Ended("partial"),
        "dora": Ended("failed"),
        "carl": Ended("failed"),
    }
    assert headline(ended) == "4 networks · 1 completed · 2 failed: carl, dora · 1 partial: ben"
    assert headline({"anna": Ended("completed")}) == "1 network · 1 completed"


def test_the_command_shows_the_last_run_of_each_and_what_is_wrong(tmp_path: Path) -> None:
    for name, store in {"anna": "", "wrong": "nonsense = 1", "never": ""}.items():
        write(tmp_path, name, store)
    started = dt.datetime.now(dt.UTC)
    anna = open_store(load(tmp_path / "anna" / "touchbase.toml").store_url)
    with anna.begin() as connection:
        runs.start(connection, "r", started, started.date())
        runs.end(connection, "r", started, "ok", {})
    anna.close()
    shown = command("networks", tmp_path, "--json")
    listed = {item["name"]: item for item in json.loads(shown.output)}
    assert (listed["anna"]["status"], listed["anna"]["attention"]) == ("ok", None)
    assert (listed["never"]["status"], listed["never"]["attention"]) == ("never ran", "it never ran")
    assert listed["wrong"]["status"] == "unknown"
    assert "store.nonsense: unknown key" in listed["wrong"]["attention"]
    assert shown.return_value == 1
    table = command("networks", tmp_path).output
    assert "3 networks; 2 need attention" in table


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize(("within", "lost"), [(dt.timedelta(), True), (dt.timedelta(hours=1), False)])
def test_a_run_that_its_worker_took_and_never_began_is_started_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, within: dt.timedelta, *, lost: bool
) -> None:
    """A worker that is killed in between leaves the run pending, and no other worker ever takes it."""
    monkeypatch.setattr(every_network, "_BEGINS_WITHIN", within)
    anna = Network("anna", write(tmp_path, "anna", "") / "touchbase.toml")
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(every_network.run_network, state=Pending(name="Submitting"))
        fan = FanOut(client, "key", {}, 4)
        fan._under_way[run.id] = anna, 1
        fan._look()
        state = client.read_flow_run(run.id).state
    assert state is not None
    assert state.is_crashed() is lost
    assert list(fan._waiting) == ([(anna, 2)] if lost else [])
    assert (run.id in fan._under_way) is not lost


# ---- real processes from here on ----


def until(true: Callable[[], Any], what: str, pause: float = 0.1) -> Any:
    """What ``true`` returns once that is something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(pause)
    return found


@dataclass
class Site:
    """A Prefect server with ten networks deployed, and the Postgres that holds their stores."""

    networks: Path
    client: SyncPrefectClient
    environment: dict[str, str]
    engine: sa.Engine

    @contextmanager
    def process(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """``python -m prefect ...``, killed with all below it at the end."""
        with (self.networks.parent / f"{words[0]}-{time.monotonic_ns()}.log").open("wb") as log:
            started = subprocess.Popen(
                [sys.executable, "-m", "prefect", *words],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield started
        finally:
            kill(started)

    def worker(self, name: str, limit: int) -> Any:
        words = ("--pool", "touchbase", "--type", "process", "--name", name, "--limit", str(limit))
        return self.process("worker", "start", *words)

    def start(self, **parameters: object) -> UUID:
        """Trigger every-network."""
        found = self.client.read_deployment_by_name("every-network/every-network")
        made = self.client.create_flow_run_from_deployment(
            found.id, parameters={"folder": str(self.networks), "today": DAY, **parameters}
        )
        return made.id

    def state(self, run: UUID) -> str:
        state = self.client.read_flow_run(run).state
        return state.type.value if state else ""

    def ended(self, run: UUID) -> FlowRun:
        until(lambda: self.state(run) in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"), f"run {run}", 0.5)
        return self.client.read_flow_run(run)

    def runs_of(self, name: str) -> list[FlowRun]:
        """The runs of one network."""
        wanted = FlowRunFilter(name=FlowRunFilterName(like_=name))
        return [
            run for run in self.client.read_flow_runs(flow_run_filter=wanted) if run.name.startswith(name)
        ]

    def rows(self, network: str, query: str) -> list[tuple[Any, ...]]:
        """What a query says in one network's schema; nothing while that is being made."""
        with self.engine.connect() as connection:
            connection.execute(sa.text(f'SET search_path TO "{network}"'))
            with suppress(sa.exc.ProgrammingError):
                return [tuple(row) for row in connection.execute(sa.text(query))]
        return []


def kill(process: subprocess.Popen[bytes]) -> None:
    """As when a machine is lost: the process and all below it, at once."""
    for pid in (process.pid, *descendants(process.pid)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def site(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("site")
    folder = home / "networks"
    engine = sa.create_engine(postgres)
    for name in NAMES:
        write(folder, name, f'url = "{postgres}"\nschema = "{name}"')
    write(folder, "broken", f'url = "{postgres}"\nshema = "broken"')
    write(folder, "twin", f'url = "{postgres}"\nschema = "n00"')
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    api = f"http://127.0.0.1:{port}/api"
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "TOUCHBASE_"))
    }
    environment = {
        **clean,
        "PREFECT_API_URL": api,
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "TOUCHBASE_NETWORKS": str(folder),
        "PYTHONPATH": str(ROOT),
    }
    with temporary_settings({PREFECT_API_URL: api}), get_client(sync_client=True) as client:
        found = Site(folder, client, environment, engine)
        with found.process("server", "start", "--host", "127.0.0.1", "--port", str(port)) as server:
            until(lambda: server.poll() is None and client.api_healthcheck() is None, "the server", 0.3)
            client.create_work_pool(WorkPoolCreate(name="touchbase", type="process"))
            words = ["--no-prompt", "deploy", "-n", "network", "-n", "every-network"]
            subprocess.run([sys.executable, "-m", "prefect", *words], env=environment, cwd=ROOT, check=True)
            yield found
    engine.dispose()


def at_work(site: Site, worker: subprocess.Popen[bytes]) -> set[str]:
    """The networks whose runs below a worker hold their store just now."""
    found = set()
    for pid in descendants(worker.pid):
        with suppress(OSError):
            words = Path(f"/proc/{pid}/environ").read_text().split("\0")
            run = next(
                (word.partition("=")[2] for word in words if word.startswith("PREFECT__FLOW_RUN_ID=")), None
            )
            name = site.client.read_flow_run(UUID(run)).name if run else ""
            if name in NAMES and site.rows(name, "SELECT 1 FROM runs WHERE status = 'running'"):
                found.add(name)
    return found


@pytest.mark.prefect
@pytest.mark.postgres
def test_ten_networks_two_workers_one_of_them_lost(site: Site) -> None:
    deployed = site.client.read_deployment_by_name("every-network/every-network")
    assert [schedule.active for schedule in deployed.schedules] == [True]
    with site.worker("first", 3):
        run = site.start()
        until(lambda: site.state(run) == "RUNNING", "every-network to begin")
        with site.worker("second", 2) as second:
            hit = until(lambda: at_work(site, second), "the second worker to be amid a network")
            kill(second)
        # What the automation does after 90 s of silence; tests/flows/server/test_serve.py waits for it.
        lost = [
            one.id
            for name in NAMES
            for one in site.runs_of(name)
            if one.state and one.state.is_running() and not alive(one.id)
        ]
        for one in lost:
            site.client.set_flow_run_state(one, Crashed(message="No heartbeat"), force=True)
        ended = site.ended(run)
    assert ended.name == "12 networks · 10 completed · 2 failed: broken, twin"
    assert ended.state is not None
    assert ended.state.name == "Partial"
    assert lost
    for name in NAMES:
        follow_ups = site.rows(name, "SELECT person_id, ref, status, delivery FROM follow_ups")
        assert len(follow_ups) == len({person for person, *_ in follow_ups}) == 2
        assert {tuple(rest) for _, _, *rest in follow_ups} == {("open", "delivered")}
        assert len({ref for _, ref, *_ in follow_ups}) == 2
        assert len(list((site.networks / name / "tasks").glob("*.ics"))) == 2
        statuses = [status for (status,) in site.rows(name, "SELECT status FROM runs ORDER BY started_at")]
        assert statuses[-1] == "ok"
    for name in hit:
        assert site.rows(name, "SELECT 1 FROM runs WHERE status = 'crashed'")
    for one in lost:
        name = next(name for name in NAMES if one in {item.id for item in site.runs_of(name)})
        states = {item.state.type.value for item in site.runs_of(name) if item.state}
        assert states == {"CRASHED", "COMPLETED"}


def alive(run: UUID) -> bool:
    """Whether a process works on this run."""
    wanted = f"PREFECT__FLOW_RUN_ID={run}"
    for place in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in place.read_text().split("\0"):
                return True
    return False


@pytest.mark.prefect
@pytest.mark.postgres
def test_a_network_that_waits_for_an_answer_holds_up_nobody(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "networks"
    here = write(folder, "careful", "")
    with (here / "touchbase.toml").open("a") as settings:
        settings.write("[approval]\nenabled = true\n")
    write(folder, "quick", "")
    with site.worker("patient", 3):
        ended = site.ended(site.start(folder=str(folder)))
    assert ended.name == "2 networks · 1 completed · 1 waiting for an answer: careful"
    assert not list((here / "tasks").glob("*.ics"))
    # Its worker is gone, and it holds a place until somebody notices: the automation, elsewhere.
    for lost in site.runs_of("careful"):
        site.client.set_flow_run_state(lost.id, Crashed(message="No heartbeat"), force=True)


@pytest.mark.prefect
@pytest.mark.postgres
def test_where_the_pool_has_one_place_it_does_the_networks_itself(site: Site, tmp_path: Path) -> None:
    """Its own run holds the only place, so that no worker would ever take another."""
    here = write(tmp_path / "networks", "alone", "")
    site.client.update_work_pool("touchbase", WorkPoolUpdate(concurrency_limit=1))
    with site.worker("only", 1):
        ended = site.ended(site.start(folder=str(tmp_path / "networks")))
    assert ended.name == "1 network · 1 completed"
    assert len(list((here / "tasks").glob("*.ics"))) == 2
