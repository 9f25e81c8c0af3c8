"""Review the open tasks: which stay, which change, and which are no longer needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from people.days import short_day
from people.planning.in_time import Timing
from people.planning.model import (
    CLOSED_BY_CONTACT,
    LEFT_ALONE,
    OFF_LIMITS,
    RANK,
    Occasion,
    PastFollowUp,
    Standing,
    Trusted,
)
from people.tasks import Ending, FollowUp, FollowUpWish


@dataclass
class Review:
    """``update`` and ``withdraw`` are for the plan; ``kept`` are the tasks that stay open, by occasion."""

    update: list[FollowUp] = field(default_factory=list)
    withdraw: list[FollowUp] = field(default_factory=list)
    kept: dict[Occasion, FollowUp] = field(default_factory=dict)


def review(
    open_tasks: Mapping[str, Sequence[PastFollowUp]],
    wanted: Mapping[Occasion, FollowUpWish],
    standing: Mapping[str, Standing],
    trusted: Trusted,
    timing: Timing,
    *,
    may_follow: Callable[[FollowUpWish], bool],
) -> Review:
    """Compare each person's open tasks with what rules wish now.

    A task about which ``trusted`` says nothing stays as it is.
    ``timing`` says until when a task for a very day stays.
    ``may_follow`` says whether an open task is the only reason against a wish.
    """
    result = Review()
    theirs = sorted(wish for wish in wanted.items() if wish[0][0] in open_tasks)
    wishes = {person: list(found) for person, found in groupby(theirs, lambda w: w[0][0])}
    for person, items in sorted(open_tasks.items()):
        named = {name[1:]: wish for name, wish in wishes.get(person, ())}
        desk = _Desk(named, standing.get(person, Standing()), trusted, timing, result)
        desk.look_at(items)
        desk.escalate([w for w in named.values() if _takes_turns(w) and may_follow(w)])
        result.kept.update({(person, *name): item for name, item in desk.kept.items()})
    return result


def _takes_turns(wish: FollowUpWish) -> bool:
    """Whether the wish waits for other tasks of its person, and so may take the place of one."""
    return wish.cooldown_days != 0 and not wish.referral


@dataclass
class _Desk:
    """One person's open tasks. Names are (rule, occasion)."""

    wishes: Mapping[tuple[str, str], FollowUpWish]
    standing: Standing
    trusted: Trusted
    timing: Timing
    result: Review
    kept: dict[tuple[str, str], FollowUp] = field(default_factory=dict)
    unwanted: list[PastFollowUp] = field(default_factory=list)

    def look_at(self, items: Sequence[PastFollowUp]) -> None:
        """Sort tasks into wanted ones, duplicates and those that no rule wishes any more."""
        # What the user opened again comes first: an equal one is the duplicate.
        for item in sorted(items, key=lambda one: not one.follow_up.reopened):
            name = (item.follow_up.rule, item.follow_up.occasion)
            if self.standing.tier == OFF_LIMITS:
                self._withdraw(item.follow_up, "they asked not to be contacted")
            elif self.standing.quiet and not item.follow_up.reopened:
                self._withdraw(item.follow_up, LEFT_ALONE)
            elif self.timing.is_over(item.follow_up) and not item.follow_up.reopened:
                self._withdraw(item.follow_up, "its day has passed", ending="day over")
            elif name in self.kept:
                # Two records turned out to be one person.
                self._withdraw(item.follow_up, f"the same as: {self.kept[name].title}")
            elif name in self.wishes or self._is_left_alone(item):
                self.kept[name] = item.follow_up
            else:
                self.unwanted.append(item)

    def _is_left_alone(self, item: PastFollowUp) -> bool:
        unread = item.follow_up.rule in self.trusted.unread and not self._met_since(item)
        nothing = self.trusted.says_nothing_of(item.follow_up) or self.timing.lingers(item.follow_up)
        return item.follow_up.reopened or unread or nothing

    def escalate(self, waiting: Sequence[FollowUpWish]) -> None:
        """Reuse a task that no rule wishes for a wish that waits, and raise priorities.

        A wish takes over the task of its own rule (a new occasion) or of a lower priority: the user
        keeps one task, with the newer text.
        """
        rest = sorted(
            (wish for wish in waiting if (wish.rule, wish.occasion) not in self.kept),
            key=lambda wish: (-RANK[wish.priority], wish.due, wish.rule),
        )
        for item in self.unwanted:
            heir = None if self.kept else next((w for w in rest if _may_inherit(w, item.follow_up)), None)
            if heir is None:
                self._withdraw(item.follow_up, self._why(item))
            else:
                rest.remove(heir)
                until = {"on_day": heir.on_day, "useful_until": self.timing.until(heir)}
                self.kept[heir.rule, heir.occasion] = item.follow_up.model_copy(update=until)
        top = max((RANK[wish.priority] for wish in rest), default=0)
        for name, task in self.kept.items():
            wish = self.wishes.get(name)
            if wish is not None and (new := _refreshed(task, wish, top)) is not None:
                self.result.update.append(new)

    def _withdraw(self, item: FollowUp, reason: str, *, ending: Ending | None = None) -> None:
        closed = {"status": "withdrawn", "reason": reason, "ending": ending}
        self.result.withdraw.append(item.model_copy(update=closed))

    def _why(self, item: PastFollowUp) -> str:
        contact = self.standing.last_contact
        if contact is not None and self._met_since(item):
            return f"{CLOSED_BY_CONTACT} {short_day(contact, self.timing.today)}"
        if item.follow_up.rule in self.standing.dismissed:
            return "no longer needed: you dismissed the thread"
        if self.standing.next_meeting is not None:
            day = short_day(self.standing.next_meeting, self.timing.today)
            return f"no longer needed; you meet on {day}"
        return "no longer needed: its rule does not match any more"

    def _met_since(self, item: PastFollowUp) -> bool:
        """Whether there was contact since the task was made, or more than it knew of."""
        contact, known = self.standing.last_contact, item.follow_up.about
        if contact is None:
            return False
        # A task that says who it is about also knew when you were last in touch.
        news = bool(known.name) and (known.last_contact is None or contact > known.last_contact)
        return news or contact >= item.created_on


def _may_inherit(wish: FollowUpWish, item: FollowUp) -> bool:
    return wish.rule == item.rule or RANK[wish.priority] > RANK[item.priority]


def _refreshed(item: FollowUp, wish: FollowUpWish, least: int) -> FollowUp | None:
    """Return the open task with what the wish decides; None if nothing that matters has changed.

    The text below the title is renewed later (``people.planning.texts``). ``least`` is the lowest rank of
    priority that the task may have.
    """
    priority = next(p for p, rank in RANK.items() if rank == max(least, RANK[wish.priority]))
    new = {
        "rule": wish.rule,
        "occasion": wish.occasion,
        "title": wish.title,
        "channel": wish.channel,
        "priority": priority,
    }
    if all(getattr(item, name) == value for name, value in new.items()):
        return None
    more = {"notes": wish.notes, "done_is_contact": wish.done_is_contact}
    return item.model_copy(update={**new, **more})
