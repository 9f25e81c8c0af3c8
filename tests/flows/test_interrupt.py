"""Ctrl-C during a run in the command line's own process."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.support.demo import DELIVERED, TODAY, command, network
from tests.support.google_server import GoogleServer
from tests.support.paths import ROOT

_PATIENCE = 240


def test_ctrl_c_ends_a_run_at_once_and_the_next_one_completes_it(tmp_path: Path) -> None:
    config = network(tmp_path / "network")
    before = config.read_text()
    with GoogleServer() as google, socket.create_server(("127.0.0.1", 0)) as silent:
        google.write_token(config.parent / "google.json")
        # A source that never answers.
        config.write_text(
            f'{before}\n[[sources]]\nname = "google"\ntype = "google"\n'
            f'endpoint = "http://127.0.0.1:{silent.getsockname()[1]}"\n'
        )
        process = subprocess.Popen(
            [sys.executable, "-c", "from flows.cli.main import main; main()", "run",
             "--config", str(config), "--today", TODAY.isoformat()],
            cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        silent.settimeout(_PATIENCE)
        accepted = silent.accept()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=_PATIENCE)
        accepted[0].close()
    assert (process.returncode, out, err.strip()) == (130, "", "Stopped.")
    config.write_text(before)
    (run,) = json.loads(command("status", "--config", config, "--json").output)["runs"]
    assert run["status"] == "failed"
    assert command("run", "--config", config, "--today", TODAY.isoformat()).return_value == 0
    assert len(list((config.parent / "tasks").glob("*.ics"))) == DELIVERED
