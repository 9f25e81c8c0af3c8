"""Resolve and judge: from the store to people, and from rules to wishes. Wiring, no decisions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

from flows.run import confirm_identity, rule_versions
from flows.run.context import Context
from flows.run.facts import People, people_of
from flows.run.inputs import calendar_of, rules_folder, ruleset_of
from flows.run.support import Support, support_of
from people.parallel import gc_paused
from people.planning.plan import Standing
from people.store import follow_ups
from people.store.resolving import decisions
from people.tasks import FollowUpWish
from people.types import Problem
from rules.engine import RuleSet
from rules.engine.judging.judge import Judgement
from rules.engine.judging.judge import judge as judge_frame


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
    with gc_paused():
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
        rule_versions.remember(connection, rules_folder(context))
    ids |= {confirm_identity.RULE}
    gone = _deleted_rules(context, ruleset)
    emptied = bool(gone) and not ruleset.rules
    return Judged(
        wishes=confirm_identity.ask_first(wishes, pairs),
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
