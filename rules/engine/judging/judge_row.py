"""Judge one row in plain Python, for rule tests and traces: ``rules check`` starts without polars.

A property test compares it with ``rules.engine.judging.judge``, which judges whole frames.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from people.facts.days.this_day import of_day
from people.facts.declared import Subject
from people.tasks import FollowUpWish
from rules.engine.judging.reference import all_hold, matches
from rules.engine.judging.wishes import wish_of
from rules.engine.language.card_values import FromCard
from rules.engine.language.decisions import FOLLOW_UP, Decision, decisions_of, phases_of, wins_alone
from rules.engine.language.ruleset import Rule, RuleSet


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a matched rule decides; ``lost_to`` is the rule that decided it before."""

    rule: Rule
    key: str
    value: Any
    lost_to: str | None = None


@dataclass(frozen=True)
class RowJudgement:
    """What the rules decide about one row: its facts with the decisions, and the rules that match it."""

    subject: Subject
    facts: Mapping[str, Any]
    today: date
    matched: tuple[Rule, ...]
    instead: Mapping[str, str] = field(default_factory=dict)
    """The rules that would match, each with the rule that decides instead."""

    def wishes(self) -> list[FollowUpWish]:
        """Return the follow-ups that rules ask for, in the order of the files."""
        if self.facts.get("quiet"):
            return []
        asking = (rule for rule in self.matched if FOLLOW_UP in rule.then)
        return [wish for rule in asking if (wish := wish_of(rule, self.facts, 0, self.today))]

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """What each matched rule decides, in file order; of single values the first rule wins."""
        decisions = decisions_of(self.subject)
        winners: dict[str, str] = {}
        effects = []
        for rule in self.matched:
            for key, written in rule.then.items():
                value = _value(written, self.facts)
                if value is None:
                    continue
                winner = winners.setdefault(key, rule.id) if wins_alone(decisions[key]) else rule.id
                effects.append(Effect(rule, key, value, None if winner == rule.id else winner))
        return tuple(effects)

    def deciders(self, key: str) -> list[Rule]:
        """Return the rules that set a key of ``then``, without those that lost."""
        return [effect.rule for effect in self.effects if effect.key == key and effect.lost_to is None]


def judge_row(
    ruleset: RuleSet, subject: Subject, row: Mapping[str, Any], today: date, *, braked: Collection[str] = ()
) -> RowJudgement:
    """Judge one row. No brake stops a rule, except the rules of ``braked``."""
    rules = ruleset.about(subject)
    facts = dict(row)
    if subject == "person":
        facts |= of_day(today)
        facts["groups"] = _groups(ruleset, facts, today)
    ids: set[str] = set()
    raw: set[str] = set()
    for phase in phases_of(subject):
        due = [rule for rule in rules if rule.phase == phase and rule.id not in braked]
        raw |= {rule.id for rule in due if matches(rule, facts, today)}
        replaced = {name for rule in rules if rule.id in raw for name in rule.instead_of}
        ids |= {rule.id for rule in due if rule.id in raw and rule.id not in replaced}
        matched = [rule for rule in rules if rule.id in ids]
        for decision in decisions_of(subject).values():
            if decision.phase == phase and decision.kind is not None:
                facts[decision.column] = _decided(decision, rules, matched, facts)
        if subject == "person" and phase == "cadence":
            facts |= _overdue(facts.get("days_since_contact"), facts["cadence_days"])
    return RowJudgement(
        subject,
        facts,
        today,
        matched=tuple(rule for rule in rules if rule.id in ids),
        instead={
            name: rule.id
            for rule in reversed(rules)
            if rule.id in raw
            for name in rule.instead_of
            if name in raw and name not in ids
        },
    )


def _groups(ruleset: RuleSet, row: Mapping[str, Any], today: date) -> list[str]:
    """Return the groups of a person: those they were seen in, and those whose ``members`` tests hold."""
    joined = [one.id for one in ruleset.groups if any(all_hold(tests, row, today) for tests in one.members)]
    return list(dict.fromkeys([*(group for group in row.get("groups") or () if group is not None), *joined]))


def _value(written: Any, facts: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever a key of then holds
    """Return the value of a key of ``then`` for one row; None if its card should name one, but does not."""
    return written.of(facts.get(written.field)) if isinstance(written, FromCard) else written


def _decided(
    decision: Decision, rules: Sequence[Rule], matched: Sequence[Rule], facts: Mapping[str, Any]
) -> Any:  # noqa: ANN401 - a decision of any kind
    """Return the first value that matched rules set, or all their words as the files first name them."""
    written = [rule.then[decision.key] for rule in matched if decision.key in rule.then]
    values = [value for one in written if (value := _value(one, facts)) is not None]
    if decision.adds:
        known = dict.fromkeys(word for rule in rules for word in rule.then.get(decision.key, ()))
        return [word for word in known if any(word in words for words in values)]
    if values or decision.kind != "flag":
        return values[0] if values else None
    paused = facts.get("paused_until") if decision.key == "quiet" else None
    return paused is not None and paused > facts["today"]


def _overdue(since: int | None, cadence: int | None) -> dict[str, Any]:
    if since is None or cadence is None:
        return {"overdue": None, "cadence_used": None}
    used = (Decimal(since) / cadence).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {"overdue": since - cadence, "cadence_used": used}
