"""What rules decide about each subject: the output of ``rules.engine``, the input of planning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import SkipValidation

from people.tasks import Channel, Evidence, Priority
from people.types import Frozen

Counts = Literal["full", "together", "group", "none"]
"""What a meeting means for each person in it: *full* is contact and resets the clock, *together* is
an event attended together, *group* is group attendance only, *none* nothing at all."""


class FollowUpWish(Frozen):
    """A follow-up that a rule asks for, before planning.

    Person, rule and ``occasion`` make its key: the value of the fact that the rule names as its
    occasion (the day of the last contact, a referral's id), and empty when it names none. ``due`` is
    the earliest day named by the rule, not yet moved to a working day. ``done_is_contact`` is whether
    doing it counts as contact, ``referral`` whether somebody waits for the end of a referral. ``because`` may
    be worked out on the first look at it.
    """

    rule: str
    person_id: str
    person: str
    title: str
    notes: str = ""
    channel: Channel = "any"
    priority: Priority = "medium"
    due: date
    cooldown_days: int | None = None
    occasion: str = ""
    done_is_contact: bool = True
    referral: bool = False
    repeats: bool = False
    because: SkipValidation[Sequence[Evidence]] = ()
