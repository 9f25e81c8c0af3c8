"""What can come too late: since when it is wished, and until when it is useful. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from people.days import short_day, weekday_and_day
from people.planning.model import COOLDOWN_DAYS, Occasion, PastFollowUp, Standing, Wanted
from people.planning.working_days import WorkingDays
from people.tasks import FollowUp, FollowUpWish

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def remembered(
    wishes: Iterable[FollowUpWish], before: Mapping[Occasion, Wanted], today: date
) -> dict[Occasion, Wanted]:
    """Return since when each wish with ``within`` is wished; ``before`` is what the last run remembered.

    What no rule wishes for two weeks is forgotten: if it is wished again, that is another occasion.
    """
    forgotten = today - timedelta(days=COOLDOWN_DAYS)
    found = {name: wanted for name, wanted in before.items() if wanted.last > forgotten}
    for wish in wishes:
        if wish.within is not None:
            name = (wish.person_id, wish.rule, wish.occasion)
            found[name] = Wanted(found[name].first if name in found else today, today)
    return found


def can_lapse(wish: FollowUpWish) -> bool:
    """Whether the wish can come too late."""
    return wish.on_day or wish.within is not None


@dataclass(frozen=True, slots=True)
class Timing:
    """Until when wishes are useful. ``wanted`` is what ``remembered`` returned for this run."""

    days: WorkingDays
    today: date
    wanted: Mapping[Occasion, Wanted]

    def until(self, wish: FollowUpWish) -> date | None:
        """The last useful day: the very day, or ``within`` days after the first wish; None if it can wait.

        If the occasion is a day, such as that of a first meeting, the days count from the working day after
        it, because that is when the first wish is expected. What was too late before it was ever wished, as
        in a first run, has no last day: it waits like all others. If the last day is not a working day, the
        next one counts, as for due days.
        """
        if wish.on_day:
            return wish.due
        if wish.within is None:
            return None
        wanted = self.wanted.get((wish.person_id, wish.rule, wish.occasion))
        first = wanted.first if wanted is not None else self.today
        expected = first if (day := _day(wish.occasion)) is None else min(first, self.days.after(day))
        last = self.days.on_or_after(expected + timedelta(days=wish.within))
        return None if last < first else last

    def is_last_chance(self, until: date) -> bool:
        """Whether the run of the next working day is too late."""
        return self.days.after(self.today) > until

    def why_not(self, wish: FollowUpWish) -> str | None:
        """The reason against a task now: too late, or, for its very day, too early."""
        until = self.until(wish)
        if until is None:
            return None
        if until < self.today:
            return f"too late: it was useful until {short_day(until, self.today)}"
        if wish.on_day and self.today < self.days.on_or_before(until):
            return f"it comes on its day, {weekday_and_day(until, self.today)}"
        return None

    def is_over(self, item: FollowUp) -> bool:
        """Whether a task for a very day is to close: the next working day is still good for a late word.

        The user may have moved it to a later day.
        """
        if not item.on_day or item.useful_until is None:
            return False
        return self.today > max(self.days.after(item.useful_until), item.due)

    def lingers(self, item: FollowUp) -> bool:
        """Whether a task for a very day stays, though its rule no longer wishes it since the day passed."""
        past = item.due < self.today or item.status == "snoozed"
        return item.on_day and past and not self.is_over(item)

    def lapsed(self, waited: Iterable[FollowUp], standing: Mapping[str, Standing]) -> list[FollowUp]:
        """Return those that waited until it was too late, although no contact made them needless.

        ``waited`` are those that the last run deferred. Somebody without ``standing`` is gone.
        """
        return [
            item.model_copy(update=_missed(item.useful_until, self.today))
            for item in waited
            if item.useful_until is not None
            and item.useful_until < self.today
            and item.person_id in standing
            and not self._met_since(item, standing[item.person_id].last_contact)
        ]

    def _met_since(self, item: FollowUp, contact: date | None) -> bool:
        wanted = self.wanted.get((item.person_id, item.rule, item.occasion))
        return wanted is not None and contact is not None and contact > wanted.first

    def still_told(self, past: Iterable[PastFollowUp]) -> list[FollowUp]:
        """Return those that were missed on this or the last working day."""
        return [
            item.follow_up
            for item in past
            if item.follow_up.ending == "missed"
            and item.closed_on is not None
            and self.today <= self.days.after(item.closed_on)
        ]


def _day(occasion: str) -> date | None:
    """The day that an occasion is, such as ``2026-01-15``; None for any other, such as a month."""
    return date.fromisoformat(occasion) if _DAY.fullmatch(occasion) else None


def _missed(until: date, today: date) -> dict[str, str]:
    reason = f"missed: it was useful until {short_day(until, today)}, and no place was free"
    return {"status": "withdrawn", "ending": "missed", "reason": reason}
