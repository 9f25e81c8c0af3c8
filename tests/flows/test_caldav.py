"""The whole loop on a real CalDAV server: run, use the tasks in todoman, run again; and a kill in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.settings.loading import load
from tests.connectors.test_caldav_sink import Calendar, Laptop
from tests.support.crash_points import DAYS, all_of, run, wish
from tests.support.dav_servers import DavServer, radicale
from tests.support.opening import open_sink
from tests.support.paths import ROOT

pytestmark = pytest.mark.dav


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DavServer]:
    with radicale(tmp_path / "radicale") as running:
        yield running


@pytest.fixture
def config(server: DavServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOUCHBASE_CALDAV_PASSWORD", server.password)
    path = tmp_path / "network" / "touchbase.toml"
    path.parent.mkdir()
    path.write_text(
        f'[tasks]\ntype = "caldav"\nurl = "{server.url}"\nuser = "{server.user}"\nlist = "people"\n'
        "capacity_per_day = 20\n"
    )
    return path


def test_done_snoozed_and_deleted_in_todoman_come_back(
    config: Path, server: DavServer, tmp_path: Path
) -> None:
    settings = load(config)
    wishes = [wish("anna"), wish("ben"), wish("cleo"), wish("dora")]
    run(settings, wishes, DAYS[0])
    laptop = Laptop(tmp_path / "laptop", Calendar(server, "people"))
    laptop.sync()
    laptop.todo("done", laptop.number("Call anna"))
    laptop.todo("edit", "--due", "2026-03-20", laptop.number("Call ben"))
    laptop.todo("delete", "--yes", laptop.number("Call cleo"))
    laptop.sync()
    for _ in range(2):
        run(settings, wishes, DAYS[1])
        found = {item.person_id: (item.status, item.due.isoformat()) for item in all_of(settings)}
        assert {person: status for person, (status, _) in found.items()} == {
            "anna": "done",
            "ben": "snoozed",
            "cleo": "dismissed",
            "dora": "open",
        }
        assert found["ben"][1] == "2026-03-20"
    assert Calendar(server, "people").count() == 3


def test_killed_while_delivering_nothing_comes_twice(config: Path, server: DavServer) -> None:
    program = (
        "from pathlib import Path\n"
        "from flows.settings.loading import load\n"
        "from tests.support.crash_points import DAYS, run, wish\n"
        f"run(load(Path({str(config)!r})), [wish(f'p{{n}}') for n in range(12)], DAYS[0])\n"
    )
    desk = Calendar(server, "people")
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=os.environ)
    deadline = time.monotonic() + 120
    while not desk.paths() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 1 <= desk.count() < 12
    run(load(config), [wish(f"p{n}") for n in range(12)], DAYS[0])
    assert desk.count() == 12
    assert len({state.key for state in open_sink(load(config)).states()}) == 12
    assert {item.status for item in all_of(load(config))} == {"open"}
