"""What the rules decided about one row, rule by rule: what stands, and the tests that led to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from people.facts.declared import Subject
from people.tasks import Evidence
from rules.engine.judging.evidence import Sources, evidence
from rules.engine.judging.judge_row import Effect, RowJudgement, judge_row
from rules.engine.judging.wishes import due_day
from rules.engine.language.decisions import decisions_of, phases_of
from rules.engine.language.ruleset import FollowUpEffect, Rule, RuleSet
from rules.engine.language.templates import shown


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one rule decided: ``then`` maps facts (``tier``, ``tags``, ``follow_up``) to texts.

    ``because`` are the tests that held, the deciding one first; a rule without tests has none. The place is
    the line of the deciding test, or of the rule if there is none.
    """

    rule: str
    why: str
    then: Mapping[str, str]
    because: tuple[Evidence, ...]
    file: str
    line: int


def rulings(
    ruleset: RuleSet, subject: Subject, row: Mapping[str, Any], today: date, *, sources: Sources | None = None
) -> list[Ruling]:
    """Return the rules that decide about one row: by phase, and in a phase those that decide alone first.

    A rule whose every effect lost to an earlier rule decides nothing. ``sources`` names the evidence behind
    a field.
    """
    judged = judge_row(ruleset, subject, row, today)
    decisions, phases = decisions_of(subject), phases_of(subject)

    def order(rule: Rule) -> tuple[int, bool]:
        return phases.index(rule.phase), all(decisions[key].adds for key in rule.then)

    return [
        _ruling(rule, then, evidence(rule, judged.facts, today, sources))
        for rule in sorted(judged.matched, key=order)
        if (then := dict(_standing(rule, judged)))
    ]


def _ruling(rule: Rule, then: Mapping[str, str], because: tuple[Evidence, ...]) -> Ruling:
    place = because[0] if because else rule.place
    return Ruling(rule.id, rule.why, then, because, place.file, place.line)


def _standing(rule: Rule, judged: RowJudgement) -> Iterator[tuple[str, str]]:
    decisions = decisions_of(judged.subject)
    for effect in judged.effects:
        if effect.rule.id == rule.id and effect.lost_to is None and _happens(effect, judged):
            yield decisions[effect.key].column, _text(effect, judged)


def _happens(effect: Effect, judged: RowJudgement) -> bool:
    """Whether it comes to pass: a follow-up for a very day that is missing or over is not asked for."""
    value = effect.value
    if not isinstance(value, FollowUpEffect):
        return True
    return not judged.facts.get("quiet") and due_day(value, judged.facts, judged.today) is not None


def _text(effect: Effect, judged: RowJudgement) -> str:
    if isinstance(effect.value, FollowUpEffect):
        return effect.value.title.fill(judged.facts, judged.today)
    return shown(effect.value) or ""
