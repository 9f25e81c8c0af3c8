"""A second judgement to compare with: one row through all phases, in plain Python.

It has its own list of phases and keys, so that a mistake in the product's table is not repeated here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from people.facts.declared import Subject
from people.tasks import FollowUpWish
from rules.engine.judging.judge import rules_about
from rules.engine.judging.reference import all_hold, matches
from rules.engine.judging.wishes import person_wish, referral_wish
from rules.engine.language.ruleset import Rule, RuleSet

PHASES: dict[Subject, tuple[str, ...]] = {
    "attendee": ("attendee",),
    "meeting": ("meeting",),
    "person": ("relevance", "cadence", "stale", "follow_up"),
    "group": ("group",),
    "referral": ("referral",),
}
PHASE_OF_KEY = {
    "tier": "relevance",
    "tag": "relevance",
    "segment": "relevance",
    "cadence": "cadence",
    "stale": "stale",
    "follow_up": "follow_up",
}
ADDING = ("tag", "segment")
FACT_OF_KEY = {"tag": "tags", "segment": "segments", "cadence": "cadence_days"}
_ADDED_IN = {"relevance": ADDING, "group": ("tag",), "referral": ("tag",)}


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a matched rule decides; ``lost_to`` is the rule that decided it before."""

    rule: Rule
    key: str
    value: Any
    lost_to: str | None = None


@dataclass
class RowJudgement:
    """What the rules say of one row: the row with its verdict, what matched, and every effect."""

    subject: Subject
    row: dict[str, Any]
    today: date
    matched: tuple[Rule, ...]
    effects: tuple[Effect, ...]

    def wishes(self) -> tuple[FollowUpWish, ...]:
        """Return the follow-ups wished for, in the order of the files."""
        make = referral_wish if self.subject == "referral" else person_wish
        wishing = [rule for rule in self.matched if "follow_up" in rule.then]
        return tuple(make(rule, self.row, 0, self.today) for rule in wishing)


def judge_row(
    ruleset: RuleSet,
    subject: Subject,
    row: Mapping[str, Any],
    today: date,
    *,
    braked: Collection[str] = (),
) -> RowJudgement:
    """Judge one row. ``braked`` are rules that a run over everybody has stopped."""
    rules = rules_about(ruleset, subject)
    state = {**row, **(_person_start(ruleset, row, today) if subject == "person" else {})}
    effects: list[Effect] = []
    matched: set[str] = set()
    for phase in PHASES[subject]:
        due = (rule for rule in rules if rule.phase == phase and rule.id not in braked)
        matched |= {rule.id for rule in due if matches(rule, state, today)}
        found = _effects([rule for rule in rules if rule.id in matched], subject, phase)
        effects += found
        state |= _decided(found)
        state |= {FACT_OF_KEY[key]: _added_up(rules, found, key) for key in _ADDED_IN.get(phase, ())}
        if phase == "cadence":
            state |= _overdue(state.get("days_since_contact"), state["cadence_days"])
    order = {rule.id: number for number, rule in enumerate(rules)}
    effects.sort(key=lambda effect: order[effect.rule.id])
    return RowJudgement(
        subject, state, today, tuple(rule for rule in rules if rule.id in matched), tuple(effects)
    )


def _person_start(ruleset: RuleSet, row: Mapping[str, Any], today: date) -> dict[str, Any]:
    start: dict[str, Any] = {
        **dict.fromkeys(("tier", "cadence_days", "overdue", "cadence_used")),
        "tags": [],
        "segments": [],
        "stale": False,
    }
    joining = [group for group in ruleset.groups if group.members]
    if joining:
        joined = [one.id for one in joining if any(all_hold(tests, row, today) for tests in one.members)]
        known = [group for group in row.get("groups") or () if group is not None]
        start["groups"] = list(dict.fromkeys([*known, *joined]))
    return start


def _effects(matched: Sequence[Rule], subject: Subject, phase: str) -> list[Effect]:
    winners: dict[str, str] = {}
    effects = []
    for rule in matched:
        for key, value in rule.then.items():
            if subject == "person" and PHASE_OF_KEY[key] != phase:
                continue
            lost_to = None if key in (*ADDING, "follow_up") else winners.setdefault(key, rule.id)
            effects.append(Effect(rule, key, value, None if lost_to == rule.id else lost_to))
    return effects


def _decided(effects: Sequence[Effect]) -> dict[str, Any]:
    return {
        FACT_OF_KEY.get(effect.key, effect.key): effect.value
        for effect in effects
        if effect.lost_to is None and effect.key not in (*ADDING, "follow_up")
    }


def _added_up(rules: Sequence[Rule], effects: Sequence[Effect], key: str) -> list[str]:
    """Return the words given, in the order in which the files first name them."""
    given = {word for effect in effects if effect.key == key for word in effect.value}
    return [
        word
        for word in dict.fromkeys(word for rule in rules for word in rule.then.get(key, ()))
        if word in given
    ]


def _overdue(since: int | None, cadence: int | None) -> dict[str, Any]:
    if since is None or cadence is None:
        return {}
    used = (Decimal(since) / cadence).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {"overdue": since - cadence, "cadence_used": used}
