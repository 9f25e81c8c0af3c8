"""What every task sink must do, wherever its tasks are: one class, run by each implementation.

An implementation's test module subclasses ``SinkContract`` and gives it a fixture ``desk``: the place
where the user meets the tasks and does things to them.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Protocol

import pytest

from people.tasks import About, Evidence, FollowUp, PlacedSink, TaskSink, TaskState

DUE = date(2026, 11, 26)
HOSTILE = [
    '=HYPERLINK("http://evil.example","x")',
    "<img src=x onerror=alert(1)> & <!-- ",
    "END:VTODO\r\nBEGIN:VTODO\r\nUID:evil\r\nSTATUS:COMPLETED",
    "a\nSTATUS:COMPLETED\n- [x] done ^tb-0000000000000001",
    'back\\slash; semi, comma: colon "quote"',
    "[link](javascript:alert(1)) **bold** `code` 📅 2001-01-01 ✅ 2001-01-01",
    "\u202egnitirw\u202c \x00\x07 nul",
    "x" * 5000,
    "Zoë Łukasiewicz 李小龍 👩‍👩‍👧",
]

KEYS = ["0123456789abcdef", "../../etc/passwd", "Ünïcode key", "a\r\nSTATUS:COMPLETED", "x-41", "k" * 300]


class Desk(Protocol):
    """Where the tasks of a sink under test are, as their user sees and handles them.

    ``ref`` is what ``ensure`` returned.
    """

    def sink(self) -> PlacedSink:
        """A fresh sink on this place, as after a restart."""
        ...

    def count(self) -> int:
        """How many tasks a user sees in all, closed ones included, their own ones not."""
        ...

    def title(self, ref: str) -> str:
        """The title as a program reads it (escapes resolved), signs of ours left out."""
        ...

    def complete(self, ref: str) -> None:
        """Tick it."""
        ...

    def cancel(self, ref: str) -> None:
        """Mark it as cancelled."""
        ...

    def move(self, ref: str, due: date) -> None:
        """Give it another due date."""
        ...

    def retitle(self, ref: str, title: str) -> None:
        """Write another title."""
        ...

    def notes(self, ref: str) -> str:
        """What stands below the title, of a task that was deleted as well."""
        ...

    def add_note(self, ref: str, text: str) -> None:
        """Write a line of one's own below what stands there."""
        ...

    def edit_note(self, ref: str, before: str, after: str) -> None:
        """Replace words of what stands there."""
        ...

    def delete(self, ref: str) -> None:
        """Delete it."""
        ...

    def untick(self, ref: str) -> None:
        """Take the tick away again."""
        ...

    def copy(self, ref: str) -> None:
        """Make a second task of it, mark of ours and all."""
        ...

    def everything(self) -> str:
        """All that the place holds, of tasks that were deleted as well."""
        ...

    def add_own(self, title: str) -> None:
        """Put in a task of the user's own."""
        ...

    def own_titles(self) -> list[str]:
        """The titles of the user's own tasks."""
        ...


def follow_up(number: int = 1, **changes: Any) -> FollowUp:
    """A follow-up as the planner makes it; ``number`` decides its key."""
    values: dict[str, Any] = {
        "key": f"{number:016x}",
        "person_id": f"p{number}",
        "person": "Anna Berg",
        "rule": "stale-key",
        "title": f"Call Anna Berg {number}",
        "notes": "Last spoke in September.\nAsk how the move went.",
        "due": DUE,
        "tags": ("key", "client"),
    }
    return FollowUp(**values | changes)


ANNA = About(
    name="Anna Berg",
    first_name="Anna",
    organisation="Berg Interiors",
    phones=("07700 900133",),
    emails=("anna@berg.example",),
    tier="key",
    cadence_days=30,
    last_contact=date(2026, 9, 14),
    last_event="Lunch",
)
COLD = Evidence(
    rule="gone-cold", file="f.yaml", line=3, field="stale", value="true", test="is", threshold="true"
)


def about_anna(about: About = ANNA, **changes: Any) -> FollowUp:
    """A follow-up that says who it is about and why."""
    return follow_up(
        **{
            "title": "Call Anna",
            "notes": "",
            "channel": "phone",
            "about": about,
            "because": (COLD,),
            **changes,
        }
    )


def state_of(sink: TaskSink, key: str) -> TaskState | None:
    """The one state of a key; a second one of the same key fails the test."""
    found = [state for state in sink.states() if state.key == key]
    assert len(found) < 2
    return found[0] if found else None


def _asked(sink: PlacedSink, item: FollowUp) -> str | None:
    """The state of a task as its listing says it, or else as the sink finds it; None if it is gone."""
    state = state_of(sink, item.key) or sink.find(item)
    return None if state is None or state.status in ("deleted", "cancelled") else state.status


def is_closed(state: TaskState | None) -> bool:
    return state is None or state.status in ("cancelled", "deleted")


class SinkContract:
    """Subclass it with a fixture ``desk``; see ``Desk``."""

    def test_an_empty_sink_has_no_states(self, desk: Desk) -> None:
        assert list(desk.sink().states()) == []

    def test_a_follow_up_becomes_one_open_task(self, desk: Desk) -> None:
        sink = desk.sink()
        ref = sink.ensure(follow_up())
        assert desk.count() == 1
        assert desk.title(ref) == "Call Anna Berg 1"
        state = state_of(sink, follow_up().key)
        assert state is not None
        assert (state.ref, state.status, state.due) == (ref, "open", DUE)

    def test_the_same_key_twice_is_one_task(self, desk: Desk) -> None:
        sink = desk.sink()
        assert sink.ensure(follow_up()) == sink.ensure(follow_up())
        assert desk.count() == 1

    def test_the_same_key_after_a_restart_is_one_task(self, desk: Desk) -> None:
        ref = desk.sink().ensure(follow_up())
        assert desk.sink().ensure(follow_up()) == ref
        assert desk.count() == 1

    def test_each_key_is_a_task_of_its_own(self, desk: Desk) -> None:
        sink = desk.sink()
        refs = {sink.ensure(follow_up(number)) for number in range(1, 6)}
        assert len(refs) == 5
        assert {state.key for state in sink.states()} == {follow_up(number).key for number in range(1, 6)}

    def test_what_is_still_ours_is_brought_up_to_date(self, desk: Desk) -> None:
        sink = desk.sink()
        ref = sink.ensure(follow_up())
        later = date(2026, 12, 3)
        changed = follow_up(title="Write to Anna", due=later, priority="high", notes="", tags=())
        assert desk.sink().ensure(changed) == ref
        assert desk.title(ref) == "Write to Anna"
        state = state_of(desk.sink(), follow_up().key)
        assert state is not None
        assert state.due == later
        assert desk.count() == 1

    def test_done_is_read_back_and_stays(self, desk: Desk) -> None:
        ref = desk.sink().ensure(follow_up())
        desk.complete(ref)
        state = state_of(desk.sink(), follow_up().key)
        assert state is not None
        assert state.status == "done"
        desk.sink().ensure(follow_up(title="Again"))
        state = state_of(desk.sink(), follow_up().key)
        assert state is not None
        assert state.status == "done"

    def test_moved_is_read_back_and_never_moved_back(self, desk: Desk) -> None:
        ref = desk.sink().ensure(follow_up())
        desk.move(ref, date(2026, 12, 24))
        desk.sink().ensure(follow_up())
        desk.sink().ensure(follow_up(due=date(2026, 11, 30)))
        state = state_of(desk.sink(), follow_up().key)
        assert state is not None
        assert (state.status, state.due) == ("open", date(2026, 12, 24))

    def test_deleted_is_read_back(self, desk: Desk) -> None:
        sink = desk.sink()
        ref, other = sink.ensure(follow_up(1)), sink.ensure(follow_up(2))
        desk.delete(ref)
        assert is_closed(state_of(desk.sink(), follow_up(1).key))
        state = state_of(desk.sink(), follow_up(2).key)
        assert state is not None
        assert (state.ref, state.status) == (other, "open")

    def test_cancelled_is_read_back_and_stays(self, desk: Desk) -> None:
        ref = desk.sink().ensure(follow_up())
        desk.cancel(ref)
        assert is_closed(state_of(desk.sink(), follow_up().key))
        desk.sink().ensure(follow_up(title="Again"))
        assert is_closed(state_of(desk.sink(), follow_up().key))

    def test_a_text_the_user_wrote_survives(self, desk: Desk) -> None:
        ref = desk.sink().ensure(follow_up())
        desk.retitle(ref, "Call her on the mobile")
        desk.sink().ensure(follow_up(title="Call Anna soon", due=date(2026, 12, 1)))
        assert desk.title(ref) == "Call her on the mobile"
        state = state_of(desk.sink(), follow_up().key)
        assert state is not None
        assert state.due == date(2026, 12, 1)

    def test_what_the_user_adds_to_the_notes_survives(self, desk: Desk) -> None:
        ref = desk.sink().ensure(follow_up())
        desk.add_note(ref, "She prefers mornings.")
        desk.sink().ensure(follow_up(title="Write to Anna", notes="New words.", ref=ref))
        assert "She prefers mornings." in desk.notes(ref)
        assert desk.title(ref) == "Write to Anna"
        desk.sink().withdraw(ref, "You met on 20 November")
        assert "She prefers mornings." in desk.notes(ref)
        assert "You met on 20 November" in desk.notes(ref)

    def test_a_task_says_who_how_to_reach_them_and_why(self, desk: Desk) -> None:
        ref = desk.sink().ensure(about_anna(notes="Ask how the move went."))
        assert desk.title(ref) == "Call Anna Berg (Berg Interiors)"
        notes = desk.notes(ref)
        said = [
            "07700 900133 · anna@berg.example",
            "Ask how the move went.",
            "Going cold: last contact on 14 Sep (Lunch); you aim for every 30 days.",
            "Done? Tick it, and it counts as contact. Later? Move its date.",
            "touchbase explain 00000000",
        ]
        places = [notes.index(line) for line in said]
        assert places == sorted(places)

    def test_a_text_that_nobody_touched_is_renewed(self, desk: Desk) -> None:
        ref = desk.sink().ensure(about_anna())
        moved = ANNA.model_copy(
            update={"organisation": "Lind & Daughters", "phones": ("0117 946 0000",), "last_event": "Supper"}
        )
        desk.sink().ensure(about_anna(moved, ref=ref))
        assert desk.title(ref) == "Call Anna Berg (Lind & Daughters)"
        assert "0117 946 0000 · anna@berg.example" in desk.notes(ref)
        assert "14 Sep (Supper)" in desk.notes(ref)
        assert "07700 900133" not in desk.notes(ref)
        assert desk.notes(ref).count("touchbase explain") == 1

    def test_a_task_of_an_earlier_version_gains_who_and_why(self, desk: Desk) -> None:
        ref = desk.sink().ensure(about_anna(About(), because=(), notes="Last contact 48 days ago."))
        assert desk.title(ref) == "Call Anna"
        desk.sink().ensure(about_anna(ref=ref))
        assert desk.title(ref) == "Call Anna Berg (Berg Interiors)"
        assert "Going cold" in desk.notes(ref)
        assert "48 days ago" not in desk.notes(ref)

    def test_notes_that_the_user_edited_stay_and_the_title_is_still_ours(self, desk: Desk) -> None:
        ref = desk.sink().ensure(about_anna())
        desk.edit_note(ref, "Going cold: last contact", "She moved house. Last contact")
        before = desk.notes(ref).partition("touchbase:")[0]
        moved = ANNA.model_copy(update={"organisation": "Lind & Daughters", "phones": ("0117 946 0000",)})
        desk.sink().ensure(about_anna(moved, ref=ref))
        assert desk.notes(ref).partition("touchbase:")[0] == before
        assert desk.title(ref) == "Call Anna Berg (Lind & Daughters)"

    def test_a_title_that_the_user_edited_stays_and_the_notes_are_still_ours(self, desk: Desk) -> None:
        ref = desk.sink().ensure(about_anna())
        desk.retitle(ref, "Call her on the mobile")
        desk.sink().ensure(about_anna(ANNA.model_copy(update={"phones": ("0117 946 0000",)}), ref=ref))
        assert desk.title(ref) == "Call her on the mobile"
        assert "0117 946 0000" in desk.notes(ref)

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_names_and_firms_stay_text(self, desk: Desk, text: str) -> None:
        about = About(
            name=text,
            first_name=text,
            organisation=text,
            job_title=text,
            distinction=text,
            phones=(text,),
            emails=(text,),
            last_contact=date(2026, 9, 14),
            last_event=text,
        )
        because = (COLD, COLD.model_copy(update={"field": "labels", "value": text, "threshold": text}))
        hostile = about_anna(about, person=text, because=because)
        sink = desk.sink()
        other = sink.ensure(follow_up(2))
        ref = sink.ensure(hostile)
        assert sink.ensure(hostile.model_copy(update={"ref": ref})) == ref
        states = {state.key: (state.status, state.due) for state in desk.sink().states()}
        assert states == dict.fromkeys((hostile.key, follow_up(2).key), ("open", DUE))
        assert desk.count() == 2
        assert desk.title(ref).startswith("Call Anna: ")
        assert desk.title(other) == "Call Anna Berg 2"

    def test_a_task_closed_by_us_says_why(self, desk: Desk) -> None:
        ref = desk.sink().ensure(follow_up())
        desk.sink().withdraw(ref, "no longer needed; last contact on 20 Nov")
        assert desk.notes(ref).count("no longer needed; last contact on 20 Nov") == 1
        assert "Last spoke in September." in desk.notes(ref)

    def test_a_task_deleted_while_we_plan_is_not_made_again(self, desk: Desk) -> None:
        sink = desk.sink()
        sink.ensure(follow_up(2))
        ref = sink.ensure(follow_up())
        list(sink.states())
        desk.delete(ref)
        for later in (sink, desk.sink()):
            assert later.ensure(follow_up(title="Write to Anna", ref=ref)) == ref
        assert is_closed(state_of(desk.sink(), follow_up().key))

    def test_a_moved_task_still_gets_our_new_words(self, desk: Desk) -> None:
        ref = desk.sink().ensure(follow_up())
        desk.move(ref, date(2026, 12, 24))
        desk.sink().ensure(follow_up(title="Write to Anna", due=date(2026, 12, 24), ref=ref))
        desk.sink().ensure(follow_up(title="Ring Anna", due=date(2026, 12, 24), ref=ref))
        assert desk.title(ref) == "Ring Anna"
        state = state_of(desk.sink(), follow_up().key)
        assert state is not None
        assert (state.status, state.due) == ("open", date(2026, 12, 24))

    def test_a_withdrawn_task_is_closed(self, desk: Desk) -> None:
        sink = desk.sink()
        ref, other = sink.ensure(follow_up(1)), sink.ensure(follow_up(2))
        desk.sink().withdraw(ref, "You met on 20 November")
        assert is_closed(state_of(desk.sink(), follow_up(1).key))
        state = state_of(desk.sink(), follow_up(2).key)
        assert state is not None
        assert (state.ref, state.status) == (other, "open")

    def test_withdrawing_twice_or_what_is_gone_is_no_error(self, desk: Desk) -> None:
        sink = desk.sink()
        ref = sink.ensure(follow_up())
        sink.withdraw(ref, "met")
        sink.withdraw(ref, "met")
        desk.delete(sink.ensure(follow_up(2)))
        sink.withdraw(follow_up(2).key, "met")
        assert is_closed(state_of(desk.sink(), follow_up().key))

    @pytest.mark.parametrize("deed", ["complete", "cancel", "withdraw", "copy", "nothing"])
    def test_what_is_erased_says_nothing_any_longer(self, desk: Desk, deed: str) -> None:
        desk.add_own("Buy milk")
        ref, other = desk.sink().ensure(follow_up(1)), desk.sink().ensure(follow_up(2))
        if deed == "withdraw":
            desk.sink().withdraw(ref, "met")
        elif deed != "nothing":
            getattr(desk, deed)(ref)
        assert "Berg 1" in desk.everything()
        desk.sink().erase(ref)
        desk.sink().erase(ref)
        desk.sink().erase("nothing-like-it")
        assert "Berg 1" not in desk.everything()
        assert [state.ref for state in desk.sink().states() if state.status == "open"] == [other]
        assert desk.own_titles() == ["Buy milk"]

    def test_withdrawing_leaves_done_done(self, desk: Desk) -> None:
        ref = desk.sink().ensure(follow_up())
        desk.complete(ref)
        desk.sink().withdraw(ref, "met")
        state = state_of(desk.sink(), follow_up().key)
        assert state is not None
        assert state.status == "done"

    def test_completing_is_what_the_user_does(self, desk: Desk) -> None:
        sink = desk.sink()
        ref, other = sink.ensure(follow_up(1)), sink.ensure(follow_up(2))
        desk.sink().complete(ref)
        desk.sink().complete(ref)
        desk.sink().complete("nothing-like-it")
        assert [state_of(desk.sink(), follow_up(number).key) is None for number in (1, 2)] == [False, False]
        states = {state.ref: state.status for state in desk.sink().states()}
        assert states == {ref: "done", other: "open"}
        sink.withdraw(other, "met")
        sink.complete(other)
        assert is_closed(state_of(desk.sink(), follow_up(2).key))

    def test_moving_is_what_the_user_does(self, desk: Desk) -> None:
        ref = desk.sink().ensure(follow_up())
        desk.sink().move(ref, date(2026, 12, 24))
        desk.sink().move(ref, date(2026, 12, 24))
        desk.sink().move("nothing-like-it", date(2026, 12, 24))
        desk.sink().ensure(follow_up(title="Write to Anna", due=date(2026, 11, 30), ref=ref))
        state = state_of(desk.sink(), follow_up().key)
        assert state is not None
        assert (state.status, state.due) == ("open", date(2026, 12, 24))
        assert desk.title(ref) == "Write to Anna"

    def test_the_place_has_a_name_once_a_task_is_there(self, desk: Desk) -> None:
        desk.sink().ensure(follow_up())
        place = desk.sink().place()
        assert place is not None
        desk.sink().ensure(follow_up(2))
        assert desk.sink().place() == place

    def test_a_task_that_is_there_or_gone_is_known_when_asked_for(self, desk: Desk) -> None:
        sink = desk.sink()
        first, second = (follow_up(number, ref=sink.ensure(follow_up(number))) for number in (1, 2))
        desk.delete(first.ref or "")
        found = {one.key: _asked(desk.sink(), one) for one in (first, second)}
        assert found == {first.key: None, second.key: "open"}

    def test_unticked_is_open_again(self, desk: Desk) -> None:
        ref = desk.sink().ensure(follow_up())
        desk.complete(ref)
        desk.untick(ref)
        state = state_of(desk.sink(), follow_up().key)
        assert state is not None
        assert (state.ref, state.status) == (ref, "open")

    @pytest.mark.parametrize("deed", ["complete", "cancel", "delete", "withdraw", "nothing"])
    def test_what_was_closed_is_opened_again(self, desk: Desk, deed: str) -> None:
        ref = desk.sink().ensure(follow_up())
        desk.sink().ensure(follow_up(2))
        if deed == "withdraw":
            desk.sink().withdraw(ref, "met")
        elif deed != "nothing":
            getattr(desk, deed)(ref)
        again = follow_up(ref=ref, due=date(2026, 12, 3))
        for _ in range(2):
            ref = desk.sink().reopen(again.model_copy(update={"ref": ref}))
        state = state_of(desk.sink(), follow_up().key)
        assert state is not None
        assert (state.ref, state.status, state.ours) == (ref, "open", False)
        assert sum(one.status == "open" for one in desk.sink().states()) == 2
        assert desk.title(ref) == "Call Anna Berg 1"

    def test_of_two_copies_the_one_that_is_done_counts(self, desk: Desk) -> None:
        ref = desk.sink().ensure(follow_up())
        desk.copy(ref)
        state = state_of(desk.sink(), follow_up().key)
        assert state is not None
        assert state.status == "open"
        desk.complete(ref)
        state = state_of(desk.sink(), follow_up().key)
        assert state is not None
        assert state.status == "done"

    def test_what_touchbase_closed_is_told_from_what_the_user_closed(self, desk: Desk) -> None:
        sink = desk.sink()
        ours, theirs = (sink.ensure(follow_up(number)) for number in (1, 2))
        desk.sink().withdraw(ours, "You met on 20 November")
        desk.cancel(theirs)
        found = {state.key: state.ours for state in desk.sink().states()}
        assert found == {follow_up(1).key: True, follow_up(2).key: False}

    def test_the_users_own_title_is_told(self, desk: Desk) -> None:
        sink = desk.sink()
        mine, ours = (sink.ensure(follow_up(number)) for number in (1, 2))
        desk.retitle(mine, "Call her on the mobile")
        found = {state.ref: (state.title, state.retitled) for state in desk.sink().states()}
        assert found == {mine: ("Call her on the mobile", True), ours: ("Call Anna Berg 2", False)}

    def test_the_users_own_tasks_are_left_alone(self, desk: Desk) -> None:
        desk.add_own("Buy milk")
        sink = desk.sink()
        ref = sink.ensure(follow_up())
        desk.add_own("Mend the fence")
        sink.ensure(follow_up(title="Other"))
        sink.withdraw(ref, "met")
        assert sorted(desk.own_titles()) == ["Buy milk", "Mend the fence"]
        assert {state.key for state in desk.sink().states()} <= {follow_up().key}

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_stays_text(self, desk: Desk, text: str) -> None:
        hostile = follow_up(7, title=text, notes=text, person=text, tags=(text[:50],))
        sink = desk.sink()
        sink.ensure(follow_up(1))
        ref = sink.ensure(hostile)
        assert sink.ensure(hostile) == ref
        assert desk.count() == 2
        states = {state.key: state for state in desk.sink().states()}
        assert set(states) == {follow_up(1).key, hostile.key}
        assert {(state.status, state.due) for state in states.values()} == {("open", DUE)}
        sink.withdraw(ref, text)
        assert is_closed(state_of(desk.sink(), hostile.key))
        assert desk.count() <= 2

    @pytest.mark.parametrize(
        "key", ["0123456789abcdef", "../../etc/passwd", "Ünïcode key", "a\r\nSTATUS:COMPLETED", "k" * 300]
    )
    def test_any_key_comes_back_as_it_was(self, desk: Desk, key: str) -> None:
        ref = desk.sink().ensure(follow_up(key=key))
        assert desk.sink().ensure(follow_up(key=key)) == ref
        assert [state.key for state in desk.sink().states()] == [key]
        assert desk.count() == 1
