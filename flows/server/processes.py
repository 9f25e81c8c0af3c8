"""The server, its UI, the schedules and a worker as one tree of processes that starts and stops together.

This process does not import Prefect: it starts children, waits, and talks to the server over HTTP.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib import error as http_error
from urllib import request as http

from filelock import FileLock, Timeout

from flows.orchestration.deployment import POOL, QUESTION
from flows.server import guard, lifeline, ports, served
from flows.server.served import Served
from people.errors import UserMustAct

PREFECT_ENVIRONMENT = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "connectors,people,rules,flows",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_WORKER_QUERY_SECONDS": "5",
    # With the default of 15 seconds, a busy machine counts as late every morning.
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "300",
}
"""How Prefect runs here: without telemetry, with our log, and with a heartbeat that reveals lost runs."""

_NOT_OURS = ("PREFECT_API_KEY", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH")
"""What the user set for another server; here it would be used in place of our password."""

_PATIENCE = 120.0


@dataclass
class Serving:
    """One server with its worker. ``home`` holds Prefect's database and a log file per process.

    ``host`` is the address on which the server listens; it answers under 127.0.0.1 and localhost only.
    """

    config: Path
    home: Path
    port: int
    say: Callable[[str], None]
    host: str = "127.0.0.1"
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _stop: bool = False
    _password: str = ""

    @property
    def url(self) -> str:
        """The address of the UI."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        """The address of the server's API."""
        return f"{self.url}/api"

    def run(self) -> None:
        """Start all processes, wait for a signal to stop, then stop them.

        Raises ``UserMustAct`` if another server uses ``home``, the port is taken, a process does not start or
        ends unexpectedly, or nothing guards the server.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        self.home.chmod(0o700)
        with self._alone(), self._signals():
            ports.wait_until_free(self.port)
            try:
                self._start()
                self._watch()
            except _Asked:
                self.say("Stopping ...")
            finally:
                self._end()

    def _start(self) -> None:
        self.say("Starting the server ...")
        self._spawn(
            "server", "flows.server.prefect_process", "start", "--host", self.host, "--port", str(self.port)
        )
        self._until_healthy()
        # Whatever is under way was lost with the last worker: no worker of this server runs yet.
        while not self._close_lost_runs():
            if self._children["server"].poll() is not None:
                raise self._broken("server")
            self._pause(0.3)
        self._once("prepare", "flows.server.setup")
        self._worker()
        self._show_address()

    def _show_address(self) -> None:
        if sys.stderr.isatty():
            self.say(f"Open {self._note.enter}")
            self.say("This address logs your browser in, once. Keep it to yourself.")
        else:
            # What is not a terminal may be a log that others read.
            self.say(f"The address that logs a browser in is in {self.home / served.NOTE}")
        self.say(f"Touchbase runs at {self.url}   (Ctrl-C stops it)")

    def _worker(self) -> None:
        words = ("worker", "start", "--pool", POOL, "--type", "process", "--name", "touchbase")
        self._spawn("worker", "prefect", *words)

    def _watch(self) -> None:
        """Wait while the server runs. A worker that ended is replaced, because tomorrow's runs need one."""
        while True:
            self._pause(1.0)
            if self._children["server"].poll() is not None:
                raise self._broken("server")
            if self._children["worker"].poll() is not None:
                self.say("The worker ended unexpectedly; starting another one.")
                self._worker()

    def _until_healthy(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            if self._children["server"].poll() is not None:
                raise self._broken("server")
            if self._ask("GET", "/health", timeout=2.0) is True:
                guard.check(self.api)
                return
            self._pause(0.3)
        raise self._broken("server")

    def _once(self, name: str, module: str) -> None:
        """Run a module to its end."""
        child = self._spawn(name, module)
        while child.poll() is None:
            self._pause(0.2)
        if child.returncode != 0:
            raise self._broken(name)
        del self._children[name]

    def _spawn(self, name: str, module: str, *words: str) -> subprocess.Popen[bytes]:
        with (self.home / f"{name}.log").open("ab") as log:
            self._children[name] = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
                # -P and a folder of our own: neither code nor settings of the working folder count.
                [sys.executable, "-P", "-m", "flows.server.lifeline", module, *words],
                cwd=self.home,
                env=self._environment(),
                # Nothing is written here. The pipe ends with this process, and then the child ends too.
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches only this process, which then stops its children in order.
                start_new_session=True,
            )
        return self._children[name]

    def _environment(self) -> dict[str, str]:
        fixed = {
            **served.client_environment(self._note),
            "PREFECT_SERVER_API_AUTH_STRING": self._password,
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"{self.url},http://localhost:{self.port}",
            # Relative, so that the UI also works at localhost and at the other end of a tunnel.
            "PREFECT_UI_API_URL": "/api",
            "PREFECT_HOME": str(self.home),
            "PYTHONSAFEPATH": "1",
            "TOUCHBASE_CONFIG": str(self.config),
        }
        if networks := os.environ.get("TOUCHBASE_NETWORKS"):
            fixed["TOUCHBASE_NETWORKS"] = str(Path(networks).expanduser().absolute())
        users = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
        return {**PREFECT_ENVIRONMENT, **users, **fixed}

    @property
    def _note(self) -> Served:
        return Served(pid=os.getpid(), url=self.url, config=self.config, password=self._password)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Lock ``home``. The system releases the lock when this process ends, in whatever way."""
        lock = FileLock(self.home / "serve.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            other = served.read_note(self.home)
            address, process = (other.url, str(other.pid)) if other else ("", "")
            raise UserMustAct(
                f"this network is served already, at {address}: {self.home} is in use",
                help=f"open that address, or stop the server: kill {process}",
            ) from error
        try:
            self._password = served.password(self.home)
            served.leave_note(self.home, self._note)
            yield
        finally:
            served.remove_note(self.home)
            lock.release()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def ask(_number: int, _frame: object) -> None:
            self._stop = True

        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _pause(self, seconds: float) -> None:
        if not self._stop:
            time.sleep(seconds)
        if self._stop:
            raise _Asked

    def _end(self) -> None:
        """Stop the worker and its runs, mark these runs as crashed, then stop the server."""
        for name in ("prepare", "worker"):
            child = self._children.pop(name, None)
            if child is not None:
                running = lifeline.descendants(child.pid)
                lifeline.stop(child)
                for pid in running:
                    lifeline.kill(pid)
        server = self._children.pop("server", None)
        if server is not None:
            self._close_lost_runs()
            lifeline.stop(server)
            self.say("Stopped. The schedules are kept; start again with: touchbase serve")

    def _close_lost_runs(self) -> bool:
        """Mark runs without a worker as crashed, so that they do not block the next ones.

        Returns False if the server did not answer, as a busy one may not.
        """
        open_ = {"state": {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING", "PAUSED"]}}}
        state = {
            "type": "CRASHED",
            "name": "Crashed",
            "message": "Lost with its worker; the next run repairs it",
        }
        # A question to the user is a run below the worker's run, without a pool of its own.
        for whose in (
            {"work_pools": {"name": {"any_": [POOL]}}},
            {"flows": {"name": {"any_": [QUESTION]}}},
        ):
            lost = self._ask("POST", "/flow_runs/filter", {"flow_runs": open_, **whose})
            if lost is None:
                return False
            for run in lost:
                self._ask("POST", f"/flow_runs/{run['id']}/set_state", {"state": state, "force": True})
        return True

    def _ask(self, method: str, path: str, body: object = None, timeout: float = 10.0) -> Any:  # noqa: ANN401 - JSON
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **served.authorization(self._password)}
        try:
            asked = http.Request(self.api + path, data, headers, method=method)  # noqa: S310 - our own server
            with served.opener(self.api).open(asked, timeout=timeout) as answer:
                return json.loads(answer.read() or b"null")
        except (http_error.URLError, OSError, ValueError):
            return None

    def _broken(self, name: str) -> UserMustAct:
        log = self.home / f"{name}.log"
        lines = log.read_text("utf-8", "replace").strip().splitlines() if log.exists() else []
        last = lines[-1] if lines else "its log is empty"
        return UserMustAct(
            f"the {name} did not start or ended unexpectedly: {last}", help=f"its log is {log}"
        )


class _Asked(Exception):
    """A signal asked to stop."""
