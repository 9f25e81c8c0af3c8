"""Decide which follow-ups become tasks. Pure functions, without clock or store.

``read_back`` returns what the user did with the tasks, ``plan`` which ones to create, update or
withdraw. ``flows`` carries it out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from itertools import count
from statistics import median

from people.planning.model import (
    COOLDOWN_DAYS,
    FLOOD,
    MOST_DEFERRED,
    OFF_LIMITS,
    OPEN,
    QUIET_DAYS,
    USUAL_DAYS,
    PastFollowUp,
    Plan,
    Standing,
    follow_up_key,
    worth,
)
from people.planning.open_tasks import review
from people.planning.rations import Rations
from people.planning.working_days import WorkingDays
from people.tasks import FollowUp, FollowUpWish, TaskState, Todo

__all__ = ["PastFollowUp", "Plan", "Standing", "follow_up_key", "plan", "read_back", "worth"]


def read_back(
    past: Iterable[PastFollowUp], states: Mapping[str, TaskState], today: date, zone: tzinfo
) -> list[tuple[FollowUp, date]]:
    """Compare delivered tasks with the sink as it is now; return each change with its day.

    A task that is done counts as contact on that day, one whose due date the user moved is snoozed
    until then, one that was deleted or cancelled is dismissed. One that we withdrew after the user
    had completed it is done.
    """
    changes = []
    for item in past:
        before = item.follow_up
        state = states.get(before.key)
        late = before.status == "withdrawn" and state is not None and state.status == "done"
        if before.ref is None or not (late or before.status in OPEN):
            continue
        after = _as_now(before, state, today, zone, untold=item.untold)
        if after is not None:
            changes.append(after)
    return changes


def _as_now(
    before: FollowUp, state: TaskState | None, today: date, zone: tzinfo, *, untold: bool
) -> tuple[FollowUp, date] | None:
    if state is None or state.status in ("deleted", "cancelled"):
        return before.model_copy(update={"status": "dismissed", "reason": "you deleted the task"}), today
    if state.status == "done":
        day = min(state.completed_at.astimezone(zone).date(), today) if state.completed_at else today
        return before.model_copy(update={"status": "done", "reason": "you completed the task"}), day
    if not untold and state.due is not None and state.due != before.due:
        reason = f"you moved it to {state.due.isoformat()}"
        return before.model_copy(update={"status": "snoozed", "due": state.due, "reason": reason}), today
    return None


_UNKNOWN = Standing()


@dataclass
class _Planner:
    standing: Mapping[str, Standing]
    days: WorkingDays
    today: date
    open_by_person: dict[str, list[PastFollowUp]] = field(default_factory=dict)
    past_by_person: dict[str, list[PastFollowUp]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    created_today: int = 0

    def load(self, past: Iterable[PastFollowUp]) -> None:
        for item in past:
            self.keys.add(item.follow_up.key)
            self.past_by_person.setdefault(item.follow_up.person_id, []).append(item)
            if item.follow_up.status in OPEN:
                self.open_by_person.setdefault(item.follow_up.person_id, []).append(item)
            # A task created on a weekend is for Monday, and counts there.
            if self.days.on_or_after(item.created_on) == self.days.on_or_after(self.today):
                self.created_today += 1

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
        return self.days.on_or_after(max(wish.due, self.today))

    def candidate(self, wish: FollowUpWish, reason: str = "") -> FollowUp:
        """Make a follow-up of the wish; with a ``reason``, a deferred one."""
        return FollowUp(
            **{**{name: getattr(wish, name) for name in Todo.model_fields}, "due": self.day(wish)},
            key=self.next_key(wish),
            status="deferred" if reason else "open",
            reason=reason,
            value=self.value(wish),
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
        """The reason against a follow-up that no open task gives: tier, meeting or earlier follow-up."""
        standing = self.standing.get(wish.person_id, _UNKNOWN)
        if standing.tier == OFF_LIMITS:
            return "they asked not to be contacted"
        if standing.next_meeting is not None and standing.next_meeting >= self.today:
            return f"a meeting is booked on {standing.next_meeting.isoformat()}"
        cooldown = COOLDOWN_DAYS if wish.cooldown_days is None else wish.cooldown_days
        for item in self.past_by_person.get(wish.person_id, ()):
            if item.closed_on is None or item.follow_up.status not in ("done", "dismissed"):
                continue
            same = item.follow_up.rule == wish.rule
            day = item.closed_on.isoformat()
            if same and item.follow_up.status == "dismissed":
                until = item.closed_on + timedelta(days=QUIET_DAYS)
                if self.today < until:
                    return f"you dismissed it on {day}; quiet until {until.isoformat()}"
            once = not wish.repeats and wish.occasion == item.follow_up.occasion != ""
            if same and item.follow_up.status == "done" and once:
                return f"it was done on {day}"
            until = item.closed_on + timedelta(days=cooldown)
            if item.follow_up.status == "done" and self.today < until:
                return f"a follow-up was done on {day}; quiet until {until.isoformat()}"
        return None


def plan(
    wishes: Sequence[FollowUpWish],
    past: Sequence[PastFollowUp],
    standing: Mapping[str, Standing],
    *,
    capacity: int,
    today: date,
    days: WorkingDays,
    judged: Collection[str] | None = None,
    recent: Sequence[int] = (),
) -> Plan:
    """Decide this run's tasks.

    At most ``capacity`` tasks are created per working day, the most valuable first. Tasks created earlier
    for the same day count. ``past`` are all follow-ups that ever became tasks. ``judged`` are the rules
    that could be judged (None: all): an open task of any other rule stays as it is, because a broken or
    braked rule says nothing. ``recent`` is how many new follow-ups were wanted on each of the last days; a
    flood is measured by it. The same input gives the same plan, in any order.
    """
    planner = _Planner(standing, days, today)
    planner.load(past)
    wanted = {(wish.person_id, wish.rule, wish.occasion): wish for wish in wishes}
    seen = review(
        planner.open_by_person, wanted, standing, judged, may_follow=lambda wish: not planner.too_soon(wish)
    )
    closing = {item.key for item in seen.withdraw}
    rations = Rations.after(past, days, today)
    fresh, suppressed, rationed = _fresh(
        planner, [w for name, w in wanted.items() if name not in seen.names], planner.busy(closing), rations
    )
    room = max(0, capacity - planner.created_today)
    flood = _flood(len(fresh), recent, capacity)
    why = _no_room(capacity, flood)
    listed = fresh[room : room + MOST_DEFERRED]
    return Plan(
        create=tuple(map(planner.candidate, fresh[:room])),
        update=tuple(seen.update),
        withdraw=tuple(seen.withdraw),
        deferred=(
            *(planner.candidate(wish, why) for wish in listed),
            *(planner.candidate(wish, reason) for wish, reason in rationed),
        ),
        suppressed=tuple(planner.candidate(wish, reason) for wish, reason in suppressed),
        flood=flood,
        more_deferred=max(0, len(fresh) - room - len(listed)),
    )


def _flood(wanted: int, recent: Sequence[int], capacity: int) -> int | None:
    """Return the usual number if far more than that are wanted, and far more than a day takes; else None."""
    if len(recent) < USUAL_DAYS:
        return None
    usual = round(median(recent))
    return usual if wanted > FLOOD * max(usual, 1) and wanted > FLOOD * capacity else None


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


def _no_room(capacity: int, flood: int | None) -> str:
    reason = f"the day's capacity of {capacity} is used up by more valuable follow-ups"
    if flood is not None:
        reason += f"; far more are wanted than the usual {flood}"
    return reason
