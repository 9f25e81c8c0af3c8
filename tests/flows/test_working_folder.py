"""What lies in the folder where a command is typed is data: no command imports it or takes settings of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.demo import network
from tests.support.serving import TOUCHBASE, clean_environment
from tests.support.traps import set_traps, sprung

PARALLEL = """
from people.parallel import Pool

if __name__ == "__main__":
    with Pool(2, start_from=2_000) as pool:
        assert sum(map(len, pool.in_chunks(list, range(3000)))) == 3000
        assert pool._executor is not None, "no processes were used"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A network whose folder holds a calendar.py, a json.py, a flows.py ..."""
    config = network(tmp_path / "network")
    set_traps(config.parent)
    return config.parent


def typed(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [TOUCHBASE, *words], cwd=folder, env=clean_environment() | environment, capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_a_run_imports_none_of_it(folder: Path) -> None:
    document = json.loads(typed(folder, "run", "--json").stdout)
    assert document["status"] != "failed"
    typed(folder, "status")
    typed(folder, "doctor")
    assert sprung(folder) == ""


def test_the_processes_of_a_large_import_import_none_of_it(folder: Path, tmp_path: Path) -> None:
    # Like the script touchbase, a program elsewhere does not look for modules in the working folder.
    program = tmp_path / "program.py"
    program.write_text(PARALLEL)
    done = subprocess.run(
        [sys.executable, program], cwd=folder, env=clean_environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert sprung(folder) == ""


@pytest.mark.prefect
def test_a_flow_run_uses_the_networks_home_and_none_of_it(folder: Path, tmp_path: Path) -> None:
    """A damaged database and broken profiles in ~/.prefect do not matter either."""
    theirs = tmp_path / "home" / ".prefect"
    theirs.mkdir(parents=True)
    (theirs / "prefect.db").write_text("damaged")
    (theirs / "profiles.toml").write_text("[[")
    before = {path.name: path.read_bytes() for path in theirs.iterdir()}
    done = typed(folder, "demo", "--flow", "--dir", str(tmp_path / "demo"), HOME=str(theirs.parent))
    assert "Flow run daily: Completed" in done.stderr
    own = tmp_path / "demo" / ".prefect"
    assert (own / "prefect.db").stat().st_size > 100_000
    assert own.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.read_bytes() for path in theirs.iterdir()} == before
    assert sprung(folder) == ""
    assert list(theirs.parent.iterdir()) == [theirs]
