"""Rows 53 to 64 of google-cases.md: tasks. A row's number is in its test's name.

Row 60: ``updatedMin`` is never sent, because only a whole listing tells what is gone; its advice about
doubled rows is kept. Row 62 has no test: Google does not show repetition, and nothing of ours reads or
writes it.
"""

from __future__ import annotations

from datetime import date

import pytest

from connectors.google.tasks import GoogleTasksSink
from people.errors import RetryLater, UserMustAct
from people.tasks import TaskState
from tests.contracts.sinks import SinkContract, follow_up
from tests.support.google_server import Fault, GoogleServer
from tests.support.google_server.fixtures import START, Client, client_fixture, google_fixture, wait_until  # noqa: F401
from tests.support.google_server.protocol import Request

LIST = "GET /tasks/v1/lists/"
INSERT = "POST /tasks/v1/lists/.*/tasks$"


def inserts(google: GoogleServer) -> list[Request]:
    return [request for request in google.requests("POST") if request.path.endswith("/tasks")]


def states(client: Client) -> dict[str, TaskState]:
    return {state.key: state for state in client.tasks().states()}


class TestGoogleTasks(SinkContract):
    @pytest.fixture
    def desk(self, google: GoogleServer, client: Client) -> GoogleDesk:
        return GoogleDesk(google, client)


class GoogleDesk:
    """Google's own app, as its user sees it."""

    def __init__(self, google: GoogleServer, client: Client) -> None:
        self._google = google
        self._client = client

    def sink(self) -> GoogleTasksSink:
        return self._client.tasks()

    def count(self) -> int:
        return len([task for task in self._google.tasks.all() if "touchbase:" in task.get("notes", "")])

    def title(self, ref: str) -> str:
        found = {task["id"]: task["title"] for task in self._google.tasks.all()}
        return str(found[_id(ref)])

    def complete(self, ref: str) -> None:
        self._google.tasks.complete(_id(ref))

    def cancel(self, ref: str) -> None:
        self._google.tasks.delete(_id(ref))

    def move(self, ref: str, due: date) -> None:
        self._google.tasks.postpone(_id(ref), due.isoformat())

    def retitle(self, ref: str, title: str) -> None:
        self._google.tasks.change(_id(ref), title=title)

    def notes(self, ref: str) -> str:
        found = {task["id"]: task.get("notes", "") for task in self._google.tasks.all(deleted=True)}
        return str(found[_id(ref)])

    def add_note(self, ref: str, text: str) -> None:
        self._google.tasks.change(_id(ref), notes=f"{self.notes(ref)}\n{text}")

    def edit_note(self, ref: str, before: str, after: str) -> None:
        self._google.tasks.change(_id(ref), notes=self.notes(ref).replace(before, after))

    def delete(self, ref: str) -> None:
        self._google.tasks.delete(_id(ref))

    def untick(self, ref: str) -> None:
        self._google.tasks.change(_id(ref), status="needsAction", hidden=False)

    def copy(self, ref: str) -> None:
        found = {task["id"]: task for task in self._google.tasks.all()}
        fields = {name: found[_id(ref)][name] for name in ("notes", "due")}
        self._google.tasks.add(str(found[_id(ref)]["title"]), **fields)

    def add_own(self, title: str) -> None:
        self._google.tasks.add(title)

    def everything(self) -> str:
        return str(self._google.tasks.all(deleted=True))

    def own_titles(self) -> list[str]:
        return [
            task["title"] for task in self._google.tasks.all() if "touchbase:" not in task.get("notes", "")
        ]


def _id(ref: str) -> str:
    return ref.partition("/")[2]


@pytest.mark.parametrize("kind", ["drop", "drop_after", "truncate", "garble", "error"])
def test_case_53_an_insert_that_may_have_landed_is_one_task(
    google: GoogleServer, client: Client, kind: str
) -> None:
    google.faults.append(Fault(kind, INSERT))  # type: ignore[arg-type]
    sink = client.tasks()
    with pytest.raises(RetryLater):
        sink.ensure(follow_up())
    assert len(inserts(google)) == 1
    ref = sink.ensure(follow_up())
    assert client.tasks().ensure(follow_up()) == ref
    assert len(google.tasks.all()) == 1


def test_case_53_a_timeout_is_one_task(google: GoogleServer, client: Client) -> None:
    held = Fault("delay", INSERT, seconds=60)
    google.faults.append(held)
    with pytest.raises(RetryLater):
        client.tasks(timeout=1.0).ensure(follow_up())
    held.release.set()  # it lands after we have given up
    wait_until(lambda: google.tasks.all())
    client.tasks().ensure(follow_up())
    assert len(google.tasks.all()) == 1


@pytest.mark.parametrize("fate", ["completed", "hidden", "deleted", "open"])
def test_case_54_the_scan_sees_every_task(google: GoogleServer, client: Client, fate: str) -> None:
    ref = client.tasks().ensure(follow_up())
    if fate == "completed":
        google.tasks.change(_id(ref), status="completed")
    elif fate == "hidden":
        google.tasks.complete(_id(ref))
    elif fate == "deleted":
        google.tasks.delete(_id(ref))
    assert client.tasks().ensure(follow_up()) == ref
    assert len(google.tasks.all(deleted=True)) == 1
    scan = google.requests(LIST)[-1]
    assert [scan.get(name) for name in ("showCompleted", "showHidden", "showDeleted")] == ["true"] * 3


def test_case_55_due_is_the_users_own_day(google: GoogleServer, client: Client) -> None:
    ref = client.tasks().ensure(follow_up(due=date(2026, 11, 26)))
    assert google.tasks.all()[0]["due"] == "2026-11-26T00:00:00.000Z"
    google.tasks.change(_id(ref), due="2026-12-24T23:30:00-08:00")
    assert states(client)[follow_up().key].due == date(2026, 12, 24)


def test_case_56_completed_in_googles_own_app(google: GoogleServer, client: Client) -> None:
    ref = client.tasks().ensure(follow_up())
    google.tasks.complete(_id(ref))
    state = states(client)[follow_up().key]
    assert (state.status, state.completed_at) == ("done", START)
    client.tasks().ensure(follow_up())
    assert len(google.tasks.all()) == 1


def test_case_57_deleted_by_the_user_is_never_made_again(google: GoogleServer, client: Client) -> None:
    ref = client.tasks().ensure(follow_up())
    google.tasks.delete(_id(ref))
    assert states(client)[follow_up().key].status == "deleted"
    for one in (follow_up(), follow_up(title="Other"), follow_up(ref=ref)):
        assert client.tasks().ensure(one) == ref
    assert google.tasks.all() == []


def test_case_58_more_than_a_page_of_tasks(google: GoogleServer, client: Client) -> None:
    refs = [client.tasks().ensure(follow_up(1))]
    for number in range(230):
        google.tasks.add(f"Own {number}", list_id=google.tasks.list_named("Touchbase"))
    refs += [client.tasks().ensure(follow_up(number)) for number in (1, 2)]
    assert refs[0] == refs[1]
    assert len(states(client)) == 2
    assert "2" in {request.get("pageToken")[:1] for request in google.requests(LIST)}


def test_case_59_an_empty_list(google: GoogleServer, client: Client) -> None:
    google.tasks.add_list("Touchbase")
    assert states(client) == {}
    google.tasks.lists.clear()
    assert states(client) == {}


def test_case_60_a_task_on_two_pages_is_one(google: GoogleServer, client: Client) -> None:
    list_id = client.tasks().ensure(follow_up()).partition("/")[0]
    for number in range(120):
        google.tasks.add(f"Own {number}", list_id=list_id)
    # Newest first: a task that comes in between pages pushes the last one of a page onto the next.
    pushed = Fault("meanwhile", LIST + list_id, skip=1)
    pushed.action = lambda: [google.tasks.add("New", list_id=list_id) for _ in range(5)]
    google.faults.append(pushed)
    assert [state.key for state in client.tasks().states()] == [follow_up().key]
    assert {request.get("updatedMin") for request in google.requests(LIST)} == {""}


def test_case_61_too_long_is_cut_and_the_marker_kept(google: GoogleServer, client: Client) -> None:
    long = follow_up(title="t" * 2000, notes="n" * 20_000)
    ref = client.tasks().ensure(long)
    assert client.tasks().ensure(long) == ref
    task = google.tasks.all()[0]
    assert (len(task["title"]), len(task["notes"]) <= 8192) == (1024, True)
    assert states(client)[long.key].ref == ref
    assert google.requests("PATCH") == []


def test_case_63_assigned_tasks_are_not_even_seen(google: GoogleServer, client: Client) -> None:
    assigned = google.tasks.add(
        "From a document", assignmentInfo={"surfaceType": "DOCUMENT"}, notes=f"touchbase:{follow_up().key}"
    )
    ref = client.tasks().ensure(follow_up())
    client.tasks().withdraw(ref, "met")
    assert [task["id"] for task in google.tasks.all()] == [assigned]


def test_case_64_a_deleted_list_is_made_again(google: GoogleServer, client: Client) -> None:
    client.tasks().ensure(follow_up(1))
    google.tasks.delete_list("Touchbase")
    client.tasks().ensure(follow_up(2))
    assert set(states(client)) == {follow_up(2).key}


def test_case_64_the_list_is_deleted_while_we_write(google: GoogleServer, client: Client) -> None:
    sink = client.tasks()
    sink.ensure(follow_up(1))
    google.tasks.delete_list("Touchbase")
    sink.ensure(follow_up(2))
    assert set(states(client)) == {follow_up(2).key}


def test_case_64_or_it_is_an_error_by_setting(google: GoogleServer, client: Client) -> None:
    with pytest.raises(UserMustAct, match="no list called 'Touchbase'"):
        client.tasks(create_list=False).ensure(follow_up())
    assert [row.entry["title"] for row in google.tasks.lists.values()] == ["My Tasks"]


class TestLists:
    def test_a_list_with_a_new_name_and_a_task_in_another_list(
        self, google: GoogleServer, client: Client
    ) -> None:
        first, second = (client.tasks().ensure(follow_up(number)) for number in (1, 2))
        list_id = google.tasks.list_named("Touchbase")
        google.tasks.lists[list_id].entry["title"] = "People"
        google.tasks.move(_id(second), google.tasks.default)
        assert {key: state.status for key, state in states(client).items()} == {
            follow_up(1).key: "open",
            follow_up(2).key: "open",
        }
        assert client.tasks().ensure(follow_up(1, ref=first)) == first
        assert _id(client.tasks().ensure(follow_up(2, ref=second))) == _id(second)
        assert len(google.tasks.all()) == 2

    def test_at_default_is_the_default_list_whatever_its_name(
        self, google: GoogleServer, client: Client
    ) -> None:
        refs = [client.tasks(list_title="@default").ensure(follow_up(1))]
        google.tasks.lists[google.tasks.default].entry["title"] = "Mine"
        refs.append(client.tasks(list_title="@default").ensure(follow_up(2)))
        assert {ref.partition("/")[0] for ref in refs} == {google.tasks.default}
        assert [row.entry["title"] for row in google.tasks.lists.values()] == ["Mine"]
        assert set(states(client)) == {follow_up(1).key, follow_up(2).key}

    def test_new_tasks_follow_a_list_that_was_renamed(self, google: GoogleServer, client: Client) -> None:
        sink = client.tasks()
        first = sink.ensure(follow_up(1))
        google.tasks.lists[google.tasks.list_named("Touchbase")].entry["title"] = "People"
        second = client.tasks(known=sink.address()).ensure(follow_up(2))
        assert first.partition("/")[0] == second.partition("/")[0]
        assert len(google.tasks.lists) == 2

    def test_notes_that_the_user_replaced_are_a_task_still(
        self, google: GoogleServer, client: Client
    ) -> None:
        refs = {number: client.tasks().ensure(follow_up(number)) for number in (1, 2)}
        google.tasks.change(_id(refs[1]), notes="my own words")
        assert set(states(client)) == {follow_up(2).key}
        found = client.tasks().find(follow_up(1, ref=refs[1]))
        assert found is not None
        assert (found.key, found.status) == (follow_up(1).key, "open")
        assert client.tasks().ensure(follow_up(1, ref=refs[1], title="Other words")) == refs[1]
        assert len(google.tasks.all()) == 2
        google.tasks.complete(_id(refs[1]))
        found = client.tasks().find(follow_up(1, ref=refs[1]))
        assert found is not None
        assert found.status == "done"

    def test_a_withdrawn_task_is_told_from_one_the_user_deleted(
        self, google: GoogleServer, client: Client
    ) -> None:
        sink = client.tasks()
        ours, theirs = sink.ensure(follow_up(1)), sink.ensure(follow_up(2))
        sink.withdraw(ours, "You met on 20 November")
        google.tasks.delete(_id(theirs))
        assert [state.status for _, state in sorted(states(client).items())] == ["cancelled", "deleted"]

    def test_a_withdrawal_that_was_cut_off_is_finished(self, google: GoogleServer, client: Client) -> None:
        ref = client.tasks().ensure(follow_up())
        google.faults.append(Fault("drop", "DELETE"))
        with pytest.raises(RetryLater):
            client.tasks().withdraw(ref, "met")
        client.tasks().withdraw(ref, "met")
        assert states(client)[follow_up().key].status == "cancelled"
        assert google.tasks.all(deleted=True)[0]["notes"].count("Withdrawn") == 1

    def test_surely_new_spares_the_scan(self, google: GoogleServer, client: Client) -> None:
        client.tasks().ensure(follow_up(), surely_new=True)
        assert google.requests(LIST) == []
        assert len(google.tasks.all()) == 1

    def test_text_of_others_is_no_marker(self, google: GoogleServer, client: Client) -> None:
        quoted = follow_up(1, notes=f"touchbase:{follow_up(2).key}\nas-written:2026-01-01 00 00")
        client.tasks().ensure(quoted)
        client.tasks().ensure(follow_up(2))
        assert len(google.tasks.all()) == 2
        assert set(states(client)) == {follow_up(1).key, follow_up(2).key}

    def test_what_the_user_adds_to_the_notes_stays(self, google: GoogleServer, client: Client) -> None:
        ref = client.tasks().ensure(follow_up())
        notes = google.tasks.all()[0]["notes"]
        google.tasks.change(_id(ref), notes=f"{notes}\nShe prefers mornings.")
        client.tasks().ensure(follow_up(title="Write to Anna", notes="New text"))
        task = google.tasks.all()[0]
        assert task["title"] == "Write to Anna"
        assert "She prefers mornings." in task["notes"]
        assert states(client)[follow_up().key].ref == ref
