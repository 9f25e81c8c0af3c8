"""Decide which wishes become tasks, and store the plan as intents before any task is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from flows.run.context import Context
from flows.run.facts.fact_sources import sources_of, with_sources
from flows.run.judge import Judged
from people.facts.about import about_people
from people.planning.in_time import remembered
from people.planning.model import OPEN, Occasion, Trusted, Wanted
from people.planning.plan import PastFollowUp, Plan, plan
from people.planning.splits import after_splits
from people.planning.texts import people_of, with_words
from people.store import Connection, follow_ups, runs, wanted
from people.store.resolving import decisions
from people.tasks import FollowUp


class Reason(Enum):
    """Why new follow-ups are held back. The value is what people read, and what is stored."""

    APPROVAL = "waits for your approval in the Prefect UI"
    NOT_APPROVED = "not approved; it is asked for again in the next run"
    DAILY_RUN = "waits for the next daily run"


@dataclass(frozen=True, slots=True)
class Hold:
    """New follow-ups wait for ``reason``, except those whose keys are ``allowed``."""

    reason: Reason
    allowed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decided:
    """The plan of a run. ``held`` are the new follow-ups that a ``Hold`` deferred.

    ``left`` is how many open tasks stay as they are.
    """

    plan: Plan
    held: tuple[FollowUp, ...] = ()
    left: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """What happened before: all follow-ups that were tasks, and how many were wanted on recent days.

    ``waited`` are the follow-ups that the last run deferred, ``wanted_since`` what can come too late.
    """

    follow_ups: Sequence[PastFollowUp]
    wanted_on_days: Sequence[int] = ()
    waited: Sequence[FollowUp] = ()
    wanted_since: Mapping[Occasion, Wanted] = field(default_factory=dict)


def plan_tasks(context: Context, judged: Judged, hold: Hold | None = None) -> Decided:
    """Read the past, decide, say who each task is about and why, and record it in one transaction."""
    with context.store.begin() as connection:
        past = _past(context, connection, judged)
        decided = hold_back(_with_words(context, judged, decide(context, judged, past), past), hold)
        decided = replace(decided, left=_left(decided.plan, past.follow_ups))
        follow_ups.record_plan(connection, decided.plan, context.today)
        wanted.save(connection, past.wanted_since)
    return decided


def decide(context: Context, judged: Judged, past: Past) -> Plan:
    """The tasks of this run. Pure: of ``context`` it uses the settings and the day."""
    return plan(
        judged.wishes,
        past.follow_ups,
        judged.standing,
        capacity=context.settings.tasks.capacity_per_day,
        open_at_most=context.settings.tasks.open_at_most,
        today=context.today,
        days=context.settings.working_days,
        trusted=Trusted(judged.rules, judged.unsure, judged.unread.reasons),
        recent=past.wanted_on_days,
        wanted_since=past.wanted_since,
        waited=past.waited,
    )


def hold_back(decided: Plan, hold: Hold | None) -> Decided:
    """The plan with its new tasks deferred as ``hold`` says. No task makes room for one that is held."""
    if hold is None:
        return Decided(decided)
    waiting = {"status": "deferred", "reason": hold.reason.value}
    held = tuple(item.model_copy(update=waiting) for item in decided.create if item.key not in hold.allowed)
    create = tuple(item for item in decided.create if item.key in hold.allowed)
    making_room = [item for item in decided.withdraw if item.ending == "set back"]
    staying = {item.key for item in making_room[max(0, len(making_room) - len(held)) :]}
    withdraw = tuple(item for item in decided.withdraw if item.key not in staying)
    deferred = (*held, *decided.deferred)
    return Decided(replace(decided, create=create, withdraw=withdraw, deferred=deferred), held)


def _left(decided: Plan, past: Sequence[PastFollowUp]) -> int:
    touched = {item.key for item in (*decided.update, *decided.withdraw)}
    return sum(one.follow_up.status in OPEN and one.follow_up.key not in touched for one in past)


def _past(context: Context, connection: Connection, judged: Judged) -> Past:
    """The past after follow-ups of separated people went to the person that the rules now name."""
    before = follow_ups.past(connection)
    follow_ups.hand_over(connection, after_splits(before, judged.wishes, decisions.parted(connection)))
    return Past(
        follow_ups.past(connection),
        runs.wanted_on_days(connection, context.today),
        follow_ups.deferred(connection),
        remembered(judged.wishes, wanted.load(connection), context.today),
    )


def _with_words(context: Context, judged: Judged, decided: Plan, past: Past) -> Plan:
    """The plan with who and why in its follow-ups, and with the open tasks whose text has changed.

    Only tasks that are written name the source of each fact.
    """
    # What would be said of people who could not be judged may be wrong: their tasks keep their words.
    people, ids = judged.people, people_of(decided, past.follow_ups) - judged.unsure
    about = {}
    if people is not None and ids:
        about = about_people(judged.frame, people.last_happened(ids), ids, context.settings.me.region)
    decided = with_words(decided, past.follow_ups, judged.wishes, judged.evidence, about)
    written = {item.person_id for item in (*decided.create, *decided.update)}
    if people is None or not written:
        return decided
    sources = sources_of(context.store, people, written)
    return replace(
        decided,
        create=tuple(with_sources(decided.create, sources)),
        update=tuple(with_sources(decided.update, sources)),
    )
