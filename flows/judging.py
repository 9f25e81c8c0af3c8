"""Resolve and judge: from the store to people, and from rules to wishes. Wiring, no decisions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from flows import calendar_view, gathering, rule_sets, undecided
from flows.console import clock
from flows.gathering import Gathered, calendar_of, rules_folder, ruleset_of
from flows.made_by import made_by
from flows.mutual_support import Support, support_of
from flows.settings import Settings
from flows.stages import Context
from people.facts import connector_value
from people.facts import person as person_facts
from people.facts.introductions import with_wants
from people.facts.ledger import ledger
from people.parallel import no_cycle_search
from people.planning.plan import Standing
from people.store import Store, follow_ups, frames, lookup
from people.store.db import values
from people.store.resolving import decisions, guests, resolution
from people.tasks import FollowUpWish
from people.types import Problem
from rules.engine import RuleSet
from rules.engine.judging.judge import Judgement
from rules.engine.judging.judge import judge as judge_frame

_FEW = 500
"""Of no more people than this the meetings are looked up; of more it takes less to look at all."""


@dataclass
class Judged:
    """What the rules said of everybody. ``rules`` are the ids of those that could be judged."""

    wishes: list[FollowUpWish] = field(default_factory=list)
    standing: dict[str, Standing] = field(default_factory=dict)
    rules: frozenset[str] = frozenset()
    stale: int = 0
    rule_files: int = 0
    rule_count: int = 0
    rule_errors: int = 0
    problems: list[Problem] = field(default_factory=list)
    braked: tuple[str, ...] = ()
    people: People | None = None
    support: Support | None = None


def context_of(settings: Settings, store: Store, today: date | None) -> Context:
    """A context for looking, outside a run."""
    day, moment = clock(settings, today)
    return Context(settings, store, day, moment, keeps=False)


def resolve(context: Context) -> dict[str, Any]:
    """Turn guests into contacts, find out who is who, and link the journal to people."""
    # While a rule file is broken, noise may look like people: the guests stay as they were.
    if not ruleset_of(context).errors:
        _renew_guests(context)
    settings = context.settings
    outcome = resolution.resolve_store(
        context.store,
        region=settings.me.region,
        overrides=settings.resolve(settings.identity.path),
        now=context.moment,
    )
    with context.store.begin() as connection:
        problems = lookup.name_journal(connection)
    return {**outcome, "problems": [*outcome["problems"], *problems]}


def _renew_guests(context: Context) -> None:
    """Make the contacts from guest lists what the calendar and the rules say, if either changed."""
    mark = calendar_view.mark(context.store, ruleset_of(context), context.settings.me)
    with context.store.read() as connection:
        if values.get(connection, values.GUESTS) == mark:
            return
    found = calendar_view.guests_to_know(calendar_of(context))
    with context.store.begin() as connection:
        guests.sync(connection, found, calendar_view.guest_as_contact, context.moment, made_by())
        values.put(connection, values.GUESTS, mark)


@dataclass(frozen=True)
class People:
    """Facts with what they were made of.

    ``met`` and ``happened`` are those of ``people.facts.person``, ``lines`` the journal, ``ledger`` that of
    ``people.facts.ledger``. ``undecided`` are those who may be one with somebody else.
    """

    facts: pl.DataFrame
    met: pl.DataFrame
    happened: pl.DataFrame
    lines: pl.DataFrame
    ledger: pl.DataFrame
    undecided: frozenset[str] = frozenset()

    def only(self, ids: Collection[str]) -> People:
        """What concerns these people."""
        mine = pl.col("person_id").is_in(list(ids))
        facts = self.facts.filter(pl.col("id").is_in(list(ids)))
        met, happened, lines, entries = (
            events.filter(mine) for events in (self.met, self.happened, self.lines, self.ledger)
        )
        return People(facts, met, happened, lines, entries, self.undecided)


def people_of(context: Context, ids: Collection[str] | None = None) -> People:
    """One row of ``PersonFacts`` for each active person, or for those of ``ids``."""
    asks_for_reach = _asks_for_reach(ruleset_of(context))
    if ids is not None and asks_for_reach:
        return people_of(context).only(ids)
    found = _gathered(context, ids)
    profiles, pairs, met = found.profiles, found.pairs, found.met
    with context.store.read() as connection:
        journal, done = frames.journal(connection), frames.done_follow_ups(connection)
    lines = journal
    if ids is not None:
        mine = found.concerning(ids)
        lines, done = lines.filter(mine), done.filter(mine)
    happened = person_facts.contact_days(met, lines, done, context.today, context.moment)
    met, happened = person_facts.both_sides(met, pairs), person_facts.both_sides(happened, pairs)
    # News of a referral may name the other party first, so the ledger needs the whole journal.
    entries = ledger(
        journal,
        ruleset_of(context).weights,
        context.today,
        happened=happened,
        hosts=calendar_view.hosts(found.calendar, context.settings.me.emails),
    )
    if ids is not None:
        entries = entries.filter(mine)
    facts = person_facts.person_facts(
        with_wants(profiles, lines), met, happened, entries, today=context.today, moment=context.moment
    )
    if asks_for_reach:
        facts = connector_value.with_reach(
            facts, judge_frame(ruleset_of(context), facts, context.today).frame, lines
        )
    return People(facts, met, happened, lines, entries, frozenset(pairs.get_column("person_id").to_list()))


def _gathered(context: Context, ids: Collection[str] | None) -> Gathered:
    if ids is not None and len(ids) <= _FEW:
        return gathering.some(context, ids)
    found = gathering.everybody(context)
    return found if ids is None else found.only(ids)


def _asks_for_reach(ruleset: RuleSet) -> bool:
    """Whether any rule tests whom one reaches through a person; only a look at everybody can tell."""
    alternatives = [tests for rule in ruleset.of("person") for tests in (*rule.when, *rule.unless)]
    return any(test.field in connector_value.FACTS for tests in alternatives for test in tests)


def support_now(context: Context) -> Support:
    """Mutual support as of the context's day, judged now."""
    ruleset, people = ruleset_of(context), people_of(context)
    persons = judge_frame(ruleset, people.facts, context.today).frame
    return support_of(context, ruleset, calendar_of(context), people, persons)


def judgement(context: Context, ids: Collection[str] | None = None) -> Judgement:
    """Judge everybody, or the people of ``ids``, as of the context's day."""
    return judge_frame(ruleset_of(context), people_of(context, ids).facts, context.today)


def judge(context: Context) -> Judged:
    """Judge everybody and gather what planning needs."""
    with no_cycle_search():
        return _judge(context)


def _judge(context: Context) -> Judged:
    ruleset, people = ruleset_of(context), people_of(context)
    outcome = judge_frame(ruleset, people.facts, context.today)
    support = support_of(context, ruleset, calendar_of(context), people, outcome.frame)
    braked = outcome.braked | support.braked
    standing = {
        person: Standing(tier, tuple(tags), *days)
        for person, tier, tags, *days in _standing(outcome.frame).iter_rows()
    }
    ids = frozenset(rule.id for rule in ruleset.rules if rule.id not in braked)
    wishes = [*outcome.follow_ups, *support.wishes]
    with context.store.begin() as connection:
        pairs = decisions.open_pairs(connection, of=people.undecided & {wish.person_id for wish in wishes})
        rule_sets.remember(connection, rules_folder(context))
    ids |= {undecided.RULE}
    gone = _deleted_rules(context, ruleset)
    emptied = bool(gone) and not ruleset.rules
    return Judged(
        wishes=undecided.ask_first(wishes, pairs),
        standing=standing,
        rules=ids if ruleset.errors or not ruleset.rules else ids | gone,
        stale=int(outcome.frame.get_column("stale").sum()),
        rule_files=len(ruleset.files),
        rule_count=len(ruleset.rules),
        rule_errors=len(ruleset.errors),
        problems=[*_rule_problems(ruleset), *_brakes(braked), *_emptied(emptied), *support.problems],
        braked=("all rules",) if emptied else tuple(braked),
        people=people,
        support=support,
    )


def _standing(judged: pl.DataFrame) -> pl.DataFrame:
    """The id, and the fields of ``Standing`` in their order."""
    return judged.select(
        "id",
        "tier",
        "tags",
        pl.col("cadence_used").cast(pl.Float64).fill_null(0),
        "last_contact",
        "next_meeting",
    )


def _deleted_rules(context: Context, ruleset: RuleSet) -> frozenset[str]:
    """Rules that have open tasks but stand in no file any more; with all files good, they are gone."""
    with context.store.read() as connection:
        used = {item.rule for item in follow_ups.listed(connection, closed=False)}
    return frozenset(used - {rule.id for rule in ruleset.rules})


def _rule_problems(ruleset: RuleSet) -> list[Problem]:
    return [
        Problem(where=f"{p.file}:{p.line}:{p.column}", message=p.message, help=p.help) for p in ruleset.errors
    ]


def _emptied(emptied: bool) -> list[Problem]:
    """A folder that suddenly holds no rule is a mount or a checkout gone wrong, not a change of mind."""
    if not emptied:
        return []
    return [
        Problem(
            where="rules",
            message="the rules folder holds no rule any more; the open tasks were left alone",
            help="check [rules] path; touchbase init writes the starter rules",
        )
    ]


def _brakes(braked: Mapping[str, int]) -> list[Problem]:
    return [
        Problem(
            where=f"rule {rule}",
            message=f"matched {count} people, more than its at_most; it was stopped",
            help=f"see whom: touchbase rules explain; then raise at_most, or narrow the rule '{rule}'",
        )
        for rule, count in braked.items()
    ]
