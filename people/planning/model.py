"""What planning takes and gives: standing, past follow-ups, the plan, and how follow-ups are ranked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from people.tasks import Evidence, FollowUp, FollowUpWish, Priority

COOLDOWN_DAYS = 14
"""After any follow-up a person is left alone this long (field-notes: default policies)."""
QUIET_DAYS = 30
"""After a dismissal the same rule is quiet for that person this long (field-notes)."""
FLOOD = 3
"""More than this many times the usual number of wanted follow-ups is a flood."""
OFF_LIMITS = "off-limits"
"""The tier of people who asked not to be contacted: no task is ever about them, whatever rules say."""
USUAL_DAYS = 3
"""On fewer past days than this nothing is usual yet."""

Occasion = tuple[str, str, str]
"""Person id, rule and occasion: at most one task of these is open."""
OPEN = ("open", "snoozed")
MOST_DEFERRED = 1_000
"""How many deferred follow-ups are listed: nobody looks through more, and each run decides all anew."""
RANK: dict[Priority, int] = {"high": 2, "medium": 1, "low": 0}
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

    ``deferred`` ones are not here: they never became tasks and are decided anew in each run. ``untold``
    is a new due date that the sink has not heard of yet.
    """

    follow_up: FollowUp
    created_on: date
    closed_on: date | None = None
    untold: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do in this run. ``suppressed`` and ``deferred`` say why in ``reason``.

    Of what is deferred the most valuable are listed, ``more_deferred`` is how many more there are.
    ``flood`` is the usual number of new follow-ups a day, when far more than that are wanted.
    """

    create: tuple[FollowUp, ...] = ()
    update: tuple[FollowUp, ...] = ()
    withdraw: tuple[FollowUp, ...] = ()
    deferred: tuple[FollowUp, ...] = ()
    suppressed: tuple[FollowUp, ...] = ()
    flood: int | None = None
    more_deferred: int = 0

    @property
    def deferred_count(self) -> int:
        """How many are deferred in all."""
        return len(self.deferred) + self.more_deferred

    def explained(
        self, wishes: Iterable[FollowUpWish], evidence: Callable[[FollowUpWish], tuple[Evidence, ...]]
    ) -> Plan:
        """Return the plan with the evidence of every follow-up that is created, updated or deferred.

        ``wishes`` are those that were planned. ``evidence`` is called once per follow-up, because a day
        takes a few of thousands of wishes.
        """
        chosen = {_occasion(item) for item in (*self.create, *self.update, *self.deferred)}
        wish_of = {key: wish for wish in wishes if (key := _occasion(wish)) in chosen}

        def explain(items: tuple[FollowUp, ...]) -> tuple[FollowUp, ...]:
            return tuple(
                item.model_copy(update={"because": evidence(wish_of[_occasion(item)])}) for item in items
            )

        return replace(
            self,
            create=explain(self.create),
            update=explain(self.update),
            deferred=explain(self.deferred),
        )


def _occasion(item: FollowUp | FollowUpWish) -> Occasion:
    return item.person_id, item.rule, item.occasion


def worth(standing: Standing, priority: Priority, *, referral: bool = False) -> float:
    """Rank a follow-up: tier, how far past the cadence (capped at three times), priority, a referral.

    The sum of tier (key 3, target and connector 2, general 1), overdue ratio (0 to 3), priority (high
    2, as for a promise made; medium 1) and 1 for a referral that waits; plain numbers so that
    ``explain`` can show them.
    """
    tier = _TIER_VALUE.get(standing.tier or "", 0.0)
    return round(tier + min(max(standing.overdue_ratio, 0.0), 3.0) + RANK[priority] + referral, 3)


def follow_up_key(person_id: str, rule: str, occasion: str, ordinal: int) -> str:
    """The stable key of the ``ordinal``-th follow-up of one person, rule and occasion: 16 hex digits."""
    return hashlib.sha256(f"{person_id}\n{rule}\n{occasion}\n{ordinal}".encode()).hexdigest()[:16]
