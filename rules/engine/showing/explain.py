"""Explain one row: every rule, why it matched or not, the deciding line and the value it saw."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from people.days import short_day
from people.facts.declared import Subject
from people.text import for_terminal
from rules.engine.judging.evidence import Sources, origin
from rules.engine.judging.judge_row import Effect, RowJudgement, judge_row
from rules.engine.judging.reference import all_hold, holds
from rules.engine.judging.wishes import due_day
from rules.engine.language.decisions import by_fact, decisions_of, phases_of
from rules.engine.language.ruleset import FollowUpEffect, Rule, RuleSet, Test, Tests
from rules.engine.language.templates import LONGEST_VALUE, shown

Block = Literal["when", "unless"]
Outcome = Literal["matched", "stopped", "braked", "replaced", "resting"]


@dataclass(frozen=True, slots=True)
class TracedTest:
    """One test of a rule: its threshold, the value it saw, and the source of that value."""

    block: Block
    alternative: int
    field: str
    test: str
    threshold: str
    value: str | None
    holds: bool
    file: str
    line: int
    column: int
    source: str | None

    def render(self) -> str:
        """Return the test as text for a terminal."""
        value = "missing" if self.value is None else f"'{for_terminal(self.value)}'"
        source = f" ({for_terminal(self.source)})" if self.source else ""
        test = "is" if self.test == "is" else self.test.replace("_", " ")
        return f"{self.field} {test} {for_terminal(self.threshold)}: it is {value}{source}"


@dataclass(frozen=True, slots=True)
class EffectTrace:
    """One thing that a rule decides, as text. ``lost_to`` names the rule that came first."""

    key: str
    value: str
    lost_to: str | None

    def render(self) -> str:
        """Return the effect as text for a terminal."""
        lost = f" (lost to {self.lost_to}, which comes first)" if self.lost_to else ""
        return f"{self.key} {for_terminal(self.value)}{lost}"


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One rule for one row. ``stopped_by`` is the line that stopped a rule from matching."""

    rule: str
    file: str
    line: int
    phase: str
    why: str
    outcome: Outcome
    lines: tuple[TracedTest, ...]
    stopped_by: TracedTest | None
    effects: tuple[EffectTrace, ...]
    instead: str | None = None
    """The rule that decides instead of this one, or the days on which it holds."""

    def render(self) -> Iterator[str]:
        """Yield the trace as lines of text for a terminal."""
        word = _WORDS[self.outcome]
        yield f"{word}  {self.rule}  ({self.file}:{self.line})"
        if self.outcome == "braked":
            yield "       stopped in this run by its brake"
        if self.outcome == "replaced":
            yield f"       the rule {self.instead} decides instead"
        if self.outcome == "resting":
            yield f"       holds {self.instead}"
        if self.stopped_by is not None:
            yield f"       {_stop(self.stopped_by)}"
        for line in self.lines if self.outcome == "matched" else ():
            if line.block == "when" and line.holds:
                yield f"       {line.render()}"
        for effect in self.effects:
            yield f"       -> {effect.render()}"


_WORDS: dict[Outcome, str] = {
    "matched": "yes", "stopped": "no ", "braked": "off", "replaced": "no ", "resting": "off",
}  # fmt: skip


@dataclass(frozen=True)
class Explanation:
    """All rules for one row, and what they decide together (fact to text)."""

    subject: Subject
    who: str
    today: date
    verdict: Mapping[str, str | None]
    rules: tuple[RuleTrace, ...]

    def render(self, *, matched_only: bool = False) -> str:
        """Return the explanation as text that is safe to print on a terminal."""
        lines = [f"{for_terminal(self.who)} on {self.today.isoformat()}"]
        lines += [f"  {name}: {for_terminal(text or '-')}" for name, text in self.verdict.items()]
        for phase in phases_of(self.subject):
            traces = [trace for trace in self.rules if trace.phase == phase]
            kept = [trace for trace in traces if trace.outcome == "matched" or not matched_only]
            if kept:
                lines += ["", f"{phase.replace('_', '-')}:"]
                lines += [f"  {line}" for trace in kept for line in trace.render()]
        return "\n".join(lines)


def explain_row(
    ruleset: RuleSet,
    subject: Subject,
    row: Mapping[str, Any],
    today: date,
    *,
    sources: Sources | None = None,
    braked: Collection[str] = (),
) -> Explanation:
    """Explain every rule for one row, which has the fields of the subject's facts.

    ``sources`` names the evidence behind a field. ``braked`` are the rules that a run stopped.
    """
    judged = judge_row(ruleset, subject, row, today, braked=braked)
    traces = tuple(_trace(rule, judged, sources, braked) for rule in ruleset.about(subject))
    who = next((text for name in _NAMES if (text := shown(row.get(name)))), subject)
    verdict = {name: shown(judged.facts[name]) for name in _verdict_facts(subject)}
    return Explanation(subject, who, today, verdict, traces)


_NAMES = ("name", "title", "email", "person", "id")

_RESTATED = ("cadence_used",)
"""Facts that repeat another fact of the verdict in other units."""


def _verdict_facts(subject: Subject) -> list[str]:
    decided = (decision for decision in decisions_of(subject).values() if decision.kind is not None)
    return [fact for decision in decided for fact in decision.facts if fact not in _RESTATED]


def _trace(rule: Rule, judged: RowJudgement, sources: Sources | None, braked: Collection[str]) -> RuleTrace:
    lines = (*_lines("when", rule.when, judged, sources), *_lines("unless", rule.unless, judged, sources))
    matched = any(rule.id == one.id for one in judged.matched)
    outcome, instead = _outcome(rule, judged, braked, matched=matched)
    return RuleTrace(
        rule=rule.id,
        file=rule.place.file,
        line=rule.place.line,
        phase=rule.phase,
        why=rule.why,
        outcome=outcome,
        lines=lines,
        stopped_by=_deciding(rule, lines, judged) if outcome == "stopped" else None,
        effects=tuple(_effect(effect, judged) for effect in judged.effects if effect.rule.id == rule.id),
        instead=instead,
    )


def _outcome(
    rule: Rule, judged: RowJudgement, braked: Collection[str], *, matched: bool
) -> tuple[Outcome, str | None]:
    """Return the outcome, and what stands in the way of a rule that is replaced or not in force."""
    if matched:
        return "matched", None
    if rule.id in braked:
        return "braked", None
    if rule.id in judged.instead:
        return "replaced", judged.instead[rule.id]
    if not rule.in_force(judged.today):
        days = [f"from {rule.since}"] if rule.since else []
        return "resting", " ".join([*days, *([f"until {rule.until}"] if rule.until else [])])
    return "stopped", None


def _lines(
    block: Block, alternatives: Sequence[Tests], judged: RowJudgement, sources: Sources | None
) -> Iterator[TracedTest]:
    for number, test in ((number, test) for number, tests in enumerate(alternatives) for test in tests):
        value = shown(judged.facts.get(test.field))
        yield TracedTest(
            block=block,
            alternative=number,
            field=test.field,
            test=test.test,
            threshold=test.threshold,
            value=None if value is None else value[:LONGEST_VALUE],
            holds=holds(test, judged.facts, judged.today),
            file=test.place.file,
            line=test.place.line,
            column=test.place.column,
            source=origin(test.field, sources) or _rules_behind(test, judged),
        )


def _rules_behind(test: Test, judged: RowJudgement) -> str | None:
    decision = by_fact(judged.subject).get(test.field)
    behind = judged.deciders(decision.key) if decision else []
    return ", ".join(f"rule {rule.id}, {rule.place}" for rule in behind) or None


def _deciding(rule: Rule, lines: tuple[TracedTest, ...], judged: RowJudgement) -> TracedTest | None:
    """Return the exception that held, or the failing test of the alternative that came closest."""
    for number, tests in enumerate(rule.unless):
        if _holds(tests, judged) and (not rule.when or any(_holds(when, judged) for when in rule.when)):
            return next(line for line in lines if line.block == "unless" and line.alternative == number)
    failing: dict[int, list[TracedTest]] = {}
    for line in lines:
        if line.block == "when" and not line.holds:
            failing.setdefault(line.alternative, []).append(line)
    return min(failing.values(), key=len)[0] if failing else None


def _holds(tests: Tests, judged: RowJudgement) -> bool:
    return all_hold(tests, judged.facts, judged.today)


def _stop(line: TracedTest) -> str:
    how = "the exception holds" if line.block == "unless" else "stopped"
    return f"{how} at {line.file}:{line.line}: {line.render()}"


def _effect(effect: Effect, judged: RowJudgement) -> EffectTrace:
    value, decision = effect.value, decisions_of(judged.subject)[effect.key]
    if isinstance(value, FollowUpEffect):
        text = _follow_up(effect.rule, value, judged)
    elif decision.kind == "days":
        text = f"{value} days"
    else:
        text = shown(value) or ""
    return EffectTrace(decision.column.replace("_", "-"), text, effect.lost_to)


def _follow_up(rule: Rule, follow_up: FollowUpEffect, judged: RowJudgement) -> str:
    """Return the title, and what bounds the follow-up: its very day, how long it is useful, its ration."""
    title = f"'{follow_up.title.fill(judged.facts, judged.today)}'"
    due = due_day(follow_up, judged.facts, judged.today)
    if judged.facts.get("quiet"):
        return f"{title}: not asked for, because they are left alone (quiet)"
    if due is None and follow_up.steps:
        return f"{title}: not asked for, because no step after {follow_up.steps_after} is due"
    if due is None:
        return f"{title}: not asked for, because {follow_up.due_on} is missing or over"
    dated = follow_up.due_on or follow_up.steps or follow_up.due_weekday is not None
    bounds = [f"due on {short_day(due, judged.today)}"] if dated else []
    if follow_up.within is not None:
        bounds.append(f"useful for {follow_up.within} day{'' if follow_up.within == 1 else 's'}")
    if rule.ration is not None:
        bounds.append(f"at most {rule.ration.most} per {rule.ration.per}")
    return ", ".join([title, *bounds])
