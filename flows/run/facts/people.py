"""People as rules test them: one row of facts per person."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from flows.run.context import Context
from flows.run.facts import inputs, meetings
from flows.run.facts.inputs import Inputs
from flows.run.facts.meetings import Calendar
from people.facts import connector_value, firms, waiting
from people.facts import person as person_facts
from people.facts.days import channels, pauses
from people.facts.days.mailed import Mailed, contacts, last_contacts
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

    ``met`` and ``besides_mail`` (what happened besides mail) are those of ``people.facts.person``, ``lines``
    the journal, ``ledger`` that of ``people.facts.ledger``, and ``mailed`` what mail says in sum.
    ``undecided`` are the ids of people with a possible duplicate. ``calendar`` holds at least the meetings of
    these people.
    """

    facts: pl.DataFrame
    met: pl.DataFrame
    besides_mail: pl.DataFrame
    lines: pl.DataFrame
    ledger: pl.DataFrame
    mailed: Mailed
    undecided: frozenset[str]
    calendar: Calendar
    _read_letters: Callable[[], pl.DataFrame]

    @cached_property
    def letters(self) -> pl.DataFrame:
        """Their letters, as ``Mail.until`` returns them. They are read on first use."""
        return self._read_letters()

    @cached_property
    def happened(self) -> pl.DataFrame:
        """All that happened, with mail: the frame of ``people.facts.person``."""
        zone = self.calendar.mail.me.time_zone
        return pl.concat([self.besides_mail, contacts(self.letters, zone)])

    def last_happened(self, ids: Collection[str]) -> pl.DataFrame:
        """What happened with these people. Of their mail only the last is there, which no letter tells."""
        mine = self.besides_mail.filter(pl.col("person_id").is_in(list(ids)))
        return pl.concat([mine, last_contacts(self.mailed, ids)])

    def only(self, ids: Collection[str]) -> People:
        """The part about these people."""
        mine = pl.col("person_id").is_in(list(ids))
        met, besides_mail, lines, entries = (
            events.filter(mine) for events in (self.met, self.besides_mail, self.lines, self.ledger)
        )
        return replace(
            self,
            facts=self.facts.filter(pl.col("id").is_in(list(ids))),
            met=met,
            besides_mail=besides_mail,
            lines=lines,
            ledger=entries,
            _read_letters=lambda: self.letters.filter(mine),
        )


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
        # Both parties of a referral, because its news may name the other one first.
        few = None if ids is None or len(ids) > _FEW else loaded.with_twins(ids)
        written, done = frames.journal(connection, few), frames.done_follow_ups(connection)
    if replayed is not None and not replayed.is_empty():
        done = pl.concat([done, replayed.select(done.columns)])
    # A pause is not something that happened.
    journal, paused = written.filter(~_IS_PAUSE), written.filter(_IS_PAUSE)
    lines = journal
    if ids is not None:
        mine = loaded.concerning(ids)
        lines, done = lines.filter(mine), done.filter(mine)
    mail = loaded.calendar.mail
    shared, tasks = (person_facts.both_sides(events, pairs) for events in (lines, done))
    happened = person_facts.contact_days(met, shared, tasks, context.today, context.moment)
    mailed = mail.mailed(context.today, context.moment, pairs)

    def letters() -> pl.DataFrame:
        found = mail.until(context.today, context.moment, pairs)
        return found if ids is None else found.filter(mine)

    entries = ledger(
        journal,
        rules.weights,
        context.today,
        happened=happened,
        hosts=hosts(loaded.calendar.meetings, context.settings.me.emails),
    )
    if ids is not None:
        entries = entries.filter(mine)
    undecided = frozenset(pairs.get_column("person_id").to_list())
    nothing = profiles.head(0)
    people = People(nothing, met, happened, lines, entries, mailed, undecided, loaded.calendar, letters)
    facts = person_facts.person_facts(
        pauses.with_pauses(with_wants(profiles, lines), paused, context.today),
        met,
        happened,
        entries,
        today=context.today,
        moment=context.moment,
        letters=mailed,
        mail=waiting.mail_part(
            mailed, met, happened, today=context.today, moment=context.moment, zone=mail.me.time_zone
        ),
        # How often you are in touch asks for each day of contact.
        channels=channels.channel_part(people.happened, context.today)
        if _asks_for(rules, channels.FACTS)
        else None,
    )
    return replace(people, facts=facts)


def _asks_for(rules: RuleSet, facts: Collection[str]) -> bool:
    """Whether a rule tests or shows one of these facts, which take time or need everybody's."""
    about = rules.of("person")
    blocks = [tests for rule in about for tests in (*rule.when, *rule.unless)]
    blocks += [tests for group in rules.groups for tests in group.members]
    tested = {test.field for tests in blocks for test in tests}
    shown = {field for rule in about if FOLLOW_UP in rule.then for field in fields_read(rule)}
    return not (tested | shown).isdisjoint(facts)
