"""A Prefect server as its UI talks to it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib import request
from urllib.error import HTTPError

PATIENCE = 240.0


def until(true: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.2)


@dataclass
class Api:
    """The server on one port of this machine."""

    port: int

    def login(self) -> dict[str, str]:
        """The header with the server's password; none if it wants none."""
        return {}

    def ask(self, path: str, body: object = None, method: str | None = None) -> Any:
        """Ask the server's API."""
        data = None if body is None else json.dumps(body).encode()
        asked = request.Request(
            f"http://127.0.0.1:{self.port}/api{path}",
            data,
            {"Content-Type": "application/json", **self.login()},
            method=method,
        )
        while True:
            try:
                with request.urlopen(asked, timeout=30) as answer:
                    return json.loads(answer.read() or b"null")
            except HTTPError as error:
                # SQLite is busy for a moment; Prefect's own client asks again, too.
                if error.code != 503:
                    raise
                time.sleep(0.5)

    def answers(self) -> bool:
        """Whether the server is up."""
        try:
            return bool(self.ask("/health"))
        except OSError:
            return False

    def deployments(self) -> dict[str, dict[str, Any]]:
        """All deployments by name."""
        return {item["name"]: item for item in self.ask("/deployments/filter", {})}

    def trigger(self, name: str, **parameters: object) -> str:
        """Start a run as the UI does; return its id."""
        found = self.deployments()[name]
        made = self.ask(f"/deployments/{found['id']}/create_flow_run", {"parameters": parameters})
        return str(made["id"])

    def state(self, run: str) -> dict[str, Any]:
        """The run's state now."""
        return dict(self.ask(f"/flow_runs/{run}")["state"])

    def ended(self, run: str) -> dict[str, Any]:
        """The run, once it is over."""
        until(
            lambda: self.state(run)["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"), f"run {run}"
        )
        return dict(self.ask(f"/flow_runs/{run}"))

    def completed(self, run: str) -> dict[str, Any]:
        """The run, once it is over and all went well; else what is known of it is the failure's message."""
        over = self.ended(run)
        assert over["state"]["type"] == "COMPLETED", self.story(run)
        return over

    def story(self, run: str) -> str:
        """The run's states, and the last things it logged, to read after a failure."""
        states = self.ask(f"/flow_run_states/?flow_run_id={run}")
        lines = [f"{one['timestamp']} {one['name']}: {one['message']}" for one in states]
        query = {"logs": {"flow_run_id": {"any_": [run]}}, "sort": "TIMESTAMP_DESC", "limit": 30}
        logged = self.ask("/logs/filter", query)
        return "\n".join(lines + [f"{one['timestamp']} {one['message']}" for one in reversed(logged)])
