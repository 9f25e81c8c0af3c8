"""Tasks in places that come, go and lie: a follow-up is dismissed on a word of the user only."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from flows.settings.loading import load
from people.errors import SuspiciousEmptiness
from tests.support.crash_points import DAYS, all_of, run, wish

NAMES = ("anna", "ben", "cleo")
WISHES = [wish(name) for name in NAMES]


class Network:
    """A settings file whose ``[tasks]`` can be rewritten, and runs of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def point(self, **tasks: object) -> None:
        lines = [f"{name} = {json.dumps(value)}" for name, value in {"capacity_per_day": 20, **tasks}.items()]
        (self.folder / "touchbase.toml").write_text("\n".join(["[tasks]", *lines, ""]))

    def run(self, day: int = 1) -> None:
        run(load(self.folder / "touchbase.toml"), WISHES, DAYS[day])

    def statuses(self) -> dict[str, str]:
        items = all_of(load(self.folder / "touchbase.toml"))
        assert len(items) == len({item.person_id for item in items})
        return {item.person_id: item.status for item in items}


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network(tmp_path / "network")


ALL_OPEN = dict.fromkeys(NAMES, "open")


def open_files(folder: Path) -> list[str]:
    found = [path.read_text() for path in folder.glob("*.ics")]
    return sorted(
        name for text in found for name in NAMES if f"Call {name}" in text and "NEEDS-ACTION" in text
    )


def open_lines(note: Path) -> list[str]:
    lines = note.read_text().split("\n") if note.exists() else []
    return sorted(name for line in lines for name in NAMES if line.startswith(f"- [ ] Call {name} "))


class Files(NamedTuple):
    """One kind of file sink: two paths for it, and how to see the names of those whose task is open."""

    kind: str
    here: str
    there: str
    shown: Callable[[Path], list[str]]


FILES = [
    Files("vtodo-folder", "tasks", "other", open_files),
    Files("markdown", "tasks.md", "other.md", open_lines),
]


@pytest.mark.parametrize("files", FILES, ids=["folder", "note"])
class TestFiles:
    def test_another_path_and_back(self, network: Network, files: Files) -> None:
        network.point(type=files.kind, path=files.here)
        network.run(0)
        for path in (files.there, files.here, files.there):
            network.point(type=files.kind, path=path)
            network.run()
            network.run()
            assert network.statuses() == ALL_OPEN
            assert files.shown(network.folder / path) == list(NAMES)

    def test_ticks_since_the_last_run_count_when_the_path_changes(
        self, network: Network, files: Files
    ) -> None:
        network.point(type=files.kind, path=files.here)
        network.run(0)
        _tick(network.folder / files.here, "anna")
        network.point(type=files.kind, path=files.there)
        network.run()
        assert network.statuses() == {**ALL_OPEN, "anna": "done"}
        assert files.shown(network.folder / files.there) == ["ben", "cleo"]
        # The copies that were left behind are tidied up, and the user comes back.
        _remove(network.folder / files.here, "ben")
        network.point(type=files.kind, path=files.here)
        network.run()
        assert network.statuses() == {**ALL_OPEN, "anna": "done"}
        assert files.shown(network.folder / files.here) == ["ben", "cleo"]

    def test_what_was_done_elsewhere_is_closed_in_the_copy(self, network: Network, files: Files) -> None:
        network.point(type=files.kind, path=files.here)
        network.run(0)
        network.point(type=files.kind, path=files.there)
        network.run()
        _tick(network.folder / files.there, "anna")
        network.point(type=files.kind, path=files.here)
        for _ in range(2):
            network.run()
            assert network.statuses() == {**ALL_OPEN, "anna": "done"}
            assert files.shown(network.folder / files.here) == ["ben", "cleo"]

    def test_an_empty_place_of_the_same_name_is_asked_about(self, network: Network, files: Files) -> None:
        network.point(type=files.kind, path=files.here)
        network.run(0)
        path, aside = network.folder / files.here, network.folder / "aside"
        path.rename(aside)
        if files.kind == "markdown":
            path.write_text("Something else.\n")
        else:
            path.mkdir()
        with pytest.raises(SuspiciousEmptiness, match="3 of 3 open tasks are suddenly gone"):
            network.run()
        assert network.statuses() == ALL_OPEN
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        aside.rename(path)
        network.run()
        assert network.statuses() == ALL_OPEN
        assert files.shown(path) == list(NAMES)

    @pytest.mark.parametrize("empty", [True, False])
    def test_copies_beside_a_disk_that_is_not_mounted_are_not_the_tasks(
        self, network: Network, files: Files, *, empty: bool
    ) -> None:
        for day, path in enumerate((files.here, files.there)):
            network.point(type=files.kind, path=path)
            network.run(day)
        here, aside = network.folder / files.there, network.folder / "aside" / "unmounted"
        aside.parent.mkdir()
        here.rename(aside)
        if empty and files.kind == "markdown":
            here.write_text("Something else.\n")
        elif empty:
            here.mkdir()
        for _ in range(2):
            with pytest.raises(SuspiciousEmptiness):
                network.run()
            assert network.statuses() == ALL_OPEN
        if here.exists():
            shutil.rmtree(here) if here.is_dir() else here.unlink()
        aside.rename(here)
        _tick(here, "anna")
        network.run()
        assert network.statuses() == {**ALL_OPEN, "anna": "done"}
        assert files.shown(here) == ["ben", "cleo"]

    def test_a_restored_backup_of_the_store_dismisses_nothing_and_doubles_nothing(
        self, network: Network, files: Files
    ) -> None:
        network.point(type=files.kind, path=files.here)
        network.run(0)
        store, backup = network.folder / "touchbase.db", network.folder / "backup.db"
        backup.write_bytes(store.read_bytes())
        # Since the backup: one is ticked and read, one is closed by Touchbase.
        _tick(network.folder / files.here, "anna")
        run(load(network.folder / "touchbase.toml"), [wish("anna"), wish("ben")], DAYS[1])
        assert network.statuses() == {"anna": "done", "ben": "open", "cleo": "withdrawn"}
        for stale in network.folder.glob("touchbase.db*"):
            stale.unlink()
        store.write_bytes(backup.read_bytes())
        for _ in range(2):
            network.run()
            # What Touchbase itself closed is not the user's dismissal. It is wished, so it comes again.
            found = sorted(
                (item.person_id, item.status) for item in all_of(load(network.folder / "touchbase.toml"))
            )
            assert found == [("anna", "done"), ("ben", "open"), ("cleo", "open"), ("cleo", "withdrawn")]
            assert files.shown(network.folder / files.here) == ["ben", "cleo"]

    def test_another_type_takes_ticks_and_words_along(self, network: Network, files: Files) -> None:
        network.point(type=files.kind, path=files.here)
        network.run(0)
        _tick(network.folder / files.here, "anna")
        text = _text(network.folder / files.here, "ben")
        text[0].write_text(text[1].replace("Call ben", "Ring ben at work"), newline="")
        other = next(one for one in FILES if one.kind != files.kind)
        network.point(type=other.kind, path=other.there)
        network.run()
        assert network.statuses() == {**ALL_OPEN, "anna": "done"}
        assert other.shown(network.folder / other.there) == ["cleo"]
        assert "Ring ben at work" in _text(network.folder / other.there, "ben at work")[1]

    def test_unticked_is_open_again_and_ticked_again_is_done(self, network: Network, files: Files) -> None:
        network.point(type=files.kind, path=files.here)
        network.run(0)
        before = _text(network.folder / files.here, "anna")
        _tick(network.folder / files.here, "anna")
        network.run()
        assert network.statuses() == {**ALL_OPEN, "anna": "done"}
        before[0].write_text(before[1], newline="")
        network.run()
        assert network.statuses() == ALL_OPEN
        _tick(network.folder / files.here, "anna")
        network.run()
        assert network.statuses() == {**ALL_OPEN, "anna": "done"}

    def test_deleted_is_dismissed_and_restored_is_open_again(self, network: Network, files: Files) -> None:
        network.point(type=files.kind, path=files.here)
        network.run(0)
        before = _text(network.folder / files.here, "anna")
        _remove(network.folder / files.here, "anna")
        network.run()
        assert network.statuses() == {**ALL_OPEN, "anna": "dismissed"}
        before[0].write_text(before[1], newline="")
        network.run()
        assert network.statuses() == ALL_OPEN
        assert files.shown(network.folder / files.here) == list(NAMES)


def _text(place: Path, name: str) -> tuple[Path, str]:
    """The file with the task of this person, and its text."""
    files = sorted(place.glob("*.ics")) if place.is_dir() else [place]
    return next((file, _read(file)) for file in files if name in _read(file))


def _read(file: Path) -> str:
    return file.read_bytes().decode()


def _tick(place: Path, name: str) -> None:
    file, text = _text(place, name)
    if place.is_dir():
        text = text.replace("NEEDS-ACTION", "COMPLETED")
    else:
        text = text.replace(f"- [ ] Call {name} ", f"- [x] Call {name} ")
    file.write_text(text, newline="")


def _remove(place: Path, name: str) -> None:
    file, text = _text(place, name)
    if place.is_dir():
        file.unlink()
    else:
        lines = [line for line in text.split("\n") if f"] Call {name} " not in line]
        file.write_text("\n".join(lines))
