"""Tasks as VTODO files in a folder, with todoman as the client that really reads and ticks them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.vtodo.sink import VtodoFolderSink
from connectors.vtodo.task import new_task, read_state, updated_task, withdrawn_task
from people.errors import SuspiciousEmptiness, UserMustAct
from tests.contracts.sinks import ANNA, DUE, SinkContract, about_anna, follow_up, is_closed, state_of

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)


def sink(path: Path, *, now: datetime = NOW, delivered: int = 0) -> VtodoFolderSink:
    return VtodoFolderSink(path, time_zone=NEW_YORK, now=lambda: now, delivered=delivered)


class Folder:
    """The folder as icalendar reads and writes it: another library than the one that wrote it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def sink(self) -> VtodoFolderSink:
        return sink(self.path)

    def todos(self) -> Iterator[tuple[Path, icalendar.Calendar, icalendar.Todo]]:
        for path in sorted(self.path.glob("*.ics")):
            calendar = icalendar.Calendar.from_ical(path.read_bytes())
            assert isinstance(calendar, icalendar.Calendar)
            for todo in calendar.todos:
                yield path, calendar, todo

    def count(self) -> int:
        return sum(1 for _, _, todo in self.todos() if not str(todo["UID"]).startswith("own"))

    def title(self, ref: str) -> str:
        (todo,) = (todo for _, _, todo in self.todos() if todo["UID"] == ref)
        return str(todo["SUMMARY"])

    def change(self, ref: str, **values: object) -> None:
        """Write properties the way a client does: the file read and written whole."""
        for path, calendar, todo in list(self.todos()):
            if todo["UID"] == ref:
                for name, value in values.items():
                    key = name.replace("_", "-")
                    todo.pop(key, None)
                    if value is not None:
                        todo.add(key, value)
                path.write_bytes(calendar.to_ical())

    def complete(self, ref: str) -> None:
        self.change(ref, STATUS="COMPLETED", COMPLETED=NOW, PERCENT_COMPLETE=100)

    def cancel(self, ref: str) -> None:
        self.change(ref, STATUS="CANCELLED")

    def move(self, ref: str, due: date) -> None:
        self.change(ref, DUE=due)

    def retitle(self, ref: str, title: str) -> None:
        self.change(ref, SUMMARY=title)

    def notes(self, ref: str) -> str:
        (todo,) = (todo for _, _, todo in self.todos() if todo["UID"] == ref)
        return str(todo.get("DESCRIPTION", ""))

    def add_note(self, ref: str, text: str) -> None:
        self.change(ref, DESCRIPTION=f"{self.notes(ref)}\n{text}")

    def edit_note(self, ref: str, before: str, after: str) -> None:
        self.change(ref, DESCRIPTION=self.notes(ref).replace(before, after))

    def delete(self, ref: str) -> None:
        for path, _, todo in list(self.todos()):
            if todo["UID"] == ref:
                path.unlink()

    def untick(self, ref: str) -> None:
        self.change(ref, STATUS="NEEDS-ACTION", COMPLETED=None, PERCENT_COMPLETE=0)

    def copy(self, ref: str) -> None:
        for path, _, todo in list(self.todos()):
            if todo["UID"] == ref:
                copied = path.read_bytes().replace(f"UID:{ref}".encode(), b"UID:a-copy")
                (self.path / "copy.ics").write_bytes(copied)

    def add_own(self, title: str) -> None:
        self.path.mkdir(exist_ok=True)
        calendar, todo = icalendar.Calendar(), icalendar.Todo()
        todo.add("UID", f"own-{title}")
        todo.add("SUMMARY", title)
        calendar.add_component(todo)
        (self.path / f"{title}.ics").write_bytes(calendar.to_ical())

    def everything(self) -> str:
        return "".join(path.read_text() for path in sorted(self.path.iterdir()))

    def own_titles(self) -> list[str]:
        return [str(todo["SUMMARY"]) for _, _, todo in self.todos() if str(todo["UID"]).startswith("own")]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "tasks")


class TestVtodoFolderContract(SinkContract):
    @pytest.fixture
    def desk(self, folder: Folder) -> Folder:
        return folder


def only_file(folder: Folder) -> Path:
    (path,) = folder.path.glob("*.ics")
    return path


def properties(text: str) -> dict[str, str]:
    """The unfolded lines of a file's task by name with parameters; alarms left out."""
    lines = text.replace("\r\n ", "").split("\r\n")
    inner = lines[lines.index("BEGIN:VTODO") + 1 : lines.index("END:VTODO")]
    if "BEGIN:VALARM" in inner:
        inner = inner[: inner.index("BEGIN:VALARM")]
    return dict(line.split(":", 1) for line in inner)


def test_a_new_task_has_all_that_clients_ask_for() -> None:
    text = new_task(follow_up(title="Call Anna, now; please", priority="high"), NEW_YORK, NOW)
    found = properties(text)
    wrote = found.pop("X-TOUCHBASE-WROTE")
    assert wrote.startswith("SUMMARY=")
    assert found == {
        "UID": "touchbase-0000000000000001",
        "SUMMARY": "Call Anna\\, now\\; please",
        "DESCRIPTION": "Last spoke in September.\\nAsk how the move went.\\n\\n"
        "Done? Tick it\\, and it counts as contact. Later? Move its date. "
        "Not now? Delete it\\, and it stays away for 30 days.\\n"
        "Rule stale-key. More: touchbase explain 00000000",
        "DUE;VALUE=DATE": "20261126",
        "PRIORITY": "1",
        "CATEGORIES": "client,key",
        "STATUS": "NEEDS-ACTION",
        "PERCENT-COMPLETE": "0",
        "SEQUENCE": "0",
        "CREATED": "20261101T083000Z",
        "DTSTAMP": "20261101T083000Z",
        "LAST-MODIFIED": "20261101T083000Z",
        "X-TOUCHBASE-KEY": "0000000000000001",
    }
    alarm = text[text.index("BEGIN:VALARM") : text.index("END:VTODO")].split("\r\n")
    # Nine o'clock in New York, after the end of summer time.
    assert alarm == [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Call Anna\\, now\\; please",
        "TRIGGER;VALUE=DATE-TIME:20261126T140000Z",
        "END:VALARM",
        "",
    ]
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


@pytest.mark.parametrize(("priority", "number"), [("high", "1"), ("medium", "5"), ("low", "9")])
def test_priorities(priority: str, number: str) -> None:
    assert properties(new_task(follow_up(priority=priority), NEW_YORK, NOW))["PRIORITY"] == number


def test_nothing_new_is_not_written(folder: Folder) -> None:
    folder.sink().ensure(follow_up())
    before = only_file(folder).stat()
    sink(folder.path, now=NOW + timedelta(days=1)).ensure(follow_up())
    after = only_file(folder).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_change_is_one_revision(folder: Folder) -> None:
    folder.sink().ensure(follow_up())
    sink(folder.path, now=NOW + timedelta(days=1)).ensure(follow_up(title="Write", due=date(2026, 7, 1)))
    text = only_file(folder).read_bytes().decode()
    found = properties(text)
    assert found["SUMMARY"] == "Write"
    assert found["SEQUENCE"] == "1"
    assert (found["CREATED"], found["LAST-MODIFIED"]) == ("20261101T083000Z", "20261102T083000Z")
    assert text.count("TRIGGER;VALUE=DATE-TIME:20260701T130000Z") == 1
    assert text.count("BEGIN:VALARM") == 1


PROPERTIES = [
    'X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE="a;b:c":geo:37.33,-122.03;u=5',
    "X-APPLE-SORT-ORDER:123",
    "RELATED-TO;RELTYPE=PARENT:other",
    "URL;VALUE=URI:https://example.com/a?b=c\\,d",
    'ATTENDEE;CN="Berg, Anna":mailto:anna@berg.example',
    "COMMENT:mine\\, with words that go on and on until the line is longer than seventy-fiv",
    " e letters and has to be folded",
]
ALARM = [
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "TRIGGER:-PT15M",
    "X-MOZ-LASTACK:20261101T000000Z",
    "END:VALARM",
]


def test_what_clients_added_stays_byte_for_byte(folder: Folder) -> None:
    ref = folder.sink().ensure(follow_up())
    path = only_file(folder)
    theirs, alarm = "\r\n".join(PROPERTIES), "\r\n".join(ALARM)
    added = f"{theirs}\r\n{alarm}\r\nBEGIN:VALARM"
    path.write_bytes(path.read_bytes().replace(b"BEGIN:VALARM", added.encode(), 1))
    folder.sink().ensure(follow_up(title="New", notes="New", due=date(2026, 12, 1), tags=(), priority="low"))
    folder.sink().withdraw(ref, "met")
    text = path.read_bytes().decode()
    assert properties(text)["STATUS"] == "CANCELLED"
    assert theirs in text
    assert alarm in text


def test_each_field_the_user_changed_is_theirs_and_the_others_are_ours(folder: Folder) -> None:
    ref = folder.sink().ensure(follow_up())
    folder.change(ref, DESCRIPTION="My own notes", PRIORITY=3, CATEGORIES=["mine"])
    folder.sink().ensure(
        follow_up(title="New", notes="New", due=date(2026, 12, 1), tags=("x",), priority="low")
    )
    found = properties(only_file(folder).read_bytes().decode())
    assert found["DESCRIPTION"] == "My own notes"
    assert found["PRIORITY"] == "3"
    assert found["CATEGORIES"] == "mine"
    assert found["SUMMARY"] == "New"
    assert found["DUE;VALUE=DATE"] == "20261201"


def test_what_the_user_removed_does_not_come_back(folder: Folder) -> None:
    ref = folder.sink().ensure(follow_up())
    folder.change(ref, DESCRIPTION=None, CATEGORIES=None, DUE=None)
    folder.sink().ensure(follow_up(notes="New", due=date(2026, 12, 1), tags=("x",)))
    found = properties(only_file(folder).read_bytes().decode())
    assert not {"DESCRIPTION", "CATEGORIES", "DUE;VALUE=DATE"} & set(found)
    state = state_of(folder.sink(), follow_up().key)
    assert state is not None
    assert (state.status, state.due) == ("open", None)


def alarm_text(path: Path) -> str:
    """What the phone shows when our alarm rings."""
    (component,) = icalendar.Calendar.from_ical(path.read_bytes()).walk("VALARM")
    return str(component["DESCRIPTION"])


def test_the_alarm_says_who_and_then_what_the_user_calls_it(folder: Folder) -> None:
    ref = folder.sink().ensure(about_anna())
    path = folder.path / f"{ref}.ics"
    assert alarm_text(path) == "Call Anna Berg (Berg Interiors)"
    folder.sink().ensure(about_anna(ANNA.model_copy(update={"organisation": "Lind Ltd"}), ref=ref))
    assert alarm_text(path) == "Call Anna Berg (Lind Ltd)"
    folder.retitle(ref, "Call her on the mobile")
    folder.sink().ensure(about_anna(due=date(2026, 12, 3), ref=ref))
    assert alarm_text(path) == "Call her on the mobile"


def test_the_alarm_follows_a_due_date_the_user_moved(folder: Folder) -> None:
    ref = folder.sink().ensure(follow_up())
    folder.move(ref, date(2026, 12, 24))
    folder.sink().ensure(follow_up())
    text = only_file(folder).read_bytes().decode()
    assert "20261224T140000Z" in text
    assert "20261126T140000Z" not in text.replace("\r\n ", "").partition("BEGIN:VALARM")[2]


@pytest.mark.parametrize("done", ["", "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n"])
def test_an_alarm_that_the_user_removed_or_moved_is_theirs(folder: Folder, done: str) -> None:
    folder.sink().ensure(follow_up())
    path = only_file(folder)
    text = path.read_bytes().decode()
    begin, end = text.index("BEGIN:VALARM"), text.index("END:VTODO")
    path.write_bytes((text[:begin] + done + text[end:]).encode())
    folder.sink().ensure(follow_up(due=date(2026, 12, 1)))
    text = path.read_bytes().decode()
    assert text.count("BEGIN:VALARM") == (1 if done else 0)
    assert done in text


def test_a_withdrawn_task_says_why_and_rings_no_more(folder: Folder) -> None:
    ref = folder.sink().ensure(follow_up())
    folder.sink().withdraw(ref, "You met on 20 November\r\nSTATUS:COMPLETED")
    text = only_file(folder).read_bytes().decode()
    found = properties(text)
    assert found["STATUS"] == "CANCELLED"
    assert found["DESCRIPTION"].endswith("Closed by Touchbase: You met on 20 November STATUS:COMPLETED")
    assert "VALARM" not in text


def test_a_task_we_withdrew_opens_again_when_it_is_wanted_again(folder: Folder) -> None:
    ref = folder.sink().ensure(follow_up())
    folder.sink().withdraw(ref, "met")
    assert is_closed(state_of(folder.sink(), follow_up().key))
    folder.sink().ensure(follow_up())
    text = only_file(folder).read_bytes().decode()
    assert properties(text)["STATUS"] == "NEEDS-ACTION"
    assert "Closed by Touchbase" not in text
    assert text.count("BEGIN:VALARM") == 1


@pytest.mark.parametrize(
    ("lines", "status", "due", "completed_at"),
    [
        ("STATUS:IN-PROCESS", "open", None, None),
        ("", "open", None, None),
        ("STATUS:COMPLETED\nCOMPLETED:20261120T170000Z", "done", None, "2026-11-20T17:00:00+00:00"),
        ("PERCENT-COMPLETE:100", "done", None, None),
        ("STATUS:NEEDS-ACTION\nPERCENT-COMPLETE:100", "open", None, None),
        ("COMPLETED;VALUE=DATE:20261120", "done", None, "2026-11-20T05:00:00+00:00"),
        ("STATUS:COMPLETED\nLAST-MODIFIED:20261120T170000Z", "done", None, "2026-11-20T17:00:00+00:00"),
        (
            "STATUS:COMPLETED\nLAST-MODIFIED:20261121T100000Z\nCOMPLETED:20261120T170000Z",
            "done",
            None,
            "2026-11-20T17:00:00+00:00",
        ),
        ("STATUS:COMPLETED\nLAST-MODIFIED:whenever", "done", None, None),
        ("STATUS:NEEDS-ACTION\nLAST-MODIFIED:20261120T170000Z", "open", None, None),
        ("STATUS:CANCELLED", "cancelled", None, None),
        ("DUE:20261201T030000Z", "open", "2026-11-30", None),
        ("DUE;TZID=Europe/Berlin:20261201T030000", "open", "2026-12-01", None),
        ("DUE:soon", "open", None, None),
    ],
)
def test_states_as_clients_write_them(
    lines: str, status: str, due: str | None, completed_at: str | None
) -> None:
    text = f"BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:touchbase-abc\n{lines}\nEND:VTODO\nEND:VCALENDAR\n"
    state = read_state(text, NEW_YORK)
    assert state is not None
    assert (state.key, state.ref, state.status) == ("abc", "touchbase-abc", status)
    assert state.due == (date.fromisoformat(due) if due else None)
    assert state.completed_at == (datetime.fromisoformat(completed_at) if completed_at else None)


def test_a_tick_without_its_time_is_dated_by_the_last_change_of_a_client(folder: Folder) -> None:
    ref = folder.sink().ensure(follow_up())
    folder.change(ref, STATUS="COMPLETED")
    # Nobody but us dated the change.
    (state,) = folder.sink().states()
    assert (state.status, state.completed_at) == ("done", None)
    ticked = datetime(2026, 11, 20, 17, tzinfo=UTC)
    folder.change(ref, STATUS="COMPLETED", LAST_MODIFIED=ticked)
    (state,) = folder.sink().states()
    assert (state.status, state.completed_at) == ("done", ticked)


THUNDERBIRD = """BEGIN:VCALENDAR
PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN
VERSION:2.0
{first}{second}END:VCALENDAR
"""
SERIES = """BEGIN:VTODO
UID:touchbase-abc
SUMMARY:Call Anna
DUE;VALUE=DATE:20261126
RRULE:FREQ=WEEKLY
STATUS:NEEDS-ACTION
END:VTODO
"""
TICKED = """BEGIN:VTODO
UID:touchbase-abc
RECURRENCE-ID;VALUE=DATE:20261126
SUMMARY:Call Anna
DUE;VALUE=DATE:20261126
STATUS:COMPLETED
COMPLETED:20261126T101500Z
END:VTODO
"""


@pytest.mark.parametrize("order", [(SERIES, TICKED), (TICKED, SERIES)])
def test_an_instance_that_thunderbird_completed_is_a_tick(folder: Folder, order: tuple[str, str]) -> None:
    folder.path.mkdir()
    file = folder.path / "touchbase-abc.ics"
    text = THUNDERBIRD.format(first=order[0], second=order[1])
    file.write_bytes(text.encode())
    (state,) = folder.sink().states()
    assert (state.key, state.status) == ("abc", "done")
    assert state.completed_at == datetime(2026, 11, 26, 10, 15, tzinfo=UTC)
    # An instance that is open, or that was cancelled, is none.
    for other in ("NEEDS-ACTION", "CANCELLED"):
        unticked = text.replace("STATUS:COMPLETED", f"STATUS:{other}").replace(
            "COMPLETED:20261126T101500Z\r\n", ""
        )
        file.write_bytes(unticked.encode())
        (state,) = folder.sink().states()
        assert (state.status, state.completed_at) == ("open", None)


def test_a_renamed_file_is_found_again(folder: Folder) -> None:
    ref = folder.sink().ensure(follow_up())
    only_file(folder).rename(folder.path / "synced from the server.ics")
    assert folder.sink().ensure(follow_up(title="New")) == ref
    assert folder.count() == 1
    assert folder.title(ref) == "New"


def test_of_two_copies_the_ticked_one_counts(folder: Folder) -> None:
    ref = folder.sink().ensure(follow_up())
    copy = folder.path / "a conflict.ics"
    copy.write_bytes(only_file(folder).read_bytes())
    folder.complete(ref)
    copy.write_bytes(new_task(follow_up(), NEW_YORK, NOW).encode())
    state = state_of(folder.sink(), follow_up().key)
    assert state is not None
    assert state.status == "done"


def test_foreign_and_broken_files_are_left_alone(folder: Folder) -> None:
    ref = folder.sink().ensure(follow_up())
    odd = {
        "empty.ics": b"",
        "binary.ics": bytes(range(256)),
        "cut.ics": b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:x",
        "bomb.ics": b"BEGIN:VCALENDAR\nBEGIN:VTODO\nA;B" + b"=a" * 50_000 + b"\nEND:VTODO\nEND:VCALENDAR\n",
        "nested.ics": b"BEGIN:VTODO\n" * 20_000,
        ".hidden.ics": b"BEGIN:VCALENDAR",
        "notes.txt": b"mine",
    }
    for name, data in odd.items():
        (folder.path / name).write_bytes(data)
    os.mkfifo(folder.path / "pipe.ics")
    (folder.path / "dangling.ics").symlink_to("nowhere")
    (folder.path / "sub.ics").mkdir()
    assert [state.ref for state in folder.sink().states()] == [ref]
    folder.sink().ensure(follow_up(2))
    folder.sink().withdraw(ref, "met")
    assert {name: (folder.path / name).read_bytes() for name in odd} == odd


@pytest.mark.parametrize("target", ["outside.txt", "/dev/null", "outside.ics", "nowhere", "sub/outside.ics"])
def test_no_link_out_of_the_folder_is_read_or_written(folder: Folder, tmp_path: Path, target: str) -> None:
    """A link under a task's name may come with a sync, and what it leads to is somebody else's."""
    item = follow_up()
    ref = folder.sink().ensure(item)
    task = only_file(folder)
    (tmp_path / "sub").mkdir()
    ours = task.read_bytes()
    for name in ("outside.txt", "outside.ics", "sub/outside.ics"):
        (tmp_path / name).write_bytes(ours.replace(b"NEEDS-ACTION", b"COMPLETED"))
    before = {path: path.read_bytes() for path in tmp_path.rglob("outside*")}
    task.unlink()
    task.symlink_to(target if target.startswith("/") else f"../{target}")
    state = state_of(folder.sink(), item.key)
    assert state is not None
    assert (state.ref, state.status) == (ref, "open")
    for deed in ("withdraw", "complete", "move", "ensure"):
        if deed == "ensure":
            folder.sink().ensure(follow_up(title="Write to Anna"))
        elif deed == "move":
            folder.sink().move(ref, date(2026, 12, 24))
        elif deed == "withdraw":
            folder.sink().withdraw(ref, "met")
        else:
            folder.sink().complete(ref)
        assert {path: path.read_bytes() for path in before} == before
    assert not task.is_symlink()
    assert b"Write to Anna" in task.read_bytes()
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_link_to_a_task_in_another_list_is_not_followed(folder: Folder, tmp_path: Path) -> None:
    item = follow_up()
    ref = folder.sink().ensure(item)
    task = only_file(folder)
    outside = tmp_path / "outside.ics"
    outside.write_bytes(task.read_bytes())
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / task.name).symlink_to(outside)
    task.unlink()
    before = outside.read_bytes()
    folder.sink().withdraw(ref, "met")
    folder.sink().ensure(item.model_copy(update={"ref": ref, "title": "Write to Anna"}))
    folder.sink().erase(ref)
    assert outside.read_bytes() == before


@pytest.mark.parametrize("data", [b"", b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:touch", b"\x00" * 100])
def test_a_task_file_that_was_cut_off_is_not_a_deleted_task(folder: Folder, data: bytes) -> None:
    ref = folder.sink().ensure(follow_up())
    only_file(folder).write_bytes(data)
    state = state_of(folder.sink(), follow_up().key)
    assert state is not None
    assert (state.ref, state.status) == (ref, "open")
    folder.sink().ensure(follow_up())
    assert folder.title(ref) == "Call Anna Berg 1"


def test_a_folder_that_is_gone_is_not_a_user_who_deleted_everything(folder: Folder) -> None:
    assert list(sink(folder.path, delivered=0).states()) == []
    with pytest.raises(SuspiciousEmptiness, match="is gone, with 3 open tasks"):
        list(sink(folder.path, delivered=3).states())
    folder.path.mkdir()
    assert list(sink(folder.path, delivered=3).states()) == []


def test_a_path_that_is_no_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserMustAct, match="cannot be created"):
        sink(tmp_path / "file").ensure(follow_up())
    with pytest.raises(UserMustAct, match="cannot be listed"):
        list(sink(tmp_path / "file").states())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_a_clear_error(folder: Folder) -> None:
    folder.path.mkdir(mode=0o500)
    with pytest.raises(UserMustAct, match="cannot be written"):
        folder.sink().ensure(follow_up())


def test_no_half_written_file_is_left_behind(folder: Folder) -> None:
    folder.sink().ensure(follow_up())
    assert [path.name for path in folder.path.iterdir()] == ["touchbase-0000000000000001.ics"]


def test_a_ref_is_never_a_path(folder: Folder) -> None:
    outside = folder.path.parent / "secret.ics"
    outside.write_text(new_task(follow_up(), NEW_YORK, NOW))
    before = outside.read_bytes()
    folder.path.mkdir()
    folder.sink().withdraw("../secret", "met")
    folder.sink().withdraw("touchbase-0000000000000001", "met")
    assert outside.read_bytes() == before


def todoman(folder: Folder, *arguments: str) -> str:
    """Run the real ``todo`` command on the folder's parent; its standard output."""
    home = folder.path.parent
    config = home / "config.py"
    config.write_text(
        f'path = "{home}/*"\ndate_format = "%Y-%m-%d"\ntime_format = "%H:%M"\ndefault_list = "tasks"\n'
        f'cache_path = "{home}/cache.sqlite3"\n'
    )
    command = [sys.executable, "-m", "todoman", "--config", str(config), *arguments]
    environment = os.environ | {"HOME": str(home), "TZ": "America/New_York", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def test_todoman_lists_and_completes_a_task(folder: Folder) -> None:
    ref = folder.sink().ensure(follow_up(title="Call Zoë, about the house", priority="high"))
    folder.sink().ensure(follow_up(2, due=date(2026, 12, 2)))
    path = folder.path / f"{ref}.ics"
    added = b"RELATED-TO:x\r\nX-MINE:y\r\nBEGIN:VALARM"
    path.write_bytes(path.read_bytes().replace(b"BEGIN:VALARM", added, 1))

    listed = {item["summary"]: item for item in json.loads(todoman(folder, "--porcelain", "list"))}
    assert set(listed) == {"Call Zoë, about the house", "Call Anna Berg 2"}
    task = listed["Call Zoë, about the house"]
    assert (task["priority"], task["categories"]) == (1, ["client", "key"])
    assert task["description"].startswith("Last spoke in September.\nAsk")
    todoman(folder, "done", str(task["id"]))

    states = {state.key: state for state in folder.sink().states()}
    assert states[follow_up().key].status == "done"
    assert states[follow_up().key].completed_at is not None
    assert states[follow_up(2).key].status == "open"
    assert "Zoë" not in todoman(folder, "list")
    text = path.read_text()
    assert "X-MINE:y" in text
    assert "RELATED-TO:x" in text
    folder.sink().ensure(follow_up(title="Call again"))
    assert path.read_text() == text


def test_a_due_date_moved_in_todoman_stays_moved(folder: Folder) -> None:
    folder.sink().ensure(follow_up())
    todoman(folder, "list")
    todoman(folder, "edit", "--due", "2026-12-24", "1")
    folder.sink().ensure(follow_up(title="Write to Anna"))
    state = state_of(folder.sink(), follow_up().key)
    assert state is not None
    assert (state.status, state.due) == ("open", date(2026, 12, 24))
    assert "Write to Anna" in todoman(folder, "list")


@settings(max_examples=100, deadline=None)
@given(
    title=st.text(max_size=80), notes=st.text(max_size=200), tags=st.lists(st.text(max_size=10), max_size=3)
)
def test_any_text_is_one_readable_task_and_reading_it_back_changes_nothing(
    title: str, notes: str, tags: list[str]
) -> None:
    item = follow_up(title=title, notes=notes, person=title, tags=tuple(tags))
    text = new_task(item, NEW_YORK, NOW)
    (todo,) = icalendar.Calendar.from_ical(text.encode()).todos
    assert todo["UID"] == "touchbase-0000000000000001"
    assert todo["STATUS"] == "NEEDS-ACTION"
    state = read_state(text, NEW_YORK)
    assert state is not None
    assert (state.key, state.status, state.due) == (item.key, "open", DUE)
    assert updated_task(text, item, NEW_YORK, NOW) is None
    other = updated_task(text, follow_up(), NEW_YORK, NOW)
    assert other is not None
    assert updated_task(other, follow_up(), NEW_YORK, NOW) is None
    closed = withdrawn_task(text, notes, NEW_YORK, NOW)
    assert closed is not None
    state = read_state(closed, NEW_YORK)
    assert state is not None
    assert state.status == "cancelled"
