"""A FIFO, a device or a huge file where a file is expected: a sentence with place and remedy, and no hang."""

from __future__ import annotations

import resource
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from people.errors import TouchbaseError
from tests.flows.test_forget import world
from tests.people.test_regular_files import device, fifo
from tests.support.demo import command
from tests.support.marks import ON_POSTGRES

SETTINGS = '\n[[sources]]\nname = "inbox"\ntype = "inbox"\npath = "inbox.txt"\n'
DAY = "2026-11-30"


class Hangs(BaseException):
    """A call waits for ever. It is no ``OSError``, which the code under test may expect."""


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    """A command that waits for a FIFO fails instead."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise Hangs

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(100)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    # A device without an end would fill the memory of the machine first.
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a network after a run."""
    folder = tmp_path_factory.mktemp("net")
    config = world(folder)
    config.write_text(config.read_text() + SETTINGS)
    (folder / "inbox.txt").write_text("")
    command("run", "--config", config, "--today", DAY)
    return folder


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10**11)


def said(config: Path, *words: str) -> str:
    """What a command says, its error included."""
    try:
        done = command(*words, "--config", config)
    except TouchbaseError as error:
        return f"{error.message} {error.help}"
    return done.output


PLACES = [
    ("rules/mine.yaml", ("rules", "check"), "remove it"),
    ("rules/mine.yaml", ("run", "--today", DAY), "mine.yaml:1:1: cannot be read"),
    ("rules/mine.test.yaml", ("rules", "test"), "remove it"),
    ("identity.txt", ("identity", "same", "phone:zoe", "old:zq"), "remove it"),
    ("identity.txt", ("run", "--today", DAY), "identity.txt cannot be read"),
    ("journal.csv", ("log", "Owen Price", "contact"), "check its path"),
    ("journal.csv", ("run", "--today", DAY), "journal"),
    ("inbox.txt", ("run", "--today", DAY), "inbox"),
    ("contacts.vcf", ("run", "--today", DAY), "phone"),
    ("touchbase.toml", ("run",), "touchbase.toml cannot be read"),
    ("touchbase.toml", ("doctor",), "touchbase.toml cannot be read"),
]


@pytest.mark.parametrize("make", [fifo, device, huge])
@pytest.mark.parametrize(("place", "words", "says"), PLACES)
def test_a_command_ends_with_a_sentence(
    tmp_path: Path, ran: Path, place: str, words: tuple[str, ...], says: str, make: Callable[[Path], None]
) -> None:
    network = shutil.copytree(ran, tmp_path / "net")
    path = network / place
    path.unlink(missing_ok=True)
    make(path)
    text = " ".join(said(network / "touchbase.toml", *words).split())
    assert says in text
    assert "unexpected" not in text


@pytest.mark.parametrize("make", [fifo, device])
def test_doctor_sees_a_source_that_is_no_file(
    tmp_path: Path, ran: Path, make: Callable[[Path], None]
) -> None:
    network = shutil.copytree(ran, tmp_path / "net")
    (network / "journal.csv").unlink()
    make(network / "journal.csv")
    assert "neither a file nor a folder" in " ".join(said(network / "touchbase.toml", "doctor").split())


@pytest.mark.skipif(ON_POSTGRES, reason="the store is a file on SQLite only")
@pytest.mark.parametrize("make", [fifo, device])
def test_a_store_that_is_no_file_is_told(tmp_path: Path, ran: Path, make: Callable[[Path], None]) -> None:
    network = shutil.copytree(ran, tmp_path / "net")
    for path in network.glob("touchbase.db*"):
        path.unlink()
    make(network / "touchbase.db")
    assert "touchbase.db is not a regular file" in said(network / "touchbase.toml", "status")
