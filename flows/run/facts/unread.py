"""Sources whose facts are missing: never read, or not for so long that everybody would look out of touch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from flows.run.context import Context
from people.days import short_day
from people.store import runs
from people.tasks import FollowUp
from people.types import Problem
from rules.engine import RuleSet
from rules.engine.judging.depends import wishing_rules

TOO_LONG = timedelta(days=30)
"""A source that was not read for so long counts as unread: it is the shortest cadence of the starter rules,
so that without news everybody of that tier goes cold (rule of thumb)."""


@dataclass(frozen=True, slots=True)
class Unread:
    """``reasons`` says of each rule that lacks the facts of a source why nothing new comes of it."""

    reasons: Mapping[str, str] = field(default_factory=dict)

    def problems(self, suppressed: Iterable[FollowUp]) -> list[Problem]:
        """One sentence per source about the new follow-ups that wait for it."""
        waiting: dict[str, int] = {}
        for item in suppressed:
            if item.reason and item.reason == self.reasons.get(item.rule):
                waiting[item.reason] = waiting.get(item.reason, 0) + 1
        return [
            Problem(
                where="follow-ups",
                message=f"{count} new {'one waits' if count == 1 else 'ones wait'}: "
                f"{reason.removeprefix('waits: ')}, and their rules depend on it",
                help="see touchbase status; if you do not need the source, remove it from touchbase.toml",
            )
            for reason, count in sorted(waiting.items())
        ]


def unread_facts(context: Context, rules: RuleSet) -> Unread:
    """Find the sources that are unread, and the rules that depend on what they tell."""
    with context.store.read() as connection:
        read = {state.name: state.last_success for state in runs.source_states(connection)}
    depends = wishing_rules(rules)
    reasons: dict[str, str] = {}
    for source in context.settings.sources:
        last = read.get(source.name)
        if last is not None and context.moment - last <= TOO_LONG:
            continue
        when = "was never read"
        if last is not None:
            day = last.astimezone(context.settings.me.zone).date()
            when = f"was last read on {short_day(day, context.today)}"
        for rule, kinds in depends.items():
            if kinds & source.kinds:
                reasons.setdefault(rule, f"waits: source '{source.name}' {when}")
    return Unread(reasons)
