"""Input and output of planning: standing, past follow-ups, the plan, and the rank of a follow-up."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from people.tasks import FollowUp, Priority

COOLDOWN_DAYS = 14
"""Days without another follow-up for a person after one was done (field-notes: default policies)."""
QUIET_DAYS = 30
"""Days that a rule is quiet for a person after one of its follow-ups was dismissed (field-notes)."""
FLOOD = 3
"""More than this many times the usual number of wanted follow-ups is a flood."""
SET_BACK_AFTER = 5
"""Working days past its due day after which an untouched task may make room: a week of silence, so that a
busy one costs nothing. It then rests as long, so that it does not return on the next day."""
OFF_LIMITS = "off-limits"
"""The tier of people who asked not to be contacted: they never get a task, whatever rules say."""
LEFT_ALONE = "they are left alone for now"
"""Why nobody who is quiet gets a task."""
USUAL_DAYS = 3
"""With fewer past days than this, there is no usual number yet."""

CLOSED_BY_CONTACT = "no longer needed; last contact on"
"""How the reason begins of a task that contact has closed."""

Occasion = tuple[str, str, str]
"""Person id, rule and occasion: at most one task of each is open."""
OPEN = ("open", "snoozed")
MOST_DEFERRED = 1_000
"""How many deferred follow-ups are listed: nobody reads more, and each run decides again."""
RANK: dict[Priority, int] = {"high": 2, "medium": 1, "low": 0}
_TIER_VALUE = {"key": 3.0, "target": 2.0, "connector": 2.0, "general": 1.0}


@dataclass(frozen=True, slots=True)
class Standing:
    """What planning needs to know of one person. Days are in the user's zone. ``quiet``: leave them alone.

    ``dismissed`` are the rules about answers, if the user has dismissed what waited with this person.
    """

    tier: str | None = None
    tags: tuple[str, ...] = ()
    overdue_ratio: float = 0.0
    last_contact: date | None = None
    next_meeting: date | None = None
    quiet: bool = False
    dismissed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trusted:
    """Which rules and people could be judged.

    ``rules`` are the rules that could (None: all), because a broken or braked rule says nothing; ``unsure``
    are the people who could not. An open task of any other rule, or about such a person, stays as it is.
    ``unread`` are the rules that lack the facts of a source, with the reason: nothing new comes of them, and
    only contact that is on record closes their tasks.
    """

    rules: Collection[str] | None = None
    unsure: Collection[str] = ()
    unread: Mapping[str, str] = field(default_factory=dict)

    def says_nothing_of(self, item: FollowUp) -> bool:
        """Whether it means nothing that no rule wishes this task."""
        return (self.rules is not None and item.rule not in self.rules) or item.person_id in self.unsure


ALL = Trusted()
"""Every rule could judge everybody."""


@dataclass(frozen=True, slots=True)
class PastFollowUp:
    """A follow-up from the store with the days that cooldown and quiet are counted from.

    Deferred ones are not here: they never became tasks, and each run decides them again. ``untold`` is
    True while the sink does not have the new due date yet, ``waits`` while it has not got the last change.
    """

    follow_up: FollowUp
    created_on: date
    closed_on: date | None = None
    untold: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """When a wish that can come too late was first and last wished. Days are in the user's zone."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do in this run. ``suppressed`` and ``deferred`` say why in ``reason``.

    ``withdraw`` includes the tasks that are set back (``ending``). ``deferred`` lists the most valuable ones,
    and ``more_deferred`` counts the others. ``lapsed`` came too late in this run; ``missed`` are these and
    those of the working day before. ``flood`` is the usual number of new follow-ups per day, if far more
    than that are wanted.
    """

    create: tuple[FollowUp, ...] = ()
    update: tuple[FollowUp, ...] = ()
    withdraw: tuple[FollowUp, ...] = ()
    deferred: tuple[FollowUp, ...] = ()
    suppressed: tuple[FollowUp, ...] = ()
    lapsed: tuple[FollowUp, ...] = ()
    missed: tuple[FollowUp, ...] = ()
    flood: int | None = None
    more_deferred: int = 0

    @property
    def deferred_count(self) -> int:
        """The number of all deferred follow-ups."""
        return len(self.deferred) + self.more_deferred


def worth(standing: Standing, priority: Priority, *, referral: bool = False) -> float:
    """Rank a follow-up: tier, how far past the cadence (capped at three times), priority, a referral.

    The sum of tier (key 3, target and connector 2, general 1), overdue ratio (0 to 3), priority (high
    2, as for a promise made; medium 1) and 1 for a referral that waits. They are plain numbers so that
    ``explain`` can show them.
    """
    tier = _TIER_VALUE.get(standing.tier or "", 0.0)
    return round(tier + min(max(standing.overdue_ratio, 0.0), 3.0) + RANK[priority] + referral, 3)


def follow_up_key(person_id: str, rule: str, occasion: str, ordinal: int) -> str:
    """The stable key of the ``ordinal``-th follow-up of one person, rule and occasion: 16 hex digits."""
    return hashlib.sha256(f"{person_id}\n{rule}\n{occasion}\n{ordinal}".encode()).hexdigest()[:16]
