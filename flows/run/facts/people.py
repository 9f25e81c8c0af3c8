"""People as rules test them: one row of facts per person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import polars as pl

from flows.run.context import Context
from flows.run.facts import inputs, meetings
from flows.run.facts.inputs import Inputs
from flows.run.facts.meetings import Calendar
from people.facts import connector_value, firms, mail, waiting
from people.facts import person as person_facts
from people.facts.days import channels, pauses
from people.facts.guests import hosts
from people.facts.introductions import with_wants
from people.facts.ledger import ledger
from people.store import frames
from rules.engine import RuleSet
from rules.engine.judging.judge import judge as judge_frame
from rules.engine.judging.wishes import fields_read
from rules.engine.language.decisions import FOLLOW_UP

_IS_PAUSE = pl.col("kind") == pauses.KIND
_FEW = 500
"""Up to this many people are looked up one by one. For more, reading everybody is faster."""


@dataclass(frozen=True)
class People:
    """Facts with the frames behind them.

    ``met`` and ``happened`` are those of ``people.facts.person``, ``lines`` the journal, ``ledger`` that of
    ``people.facts.ledger``, ``letters`` that of ``people.facts.mail.of_people``. ``undecided`` are the ids of
    people with a possible duplicate. ``calendar`` holds at least the meetings of these people.
    """

    facts: pl.DataFrame
    met: pl.DataFrame
    happened: pl.DataFrame
    lines: pl.DataFrame
    ledger: pl.DataFrame
    letters: pl.DataFrame
    undecided: frozenset[str]
    calendar: Calendar

    def only(self, ids: Collection[str]) -> People:
        """The part about these people."""
        mine = pl.col("person_id").is_in(list(ids))
        facts = self.facts.filter(pl.col("id").is_in(list(ids)))
        met, happened, lines, entries, letters = (
            events.filter(mine) for events in (self.met, self.happened, self.lines, self.ledger, self.letters)
        )
        return People(facts, met, happened, lines, entries, letters, self.undecided, self.calendar)


def gather(
    context: Context, rules: RuleSet, calendar: Calendar, replayed: pl.DataFrame | None = None
) -> People:
    """One row of ``PersonFacts`` for each active person. ``calendar`` holds all meetings.

    ``replayed`` are further follow-ups that count as done (``frames.done_follow_ups``), as in a backtest.
    """
    everybody = inputs.load_all(context.store, calendar, context.settings.me, save=context.caches)
    people = _facts(context, rules, everybody, None, replayed)
    if _asks_for(rules, firms.FACTS):
        with context.store.read() as connection:
            open_tasks = frames.open_tasks(connection, context.today)
        people = replace(people, facts=firms.with_firms(people.facts, open_tasks))
    if not _asks_for(rules, connector_value.FACTS):
        return people
    judged = judge_frame(rules, people.facts, context.today).frame
    return replace(people, facts=connector_value.with_reach(people.facts, judged, people.lines))


def gather_some(context: Context, rules: RuleSet, ids: Collection[str]) -> People:
    """One row of ``PersonFacts`` for each active person of ``ids``. A few people are looked up one by one."""
    store, me = context.store, context.settings.me
    of_everybody = _asks_for(rules, (*connector_value.FACTS, *firms.FACTS))
    if len(ids) <= _FEW and not of_everybody:
        return _facts(context, rules, inputs.load_some(store, rules, me, ids), ids)
    calendar = meetings.classify(store, rules, me, save=context.caches)
    if of_everybody:
        return gather(context, rules, calendar).only(ids)
    return _facts(context, rules, inputs.load_all(store, calendar, me, save=context.caches).only(ids), ids)


def _facts(
    context: Context,
    rules: RuleSet,
    loaded: Inputs,
    ids: Collection[str] | None,
    replayed: pl.DataFrame | None = None,
) -> People:
    profiles, pairs, met = loaded.profiles, loaded.pairs, loaded.met
    with context.store.read() as connection:
        written, done = frames.journal(connection), frames.done_follow_ups(connection)
    if replayed is not None and not replayed.is_empty():
        done = pl.concat([done, replayed.select(done.columns)])
    # A pause is not something that happened.
    journal, paused = written.filter(~_IS_PAUSE), written.filter(_IS_PAUSE)
    lines = journal
    if ids is not None:
        mine = loaded.concerning(ids)
        lines, done = lines.filter(mine), done.filter(mine)
    zone = context.settings.me.time_zone
    letters = loaded.calendar.mail.of_people(context.today).filter(pl.col("at") <= context.moment)
    if ids is not None:
        letters = letters.filter(mine)
    happened = pl.concat(
        [
            person_facts.contact_days(met, lines, done, context.today, context.moment),
            mail.contacts(letters, zone),
        ]
    )
    met, happened, letters = (person_facts.both_sides(events, pairs) for events in (met, happened, letters))
    letters = waiting.until_dismissed(letters, loaded.calendar.mail.dismissed())
    # The ledger needs the whole journal, because news of a referral may name the other party first.
    entries = ledger(
        journal,
        rules.weights,
        context.today,
        happened=happened,
        hosts=hosts(loaded.calendar.meetings, context.settings.me.emails),
    )
    if ids is not None:
        entries = entries.filter(mine)
    asked = _asks_for(rules, channels.FACTS)
    facts = person_facts.person_facts(
        pauses.with_pauses(with_wants(profiles, lines), paused, context.today),
        met,
        happened,
        entries,
        today=context.today,
        moment=context.moment,
        mail=waiting.mail_part(letters, met, happened, today=context.today, moment=context.moment, zone=zone),
        channels=channels.channel_part(happened, context.today) if asked else None,
    )
    undecided = frozenset(pairs.get_column("person_id").to_list())
    return People(facts, met, happened, lines, entries, letters, undecided, loaded.calendar)


def _asks_for(rules: RuleSet, facts: Collection[str]) -> bool:
    """Whether a rule tests or shows one of these facts, which take time or need everybody's."""
    about = rules.of("person")
    blocks = [tests for rule in about for tests in (*rule.when, *rule.unless)]
    blocks += [tests for group in rules.groups for tests in group.members]
    tested = {test.field for tests in blocks for test in tests}
    shown = {field for rule in about if FOLLOW_UP in rule.then for field in fields_read(rule)}
    return not (tested | shown).isdisjoint(facts)
