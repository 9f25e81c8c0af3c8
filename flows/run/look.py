"""Judge a network outside a run, without writing anything: what the commands and the report show."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.run.context import Context, context_of, network
from flows.run.facts import meetings
from flows.run.facts.people import People, gather, gather_some
from flows.run.facts.support import Support, support_of
from flows.run.rule_versions import rules_in_force
from flows.settings.model import Settings
from people.store import Store
from rules.engine import RuleSet
from rules.engine.judging.judge import Judgement
from rules.engine.judging.judge import judge as judge_frame


@dataclass(frozen=True, slots=True)
class Look:
    """People and what the rules decide about them on one day. ``today`` is in the user's zone."""

    today: date
    rules: RuleSet
    people: People
    judgement: Judgement


def look(
    settings: Settings,
    store: Store,
    today: date | None,
    *,
    ids: Collection[str] | None = None,
    rules: RuleSet | None = None,
) -> Look:
    """Judge everybody, or the people of ``ids``, by ``rules`` (default: those of the settings)."""
    return look_from(context_of(settings, store, today), rules or rules_in_force(store, settings), ids)


def look_from(context: Context, rules: RuleSet, ids: Collection[str] | None = None) -> Look:
    """Judge everybody, or the people of ``ids``, as of the day and the instant of ``context``."""
    store, settings = context.store, context.settings
    if ids is None:
        people = gather(context, rules, meetings.classify(store, rules, settings.me, save=False))
    else:
        people = gather_some(context, rules, ids)
    return Look(context.today, rules, people, judge_frame(rules, people.facts, context.today))


def support_at(config: Path, today: date | None) -> Support:
    """Judge mutual support in the network of ``config``: groups, referrals, introductions and costs."""
    with network(config) as (settings, store):
        return support_now(settings, store, today)


def support_now(settings: Settings, store: Store, today: date | None) -> Support:
    """Judge mutual support: groups, referrals, introductions and costs."""
    seen = look(settings, store, today)
    return support_of(context_of(settings, store, today), seen.rules, seen.people, seen.judgement.frame)
