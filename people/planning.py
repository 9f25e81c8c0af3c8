"""Deciding which follow-ups become tasks: pure functions, no clock, no store.

``read_back`` says what the user did with the tasks there are, ``plan`` which ones to create, bring
up to date or withdraw. Both take what is and return what to do; ``flows`` carries it out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from itertools import count

from people.tasks import FollowUp, Priority, TaskState
from people.verdicts import FollowUpWish
from people.working_days import WorkingDays

COOLDOWN_DAYS = 14
"""After any follow-up a person is left alone this long (field-notes: default policies)."""
QUIET_DAYS = 30
"""After a dismissal the same rule is quiet for that person this long (field-notes)."""

_Occasion = tuple[str, str, str]
"""Person id, rule and occasion: at most one task of these is open."""
_OPEN = ("open", "snoozed")
_PRIORITY_VALUE: dict[Priority, float] = {"high": 2.0, "medium": 1.0, "low": 0.0}
_TIER_VALUE = {"key": 3.0, "target": 2.0, "connector": 2.0, "general": 1.0}


@dataclass(frozen=True, slots=True)
class Standing:
    """What planning needs to know of one person. Days are in the user's zone."""

    tier: str | None = None
    tags: tuple[str, ...] = ()
    overdue_ratio: float = 0.0
    last_contact: date | None = None
    next_meeting: date | None = None


@dataclass(frozen=True, slots=True)
class PastFollowUp:
    """A follow-up from the store with the days that cooldown and quiet are counted from.

    ``deferred`` ones are not here: they never became tasks and are decided anew in each run.
    """

    follow_up: FollowUp
    created_on: date
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do in this run. ``suppressed`` and ``deferred`` say why in ``reason``."""

    create: tuple[FollowUp, ...] = ()
    update: tuple[FollowUp, ...] = ()
    withdraw: tuple[FollowUp, ...] = ()
    deferred: tuple[FollowUp, ...] = ()
    suppressed: tuple[FollowUp, ...] = ()


def read_back(
    past: Iterable[PastFollowUp], states: Mapping[str, TaskState], today: date, zone: tzinfo
) -> list[tuple[FollowUp, date]]:
    """Compare delivered tasks with what the sink shows now; return each change with its day.

    A task that is done counts as contact on that day, one whose due date the user moved is snoozed
    until then, one that was deleted or cancelled is dismissed.
    """
    changes = []
    for item in past:
        before = item.follow_up
        if before.status not in _OPEN or before.ref is None:
            continue
        after = _as_now(before, states.get(before.key), today, zone)
        if after is not None:
            changes.append(after)
    return changes


def _as_now(
    before: FollowUp, state: TaskState | None, today: date, zone: tzinfo
) -> tuple[FollowUp, date] | None:
    if state is None or state.status in ("deleted", "cancelled"):
        return before.model_copy(update={"status": "dismissed", "reason": "you deleted the task"}), today
    if state.status == "done":
        day = min(state.completed_at.astimezone(zone).date(), today) if state.completed_at else today
        return before.model_copy(update={"status": "done", "reason": "you completed the task"}), day
    if state.due is not None and state.due != before.due:
        reason = f"you moved it to {state.due.isoformat()}"
        return before.model_copy(update={"status": "snoozed", "due": state.due, "reason": reason}), today
    return None


@dataclass
class _Planner:
    standing: Mapping[str, Standing]
    days: WorkingDays
    capacity: int
    today: date
    open_by_person: dict[str, list[FollowUp]] = field(default_factory=dict)
    past_by_person: dict[str, list[PastFollowUp]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    created_today: int = 0

    def load(self, past: Iterable[PastFollowUp]) -> None:
        for item in past:
            self.keys.add(item.follow_up.key)
            self.past_by_person.setdefault(item.follow_up.person_id, []).append(item)
            if item.follow_up.status in _OPEN:
                self.open_by_person.setdefault(item.follow_up.person_id, []).append(item.follow_up)
            if item.created_on == self.today:
                self.created_today += 1

    def next_key(self, wish: FollowUpWish) -> str:
        """The first key of this person and rule that no follow-up has, a merge's or split's included."""
        keys = (follow_up_key(wish.person_id, wish.rule, wish.occasion, ordinal) for ordinal in count())
        return next(key for key in keys if key not in self.keys)

    def candidate(self, wish: FollowUpWish) -> FollowUp:
        standing = self.standing.get(wish.person_id, Standing())
        return FollowUp(
            key=self.next_key(wish),
            person_id=wish.person_id,
            person=wish.person,
            rule=wish.rule,
            occasion=wish.occasion,
            title=wish.title,
            notes=wish.notes,
            channel=wish.channel,
            priority=wish.priority,
            due=self.days.on_or_after(max(wish.due, self.today)),
            value=worth(standing, wish.priority),
            tags=standing.tags,
            because=wish.because,
        )

    def is_open(self, wish: FollowUpWish) -> bool:
        """Whether this very follow-up is a task already."""
        items = self.open_by_person.get(wish.person_id, ())
        return any((item.rule, item.occasion) == (wish.rule, wish.occasion) for item in items)

    def why_not(self, wish: FollowUpWish) -> str | None:
        """The reason to leave the person alone for now, if there is one."""
        standing = self.standing.get(wish.person_id, Standing())
        if standing.next_meeting is not None and standing.next_meeting >= self.today:
            return f"a meeting is booked on {standing.next_meeting.isoformat()}"
        cooldown = COOLDOWN_DAYS if wish.cooldown_days is None else wish.cooldown_days
        if cooldown and wish.person_id in self.open_by_person:
            return f"another follow-up is open: {self.open_by_person[wish.person_id][0].title}"
        return self._too_soon(wish, cooldown)

    def _too_soon(self, wish: FollowUpWish, cooldown: int) -> str | None:
        for item in self.past_by_person.get(wish.person_id, ()):
            if item.closed_on is None or item.follow_up.status not in ("done", "dismissed"):
                continue
            same = item.follow_up.rule == wish.rule
            day = item.closed_on.isoformat()
            if same and item.follow_up.status == "dismissed":
                until = item.closed_on + timedelta(days=QUIET_DAYS)
                if self.today < until:
                    return f"you dismissed it on {day}; quiet until {until.isoformat()}"
            if same and item.follow_up.status == "done" and wish.occasion == item.follow_up.occasion != "":
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
) -> Plan:
    """Decide this run's tasks.

    At most ``capacity`` tasks are created on one day, the most valuable first; what was created
    earlier today counts. ``past`` are all follow-ups that ever became tasks. ``judged`` are the rules
    that could be judged (None: all): an open task of any other rule is left as it is, for a rule that
    is broken or braked says nothing. The same input gives the same plan, whatever its order.
    """
    planner = _Planner(standing, days, capacity, today)
    planner.load(past)
    wanted = {(wish.person_id, wish.rule, wish.occasion): wish for wish in wishes}
    update, withdraw = _review_open(planner, wanted, judged)
    fresh, suppressed = _fresh(planner, wanted)
    room = max(0, capacity - planner.created_today)
    deferred = [_deferred(item, capacity) for item in fresh[room:]]
    return Plan(tuple(fresh[:room]), tuple(update), tuple(withdraw), tuple(deferred), tuple(suppressed))


def _review_open(
    planner: _Planner, wanted: Mapping[_Occasion, FollowUpWish], judged: Collection[str] | None
) -> tuple[list[FollowUp], list[FollowUp]]:
    update, withdraw = [], []
    for person_id, items in sorted(planner.open_by_person.items()):
        for item in items:
            wish = wanted.get((person_id, item.rule, item.occasion))
            if wish is None and (judged is None or item.rule in judged):
                withdraw.append(_withdrawn(item, planner.standing.get(person_id, Standing())))
            elif wish is not None and (new := _refreshed(item, wish)) is not None:
                update.append(new)
    return update, withdraw


def _fresh(
    planner: _Planner, wanted: Mapping[_Occasion, FollowUpWish]
) -> tuple[list[FollowUp], list[FollowUp]]:
    """The new follow-ups, best first and one a person, and those that something speaks against."""
    fresh: list[FollowUp] = []
    suppressed: list[FollowUp] = []
    ranked = sorted(
        ((planner.candidate(wish), wish) for wish in wanted.values()),
        key=lambda pair: (-pair[0].value, pair[0].due, pair[0].person_id, pair[0].rule),
    )
    taken: dict[str, FollowUp] = {}
    for item, wish in ranked:
        if planner.is_open(wish):
            continue
        reason = planner.why_not(wish)
        if reason is None and wish.cooldown_days != 0 and wish.person_id in taken:
            reason = f"another follow-up comes first: {taken[wish.person_id].title}"
        if reason is not None:
            suppressed.append(item.model_copy(update={"status": "deferred", "reason": reason}))
            continue
        if wish.cooldown_days != 0:
            taken[wish.person_id] = item
        fresh.append(item)
    return fresh, suppressed


def _refreshed(item: FollowUp, wish: FollowUpWish) -> FollowUp | None:
    """The open task with the rule's new words; None when nothing that matters has changed.

    The notes alone change daily ("48 days ago"), which is no reason to touch a task.
    """
    if (item.title, item.channel, item.priority) == (wish.title, wish.channel, wish.priority):
        return None
    new = {"title": wish.title, "notes": wish.notes, "channel": wish.channel, "priority": wish.priority}
    return item.model_copy(update={**new, "because": wish.because})


def _withdrawn(item: FollowUp, standing: Standing) -> FollowUp:
    if standing.last_contact is not None:
        reason = f"no longer needed; last contact on {standing.last_contact.isoformat()}"
    else:
        reason = "no longer needed: its rule does not match any more"
    return item.model_copy(update={"status": "withdrawn", "reason": reason})


def _deferred(item: FollowUp, capacity: int) -> FollowUp:
    reason = f"the day's capacity of {capacity} is used up by more valuable follow-ups"
    return item.model_copy(update={"status": "deferred", "reason": reason})


def worth(standing: Standing, priority: Priority) -> float:
    """Rank a follow-up: tier, how far past the cadence (capped at three times), and priority.

    The sum of tier (key 3, target and connector 2, general 1), overdue ratio (0 to 3) and priority
    (high 2, medium 1); plain numbers so that ``explain`` can show them.
    """
    tier = _TIER_VALUE.get(standing.tier or "", 0.0)
    return round(tier + min(max(standing.overdue_ratio, 0.0), 3.0) + _PRIORITY_VALUE[priority], 3)


def follow_up_key(person_id: str, rule: str, occasion: str, ordinal: int) -> str:
    """The stable key of the ``ordinal``-th follow-up of one person, rule and occasion: 16 hex digits."""
    return hashlib.sha256(f"{person_id}\n{rule}\n{occasion}\n{ordinal}".encode()).hexdigest()[:16]
