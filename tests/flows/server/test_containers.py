"""The image and compose.yaml: no container engine runs here, so the tests do what one would do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa

from flows.server import container, served
from flows.server.lifeline import descendants, kill
from people.errors import SettingsError
from tests.flows.server.test_networks import DAY, write
from tests.support import compose
from tests.support.compose import FILE, SCHEMA, SERVICES
from tests.support.paths import ROOT
from tests.support.prefect_api import Api, until
from tests.support.serving import clean_environment
from tests.support.system_postgres import Server, free_port, programs, system_postgres

NETWORKS = ("anna", "ben", "dora")


def of(profile: str) -> set[str]:
    return {name for name, service in SERVICES.items() if profile in service["profiles"]}


def test_the_specification_allows_the_file() -> None:
    schema = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))
    schema.validate(FILE)
    assert not schema.is_valid({**FILE, "services": {"one": {"comand": "x"}}})


def test_each_service_is_in_one_profile() -> None:
    assert of("one") == {"one"}
    assert of("team") == {"postgres", "server", "setup", "worker"}
    assert SERVICES["worker"]["deploy"]["replicas"] == 2


def test_ports_are_those_of_this_machine_alone() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_what_is_used_is_healthy_before() -> None:
    for service in SERVICES.values():
        for name, wanted in service.get("depends_on", {}).items():
            other = SERVICES[name]
            assert wanted["condition"] in ("service_healthy", "service_completed_successfully")
            if wanted["condition"] == "service_healthy":
                assert other["healthcheck"]["test"][0] == "CMD"
    assert SERVICES["worker"]["depends_on"].keys() == {"postgres", "server", "setup"}


def test_secrets_are_files_and_each_service_has_those_that_it_reads() -> None:
    for name, service in SERVICES.items():
        environment = service.get("environment", {})
        read = {value for key, value in environment.items() if key.endswith("_FILE")}
        held = {f"/run/secrets/{secret}" for secret in service.get("secrets", [])}
        # The server knows of the store, as the whole team does, and cannot read it.
        assert read - held == ({"/run/secrets/store_url"} if name == "server" else set())
        assert held <= read
        assert not {key for key in environment if re.search("(PASSWORD|AUTH_STRING|STORE__URL)$", key)}
    assert all(secret.keys() == {"file"} for secret in FILE["secrets"].values())


def test_our_containers_may_do_little() -> None:
    for name in SERVICES.keys() - {"postgres"}:
        assert SERVICES[name]["cap_drop"] == ["ALL"]
        assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]
    assert compose.last("USER") == "touchbase"
    assert compose.last("HEALTHCHECK").endswith('CMD ["touchbase", "status"]')


def test_a_secret_in_a_file_reaches_prefect_and_nothing_else_is_read(tmp_path: Path) -> None:
    (tmp_path / "login").write_text("user:word\n")
    own = {
        "PREFECT_API_AUTH_STRING_FILE": str(tmp_path / "login"),
        "PREFECT_API_SSL_CERT_FILE": "/nowhere",
        "PATH": "/bin",
    }
    assert container.environment(own) == {**own, "PREFECT_API_AUTH_STRING": "user:word"}
    with pytest.raises(SettingsError, match="PREFECT_API_AUTH_STRING_FILE names"):
        container.environment({"PREFECT_API_AUTH_STRING_FILE": str(tmp_path / "gone")})


# ---- the processes of the team, started as compose would ----


@dataclass
class Team(Api):
    """The processes of the profile *team* on this machine: a service is at 127.0.0.1, and /data a folder."""

    folder: Path
    postgres: Server
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def login(self) -> dict[str, str]:
        return served.authorization((self.folder / "secrets" / "prefect_login").read_text())

    def here(self, text: str) -> str:
        """What stands in compose.yaml, as it is on this machine."""
        known = {
            "/run/secrets": str(self.folder / "secrets"),
            "/data": str(self.folder / "data"),
            "http://server": "http://127.0.0.1",
            "0.0.0.0": "127.0.0.1",
            "4200": str(self.port),
            "5432": str(self.postgres.port),
        }
        for there, here in known.items():
            text = text.replace(there, here)
        return "127.0.0.1" if text == "postgres" else text

    def environment(self, name: str) -> dict[str, str]:
        given = {key: self.here(value) for key, value in SERVICES[name].get("environment", {}).items()}
        path = f"{Path(sys.executable).parent}:{programs()}:{os.environ['PATH']}"
        ours = {"PREFECT_HOME": str(self.folder / name), "PREFECT_WORKER_QUERY_SECONDS": "1", "PATH": path}
        return {**clean_environment(), **ours, "PYTHONSAFEPATH": "1", "PYTHONPATH": str(ROOT), **given}

    def words(self, name: str) -> list[str]:
        return [*compose.entry_point(), *(self.here(word) for word in SERVICES[name]["command"])]

    def start(self, name: str, *more: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}-{len(self.running)}.log").open("wb") as log:
            process = subprocess.Popen(
                [*self.words(name), *more],
                cwd=self.folder,
                env=self.environment(name),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def healthy(self, name: str) -> bool:
        _, *words = SERVICES[name]["healthcheck"]["test"]
        environment = {**self.environment(name), "PGPORT": str(self.postgres.port)}
        done = subprocess.run([self.here(word) for word in words], env=environment, capture_output=True)
        return done.returncode == 0

    def under_way(self) -> list[dict[str, Any]]:
        """The runs that the server believes to be running."""
        return list(self.ask("/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}}))


def end(process: subprocess.Popen[bytes]) -> None:
    """As when a machine is lost: a process and all below it, at once."""
    for pid in (process.pid, *descendants(process.pid)):
        kill(pid)
    process.wait()


@contextmanager
def team(folder: Path) -> Iterator[Team]:
    (folder / "secrets").mkdir(mode=0o700)
    password = "of-postgres"
    with system_postgres("touchbase", password) as postgres:
        url = f"postgresql+psycopg://touchbase:{password}@127.0.0.1:{postgres.port}/touchbase"
        secrets = {"postgres_password": password, "prefect_login": "touchbase:of-prefect", "store_url": url}
        for name, text in secrets.items():
            (folder / "secrets" / name).write_text(text)
        # The image of Postgres makes a database named after its user, and runs this file.
        postgres.do("createdb", "touchbase")
        postgres.do("psql", "-c", FILE["configs"]["databases"]["content"], "touchbase")
        found = Team(free_port(), folder, postgres)
        for name in NETWORKS:
            write(folder / "data" / "networks", name, f'schema = "{name}"')
        try:
            yield found
        finally:
            for process in found.running:
                end(process)


def runs_below(worker: subprocess.Popen[bytes]) -> Mapping[str, int]:
    """The process of each run below a worker, by the run's id."""
    found = {}
    for pid in descendants(worker.pid):
        with suppress(OSError):
            for word in Path(f"/proc/{pid}/environ").read_text().split("\0"):
                if word.startswith("PREFECT__FLOW_RUN_ID="):
                    found[word.partition("=")[2]] = pid
    return found


@pytest.mark.prefect
@pytest.mark.postgres
def test_a_team_loses_a_worker_and_no_task_is_there_twice(tmp_path: Path) -> None:
    with team(tmp_path) as site:
        until(lambda: site.healthy("postgres"), "Postgres", 60)
        server = site.start("server")
        until(lambda: server.poll() is not None or site.healthy("server"), "the server", 180)
        assert server.poll() is None, (tmp_path / "server-0.log").read_text()
        assert site.start("setup").wait(180) == 0, (tmp_path / "setup-1.log").read_text()
        assert site.deployments().keys() == {"network", "every-network", "attention"}
        workers = [site.start("worker", "--name", f"worker-{at}") for at in (1, 2)]

        first = site.trigger("every-network", today=DAY)
        hit: list[str] = []

        def amid() -> bool:
            names = {run["id"]: run["name"] for run in site.under_way()}
            for worker in workers:
                hit[:] = [run for run in runs_below(worker) if names.get(run) in NETWORKS]
                if hit:
                    end(worker)
                    workers.remove(worker)
                    return True
            return False

        until(amid, "a worker to be amid a network", 180)
        # What the automation does after 90 s of silence.
        living = runs_below(workers[0])
        crashed = {"state": {"type": "CRASHED", "message": "No heartbeat"}, "force": True}
        for run in site.under_way():
            if run["id"] not in living:
                site.ask(f"/flow_runs/{run['id']}/set_state", crashed)
        site.ended(first)
        assert {site.state(run)["type"] for run in hit} == {"CRASHED"}
        over = site.completed(site.trigger("every-network", today=DAY))
        assert over["name"] == "3 networks · 3 completed"

        engine = sa.create_engine((tmp_path / "secrets" / "store_url").read_text())
        for name in NETWORKS:
            with engine.connect() as connection:
                rows = connection.execute(sa.text(f'SELECT person_id, ref FROM "{name}".follow_ups')).all()
            assert len(rows) == len({row.person_id for row in rows}) == len({row.ref for row in rows}) == 2
            assert len(list((tmp_path / "data" / "networks" / name / "tasks").glob("*.ics"))) == 2
        engine.dispose()
        logs = "".join(log.read_text() for log in tmp_path.glob("*.log"))
        assert "of-postgres" not in logs
        assert "of-prefect" not in logs
