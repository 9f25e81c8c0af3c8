"""Files for the user alone, whatever the umask; what exists keeps a tighter mode."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from people.private_files import private_folder, replace_file, write_output, write_private
from tests.support.demo import command, network, run


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umasks(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


@pytest.mark.usefixtures("umasks")
@pytest.mark.parametrize(
    ("before", "after"), [(None, "0o600"), (0o644, "0o600"), (0o600, "0o600"), (0o400, "0o400")]
)
def test_a_file_is_for_the_user_alone(tmp_path: Path, before: int | None, after: str) -> None:
    path = tmp_path / "digest.md"
    if before is not None:
        path.write_text("old")
        path.chmod(before)
    write_private(path, "Anna\r\nBen\n")
    assert (path.read_bytes(), mode(path)) == (b"Anna\r\nBen\n", after)
    assert [one.name for one in tmp_path.iterdir()] == ["digest.md"]


def test_a_users_own_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "touchbase.toml"
    path.write_text("old")
    path.chmod(0o640)
    replace_file(path, b"new")
    assert mode(path) == "0o640"


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_output(pipe, "Anna")
    assert os.read(reader, 10) == b"Anna"
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    os.close(reader)


@pytest.mark.usefixtures("umasks")
def test_folders_are_made_for_the_user_alone_and_those_that_exist_stay(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    there.chmod(0o755)
    private_folder(there / "a" / "b")
    private_folder(there)
    assert [mode(one) for one in (there, there / "a", there / "a" / "b")] == ["0o755", "0o700", "0o700"]


@pytest.mark.usefixtures("no_umask")
def test_everything_that_a_network_writes_is_for_the_user_alone(tmp_path: Path) -> None:
    """Input: init, a run with a digest, a decision, a report, an export, a backup. Output: no wider mode."""
    made = tmp_path / "made"
    config = network(made / "network")
    with config.open("a") as file:
        file.write('\n[digest]\npath = "days/pages"\n')
    run(config)
    assert (made / "network" / "days" / "pages" / "2026-01-14.md").exists()
    command("init", made / "other")
    command("report", "--config", config, "-o", made / "report.html")
    command("export", "--vcf", "--config", config, "-o", made / "people.vcf")
    command("store", "backup", made / "backups" / "day.db", "--config", config)
    pair = json.loads(command("identity", "review", "--json", "--config", config).output)[0]
    one, other = (pair[side]["record"] if isinstance(pair[side], dict) else pair[side] for side in ("a", "b"))
    command("identity", "different", one, other, "--config", config)
    # The starter rules name nobody.
    written = [one for one in made.rglob("*") if "rules" not in one.parts]
    assert {one.name for one in written} >= {
        "people.vcf",
        "identity.txt",
        "day.db",
        "journal.csv",
        "report.html",
    }
    assert [one for one in written if one.stat().st_mode & 0o077] == []
