"""A run killed at every single line of the outbox and the sinks leaves one task for each follow-up."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.google_server import GoogleServer
from tests.support.paths import ROOT

MEMORY = Path("/dev/shm")


@pytest.fixture
def folder() -> Iterator[Path]:
    # Hundreds of stores are made here, and what is tested is not the disk.
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as made:
        yield Path(made)


def points(*words: str | Path) -> int:
    program = [sys.executable, "-m", "tests.support.crash_points", *map(str, words)]
    ran = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return int(json.loads(ran.stdout)["points"])


def test_a_folder_of_tasks(folder: Path) -> None:
    assert points(folder, "vtodo-folder") > 300


def test_google_tasks(folder: Path) -> None:
    with GoogleServer() as google:
        google.write_token(folder / "google.json")
        assert points(folder, "google", google.endpoint) > 100
