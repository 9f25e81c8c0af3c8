"""Who gets a place: the places of the day, and the places in the list. Pure.

The day has ``capacity_per_day`` places. What belongs to this very day comes first, then what would lapse,
for at most half of the places of a working week, then the most valuable. The list has ``open_at_most``
places. When it is full, a task that is long overdue and untouched makes room for what is worth more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice

from people.planning.model import PastFollowUp
from people.planning.working_days import WorkingDays
from people.tasks import FollowUp, FollowUpWish

WEEK = 5
"""The working days over which what would lapse gets half of the places. An event brings many new people at
once: they may take what quiet days left. (Half per day alone asked 90 % of the people newly met within two
days in ``benchmarks/month``, half per week 95 %.)"""
KEY = "key"
"""The tier whose very days are never missed, also on a full day."""
WAITS_AGAIN = "waits again; it returns when it is worth a place"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A wish that nothing speaks against but the lack of a place. ``until`` is its last useful day."""

    wish: FollowUpWish
    value: float
    tier: str | None = None
    until: date | None = None
    last_chance: bool = False


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task in the list and what it is worth now.

    ``past_due`` is whether its due day has passed, ``overdue`` whether that is long ago, ``too_late`` whether
    it is no longer useful. The user has not touched it.
    """

    item: FollowUp
    value: float
    past_due: bool = False
    overdue: bool = False
    too_late: bool = False

    def yields_to(self, other: Waiting) -> bool:
        """Whether the task makes room for ``other``."""
        if other.wish.on_day:
            return True
        if other.until is not None and self.past_due:
            return True
        return self.overdue and (self.too_late or other.value > self.value)

    @property
    def order(self) -> tuple[bool, bool, bool, bool, float, str]:
        """The order in which tasks make room."""
        in_time = self.item.useful_until is not None and not self.too_late
        return not self.overdue, not self.too_late, in_time, not self.past_due, self.value, self.item.key


@dataclass(frozen=True, slots=True)
class Day:
    """The places of the day that are left, and those of them for what would lapse."""

    places: int
    for_lapsing: int

    @classmethod
    def of(cls, capacity: int, created: int, lapsing: int, before: Sequence[int] = ()) -> Day:
        """``created`` tasks have a place already, ``lapsing`` of them because they would lapse.

        ``before`` is how many lapsing ones each of the week's earlier days took. Days without a task are left
        out.
        """
        half = (capacity + 1) // 2
        left = sum(half - count for count in before)
        return cls(max(0, capacity - created), max(0, half + max(0, left) - lapsing))

    def choose(self, ranked: Sequence[Waiting]) -> list[Waiting]:
        """Return who gets one of the day's places, in their order. ``ranked`` are the most valuable first."""
        very_day = sorted((w for w in ranked if w.wish.on_day), key=lambda w: w.tier != KEY)
        lapsing = [w for w in ranked if w.until is not None and not w.wish.on_day]
        first = [*very_day, *sorted(lapsing, key=lambda w: not w.last_chance)[: self.for_lapsing]]
        taken = set(map(id, first))
        places = max(self.places, sum(w.tier == KEY for w in very_day))
        rest = (w for w in ranked if id(w) not in taken)
        return [*first, *islice(rest, max(0, places - len(first)))][:places]


@dataclass
class Week:
    """The tasks that the last working days got, and those of them that would have come too late."""

    days: WorkingDays
    today: date
    created: Counter[date] = field(default_factory=Counter)
    lapsing: Counter[date] = field(default_factory=Counter)

    def count(self, item: PastFollowUp) -> None:
        """Count a follow-up of the past on its day. A task created on a weekend is for Monday."""
        # Three weeks hold the last working week, whatever the holidays are.
        if item.created_on < self.today - timedelta(days=21) or item.follow_up.ending == "missed":
            return
        day = self.days.on_or_after(item.created_on)
        self.created[day] += 1
        self.lapsing[day] += item.follow_up.useful_until is not None and not item.follow_up.on_day

    def left(self, capacity: int) -> Day:
        """Return the places of today that are left."""
        today = self.days.on_or_after(self.today)
        before = [day for day in self.created if day < today <= self.days.after(day, WEEK - 1)]
        lapsing = [self.lapsing[day] for day in before]
        return Day.of(capacity, self.created[today], self.lapsing[today], lapsing)


@dataclass
class Room:
    """The task list while it is filled: its ``free`` places, which may be below 0, and its ``length``."""

    free: int
    movable: list[OpenTask] = field(default_factory=list)
    length: int = 0
    admitted: list[Waiting] = field(default_factory=list)
    set_back: list[FollowUp] = field(default_factory=list)

    def fill(self, chosen: Sequence[Waiting]) -> None:
        """Admit those who find room, and set back the tasks that make room for them.

        If the list is longer than it may be, long overdue tasks leave it first.
        """
        self.movable.sort(key=lambda task: task.order)
        while self.free < 0 and self.movable and self.movable[0].overdue:
            self._set_back(self.movable[0])
        for waiting in chosen:
            if self.free <= 0:
                one = next((task for task in self.movable if task.yields_to(waiting)), None)
                if one is not None:
                    self._set_back(one)
                elif not waiting.wish.on_day:
                    continue
            self.free -= 1
            self.length += 1
            self.admitted.append(waiting)

    def _set_back(self, task: OpenTask) -> None:
        self.movable.remove(task)
        self.free += 1
        self.length -= 1
        why = "its time has passed, and others wait" if task.too_late else WAITS_AGAIN
        closed = {"status": "withdrawn", "ending": "set back", "reason": why}
        self.set_back.append(task.item.model_copy(update=closed))
