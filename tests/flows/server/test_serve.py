"""``touchbase serve`` as its user meets it: one command, a browser, and things that go wrong.

One server serves all tests here. Each test that runs something does so on a network of its own, so the order
of the tests does not matter.
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
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest

from flows.run.decide import Reason
from flows.server.lifeline import descendants
from flows.server.processes import Serving
from flows.server.served import client_environment
from people.errors import UserMustAct
from tests.support.demo import DELIVERED, PEOPLE, TODAY, command, network, pulled
from tests.support.marks import ABOUT_SQLITE
from tests.support.paths import ROOT
from tests.support.prefect_api import until
from tests.support.serving import QUIET, TOUCHBASE, Served, chromium, clean_environment, serving, start, stop
from tests.support.traps import sprung

pytestmark = [pytest.mark.prefect, ABOUT_SQLITE]


DEPLOYMENTS = {"daily", "hourly-calendar", "weekly-report", "weekly-full-refresh", "rules-check"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(network(tmp_path_factory.mktemp("served") / "network")) as found:
        yield found


@pytest.fixture(scope="module")
def new_network(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Write one more demo network; returns its settings file."""
    return lambda: network(tmp_path_factory.mktemp("own") / "network")


@pytest.fixture
def own(new_network: Callable[[], Path]) -> Path:
    """The settings file of a network that only this test runs."""
    return new_network()


def daily(served: Served, config: Path, days: int = 0) -> str:
    """Start a daily run so many days after the demo's day, once no other run has the only place."""

    def is_free() -> bool:
        return not served.deployments()["daily"]["global_concurrency_limit"]["active_slots"]

    until(is_free, "the place of a daily run")
    return served.trigger("daily", config=str(config), today=(TODAY + timedelta(days=days)).isoformat())


def as_deployed(served: Served) -> dict[str, Any]:
    """What deploying decides, without the times and counters that the server keeps."""
    kept = {
        "id", "name", "paused", "tags", "description", "parameters", "entrypoint", "pull_steps",
        "work_pool_name", "concurrency_options", "parameter_openapi_schema", "enforce_parameter_schema",
    }  # fmt: skip
    schedule = {"id", "slug", "active", "schedule", "parameters"}
    return {
        name: {key: item[key] for key in kept}
        | {"schedules": [{key: one[key] for key in schedule} for one in item["schedules"]]}
        | {"limit": item["global_concurrency_limit"] and item["global_concurrency_limit"]["limit"]}
        for name, item in served.deployments().items()
    }


def automations(served: Served) -> dict[str, Any]:
    return {item["name"]: item for item in served.ask("/automations/filter", {})}


def written(served: Served) -> dict[str, Any]:
    """When each automation was last written, by name and id."""
    return {name: (item["id"], item["updated"]) for name, item in automations(served).items()}


def test_each_deployment_is_scheduled_once_and_not_paused(served: Served) -> None:
    found = as_deployed(served)
    assert found.keys() == DEPLOYMENTS | {"attention", "network", "every-network"}
    # Without a folder of networks there is nothing to schedule.
    assert [one["active"] for one in found["every-network"]["schedules"]] == [False]
    for name in DEPLOYMENTS:
        (schedule,) = found[name]["schedules"]
        assert schedule["active"]
        assert schedule["schedule"]["timezone"] == "Europe/London"
        assert not found[name]["paused"]
        assert found[name]["limit"] == 1
    assert found["daily"]["schedules"][0]["schedule"]["cron"] == "30 6 * * 1-5"
    assert found["daily"]["parameters"] == {"config": str(served.config)}
    form = found["daily"]["parameter_openapi_schema"]["properties"]
    assert form["read"]["enum"] == ["changes", "everything"]
    assert all(item["description"] for item in form.values())
    assert {item["enabled"] for item in automations(served).values()} == {True}
    assert len(automations(served)) == 8


def test_a_cron_deployment_really_yields_a_scheduled_run(served: Served) -> None:
    query = {
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
        "deployments": {"name": {"any_": ["daily"]}},
    }
    until(lambda: served.ask("/flow_runs/filter", query), "a scheduled run", 60)
    (first, *_) = served.ask("/flow_runs/filter", query)
    assert first["auto_scheduled"]


def test_two_triggers_at_the_same_moment_deliver_once(served: Served, own: Path) -> None:
    first = daily(served, own)
    runs = [first, served.trigger("daily", config=str(own), today=TODAY.isoformat())]
    ended = [served.ended(run) for run in runs]
    assert sorted(run["state"]["type"] for run in ended) == ["CANCELLED", "COMPLETED"]
    (done,) = [run for run in ended if run["state"]["type"] == "COMPLETED"]
    assert done["name"].startswith(f"daily · {DELIVERED} open · ")
    assert task_files(own) == DELIVERED
    shown = served.ask("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [done["id"]]}}})
    assert {item["key"] for item in shown} >= {
        "digest",
        "brief",
        "follow-ups",
        "sources",
        "trend",
        "open-pairs",
    }
    tasks = served.ask("/task_runs/filter", {"flow_runs": {"id": {"any_": [done["id"]]}}})
    assert len(tasks) <= 12 * 6


def test_nothing_changed_partial_and_completed_are_told_apart(served: Served, own: Path) -> None:
    first = served.completed(daily(served, own))
    assert first["state"]["name"] == "Completed"
    assert served.ask(f"/artifacts/{digest_in(first['state']['message'])}")["key"] == "digest"
    hourly = {"config": str(own), "today": TODAY.isoformat()}
    quiet = [served.completed(served.trigger("hourly-calendar", **hourly)) for _ in range(2)]
    assert [run["state"]["name"] for run in quiet] == ["Nothing changed"] * 2
    assert quiet_runs(served, own) == [quiet[-1]["id"]]
    assert artifacts(served, quiet[0]["id"]) == {}
    (own.parent / "outlook.vcf").unlink()
    partial = served.ended(daily(served, own))
    assert (partial["state"]["type"], partial["state"]["name"]) == ("FAILED", "Partial")
    assert "outlook: file missing" in partial["name"]
    assert "outlook.vcf of source 'outlook' does not exist" in partial["state"]["message"]
    assert quiet_runs(served, own) == []
    assert {"digest", "sources"} <= artifacts(served, partial["id"]).keys()


def digest_in(message: str) -> str:
    """The id of the digest that a state's message names."""
    return message.rpartition(" · digest: ")[2].rpartition("/artifacts/artifact/")[2]


def quiet_runs(served: Served, config: Path) -> list[str]:
    """The hourly runs of a network that the list of runs shows."""
    found = served.ask("/flow_runs/filter", {"flows": {"name": {"any_": ["hourly-calendar"]}}})
    return [run["id"] for run in found if run["parameters"].get("config") == str(config)]


def artifacts(served: Served, run: str) -> dict[str, dict[str, Any]]:
    """The artifacts of a run by key."""
    found = served.ask("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    return {item["key"]: item for item in found}


SIXTY = """
version: 1
rules:
  - id: key-people
    for: person
    why: A mistake.
    when: {tier: key}
    then: {cadence: sixty}
"""


def test_a_broken_rule_is_red_and_is_told_once(served: Served, own: Path) -> None:
    (own.parent / "rules" / "own.yaml").write_text(SIXTY)
    checked = served.ended(served.trigger("rules-check", config=str(own)))
    assert (checked["state"]["type"], checked["state"]["name"]) == ("FAILED", "Broken rules")
    mistake = "rules/own.yaml:8:21 'sixty' is not a length of time"
    assert checked["name"] == f"rules-check · {mistake}"
    assert checked["state"]["message"] == f"{mistake} · next: touchbase rules check"
    # The daily run of the same day sees the same mistake.
    ran = served.ended(served.trigger("daily", config=str(own)))
    assert ran["state"]["name"] == "Partial"
    assert "1 broken rule" in ran["name"]
    about = f"attention · 1 rule cannot be used: {mistake}"
    until(lambda: about in attention(served), "the automation's message", 60)
    query = {
        "filter": {
            "event": {"name": ["touchbase.rules-broken"]},
            "occurred": {"since": ran["created"]},
        }
    }
    assert served.ask("/events/filter", query)["total"] == 0


def test_a_run_from_the_command_line_is_a_flow_run_there(served: Served) -> None:
    words = ["run", "--dry-run", "--json", "--today", TODAY.isoformat()]
    ran = subprocess.run(
        [TOUCHBASE, *words], cwd=served.config.parent, env=clean_environment(),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    document = json.loads(ran.stdout)
    assert f"Flow run: http://127.0.0.1:{served.port}/runs/flow-run/{document['run_id']}" in ran.stderr
    assert served.ended(document["run_id"])["state"]["type"] == "COMPLETED"
    note = served.config.parent / ".prefect" / "serve.json"
    assert note.stat().st_mode & 0o777 == 0o600


def ask_first(config: Path, hours: float) -> None:
    """Turn approval on, with so many hours to answer."""
    config.write_text(f"{config.read_text()}\n[approval]\nenabled = true\nhours = {hours}\n")


def task_files(config: Path) -> int:
    return len(list((config.parent / "tasks").glob("*.ics")))


def question(served: Served, run: str) -> str:
    """The run below ``run`` that waits for the user, once there is one."""
    query = {
        "flow_runs": {"parent_flow_run_id": {"any_": [run]}, "state": {"type": {"any_": ["PAUSED"]}}},
    }
    until(lambda: served.ask("/flow_runs/filter", query), "the question")
    (asked,) = served.ask("/flow_runs/filter", query)
    return str(asked["id"])


def takes(served: Served, asked: str, answer: dict[str, str]) -> bool:
    """Answer, and see whether it was taken: Prefect pauses first, and then brings the form to check it by."""
    said = served.ask(f"/flow_runs/{asked}/resume", {"run_input": answer})
    return bool(said["status"] == "ACCEPT")


def test_a_run_asks_before_it_delivers(served: Served, own: Path) -> None:
    ask_first(own, hours=1)
    run = daily(served, own)
    asked = question(served, run)
    assert task_files(own) == 0
    # A run whose place under the limit is taken from it while it waits is killed after some minutes.
    assert served.deployments()["daily"]["global_concurrency_limit"]["active_slots"] == 1
    assert served.ask(f"/flow_runs/{run}")["name"] == f"daily · asks about {DELIVERED} new follow-ups"
    waiting = command("follow-ups", "--config", own, "--json").output
    assert [item["reason"] for item in json.loads(waiting)].count(Reason.APPROVAL.value) == DELIVERED
    answer = {"deliver": "only those numbered below", "numbers": "1-2"}
    until(lambda: takes(served, asked, answer), "the answer to be taken")
    served.completed(run)
    assert task_files(own) == 2


def test_without_an_answer_the_run_ends_well_and_nothing_is_lost(served: Served, own: Path) -> None:
    ask_first(own, hours=0.001)
    served.completed(daily(served, own))
    assert task_files(own) == 0
    listed = json.loads(command("follow-ups", "--config", own, "--json").output)
    deferred = [item for item in listed if item["status"] == "deferred"]
    assert [item["reason"] for item in deferred].count(Reason.NOT_APPROVED.value) == DELIVERED


FLOOD = """
version: 1
rules:
  - id: flood
    for: person
    why: A rule that says too much.
    when: {record_count|gte: 1}
    then: {tag: everybody}
    at_most: 1
"""
GOOGLE = """
[[sources]]
name = "google"
type = "google"
token = "google.json"
"""


@pytest.fixture(scope="module")
def troubled(served: Served, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A run of another network, in which everything that needs somebody goes wrong at once."""
    config = pulled(network(tmp_path_factory.mktemp("troubled") / "other"))
    config.write_text(config.read_text() + GOOGLE)
    (config.parent / "outlook.vcf").unlink()
    (config.parent / "phone" / "icloud-export.vcf").unlink()
    (config.parent / "rules" / "flood.yaml").write_text(FLOOD)
    return served.ended(daily(served, config, days=4))


def test_a_troubled_run_says_so_in_the_list_of_runs(troubled: dict[str, Any]) -> None:
    assert (troubled["state"]["type"], troubled["state"]["name"]) == ("FAILED", "Partial")
    kind, *said = troubled["name"].split(" · ")
    assert kind == "daily"
    assert {"phone: held back", "outlook: file missing", "google: login needed"} <= set(said)
    assert "held back: flood" in said


def attention(served: Served) -> dict[str, str]:
    """The names of the attention runs that have ended, with the messages of their states."""
    found = served.ask("/flow_runs/filter", {"flows": {"name": {"any_": ["attention"]}}})
    return {
        run["name"]: run["state"]["message"] for run in found if run["state"]["name"] == "Needs attention"
    }


@pytest.mark.usefixtures("troubled")
def test_each_trouble_is_told_with_the_next_command(served: Served) -> None:
    expected = {
        "there is no Google token": "touchbase login google",
        "source 'phone' was last read on 14 Jan": "touchbase run --accept-removals phone",
        "source 'outlook' was last read on 14 Jan": "check the path",
        f"rule flood: matched {PEOPLE} people": "at_most",
    }
    until(
        lambda: all(any(said in name for name in attention(served)) for said in expected),
        "the automations' messages",
        90,
    )
    told = attention(served)
    for said, following in expected.items():
        (message,) = [text for name, text in told.items() if said in name]
        assert following in message.partition("next: ")[2], told


def emit(served: Served, event: str, payload: dict[str, str] | None = None) -> None:
    """What a run of the network "nowhere" tells the automations."""
    resource = {"prefect.resource.id": "touchbase.network.nowhere"}
    told = {
        "occurred": datetime.now(UTC).isoformat(),
        "id": str(uuid4()),
        "event": event,
        "resource": resource,
        "payload": payload or {},
    }
    served.ask("/events", [told])


def test_a_notification_block_is_told_and_stays_so(served: Served) -> None:
    heard: list[str] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.end_headers()

    hook = HTTPServer(("127.0.0.1", 0), Hook)
    Thread(target=hook.serve_forever, daemon=True).start()
    program = f"""
from prefect.blocks.notifications import CustomWebhookNotificationBlock as Hook
from prefect.client.orchestration import get_client
from flows.orchestration import automations

Hook(name="me", url="http://127.0.0.1:{hook.server_port}/", json_data={{"text": "{{{{body}}}}"}}).save("me")
with get_client(sync_client=True) as client:
    said = [automations.install(client, notify) for notify in ("custom-webhook/me", None)]
print(said[0]["Touchbase: a login is needed"], *set(said[1].values()))
"""
    environment = os.environ | client_environment(served.note)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.stdout.split() == ["changed", "unchanged"], done.stderr
    told = {"subject": "google", "message": "the token is dead", "next": "touchbase login google"}
    emit(served, "touchbase.login-needed", told)
    until(lambda: heard, "the notification", 60)
    hook.shutdown()
    assert "the token is dead" in heard[0]
    assert "touchbase login google" in heard[0]


@pytest.fixture(scope="module")
def lost(served: Served, new_network: Callable[[], Path]) -> tuple[Path, str, datetime]:
    """The network and the run whose worker and process were killed, as when a machine goes away; and when."""
    config = new_network()
    run = daily(served, config)
    until(lambda: served.state(run)["type"] == "RUNNING", "the run to begin")
    heartbeat = {
        "filter": {
            "event": {"name": ["prefect.flow-run.heartbeat"]},
            "any_resource": {"id": [f"prefect.flow-run.{run}"]},
        }
    }
    until(lambda: served.ask("/events/filter", heartbeat)["total"], "its first heartbeat", 30)
    worker, *below = worker_processes(served)
    for pid in (worker, *below):
        os.kill(pid, signal.SIGKILL)
    return config, run, datetime.now(UTC)


def worker_processes(served: Served) -> list[int]:
    """The worker's process and those below it."""
    for pid in descendants(served.process.pid):
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        if "worker" in words and "start" in words:
            return [pid, *descendants(pid)]
    pytest.fail("serve has no worker")


# What only needs time goes on while the lost run is waited for.
@pytest.mark.usefixtures("lost")
def test_silence_is_told_once_its_time_is_over(served: Served) -> None:
    """The automation for 26 hours as it is installed, but for ten seconds."""
    shipped = automations(served)["Touchbase: no run for 26 hours"]
    assert shipped["trigger"]["within"] == 26 * 3600
    short = {key: shipped[key] for key in ("description", "actions", "enabled")}
    trigger = {key: value for key, value in shipped["trigger"].items() if key != "id"} | {"within": 10}
    made = served.ask("/automations/", short | {"name": "short", "trigger": trigger})
    silent = {"filter": {"event": {"name": ["prefect.automation.triggered"]},
              "any_resource": {"id": [f"prefect.automation.{made['id']}"]}}}  # fmt: skip
    for event in ("touchbase.run.ok", "touchbase.run.partial", "touchbase.run.ok"):
        emit(served, event)
        time.sleep(5)
    assert served.ask("/events/filter", silent)["total"] == 0
    emit(served, "touchbase.run.failed")
    until(lambda: served.ask("/events/filter", silent)["total"], "the automation", 30)
    served.ask(f"/automations/{made['id']}", method="DELETE")
    until(lambda: "attention · No run has succeeded for 26 hours" in attention(served), "its message", 60)
    assert attention(served)["attention · No run has succeeded for 26 hours"].endswith(
        "next: touchbase doctor"
    )


HOSTILE = (
    "![x](http://127.0.0.1:{port}/x.png)",
    "www.evil.example",
    "[a](javascript:alert(1))",
    "<img src=http://127.0.0.1:{port}/y.png onerror=alert(1)>",
    "<http://127.0.0.1:{port}/z>",
    "# Big_name \\\\# &lt;",
    "**Bold** `code` ~~gone~~ _it_",
)
"""What a stranger may write into a card, and what Markdown would make of it."""


@pytest.mark.browser
def test_names_are_plain_text_in_the_tables_of_both_uis(served: Served) -> None:
    fetched: list[str] = []

    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fetched.append(self.path)
            self.send_response(200)
            self.end_headers()

    stranger = HTTPServer(("127.0.0.1", 0), Stranger)
    Thread(target=stranger.serve_forever, daemon=True).start()
    names = [name.format(port=stranger.server_port) for name in HOSTILE]
    program = f"from flows.orchestration.artifacts import table; table('hostile', 'Names', {_rows(names)})"
    environment = os.environ | client_environment(served.note)
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=True)
    (made,) = served.ask("/artifacts/filter", {"artifacts": {"key": {"any_": ["hostile"]}}})
    with browsing(served) as page:
        for base in ("", "/v2"):
            page.goto(f"http://127.0.0.1:{served.port}{base}/artifacts/artifact/{made['id']}")
            page.get_by_text("evil.example").first.wait_for()
            cells = [text.strip() for text in page.locator("tbody td").all_inner_texts()]
            assert [cell.translate(_AS_WRITTEN) for cell in cells] == names, base
            assert page.locator("td a, td img, td strong, td code").count() == 0, base
    stranger.shutdown()
    assert fetched == []


_AS_WRITTEN = str.maketrans({"\u2060": "", "\u2217": "*", "\u02cb": "`", "\u223c": "~", "\u02cd": "_"})
"""Undoes what the eye does not see."""


def _rows(names: list[str]) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


@contextmanager
def browsing(served: Served) -> Iterator[Any]:
    """A page of a browser that has logged in, and that calls nobody by itself."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        page.goto(served.note.enter)
        page.get_by_text("Automations").first.wait_for()
        yield page
        browser.close()


@pytest.mark.browser
def test_each_deployment_runs_from_the_form_of_the_ui(
    served: Served, lost: tuple[Path, str, datetime], tmp_path: Path
) -> None:
    shots = Path(os.environ.get("TOUCHBASE_SCREENSHOTS", tmp_path))
    shots.mkdir(parents=True, exist_ok=True)
    # A run on the schedule would clear away the one that the form made, if nothing changed.
    with paused(served, "hourly-calendar"), browsing(served) as page:
        base = f"http://127.0.0.1:{served.port}/v2"
        others = sorted(DEPLOYMENTS - {"daily"})
        runs = {name: from_form(served, page, base, name, shots) for name in others}
        # The lost run holds daily's only place until it is seen to be lost.
        served.ended(lost[1])
        before = served.config.read_text()
        ask_first(served.config, hours=1)
        runs["daily"] = from_form(served, page, base, "daily", shots)
        had = task_files(served.config)
        with place_freed(served, runs["daily"]):
            answer(page, base, question(served, runs["daily"]), shots)
        seen: set[str] = set()
        for name, run in runs.items():
            served.completed(run)
            look(served, page, base, run, shots / name, seen)
        served.config.write_text(before)
        assert task_files(served.config) == had + 1
        page.goto(f"{base}/runs")
        page.get_by_text("rules-check").first.wait_for()
        page.screenshot(path=shots / "runs.png", full_page=True)
    assert seen >= {"digest", "follow-ups", "sources", "trend", "report", "rules"}
    assert list((served.config.parent / "reports").glob("report-*.html"))


@contextmanager
def paused(served: Served, name: str) -> Iterator[None]:
    """A deployment without its schedule."""
    (found,) = [one for one in served.ask("/deployments/filter", {}) if one["name"] == name]
    served.ask(f"/deployments/{found['id']}/pause_deployment", {})
    try:
        yield
    finally:
        served.ask(f"/deployments/{found['id']}/resume_deployment", {})


@contextmanager
def place_freed(served: Served, run: str) -> Iterator[None]:
    """If what follows fails, cancel the run, so that the other tests have the only place of a daily run."""
    try:
        yield
    except BaseException:
        served.ask(f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLED"}})
        raise


def from_form(served: Served, page: Any, base: str, name: str, shots: Path) -> str:
    """Open a deployment's form, submit it, and return the run that it made."""
    before = run_ids(served, name)
    for _ in range(4):
        page.goto(f"{base}/deployments")
        page.get_by_role("link", name=name, exact=True).first.click()
        page.get_by_role("button", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Custom run").click()
        page.get_by_text("touchbase.toml, on the worker").wait_for()
        page.screenshot(path=shots / f"{name}-form.png")
        page.get_by_role("button", name="Submit").click()
        # On a busy machine SQLite makes the server refuse (503); one presses again then.
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if made := run_ids(served, name) - before:
                return made.pop()
            page.wait_for_timeout(250)
    pytest.fail(f"the form of {name} made no run")


def answer(page: Any, base: str, run: str, shots: Path) -> None:
    """Read the plan in the dialog of a waiting run, and allow its first line."""
    page.goto(f"{base}/runs/flow-run/{run}")
    page.get_by_role("button", name="Open menu").click()
    page.get_by_role("menuitem", name="Resume").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Which of these become tasks?").wait_for()
    # The choice is in sight, without scrolling.
    expect_in_sight(dialog.get_by_text("all of them", exact=True), dialog)
    dialog.get_by_text("all of them", exact=True).click()
    page.get_by_text("only those numbered below", exact=True).last.click()
    dialog.locator("textarea").fill("1")
    page.screenshot(path=shots / "approval.png")
    # On a busy machine SQLite makes the server refuse (503) and the dialog stays; one presses again then.
    until(lambda: _pressed(page, dialog), "the answer to be taken", 120)


def _pressed(page: Any, dialog: Any) -> bool:
    """Press Resume, and see whether the dialog has gone some seconds later."""
    button = dialog.get_by_role("button", name="Resume")
    if button.is_visible() and button.is_enabled():
        button.click()
    page.wait_for_timeout(3_000)
    return not dialog.is_visible()


def expect_in_sight(choice: Any, dialog: Any) -> None:
    """``choice`` is within the dialog's scrolled part, above its buttons."""
    box, below = choice.bounding_box(), dialog.get_by_role("button", name="Resume").bounding_box()
    assert box["y"] + box["height"] <= below["y"], (box, below)


def run_ids(served: Served, name: str) -> set[str]:
    query = {
        "deployments": {"name": {"any_": [name]}},
        "flow_runs": {"expected_start_time": {"before_": "2999-01-01T00:00:00Z"}},
    }
    return {item["id"] for item in served.ask("/flow_runs/filter", query) if not item["auto_scheduled"]}


def look(served: Served, page: Any, base: str, run: str, shot: Path, seen: set[str]) -> None:
    """Open a run, and each of its artifacts whose like was not ``seen`` before."""
    page.goto(f"{base}/runs/flow-run/{run}?tab=Artifacts")
    found = served.ask("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    assert found
    page.get_by_text(found[0]["key"], exact=True).first.wait_for()
    page.screenshot(path=shot.with_name(f"{shot.name}-run.png"))
    for item in found:
        if item["key"] not in seen:
            seen.add(item["key"])
            until(partial(_shows_artifact, page, base, item["id"]), "an artifact's page", 180)
            page.screenshot(path=shot.with_name(f"{shot.name}-{item['key']}.png"))


def _shows_artifact(page: Any, base: str, artifact: str) -> bool:
    """Open an artifact. On a busy machine the server may refuse (503), and one opens it again then."""
    page.goto(f"{base}/artifacts/artifact/{artifact}")
    for _ in range(40):
        if page.get_by_role("tab", name="Artifact", exact=True).first.is_visible():
            return True
        page.wait_for_timeout(500)
    return False


def test_a_lost_run_is_crashed_within_two_minutes_and_the_next_one_repairs_it(
    served: Served, lost: tuple[Path, str, datetime]
) -> None:
    config, run, killed = lost
    until(lambda: served.state(run)["type"] == "CRASHED", "the lost run to be marked", 130)
    marked = datetime.fromisoformat(served.state(run)["timestamp"])
    assert marked - killed < timedelta(seconds=120)
    served.completed(daily(served, config))
    listed = json.loads(command("follow-ups", "--config", config, "--all", "--json").output)
    made = [item["ref"] for item in listed if item["ref"]]
    assert len(made) == len(set(made)) == task_files(config) == DELIVERED
    until(lambda: "attention · daily is Crashed" in attention(served), "the automation's message", 60)


def test_a_network_is_served_once_at_a_time(served: Served, tmp_path: Path) -> None:
    home = served.config.parent / ".prefect"
    with pytest.raises(UserMustAct, match="served already") as told:
        Serving(served.config, home, served.port + 1, print).run()
    assert f"http://127.0.0.1:{served.port}" in told.value.message
    assert told.value.help.endswith(f"kill {served.process.pid}")
    with pytest.raises(UserMustAct, match=f"port {served.port} is in use"):
        Serving(served.config, tmp_path / "home", served.port, print).run()


def test_killed_it_leaves_no_process_and_the_next_start_finds_everything_once(
    served: Served, own: Path
) -> None:
    before, watched = as_deployed(served), written(served)
    run = daily(served, own)
    until(lambda: served.state(run)["type"] == "RUNNING", "the run to begin")
    assert len(descendants(served.process.pid)) >= 3  # the server, the worker, the run
    assert stop(served.process, signal.SIGKILL) == -signal.SIGKILL
    served.process = start(served.config, served.port)
    assert served.ended(run)["state"]["type"] == "CRASHED"
    # Each start deploys again, and deploying twice changes nothing.
    assert as_deployed(served) == before
    assert written(served) == watched


def test_stopped_and_started_again_everything_is_there_once(served: Served) -> None:
    before, watched = as_deployed(served), written(served)
    assert stop(served.process, signal.SIGINT) == 0
    served.process = start(served.config, served.port)
    assert as_deployed(served) == before
    assert written(served) == watched


def test_nothing_in_the_folder_was_imported(served: Served) -> None:
    """All of this happened in a folder with a calendar.py, a json.py, a flows.py ..."""
    assert (served.config.parent / "calendar.py").exists()
    assert sprung(served.config.parent) == ""
