"""Decide which follow-ups become tasks. Pure functions, without clock or store.

``plan`` returns which tasks to create, update or withdraw. ``flows`` carries it out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count

from people.days import short_day
from people.planning.in_time import Timing, can_lapse
from people.planning.model import (
    ALL,
    LEFT_ALONE,
    MOST_DEFERRED,
    OFF_LIMITS,
    OPEN,
    SET_BACK_AFTER,
    Occasion,
    PastFollowUp,
    Plan,
    Standing,
    Trusted,
    Wanted,
    follow_up_key,
    worth,
)
from people.planning.open_tasks import review
from people.planning.places import OpenTask, Room, Waiting, Week, flood_usual, no_room
from people.planning.quiet import Quiet
from people.planning.rations import Rations
from people.planning.working_days import WorkingDays
from people.tasks import FollowUp, FollowUpWish, Todo

__all__ = ["PastFollowUp", "Plan", "Standing", "follow_up_key", "plan", "worth"]


_UNKNOWN = Standing()
_NONE: Mapping[Occasion, Wanted] = {}


@dataclass
class _Planner:
    standing: Mapping[str, Standing]
    timing: Timing
    lapsing: frozenset[int]
    """The ids of the wishes that can come too late: of a hundred thousand, a few."""
    unread: Mapping[str, str]
    """The rules that lack facts, and why."""
    open_by_person: dict[str, list[PastFollowUp]] = field(default_factory=dict)
    past_by_person: dict[str, list[PastFollowUp]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.days, self.today = self.timing.days, self.timing.today
        self.quiet = Quiet(self.days, self.today)
        self.week = Week(self.days, self.today)

    def load(self, past: Iterable[PastFollowUp]) -> None:
        for item in past:
            self.keys.add(item.follow_up.key)
            self.past_by_person.setdefault(item.follow_up.person_id, []).append(item)
            if item.follow_up.status in OPEN:
                self.open_by_person.setdefault(item.follow_up.person_id, []).append(item)
            self.week.count(item)

    def next_key(self, wish: FollowUpWish) -> str:
        """The first free key of this person, rule and occasion. Merges and splits may have taken some."""
        keys = (follow_up_key(wish.person_id, wish.rule, wish.occasion, ordinal) for ordinal in count())
        return next(key for key in keys if key not in self.keys)

    def rank(self, wish: FollowUpWish) -> tuple[float, date, str, str, str]:
        """The order in which wishes get a place: value, then day, then what is the same in every run."""
        return -self.value(wish), self.day(wish), wish.person_id, wish.rule, wish.occasion

    def value(self, wish: FollowUpWish) -> float:
        standing = self.standing.get(wish.person_id, _UNKNOWN)
        return worth(standing, wish.priority, referral=wish.referral)

    def day(self, wish: FollowUpWish) -> date:
        if id(wish) in self.lapsing and wish.on_day:
            return wish.due
        earliest = max(wish.due, self.today)
        return earliest if wish.any_day else self.days.on_or_after(earliest)

    def candidate(self, wish: FollowUpWish, reason: str = "") -> FollowUp:
        """Make a follow-up of the wish; with a ``reason``, a deferred one."""
        return FollowUp(
            **{**{name: getattr(wish, name) for name in Todo.model_fields}, "due": self.day(wish)},
            key=self.next_key(wish),
            status="deferred" if reason else "open",
            reason=reason,
            value=self.value(wish),
            on_day=wish.on_day,
            useful_until=self.timing.until(wish),
            tags=self.standing.get(wish.person_id, _UNKNOWN).tags,
        )

    def busy(self, closing: Collection[str]) -> dict[str, FollowUp]:
        """Map each person with a task that stays open to one such task."""
        found: dict[str, FollowUp] = {}
        for person, items in self.open_by_person.items():
            staying = [item.follow_up for item in items if item.follow_up.key not in closing]
            if staying:
                found[person] = staying[0]
        return found

    def why_not(self, wish: FollowUpWish, busy: Mapping[str, FollowUp]) -> str | None:
        """The reason against a follow-up now, or None. ``busy`` are open tasks."""
        if wish.cooldown_days != 0 and wish.person_id in busy:
            return f"another follow-up is open: {busy[wish.person_id].title}"
        return self.too_soon(wish)

    def too_soon(self, wish: FollowUpWish) -> str | None:
        """The reason against a follow-up that no open task gives.

        It is the tier, a lack of facts, the day, a meeting or an earlier follow-up.
        """
        standing = self.standing.get(wish.person_id, _UNKNOWN)
        if standing.tier == OFF_LIMITS:
            return "they asked not to be contacted"
        if standing.quiet:
            return LEFT_ALONE
        if wish.rule in self.unread:
            return self.unread[wish.rule]
        if id(wish) in self.lapsing and (not_now := self.timing.why_not(wish)) is not None:
            return not_now
        booked = standing.next_meeting is not None and standing.next_meeting >= self.today
        # A meeting next week does not replace a word on the very day.
        if booked and standing.next_meeting is not None and not wish.on_day:
            return f"a meeting is booked on {short_day(standing.next_meeting, self.today)}"
        earlier = self.past_by_person.get(wish.person_id)
        return self.quiet.why_not(wish, earlier) if earlier else None


def plan(
    wishes: Sequence[FollowUpWish],
    past: Sequence[PastFollowUp],
    standing: Mapping[str, Standing],
    *,
    capacity: int,
    today: date,
    days: WorkingDays,
    open_at_most: int | None = None,
    trusted: Trusted = ALL,
    recent: Sequence[int] = (),
    wanted_since: Mapping[Occasion, Wanted] = _NONE,
    waited: Sequence[FollowUp] = (),
) -> Plan:
    """Decide this run's tasks.

    At most ``capacity`` tasks are created per working day (``people.planning.places`` says in which order),
    and none while ``open_at_most`` are open (None: without a bound). Tasks created earlier for the same day
    count. ``past`` are all follow-ups that ever became tasks. ``trusted`` says whose tasks stay as they are.
    ``recent`` is how many new follow-ups were wanted on each of the last days; a flood is measured by it.
    ``wanted_since`` is what ``in_time.remembered`` returned for this run, and ``waited`` are the follow-ups
    that the last run deferred. The same input gives the same plan, in any order.
    """
    lapsing = frozenset(map(id, filter(can_lapse, wishes)))
    planner = _Planner(standing, Timing(days, today, wanted_since), lapsing, trusted.unread)
    planner.load(past)
    wanted = {(wish.person_id, wish.rule, wish.occasion): wish for wish in wishes}
    seen = review(
        planner.open_by_person,
        wanted,
        standing,
        trusted,
        planner.timing,
        may_follow=lambda wish: not planner.too_soon(wish),
    )
    closing = {item.key for item in seen.withdraw}
    rations = Rations.after(past, days, today)
    fresh, suppressed, rationed = _fresh(
        planner, [w for name, w in wanted.items() if name not in seen.kept], planner.busy(closing), rations
    )
    chosen = planner.week.left(capacity).choose(_candidates(planner, fresh, capacity))
    room = _fill(planner, seen.kept, wanted, chosen, open_at_most)
    flood = flood_usual(len(fresh), recent, capacity)
    full = len(room.admitted) < len(chosen)
    why = no_room(capacity, room.length if full else None, flood)
    admitted = {id(one.wish) for one in room.admitted}
    waiting = [wish for wish in fresh if id(wish) not in admitted]
    listed = [*waiting[:MOST_DEFERRED], *(w for w in waiting[MOST_DEFERRED:] if id(w) in planner.lapsing)]
    lapsed = planner.timing.lapsed(waited, standing)
    moved = {item.key for item in room.set_back}
    return Plan(
        create=tuple(planner.candidate(one.wish) for one in room.admitted),
        update=tuple(item for item in seen.update if item.key not in moved),
        withdraw=(*seen.withdraw, *room.set_back),
        deferred=(
            *(planner.candidate(wish, why) for wish in listed),
            *(planner.candidate(wish, reason) for wish, reason in rationed),
        ),
        suppressed=tuple(planner.candidate(wish, reason) for wish, reason in suppressed),
        lapsed=tuple(lapsed),
        missed=(*lapsed, *planner.timing.still_told(past)),
        flood=flood,
        more_deferred=len(waiting) - len(listed),
    )


def _candidates(planner: _Planner, fresh: Sequence[FollowUpWish], capacity: int) -> list[Waiting]:
    """The wishes that may get one of the day's places, in the order of ``fresh``."""
    found, ordinary = [], 0
    for wish in fresh:
        if id(wish) not in planner.lapsing:
            if ordinary == capacity:
                continue
            ordinary += 1
        until = planner.timing.until(wish)
        tier = planner.standing.get(wish.person_id, _UNKNOWN).tier
        last = until is not None and planner.timing.is_last_chance(until)
        found.append(Waiting(wish, planner.value(wish), tier, until, last))
    return found


def _fill(
    planner: _Planner,
    kept: Mapping[Occasion, FollowUp],
    wanted: Mapping[Occasion, FollowUpWish],
    chosen: Sequence[Waiting],
    open_at_most: int | None,
) -> Room:
    """Fill the list with those who were chosen. What the user moved to a later day takes no place."""
    if open_at_most is None:
        return Room(len(chosen), admitted=list(chosen))
    today, timing = planner.today, planner.timing
    here = {name: item for name, item in kept.items() if item.status == "open" or item.due <= today}
    movable = [
        OpenTask(
            item,
            planner.value(wanted[name]),
            past_due=item.due < today,
            overdue=timing.days.after(item.due, SET_BACK_AFTER) <= today,
            too_late=item.useful_until is not None and item.useful_until < today,
        )
        for name, item in here.items()
        if name in wanted and item.status == "open" and not (item.on_day or item.reopened)
    ]
    room = Room(open_at_most - len(here), movable, length=len(here))
    room.fill(chosen)
    return room


_Refused = list[tuple[FollowUpWish, str]]


def _fresh(
    planner: _Planner, wishes: Sequence[FollowUpWish], busy: Mapping[str, FollowUp], rations: Rations
) -> tuple[list[FollowUpWish], _Refused, _Refused]:
    """Return the wishes for new follow-ups, best first and one per person, and the others with the reason.

    The others are those that are suppressed, and the next in line of each rule whose ration is used up.
    """
    fresh: list[FollowUpWish] = []
    suppressed: _Refused = []
    rationed: _Refused = []
    taken: dict[str, FollowUpWish] = {}
    for wish in sorted(wishes, key=planner.rank):
        reason = planner.why_not(wish, busy)
        if reason is None and wish.cooldown_days != 0 and wish.person_id in taken:
            reason = f"another follow-up comes first: {taken[wish.person_id].title}"
        if reason is not None:
            suppressed.append((wish, reason))
            continue
        if (waits := rations.take(wish)) is not None:
            if rations.is_next(wish):
                rationed.append((wish, waits))
            continue
        if wish.cooldown_days != 0:
            taken[wish.person_id] = wish
        fresh.append(wish)
    return fresh, suppressed, rationed
