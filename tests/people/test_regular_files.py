"""Files that are none: FIFO, socket, device, huge file, link. Reading ends, and writing spares them."""

from __future__ import annotations

import os
import signal
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from people.private_files import replace_file, write_output, write_private
from people.regular_files import NotRegular, TooLarge, open_regular, read_inside, read_regular


class Hangs(BaseException):
    """A call waits for ever. It is no ``OSError``, which the code under test may expect."""


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    """A call that waits for a FIFO fails instead."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise Hangs

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def fifo(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def plug(path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    # The path of a socket may have at most 107 bytes.
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        listener.bind(path.name)
    finally:
        os.chdir(here)
        listener.close()


def folder(path: Path) -> None:
    path.mkdir()


def nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


ODD: list[Callable[[Path], None]] = [fifo, device, plug, folder]


@pytest.mark.parametrize("make", [*ODD, nowhere])
def test_what_is_no_file_is_not_read(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "rules.yaml"
    make(path)
    with pytest.raises(NotRegular) as error:
        read_regular(path)
    assert error.value.strerror in ("it is not a regular file", "the link leads nowhere")


def test_a_link_to_itself_and_no_file_are_ordinary_errors(tmp_path: Path) -> None:
    loop(tmp_path / "loop")
    for name in ("loop", "missing"):
        with pytest.raises(OSError):  # noqa: PT011 - any of them
            read_regular(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "missing")


def test_a_file_is_read_up_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 10)
    assert read_regular(path, limit=10) == b"x" * 10
    with pytest.raises(TooLarge, match="larger than"):
        read_regular(path, limit=9)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(TooLarge, match="larger than 4 MiB"):
        read_regular(path)


def test_a_file_that_does_not_say_its_size_ends_at_the_limit() -> None:
    assert read_regular(Path("/proc/self/status")).startswith(b"Name:")
    with pytest.raises(TooLarge):
        read_regular(Path("/proc/self/status"), limit=10)


def test_only_a_link_within_the_folder_is_read_inside(tmp_path: Path) -> None:
    tasks = tmp_path / "tasks"
    tasks.mkdir()
    (tasks / "real").write_text("mine")
    (tmp_path / "secret").write_text("theirs")
    (tasks / "near").symlink_to("real")
    (tasks / "away").symlink_to("../secret")
    (tasks / "far").symlink_to("away")
    (tmp_path / "way").symlink_to("tasks")
    assert read_inside(tasks / "real") == read_inside(tasks / "near") == b"mine"
    # The folder itself may be a link: the settings name it.
    assert read_inside(tmp_path / "way" / "near") == b"mine"
    for name in ("away", "far"):
        with pytest.raises(NotRegular, match="leads out of its folder"):
            read_inside(tasks / name)


@pytest.mark.parametrize("write", [replace_file, lambda path, data: write_private(path, data.decode())])
def test_a_write_takes_the_place_of_a_link(tmp_path: Path, write: Callable[[Path, bytes], None]) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("keep me")
    theirs.chmod(0o644)
    path = tmp_path / "task"
    path.symlink_to(theirs)
    write(path, b"ours")
    assert theirs.read_text() == "keep me"
    assert not path.is_symlink()
    assert path.read_bytes() == b"ours"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("make", [fifo, device, plug, nowhere])
def test_a_page_takes_the_place_of_what_is_no_file(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "2026-11-30.md"
    make(path)
    write_private(path, "a page")
    assert path.is_file()
    assert not path.is_symlink()
    assert path.read_text() == "a page"
    assert stat.S_ISCHR(Path("/dev/zero").stat().st_mode)


def test_output_goes_through_a_link_and_into_a_device(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("before")
    (tmp_path / "out").symlink_to("real")
    write_output(tmp_path / "out", "after")
    assert (tmp_path / "out").is_symlink()
    assert (tmp_path / "real").read_text() == "after"
    write_output(Path("/dev/null"), "after")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
