"""Rations: how many new follow-ups a rule may still bring in the current day, week or month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import get_args

from people.planning.model import PastFollowUp
from people.planning.working_days import WorkingDays
from people.tasks import FollowUpWish, Period

_Span = tuple[Period, int, int]
"""One day, week or month: its kind, its year, and its number."""


@dataclass
class Rations:
    """What rationed rules brought in each period. Ask about wishes in order, the most valuable first.

    Periods are those of the calendar; a week begins on Monday. A task that is made on a day off counts on
    the next working day. It counts whatever became of it, so a deleted task makes no room for another one.
    A question about identity counts for the rule whose follow-up it stands for.
    """

    today: date
    taken: Counter[tuple[str, _Span]] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)

    @classmethod
    def after(cls, past: Iterable[PastFollowUp], days: WorkingDays, today: date) -> Rations:
        """Return the rations that the tasks created so far have left."""
        rations = cls(days.on_or_after(today))
        for item in past:
            if item.follow_up.ending == "missed":
                continue
            day = days.on_or_after(item.created_on)
            rule = item.follow_up.because[0].rule if item.follow_up.because else item.follow_up.rule
            rations.taken.update((rule, _span(day, per)) for per in get_args(Period))
        return rations

    def take(self, wish: FollowUpWish) -> str | None:
        """Count the wish as a new follow-up, or return why it waits."""
        if wish.ration is None:
            return None
        most, per = wish.ration
        rule, span = _rule(wish), _span(self.today, per)
        if self.taken[rule, span] < most:
            self.taken[rule, span] += 1
            return None
        self.waiting[rule] += 1
        return f"waits: {rule} brings {most} per {per}"

    def is_next(self, wish: FollowUpWish) -> bool:
        """Whether the wish that ``take`` has just refused is in the ration of the next period."""
        return wish.ration is not None and self.waiting[_rule(wish)] <= wish.ration.most


def _rule(wish: FollowUpWish) -> str:
    """The rule that asked. A question about identity stands for the follow-up of another rule."""
    return wish.match.rule if wish.match is not None else wish.rule


def _span(day: date, per: Period) -> _Span:
    if per == "day":
        return per, day.year, day.toordinal()
    if per == "week":
        return per, *day.isocalendar()[:2]
    return per, day.year, day.month
