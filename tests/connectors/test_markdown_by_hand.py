"""What Obsidian, its plugins and people do to the lines of a checklist; each stays the task that it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connectors.markdown.sink import MarkdownSink
from people.tasks import TaskState
from tests.contracts.sinks import DUE, follow_up

ID = f"^tb-{follow_up().key}"


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "vault" / "Follow-ups.md"
    (path.parent / ".obsidian").mkdir(parents=True)
    for number in (1, 2):
        MarkdownSink(path).ensure(follow_up(number))
    return path


def line_of(note: Path) -> str:
    return next(line for line in note.read_text().split("\n") if line.endswith(ID))


def change(note: Path, after: str) -> None:
    """Replace the first task's line."""
    note.write_text(note.read_text().replace(line_of(note), after))


def state(note: Path) -> TaskState | None:
    """The first task as the listing says it, or as the sink finds it; the second one is not touched."""
    sink = MarkdownSink(note, delivered=2)
    states = {one.key: one for one in sink.states()}
    assert states[follow_up(2).key].status == "open"
    item = follow_up(ref=f"tb-{follow_up().key}")
    return states.get(item.key) or sink.find(item)


TICKED = date(2026, 11, 20)


@pytest.mark.parametrize(
    "tail",
    [
        " [completion:: 2026-11-20]",
        "  [completion:: 2026-11-20] [created:: 2026-11-01]",
        " ✅ 2026-11-20",
        " left a message ✅ 2026-11-20",
        " #done [completion::2026-11-20]",
    ],
)
def test_what_dataview_and_people_write_behind_the_id(note: Path, tail: str) -> None:
    change(note, line_of(note).replace("- [ ]", "- [x]") + tail)
    found = state(note)
    assert found is not None
    assert (found.status, found.completed_at and found.completed_at.date()) == ("done", TICKED)
    assert (found.title, found.retitled) == ("Call Anna Berg 1", False)


@pytest.mark.parametrize("tail", [" left a message", " [start:: 09:00]", " 📅 2026-12-24"])
def test_text_behind_the_id_of_an_open_task_stays(note: Path, tail: str) -> None:
    change(note, line_of(note) + tail)
    MarkdownSink(note).ensure(follow_up(title="Write to Anna", ref=f"tb-{follow_up().key}"))
    found = state(note)
    assert found is not None
    assert (found.status, found.title) == ("open", "Write to Anna")
    assert found.due == (date(2026, 12, 24) if "📅" in tail else DUE)
    assert f"{ID}{tail}" in note.read_text()


@pytest.mark.parametrize("box", ["- [ ]", "- [x]", "- [-]"])
def test_a_line_in_a_callout(note: Path, box: str) -> None:
    change(note, "> [!todo] People\n> " + line_of(note).replace("- [ ]", box))
    found = state(note)
    assert found is not None
    assert found.status == {"- [ ]": "open", "- [x]": "done", "- [-]": "cancelled"}[box]
    if found.status == "open":
        MarkdownSink(note).complete(f"tb-{follow_up().key}")
        assert "\n> - [x] Call Anna" in note.read_text()


@pytest.mark.parametrize("where", ["Archive.md", "done/2026/November.md"])
def test_a_line_that_was_moved_to_an_archive_note(note: Path, where: str) -> None:
    archive = note.parent / where
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.write_text("# Archive\n" + line_of(note).replace("- [ ]", "- [x]") + "\n")
    change(note, "")
    found = state(note)
    assert found is not None
    assert found.status == "done"
    assert MarkdownSink(note).ensure(follow_up(ref=f"tb-{follow_up().key}", title="Again"))
    assert "Again" not in note.read_text() + archive.read_text()


@pytest.mark.parametrize("box", ["- [ ]", "- [x]"])
def test_a_line_that_lost_its_id(note: Path, box: str) -> None:
    change(note, line_of(note).replace("- [ ]", box).replace(f" {ID}", ""))
    found = state(note)
    assert found is not None
    assert found.status == ("done" if box == "- [x]" else "open")


def test_a_line_that_is_gone_is_gone(note: Path) -> None:
    change(note, "- [ ] Something else")
    assert state(note) is None


class TestRepeating:
    """Obsidian Tasks ticks the line, and adds one for the next time, with or without the id."""

    @pytest.mark.parametrize("above", [True, False])
    @pytest.mark.parametrize("keeps_the_id", [True, False])
    def test_the_ticked_line_counts(self, note: Path, *, above: bool, keeps_the_id: bool) -> None:
        line = line_of(note).replace(f" {ID}", f" 🔁 every month {ID}")
        ticked = line.replace("- [ ]", "- [x]").replace(f" {ID}", f" ✅ 2026-11-20 {ID}")
        following = line.replace("2026-11-26", "2026-12-26")
        following = following if keeps_the_id else following.replace(f" {ID}", "")
        change(note, "\n".join([following, ticked] if above else [ticked, following]))
        found = state(note)
        assert found is not None
        assert found.status == "done"
        assert found.completed_at is not None
        assert found.completed_at.date() == TICKED
        MarkdownSink(note).ensure(follow_up(title="Again", ref=f"tb-{follow_up().key}"))
        assert following in note.read_text()
