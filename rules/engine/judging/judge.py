"""Judge a whole frame of people, groups or referrals on one day. Pure: no store, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from people.facts.declared import Subject
from people.tasks import Evidence, FollowUpWish
from rules.engine.judging.combine import added_up, brake, first_wins, words
from rules.engine.judging.evidence import Sources, evidence
from rules.engine.judging.expressions import Rows
from rules.engine.judging.wishes import fields_read, person_wish, referral_wish
from rules.engine.language.ruleset import Rule, RuleSet
from rules.engine.language.vocabulary import PHASES


@dataclass
class Judgement:
    """What the rules say about every row of a frame.

    ``frame`` is the facts with the verdict columns filled in. ``masks`` has each rule's rows, by
    rule id, after the brake; ``braked`` how many rows each stopped rule would have matched.
    """

    subject: Subject
    ruleset: RuleSet
    today: date
    frame: pl.DataFrame
    masks: dict[str, pl.Series]
    braked: dict[str, int] = field(default_factory=dict)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows each rule matched, in file order; 0 for one that the brake stopped."""
        return {rule.id: int(self.masks[rule.id].sum()) for rule in self.ruleset.of(self.subject)}

    @cached_property
    def follow_ups(self) -> list[FollowUpWish]:
        """The follow-ups wished for, by rule in file order, then in the order of the frame."""
        return [wish for rule in self.wishing for wish in self.wishes(rule)]

    @property
    def wishing(self) -> list[Rule]:
        """The rules that ask for a follow-up."""
        return [rule for rule in self.ruleset.of(self.subject) if "follow_up" in rule.then]

    def wishes(self, rule: Rule) -> Iterator[FollowUpWish]:
        """Yield the follow-ups that one rule asks for; ``evidence_of`` gives the evidence of each."""
        make = referral_wish if self.subject == "referral" else person_wish
        columns = dict.fromkeys((*_ALWAYS, *fields_read(rule)))
        mask = self.masks[rule.id]
        rows = self.frame.select(name for name in columns if name in self.frame.columns).filter(mask)
        for number, row in zip(mask.arg_true(), rows.iter_rows(named=True), strict=True):
            yield make(rule, row, number, self.today)

    @cached_property
    def rules_by_key(self) -> dict[str, list[Rule]]:
        """The rules that set each key of ``then``, in file order."""
        rules = self.ruleset.of(self.subject)
        keys = dict.fromkeys(key for rule in rules for key in rule.then)
        return {key: [rule for rule in rules if key in rule.then] for key in keys}


_ALWAYS = ("id", "name", "person", "other", "person_id", "other_id")


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

    def deciders(key: str) -> Iterator[Rule]:
        return (one for one in judgement.rules_by_key.get(key, ()) if judgement.masks[one.id][number])

    row = judgement.frame.row(number, named=True)
    return evidence(rule, row, judgement.today, sources, deciders)


def judge(ruleset: RuleSet, people: pl.DataFrame, today: date) -> Judgement:
    """Judge people: tags, tier and segments, then the cadence, then staleness, then follow-ups.

    ``people`` has one row a person with the columns of ``PersonFacts`` (``bulk.frame_schema``); the
    columns that rules decide are overwritten. ``today`` is the day in the user's time zone.
    """
    rows = Rows(people, "person", today)
    height = people.height
    rules = ruleset.of("person")
    masks: dict[str, pl.Series] = {}
    braked: dict[str, int] = {}
    _join_groups(ruleset, rows)
    for phase in PHASES["person"]:
        due = [rule for rule in rules if rule.phase == phase]
        masks |= brake(due, rows.masks(due), braked)
        known = [rule for rule in rules if rule.id in masks]
        rows.set(_DECIDES[phase](known, masks, rows, height))
    return Judgement("person", ruleset, today, rows.facts, masks, braked)


def judge_groups(ruleset: RuleSet, groups: pl.DataFrame, today: date) -> Judgement:
    """Judge groups: the frame gains ``verdict`` (keep, watch, leave or null) and ``tags``."""
    return _judge_once(ruleset, "group", groups, today)


def judge_referrals(ruleset: RuleSet, referrals: pl.DataFrame, today: date) -> Judgement:
    """Judge referrals: the frame gains ``tags``; check-ins are in ``follow_ups``.

    For check-ins the frame needs, beside ``ReferralFacts``, the texts ``id`` (the referral's own,
    stable), ``person_id`` and ``other_id``.
    """
    return _judge_once(ruleset, "referral", referrals, today)


def _judge_once(ruleset: RuleSet, subject: Subject, frame: pl.DataFrame, today: date) -> Judgement:
    rows = Rows(frame, subject, today)
    rules = ruleset.of(subject)
    braked: dict[str, int] = {}
    masks = brake(rules, rows.masks(rules), braked)
    decided = [added_up(rules, masks, "tag", frame.height).alias("tags")]
    if subject == "group":
        decided.append(first_wins(rules, masks, "verdict", pl.String(), frame.height))
    return Judgement(subject, ruleset, today, rows.facts.with_columns(decided), masks, braked)


def _join_groups(ruleset: RuleSet, rows: Rows) -> None:
    """Add the declared groups whose ``members`` tests hold to what a person was seen in."""
    joining = {group.id: rows.mask(group.members) for group in ruleset.groups if group.members}
    if joining:
        known = rows.facts.get_column("groups") if "groups" in rows.facts.columns else None
        rows.set([words(joining, rows.facts.height, known).alias("groups")])


def _relevance(
    rules: Sequence[Rule], masks: Mapping[str, pl.Series], _: Rows, height: int
) -> list[pl.Series]:
    return [
        first_wins(rules, masks, "tier", pl.String(), height),
        added_up(rules, masks, "tag", height).alias("tags"),
        added_up(rules, masks, "segment", height).alias("segments"),
    ]


def _cadence(
    rules: Sequence[Rule], masks: Mapping[str, pl.Series], rows: Rows, height: int
) -> list[pl.Series]:
    cadence = first_wins(rules, masks, "cadence", pl.Int64(), height).alias("cadence_days")
    since = pl.lit(None, pl.Int64())
    if "days_since_contact" in rows.facts.columns:
        since = pl.col("days_since_contact")
    hundredths = (since * 200 + pl.col("cadence_days")) // (pl.col("cadence_days") * 2)
    derived = rows.facts.with_columns(cadence).select(
        (since - pl.col("cadence_days")).cast(pl.Int64).alias("overdue"),
        (hundredths.cast(pl.Decimal(38, 6)) / 100).cast(pl.Decimal(38, 6)).alias("cadence_used"),
    )
    return [cadence, *derived.get_columns()]


def _stale(rules: Sequence[Rule], masks: Mapping[str, pl.Series], _: Rows, height: int) -> list[pl.Series]:
    return [first_wins(rules, masks, "stale", pl.Boolean(), height).fill_null(value=False)]


def _nothing(*_: Any) -> list[pl.Series]:  # noqa: ANN401 - follow-ups fill no column
    return []


_DECIDES: dict[str, Callable[[Sequence[Rule], Mapping[str, pl.Series], Rows, int], list[pl.Series]]] = {
    "relevance": _relevance,
    "cadence": _cadence,
    "stale": _stale,
    "follow_up": _nothing,
}
