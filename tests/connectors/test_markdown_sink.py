"""The Markdown checklist: what people tick, move, rewrite and delete in their editor."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.markdown.checklist import Checklist
from connectors.markdown.sink import MarkdownSink
from people.errors import SuspiciousEmptiness, UserMustAct
from tests.contracts.sinks import DUE, SinkContract, follow_up, state_of

KEY = "0000000000000001"


class Note:
    """The file as a person sees it in an editor: lines of text, changed by hand."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def sink(self) -> MarkdownSink:
        return MarkdownSink(self.path)

    @property
    def text(self) -> str:
        return self.path.read_bytes().decode()

    def lines(self) -> list[str]:
        return self.text.split("\n") if self.path.exists() else []

    def count(self) -> int:
        return sum(bool(re.match(r"- \[.\] .* \^tb-[a-z0-9-]+$", line)) for line in self.lines())

    def change(self, ref: str, before: str, after: str) -> None:
        changed = self.lines()
        at = next(at for at, line in enumerate(changed) if line.endswith(f" ^{ref}"))
        changed[at] = changed[at].replace(before, after, 1)
        assert changed != self.lines()
        self.path.write_text("\n".join(changed))

    def title(self, ref: str) -> str:
        (line,) = (line for line in self.lines() if line.endswith(f" ^{ref}"))
        return re.sub(r"^- \[.\] (.*?)(?: [⏫🔽])?(?: 📅 \S+)? \^\S+$", r"\1", line).replace("\\", "")

    def complete(self, ref: str) -> None:
        self.change(ref, "- [ ]", "- [x]")

    def cancel(self, ref: str) -> None:
        self.change(ref, "- [ ]", "- [-]")

    def move(self, ref: str, due: date) -> None:
        self.change(ref, DUE.isoformat(), due.isoformat())

    def retitle(self, ref: str, title: str) -> None:
        (line,) = (line for line in self.lines() if line.endswith(f" ^{ref}"))
        words = re.sub(r"^- \[.\] (.*?)(?: [⏫🔽])?(?: 📅 \S+)? \^\S+$", r"\1", line)
        self.change(ref, words, title)

    def _below(self, ref: str) -> range:
        lines = self.lines()
        start = next(at for at, line in enumerate(lines) if line.endswith(f" ^{ref}")) + 1
        end = next((at for at in range(start, len(lines)) if not lines[at].startswith("  ")), len(lines))
        return range(start, end)

    def notes(self, ref: str) -> str:
        return "\n".join(self.lines()[at] for at in self._below(ref)).replace("\\", "")

    def add_note(self, ref: str, text: str) -> None:
        lines = self.lines()
        lines.insert(self._below(ref).stop, f"  - {text}")
        self.path.write_text("\n".join(lines))

    def edit_note(self, ref: str, before: str, after: str) -> None:
        lines = self.lines()
        for at in self._below(ref):
            lines[at] = lines[at].replace(before, after)
        self.path.write_text("\n".join(lines))

    def delete(self, ref: str) -> None:
        self.path.write_text("\n".join(line for line in self.lines() if not line.endswith(f" ^{ref}")))

    def untick(self, ref: str) -> None:
        self.change(ref, "- [x]", "- [ ]")

    def copy(self, ref: str) -> None:
        (line,) = (line for line in self.lines() if line.endswith(f" ^{ref}"))
        self.path.write_text("\n".join([*self.lines(), "## Copied", line]))

    def add_own(self, title: str) -> None:
        self.path.write_text("\n".join([*self.lines(), f"- [ ] {title}"]))

    def everything(self) -> str:
        return self.text

    def own_titles(self) -> list[str]:
        return [line[6:] for line in self.lines() if line.startswith("- [ ] ") and "^tb-" not in line]


@pytest.fixture
def note(tmp_path: Path) -> Note:
    return Note(tmp_path / "Follow-ups.md")


class TestMarkdownContract(SinkContract):
    @pytest.fixture
    def desk(self, note: Note) -> Note:
        return note


WHAT_TO_DO = (
    "  - Done? Tick it, and it counts as contact. Later? Move its date. "
    "Not now? Delete the line, and it stays away for 30 days."
)
CLOSING = [WHAT_TO_DO, "  - Rule stale-key. More: touchbase explain 00000000"]
"""What is below every task: what the user can do with it, and where more is."""


def test_a_new_list(note: Note) -> None:
    note.sink().ensure(follow_up(priority="high", notes="Ask about:\n\n- the move"))
    note.sink().ensure(follow_up(2, title="Write *to* <b>Tom</b>", notes=""))
    *lines, memory, end = note.lines()
    assert lines == [
        "# Follow-ups",
        "",
        "- [ ] Call Anna Berg 1 ⏫ 📅 2026-11-26 ^tb-0000000000000001",
        "  - Ask about:",
        "  - \\- the move",
        *CLOSING,
        "- [ ] Write \\*to\\* \\<b>Tom\\</b> 📅 2026-11-26 ^tb-0000000000000002",
        *CLOSING,
        "",
    ]
    assert memory.startswith("<!-- touchbase remembers what it wrote: 0000000000000001=")
    assert end == ""


def test_tasks_go_into_a_note_that_is_there(note: Note) -> None:
    note.path.write_text("# My week\r\n\r\nSome *text*.\r\n- [ ] Buy milk\r\n")
    note.sink().ensure(follow_up(notes=""))
    before = note.text
    assert before.startswith("# My week\r\n\r\nSome *text*.\r\n- [ ] Buy milk\r\n- [ ] Call Anna Berg 1 📅 ")
    assert before.count("\n") == before.count("\r\n")
    note.sink().ensure(follow_up(notes=""))
    assert note.text == before


def test_nothing_new_is_not_written(note: Note) -> None:
    note.sink().ensure(follow_up())
    before = note.path.stat()
    note.sink().ensure(follow_up())
    note.sink().withdraw("tb-ffffffffffffffff", "gone")
    after = note.path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


@pytest.mark.parametrize(
    ("line", "status", "due", "done"),
    [
        ("- [x] Call 📅 2026-11-26 ✅ 2026-11-20 ^tb-abc", "done", "2026-11-26", "2026-11-20T12:00:00Z"),
        ("- [X] Call ^tb-abc", "done", None, None),
        ("- [-] Call 📅 2026-11-26 ❌ 2026-11-20 ^tb-abc", "cancelled", "2026-11-26", None),
        ("- [/] Call 📅2026-11-26 ^tb-abc", "open", "2026-11-26", None),
        ("\t* [ ] Call 📅\ufe0f 2026-11-27 #people ^tb-abc  ", "open", "2026-11-27", None),
        ("3. [ ] Call 📅 2026-13-45 ^tb-abc", "open", None, None),
        ("- [ ] Call 📅 2026-01-01 not this 📅 2026-11-28 ^tb-abc", "open", "2026-11-28", None),
    ],
)
def test_lines_as_people_and_plugins_write_them(
    note: Note, line: str, status: str, due: str | None, done: str | None
) -> None:
    note.path.write_text(f"# List\n{line}\n")
    (state,) = note.sink().states()
    assert (state.key, state.ref, state.status) == ("abc", "tb-abc", status)
    assert state.due == (date.fromisoformat(due) if due else None)
    assert state.completed_at == (datetime.fromisoformat(done) if done else None)


@pytest.mark.parametrize(
    "line",
    [
        *("Call ^tb-abc", "- Call ^tb-abc", "- [ ] Call ^other", "- [ ] Call^tb-abc"),
        *("- [ ] Call ^tb-abc more", "- [] Call ^tb-abc", "- [ ] Call ^tb-A_B"),
    ],
)
def test_other_lines_are_no_tasks_of_ours(note: Note, line: str) -> None:
    note.path.write_text(f"{line}\n")
    assert list(note.sink().states()) == []


def test_of_two_lines_with_one_id_the_first_counts(note: Note) -> None:
    note.path.write_text("- [x] Call ^tb-abc\n- [ ] Call ^tb-abc\n")
    assert [state.status for state in note.sink().states()] == ["done"]


def test_a_moved_and_indented_task_is_still_ours(note: Note) -> None:
    ref = note.sink().ensure(follow_up())
    task, *notes = (line for line in note.lines() if line.startswith(("- [ ]", "  - ")))
    comment = next(line for line in note.lines() if line.startswith("<!--"))
    note.path.write_text(
        "\n".join(["- This week", f"    {task}", *(f"    {line}" for line in notes), "", comment])
    )
    assert note.sink().ensure(follow_up(title="Write", notes="One line", due=date(2026, 12, 1))) == ref
    assert note.lines()[:6] == [
        "- This week",
        f"    - [ ] Write 📅 2026-12-01 ^{ref}",
        "      - One line",
        *(f"    {line}" for line in CLOSING),
        "",
    ]


def test_notes_the_user_changed_or_added_stay(note: Note) -> None:
    note.sink().ensure(follow_up())
    note.path.write_text(
        note.text.replace("  - Last spoke in September.", "  - Spoke in March.\n  - and May")
    )
    note.sink().ensure(follow_up(notes="New", title="Write"))
    assert note.lines()[2:9] == [
        f"- [ ] Write 📅 2026-11-26 ^tb-{KEY}",
        "  - Spoke in March.",
        "  - and May",
        "  - Ask how the move went.",
        *CLOSING,
        "",
    ]


def test_the_users_bullets_below_ours_stay_when_ours_change(note: Note) -> None:
    note.sink().ensure(follow_up())
    note.path.write_text(note.text.replace(CLOSING[-1], f"{CLOSING[-1]}\n  - [ ] Bring flowers"))
    note.sink().ensure(follow_up(notes="New"))
    assert note.lines()[3:8] == ["  - New", *CLOSING, "  - [ ] Bring flowers", ""]


def test_a_priority_and_words_the_user_changed_stay(note: Note) -> None:
    ref = note.sink().ensure(follow_up())
    note.change(ref, "Berg 1", "Berg 1 #people 🔺")
    note.sink().ensure(follow_up(title="Write", priority="low", due=date(2026, 12, 1)))
    assert f"- [ ] Call Anna Berg 1 #people 🔺 📅 2026-12-01 ^{ref}" in note.lines()


def test_without_our_memory_everything_is_the_users(note: Note) -> None:
    note.sink().ensure(follow_up())
    note.path.write_text("\n".join(line for line in note.lines() if not line.startswith("<!--")))
    before = note.text
    note.sink().ensure(follow_up(title="Write", due=date(2026, 12, 1)))
    assert note.text == before


def test_a_withdrawn_task_says_why_and_opens_again_when_it_is_wanted(note: Note) -> None:
    ref = note.sink().ensure(follow_up(notes="One"))
    note.sink().withdraw(ref, "You met\n- [ ] on *Monday*")
    assert note.lines()[2:7] == [
        f"- [-] Call Anna Berg 1 📅 2026-11-26 ^{ref}",
        "  - One",
        *CLOSING,
        "  - Closed by Touchbase: You met - \\[ \\] on \\*Monday\\*",
    ]
    note.sink().ensure(follow_up(notes="One"))
    assert note.lines()[2:7] == [
        f"- [ ] Call Anna Berg 1 📅 2026-11-26 ^{ref}",
        "  - One",
        *CLOSING,
        "",
    ]


def test_a_file_that_is_gone_or_blank_is_not_a_user_who_deleted_everything(note: Note) -> None:
    for text in (None, "", "\n \n"):
        if text is not None:
            note.path.write_text(text)
        assert list(MarkdownSink(note.path).states()) == []
        with pytest.raises(SuspiciousEmptiness, match="with 2 open tasks"):
            list(MarkdownSink(note.path, delivered=2).states())
    note.path.write_text("# Nothing to do\n")
    assert list(MarkdownSink(note.path, delivered=2).states()) == []


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_the_files_encoding_stays(note: Note, codec: str) -> None:
    note.path.write_bytes("# Zoë\n".encode(codec))
    note.sink().ensure(follow_up(notes=""))
    assert note.path.read_bytes().decode(codec).startswith("# Zoë\n- [ ] Call Anna Berg 1 📅")


def test_a_file_that_cannot_be_read_as_text_is_never_written(note: Note) -> None:
    note.path.write_bytes("# Zoë\n".encode("cp1252"))
    with pytest.raises(UserMustAct, match="not in UTF-8"):
        note.sink().ensure(follow_up())
    assert note.path.read_bytes() == "# Zoë\n".encode("cp1252")


def test_odd_paths_are_clear_errors(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "dangling.md").symlink_to("nowhere")
    (tmp_path / "file").write_text("x")
    for name in ("pipe.md", "dangling.md", "."):
        with pytest.raises(UserMustAct, match="cannot be read"):
            list(MarkdownSink(tmp_path / name).states())
    with pytest.raises(UserMustAct, match="cannot be written"):
        MarkdownSink(tmp_path / "file" / "list.md").ensure(follow_up())


def test_a_link_is_followed_and_no_half_file_is_left(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    real = tmp_path / "vault" / "list.md"
    real.write_text("# Mine\n")
    real.chmod(0o640)
    (tmp_path / "list.md").symlink_to(real)
    MarkdownSink(tmp_path / "list.md").ensure(follow_up())
    assert "Call Anna" in real.read_text()
    assert (tmp_path / "list.md").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in (tmp_path / "vault").iterdir()] == ["list.md"]


def test_hostile_lists_are_read_soon(note: Note) -> None:
    note.path.write_text(
        "- [ ] " + " " * 200_000 + "📅" * 20_000 + "^tb-" * 20_000 + "\n" + "- [ ] x ^tb-abc\n" * 20_000
    )
    assert [state.key for state in note.sink().states()] == ["abc"]


MEMORY = "<!-- touchbase remembers what it wrote:"
LINES = [
    *("", "text", "- [ ] mine", "  - below", "# Head", "\t- deep", "> quote", "| a | b |", "^tb-abc"),
    *("- [x] Call ^tb-abc", "- [-] Call 🔽 ^tb-abc", "  - [ ] Call ^tb-def"),
    *("- [ ] Call Anna 📅 2026-11-26 ^tb-abc", MEMORY[:20], f"{MEMORY} abc=,medium,,,9999,withdrawn x= -->"),
    f"{MEMORY} abc=1,high,2026-11-26,2,1,open -->",
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=12), st.text(max_size=40), st.text(max_size=80))
def test_every_line_of_the_users_survives_and_ours_comes_back(
    before: list[str], title: str, notes: str
) -> None:
    own = [line for line in before if "tb-" not in line and "touchbase" not in line and line.strip()]
    item = follow_up(title=title, notes=notes, person=title)
    checklist = Checklist("\n".join(before))
    checklist.ensure(item)
    again = Checklist(str(checklist))
    assert not again.ensure(item)
    assert str(again) == str(checklist)
    task = again.tasks()[item.key]
    assert (task.status, task.due) == ("open", DUE)
    changed = Checklist(str(again))
    assert changed.ensure(follow_up(title="New", notes="New", due=date(2026, 12, 1), priority="low"))
    changed = Checklist(str(changed))
    assert changed.withdraw(item.key, notes)
    assert not changed.withdraw(item.key, notes)
    final = str(changed).split("\n")
    assert [line for line in final if line in set(own)] == own
    assert Checklist(str(changed)).tasks()[item.key].status == "cancelled"


def test_a_completion_date_is_that_day_in_most_zones(note: Note) -> None:
    note.path.write_text("- [x] Call ✅ 2026-11-20 ^tb-abc\n")
    (state,) = note.sink().states()
    assert state.completed_at == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert state_of(note.sink(), "abc") == state
