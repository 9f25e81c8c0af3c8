"""Kill a run at every line of the outbox, and see that a clean run after it repairs everything.

    python -m tests.support.crash_points FOLDER vtodo-folder
    python -m tests.support.crash_points FOLDER google ENDPOINT     # FOLDER holds google.json

A program of its own, because it forks: for each N a child runs until the Nth line of the traced files
and is gone (``os._exit``, as after kill -9), and the parent then runs to the end and compares. Where a crash
leaves a folder exactly as an earlier crash did, the earlier comparison stands. The last N is the one whose
child survives. Prints how many lines there were, and how many different folders they left.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

from connectors.google.client.api import answers
from connectors.google.tasks import GoogleTasksSink
from flows.run import deliver
from flows.run.context import Context
from flows.run.decide import plan_tasks
from flows.run.judge import Judged
from flows.settings.loading import load
from flows.settings.model import Settings
from people.store import follow_ups, open_store
from people.tasks import FollowUpWish
from tests.support.opening import open_sink
from tests.support.paths import ROOT

DAYS = date(2026, 3, 2), date(2026, 3, 3)
TRACED = {
    "vtodo-folder": (
        "people/store/follow_ups.py",
        "flows/run/decide.py",
        "flows/run/deliver.py",
        "connectors/vtodo/sink.py",
    ),
    "google": (
        "people/store/follow_ups.py",
        "connectors/google/tasks.py",
        "connectors/google/client/transport.py",
    ),
}
DIED = 9


def main(folder: Path, kind: str, endpoint: str = "") -> None:
    """Try all points of one sink; raises ``AssertionError`` at the first that is not repaired."""
    # A file that moved would be traced no more, and its crashes would go untried without a word.
    assert [name for name in TRACED[kind] if not (ROOT / name).is_file()] == []
    prepared, work = folder / "prepared", folder / "work"
    prepared.mkdir(parents=True)
    if kind == "vtodo-folder":
        prepare(prepared, "")
        before(load(prepared / "touchbase.toml"))
    else:
        google = f'type = "google"\ntoken = "{folder}/google.json"\nendpoint = "{endpoint}"\n'
        prepare(prepared, f"[tasks]\n{google}")
    repaired: set[str] = set()
    for number in count(1):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(prepared, work)
        folder_sink = kind == "vtodo-folder"
        wishes = later() if folder_sink else [wish(f"new{number}")]
        check = check_folder if folder_sink else check_google
        settings = load(work / "touchbase.toml")
        died = crash(settings, wishes, number, TRACED[kind])
        left = state(work, folder / "seen") if folder_sink else str(number)
        if died and left in repaired:
            continue
        repaired.add(left)
        run(settings, wishes, DAYS[1])
        try:
            check(settings)
        except AssertionError as error:
            raise AssertionError(f"after a crash at line {number}: {error}") from error
        if not died:
            sys.stdout.write(json.dumps({"points": number - 1, "states": len(repaired)}))
            return


def state(left: Path, folder: Path) -> str:
    """A digest of all that a run left: the rows of the store, and the other files.

    It looks at a copy in ``folder``, because SQLite tidies up what a crash left when it opens a store.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(left, folder)
    digest = sha256()
    with closing(sqlite3.connect(folder / "touchbase.db")) as connection:
        for statement in connection.iterdump():
            digest.update(statement.encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("touchbase.db"):
            digest.update(f"{path.relative_to(folder)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def prepare(folder: Path, tasks: str) -> None:
    """A settings file, and a store that is ready."""
    (folder / "touchbase.toml").write_text(f'[me]\ntime_zone = "Europe/London"\n{tasks}')
    open_store(load(folder / "touchbase.toml").store_url).close()


def wish(person: str, **values: Any) -> FollowUpWish:
    """A wish for one person by the only rule."""
    fields = {"rule": "gone-quiet", "person_id": person, "person": person, "title": f"Call {person}"}
    return FollowUpWish.model_validate({**fields, "due": DAYS[0], "occasion": "o", **values})


def before(settings: Settings) -> None:
    """The day before: three tasks, of which the user completes one."""
    run(settings, [wish("reworded"), wish("met"), wish("ticked")], DAYS[0])
    sink = open_sink(settings)
    sink.complete(next(item.ref or "" for item in all_of(settings) if item.person_id == "ticked"))


def later() -> list[FollowUpWish]:
    """The day itself: one rule has other words, one person was met, two people are new."""
    return [wish("reworded", title="Write to reworded"), wish("new1"), wish("new2")]


def run(settings: Settings, wishes: list[FollowUpWish], today: date) -> None:
    """The part of the daily run that deals with tasks, on a store of its own."""
    store = open_store(settings.store_url)
    context = Context(settings, store, today, datetime(2026, 3, 3, 9, tzinfo=UTC))
    deliver.read_tasks(context)
    plan_tasks(context, Judged(wishes=wishes, rules=frozenset({"gone-quiet"})))
    delivered = deliver.deliver(context)
    store.close()
    assert not delivered.problems, delivered.problems


def crash(settings: Settings, wishes: list[FollowUpWish], number: int, traced: tuple[str, ...]) -> bool:
    """Run in a child that dies at the ``number``-th line of the traced files; whether it died."""
    child = os.fork()
    if child == 0:
        sys.settrace(bomb(number, {str(ROOT / name) for name in traced}))
        try:
            run(settings, wishes, DAYS[1])
        except BaseException:  # noqa: BLE001 - this child is never to return into its parent's code
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, DIED), f"the child ended with {code}"
    return code == DIED


def bomb(number: int, files: set[str]) -> Callable[[FrameType, str, Any], Any]:
    """A trace function that ends the process at the ``number``-th line of ``files``."""
    left = number

    def local(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            if left == 0:
                os._exit(DIED)
        return local

    return lambda frame, _event, _argument: local if frame.f_code.co_filename in files else None


def all_of(settings: Settings) -> list[Any]:
    """All follow-ups of the store; none may wait for delivery."""
    store = open_store(settings.store_url)
    with store.read() as connection:
        assert follow_ups.pending(connection) == []
        found = follow_ups.listed(connection, closed=True)
    store.close()
    return found


def check_folder(settings: Settings) -> None:
    """One file a follow-up, and each as store and user want it."""
    found = all_of(settings)
    assert Counter(item.status for item in found) == {"open": 3, "done": 1, "withdrawn": 1}, found
    files = [path.read_text().replace("\n ", "") for path in (settings.folder / "tasks").iterdir()]
    titles = Counter(line[8:] for text in files for line in text.splitlines() if line.startswith("SUMMARY:"))
    assert titles == dict.fromkeys(
        ["Write to reworded", "Call met", "Call ticked", "Call new1", "Call new2"], 1
    ), titles
    by_ref = {state.ref: state.status for state in open_sink(settings).states()}
    wanted = {"open": "open", "done": "done", "withdrawn": "cancelled"}
    assert by_ref == {item.ref: wanted[item.status] for item in found}
    assert "".join(files).count("Closed by Touchbase: no longer needed") == 1


def check_google(settings: Settings) -> None:
    """One task, deleted ones included; then the lists are cleared for the next point."""
    (item,) = all_of(settings)
    sink = open_sink(settings)
    assert isinstance(sink, GoogleTasksSink)
    api = sink._api
    service = api.service("tasks")
    lists = [row for page in answers(api, service.tasklists(), {}, "list") for row in page.get("items", ())]
    tasks = []
    for row in lists:
        asked = {"tasklist": row["id"], "showDeleted": True, "showHidden": True}
        tasks += [
            task for page in answers(api, service.tasks(), asked, "list") for task in page.get("items", ())
        ]
    assert [task["title"] for task in tasks] == [item.title]
    assert (item.status, item.ref is not None) == ("open", True)
    for row in lists:
        if row["title"] == "Touchbase":
            api.write(service.tasklists().delete(tasklist=row["id"]), "clear")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
