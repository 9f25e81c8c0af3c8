"""Judge a frame of people, groups or referrals on one day. Pure: no store, no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from people.facts.days.this_day import of_day
from people.facts.declared import Subject
from people.tasks import Evidence, FollowUpWish
from rules.engine.judging.combine import added_up, brake, first_wins, give_way, words
from rules.engine.judging.evidence import Sources, evidence
from rules.engine.judging.expressions import DTYPES, Rows
from rules.engine.judging.wishes import fields_read, wish_of
from rules.engine.language.decisions import FOLLOW_UP, decisions_of, phases_of
from rules.engine.language.ruleset import Rule, RuleSet


@dataclass
class Judgement:
    """What the rules decide about every row of a frame.

    ``frame`` holds the facts and the columns that rules decide. ``masks`` says which rows each rule
    matches, by rule id, after the brake. ``braked`` is how many rows each stopped rule would have matched.
    ``unsure`` says which rows a stopped rule would have decided facts of: what later rules make of these
    rows is not to be trusted.
    """

    subject: Subject
    ruleset: RuleSet
    today: date
    frame: pl.DataFrame
    masks: dict[str, pl.Series]
    braked: dict[str, int] = field(default_factory=dict)
    unsure: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.Boolean()))

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows each rule matched, in file order; 0 if the brake stopped it."""
        return {rule.id: int(self.masks[rule.id].sum()) for rule in self.ruleset.of(self.subject)}

    @cached_property
    def follow_ups(self) -> list[FollowUpWish]:
        """The follow-ups that rules ask for, by rule in file order, then in the order of the frame."""
        return [wish for rule in self.wishing for wish in self.wishes(rule)]

    @property
    def wishing(self) -> list[Rule]:
        """The rules that ask for a follow-up."""
        return [rule for rule in self.ruleset.of(self.subject) if FOLLOW_UP in rule.then]

    def wishes(self, rule: Rule) -> Iterator[FollowUpWish]:
        """Yield the follow-ups that one rule asks for; ``evidence_of`` gives the evidence of each."""
        columns = dict.fromkeys((*_ALWAYS, *fields_read(rule)))
        mask = self.masks[rule.id]
        if "quiet" in self.frame.columns:
            mask &= ~self.frame.get_column("quiet")
        rows = self.frame.select(name for name in columns if name in self.frame.columns).filter(mask)
        for number, row in zip(mask.arg_true(), rows.iter_rows(named=True), strict=True):
            wish = wish_of(rule, row, number, self.today)
            if wish is not None:
                yield wish

    @cached_property
    def rules_by_key(self) -> dict[str, list[Rule]]:
        """The rules that set each key of ``then``, in file order."""
        rules = self.ruleset.about(self.subject)
        keys = dict.fromkeys(key for rule in rules for key in rule.then)
        return {key: [rule for rule in rules if key in rule.then] for key in keys}

    def matching(self, key: str, number: int) -> Iterator[Rule]:
        """Yield the rules that set a key of ``then`` and match a row, in file order."""
        return (rule for rule in self.rules_by_key.get(key, ()) if self.masks[rule.id][number])


_ALWAYS = ("id", "name", "organisation", "emails", "person", "other", "person_id", "other_id")


def evidence_of(
    judgement: Judgement, wish: FollowUpWish, sources: Sources | None = None
) -> tuple[Evidence, ...]:
    """Return the evidence of one wish: each test that held, down to the facts.

    ``judgement`` is the one that made the wish. Ask after planning, for the wishes that were chosen.
    """
    if wish.match is None:
        return ()
    number = wish.match.row
    rule = next(rule for rule in judgement.wishing if rule.id == wish.match.rule)
    row = judgement.frame.row(number, named=True)
    return evidence(rule, row, judgement.today, sources, lambda key: judgement.matching(key, number))


def judge(
    ruleset: RuleSet,
    rows: pl.DataFrame,
    today: date,
    subject: Subject = "person",
    *,
    braked: Collection[str] | None = None,
) -> Judgement:
    """Judge every row of a frame, phase by phase.

    ``rows`` has the columns of the subject's facts (``expressions.frame_schema``); the columns that rules
    decide are overwritten. ``today`` is the day in the user's time zone. A rule that matches more rows
    than its ``at_most`` is stopped. To judge a few rows as in a run over everybody, give the rules that
    it stopped as ``braked``: then these are stopped and no others.

    The frame gains what rules decide: ``verdict`` (keep, watch, leave or null) for groups, ``tags``, and so
    on. For check-ins about referrals it needs, beside ``ReferralFacts``, the texts ``id`` (the
    referral's own, stable), ``person_id`` and ``other_id``.
    """
    facts = Rows(rows, subject, today)
    rules = ruleset.about(subject)
    masks: dict[str, pl.Series] = {}
    matched: dict[str, pl.Series] = {}
    stopped: dict[str, int] = {}
    unsure = pl.repeat(value=False, n=rows.height, dtype=pl.Boolean(), eager=True)
    if subject == "person":
        facts.set(
            pl.repeat(value, rows.height, eager=True).alias(name) for name, value in of_day(today).items()
        )
        _join_groups(ruleset, facts)
    for phase in phases_of(subject):
        due = [rule for rule in rules if rule.phase == phase]
        found = facts.masks(due)
        kept = brake(due, found, stopped, braked)
        matched |= kept
        give_way(rules, kept, matched)
        masks |= kept
        for rule, mask in zip(due, found, strict=True):
            if rule.id in stopped and (rule.then.keys() != {FOLLOW_UP} or rule.instead_of):
                unsure |= mask
        known = [rule for rule in rules if rule.id in masks]
        facts.set(_decided(subject, phase, known, masks, facts.facts))
        for decision in decisions_of(subject).values():
            if decision.phase == phase and decision.adds:
                facts.set_words(decision.column, added_up(known, masks, decision.key))
        if subject == "person" and phase == "cadence":
            facts.set(_overdue(facts.facts))
    return Judgement(subject, ruleset, today, facts.facts, masks, stopped, unsure)


def _join_groups(ruleset: RuleSet, rows: Rows) -> None:
    """Add the declared groups whose ``members`` tests hold to those that a person was seen in."""
    joining = {group.id: rows.mask(group.members) for group in ruleset.groups if group.members}
    if joining:
        known = rows.facts.get_column("groups") if "groups" in rows.facts.columns else None
        rows.set([words(joining, rows.facts.height, known).alias("groups")])


def _decided(
    subject: Subject, phase: str, rules: Sequence[Rule], masks: Mapping[str, pl.Series], facts: pl.DataFrame
) -> Iterator[pl.Series]:
    """Yield the single values of a phase. A flag that no rule sets is false; who is paused is quiet."""
    for key, decision in decisions_of(subject).items():
        if decision.phase != phase or decision.kind is None or decision.adds:
            continue
        column = first_wins(rules, masks, key, DTYPES[decision.kind], facts)
        if key == "quiet" and "paused_until" in facts.columns:
            column = column.fill_null(facts.get_column("paused_until") > facts.get_column("today"))
        if decision.kind == "flag":
            column = column.fill_null(value=False)
        yield column.alias(decision.column)


def _overdue(facts: pl.DataFrame) -> list[pl.Series]:
    """Compute what follows from the cadence: days overdue, and the part of the cadence that is used."""
    since = pl.lit(None, pl.Int64())
    if "days_since_contact" in facts.columns:
        since = pl.col("days_since_contact")
    hundredths = (since * 200 + pl.col("cadence_days")) // (pl.col("cadence_days") * 2)
    derived = facts.select(
        (since - pl.col("cadence_days")).cast(pl.Int64).alias("overdue"),
        (hundredths.cast(pl.Decimal(38, 6)) / 100).cast(pl.Decimal(38, 6)).alias("cadence_used"),
    )
    return derived.get_columns()
