"""Follow-ups: what rules wish for, what planning decides, and what lies in a task sink."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from pydantic import SkipValidation

from people.types import Frozen, Instant

Channel = Literal["email", "phone", "in_person", "message", "any"]
Priority = Literal["high", "medium", "low"]
Period = Literal["day", "week", "month"]
Status = Literal["open", "done", "snoozed", "dismissed", "deferred", "withdrawn"]
Ending = Literal["missed", "set back", "day over"]
"""Why Touchbase itself ended a withdrawn follow-up: it never found a place in time, it makes room in the
list and returns later, or its day has passed."""

Counts = Literal["full", "together", "group", "none"]
"""What a meeting means for each person in it: *full* is contact and resets the clock, *together* is
an event attended together, *group* is group attendance only, *none* nothing."""


class Evidence(Frozen):
    """One line of a *why*: the rule's test, the value it saw and where that value came from.

    ``file`` and ``line`` are the place in the rule file; ``value`` and ``threshold`` are texts as
    the user sees them; ``source`` names the meeting, card or journal line behind the value. ``day`` is the
    day of a value that is a date, or that counts days from or to one: it stays true while the count grows.
    """

    rule: str
    file: str
    line: int
    field: str
    value: str | None
    test: str
    threshold: str
    source: str | None = None
    day: date | None = None


class Ration(NamedTuple):
    """At most ``most`` new follow-ups of a rule per calendar period; the most valuable ones come first."""

    most: int
    per: Period


class Match(NamedTuple):
    """A rule that matched, and the number of the row that it matched in the frame that was judged."""

    rule: str
    row: int


class About(Frozen):
    """What a task says of its person: who they are, how to reach them, and when you were last in touch.

    A task shows it to somebody who is not at the computer, so it is stored with the follow-up. ``phones``
    and ``emails`` are the best first; numbers are as the user would dial them. ``distinction`` tells them
    apart from another person of the same name, and is empty if there is none. ``last_contact`` is a day in
    the user's zone, and ``last_event`` the title of the meeting, or the words of the journal line, behind it.
    """

    name: str = ""
    first_name: str = ""
    distinction: str = ""
    organisation: str | None = None
    job_title: str | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    tier: str | None = None
    labels: tuple[str, ...] = ()
    cadence_days: int | None = None
    last_contact: date | None = None
    last_event: str | None = None


class Todo(Frozen):
    """What to do for one person, because of one rule.

    ``occasion`` is the value of the fact that the rule names as its occasion (the day of the last
    contact, a referral's id), and empty when it names none. It distinguishes one silence, or one
    referral, from the next. ``done_is_contact`` is whether doing it counts as contact with the person.
    """

    rule: str
    person_id: str
    person: str
    title: str
    notes: str = ""
    channel: Channel = "any"
    priority: Priority = "medium"
    due: date
    occasion: str = ""
    done_is_contact: bool = True


class FollowUpWish(Todo):
    """A follow-up that a rule asks for, before planning.

    ``due`` is the earliest day named by the rule, not yet moved to a working day. ``referral`` is whether
    somebody waits for the end of a referral. ``match`` says where the evidence is: it is collected after
    planning, and only for the wishes that were chosen. ``within`` is how many days after the first wish the
    follow-up is still useful; None: for as long as the rule wishes it. ``on_day`` says that ``due`` is the
    very day, such as a birthday: it does not move to a working day, and the task comes no earlier than the
    last run that can make it in time. ``any_day`` says that ``due`` may be a weekend or a holiday.
    ``ration`` bounds how many follow-ups of its rule are new per period.
    """

    cooldown_days: int | None = None
    referral: bool = False
    repeats: bool = False
    within: int | None = None
    on_day: bool = False
    any_day: bool = False
    ration: Ration | None = None
    match: SkipValidation[Match | None] = None


class FollowUp(Todo):
    """A follow-up that is planned, or that once was a task.

    ``key`` is stable: the same person, rule and occasion always give the same key, and the same
    key is one task. ``due`` is a working day in the user's time zone, or the very day if ``on_day``.
    ``useful_until`` is the last useful day of what can come too late (the very day if ``on_day``). ``sink``
    and ``ref`` are set once a task exists (``ref`` is the sink's own id of it). ``reason`` says why a
    follow-up is deferred, withdrawn or suppressed.

    ``place`` is where its task was delivered (``TaskSink.place``). ``own_title`` is the title that the user
    gave it. ``reopened`` says that the user opened it again, so that only the user closes it. ``ticked_at``
    is when the user ticked it, as last read. ``left_behind`` are the places that
    hold a copy of it, because the task list is now another one.
    """

    key: str
    status: Status = "open"
    value: float = 0.0
    sink: str | None = None
    ref: str | None = None
    place: str | None = None
    own_title: str = ""
    reopened: bool = False
    left_behind: tuple[str, ...] = ()
    ticked_at: Instant | None = None
    reason: str = ""
    on_day: bool = False
    useful_until: date | None = None
    ending: Ending | None = None
    tags: tuple[str, ...] = ()
    about: About = About()
    because: tuple[Evidence, ...] = ()

    def places_before(self) -> frozenset[str]:
        """The places of its deliveries. Where a user may have moved the task, these are not meant."""
        return frozenset(filter(None, (*self.left_behind, self.place)))


class TaskState(Frozen):
    """One of our tasks as it now stands in the sink.

    *deleted* and *cancelled* are words of the user, or of Touchbase itself if ``ours``. *lost* is a task that
    is not where it was delivered, and nothing says that the user deleted it. ``title`` is the current title,
    and ``retitled`` whether the user wrote it. ``completed_at`` is None if the sink does not say.
    """

    key: str
    ref: str
    status: Literal["open", "done", "cancelled", "deleted", "lost"]
    due: date | None = None
    completed_at: Instant | None = None
    ours: bool = False
    title: str = ""
    retitled: bool = False


class TaskSink(Protocol):
    """Where follow-ups become tasks.

    ``ensure`` is idempotent: the same key twice is one task, even after a crash between the two.
    ``people.wording`` gives the title and the text of a task.
    Errors are those of ``people.errors``.
    """

    name: str

    def ensure(self, follow_up: FollowUp) -> str:
        """Create the task, or bring our own fields of it up to date; return its ref."""
        ...

    def withdraw(self, ref: str, reason: str) -> None:
        """Close a task that is no longer needed, with the reason. A missing task is ignored."""
        ...

    def complete(self, ref: str) -> None:
        """Complete the task, as its user would. A closed or missing task is ignored."""
        ...

    def move(self, ref: str, due: date) -> None:
        """Give the open task the due date that its user chose. A missing task is ignored."""
        ...

    def erase(self, ref: str) -> None:
        """Delete the task, open or closed, with all that it says. A missing task is ignored."""
        ...

    def states(self) -> Iterator[TaskState]:
        """Yield the state of every task that carries one of our keys.

        Of several tasks with one key, the one that is done counts, then the open one.
        """
        ...


@runtime_checkable
class PlacedSink(TaskSink, Protocol):
    """A task sink that knows where it is, so that a task that is elsewhere is told from a deleted one.

    ``marks_its_place`` is whether another place can never be taken for it. ``where_to_look`` asks the user
    what may be wrong with the place.
    """

    marks_its_place: bool
    where_to_look: str

    def place(self) -> str | None:
        """Name where the tasks are: an account, a collection, a folder. None if it does not exist yet."""
        ...

    def address(self) -> str | None:
        """Where new tasks go within the place, to find it after its user renames it; None if unknown."""
        ...

    def reopen(self, follow_up: FollowUp) -> str:
        """Open the task again, also one that was ticked or cancelled, or make it; return its ref."""
        ...

    def find(self, follow_up: FollowUp) -> TaskState | None:
        """Look for a delivered task that ``states`` did not show; None if it is surely gone."""
        ...


class Unplaced:
    """A sink that does not know where it is. What it does not list is gone."""

    marks_its_place = False
    where_to_look = "is it the right task list?"

    def __init__(self, sink: TaskSink) -> None:
        self.name = sink.name
        self.ensure = sink.ensure
        self.withdraw = sink.withdraw
        self.complete = sink.complete
        self.move = sink.move
        self.erase = sink.erase
        self.states = sink.states

    def place(self) -> str | None:
        """Nothing is known of it."""
        return None

    def address(self) -> str | None:
        """Nothing is known of it."""
        return None

    def reopen(self, follow_up: FollowUp) -> str:
        """Make the task, as if it was never delivered; return its ref."""
        return self.ensure(follow_up.model_copy(update={"ref": None}))

    def find(self, _follow_up: FollowUp) -> TaskState | None:
        """Nothing: what ``states`` does not show is gone."""
        return None


def placed(sink: TaskSink) -> PlacedSink:
    """The sink, with the methods of ``PlacedSink`` also if it has none."""
    return sink if isinstance(sink, PlacedSink) else Unplaced(sink)
