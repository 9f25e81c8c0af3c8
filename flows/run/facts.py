"""People as rules test them: one row of facts per person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from flows.run import inputs
from flows.run.context import Context
from flows.run.inputs import Gathered, ruleset_of
from people.facts import connector_value
from people.facts import person as person_facts
from people.facts.guests import hosts
from people.facts.introductions import with_wants
from people.facts.ledger import ledger
from people.store import frames
from rules.engine import RuleSet
from rules.engine.judging.judge import judge as judge_frame

_FEW = 500
"""Of no more people than this the meetings are looked up; of more it takes less to look at all."""


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
        hosts=hosts(found.calendar.meetings, context.settings.me.emails),
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
        return inputs.some(context, ids)
    found = inputs.everybody(context)
    return found if ids is None else found.only(ids)


def _asks_for_reach(ruleset: RuleSet) -> bool:
    """Whether any rule tests whom one reaches through a person; only a look at everybody can tell."""
    alternatives = [tests for rule in ruleset.of("person") for tests in (*rule.when, *rule.unless)]
    return any(test.field in connector_value.FACTS for tests in alternatives for test in tests)
