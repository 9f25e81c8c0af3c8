"""How long a person is left in peace after an earlier follow-up. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from people.days import short_day
from people.planning.model import COOLDOWN_DAYS, QUIET_DAYS, SET_BACK_AFTER, PastFollowUp
from people.planning.working_days import WorkingDays
from people.tasks import FollowUpWish


@dataclass(frozen=True, slots=True)
class Quiet:
    """What earlier follow-ups say of new ones on one day."""

    days: WorkingDays
    today: date

    def why_not(self, wish: FollowUpWish, earlier: Iterable[PastFollowUp]) -> str | None:
        """The reason against a follow-up that one of the person's ``earlier`` ones gives, or None."""
        reasons = (self._after(item, item.closed_on, wish) for item in earlier if item.closed_on is not None)
        return next((reason for reason in reasons if reason is not None), None)

    def _after(self, item: PastFollowUp, closed: date, wish: FollowUpWish) -> str | None:
        before = item.follow_up
        if before.rule == wish.rule and (reason := self._after_same_rule(item, closed, wish)) is not None:
            return reason
        until = closed + timedelta(days=COOLDOWN_DAYS if wish.cooldown_days is None else wish.cooldown_days)
        if before.status == "done" and self.today < until:
            return f"a follow-up was done on {self._day(closed)}; quiet until {self._day(until)}"
        return None

    def _after_same_rule(self, item: PastFollowUp, closed: date, wish: FollowUpWish) -> str | None:
        before, same = item.follow_up, item.follow_up.occasion == wish.occasion
        if before.ending == "set back" and same:
            rested = self.days.after(closed, SET_BACK_AFTER)
            return f"waits again until {self._day(rested)}" if self.today < rested else None
        if before.status == "dismissed":
            until = closed + timedelta(days=QUIET_DAYS)
            if self.today < until:
                return f"you dismissed it on {self._day(closed)}; quiet until {self._day(until)}"
        if before.status == "done" and same and wish.occasion and not wish.repeats:
            return f"it was done on {self._day(closed)}"
        return None

    def _day(self, day: date) -> str:
        return short_day(day, self.today)
