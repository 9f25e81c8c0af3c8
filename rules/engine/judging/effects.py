"""What the matched rules decide about one row of a judged frame, and which rule lost to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rules.engine.judging.judge import Judgement
from rules.engine.language.decisions import decisions_of, wins_alone
from rules.engine.language.ruleset import Rule


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a matched rule decides; ``lost_to`` is the rule that decided it before."""

    rule: Rule
    key: str
    value: Any
    lost_to: str | None = None


@dataclass(frozen=True)
class JudgedRow:
    """One row of a judgement. ``number`` counts the rows of the frame from 0."""

    judgement: Judgement
    number: int

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """The facts of the row, what rules decided included."""
        return self.judgement.frame.row(self.number, named=True)

    @cached_property
    def matched(self) -> tuple[Rule, ...]:
        """The rules that match the row, in file order."""
        rules = self.judgement.ruleset.about(self.judgement.subject)
        return tuple(rule for rule in rules if self.judgement.masks[rule.id][self.number])

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """What each matched rule decides, in file order; of single values the first rule wins."""
        decisions = decisions_of(self.judgement.subject)
        winners: dict[str, str] = {}
        effects = []
        for rule in self.matched:
            for key, value in rule.then.items():
                winner = winners.setdefault(key, rule.id) if wins_alone(decisions[key]) else rule.id
                effects.append(Effect(rule, key, value, None if winner == rule.id else winner))
        return tuple(effects)

    def deciders(self, key: str) -> list[Rule]:
        """Return the rules that set a key of ``then``, without those that lost."""
        return [effect.rule for effect in self.effects if effect.key == key and effect.lost_to is None]
