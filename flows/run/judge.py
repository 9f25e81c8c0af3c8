"""Apply the rules to everybody: from facts to wishes, and what planning needs besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from flows.run import confirm_identity
from flows.run.context import Context
from flows.run.facts.people import People
from flows.run.facts.support import Support, support_of
from flows.run.facts.unread import Unread, unread_facts
from flows.run.rule_versions import rule_problems
from people.planning.plan import Standing
from people.store import follow_ups
from people.store.resolving import decisions
from people.tasks import Evidence, FollowUpWish
from people.types import Problem
from rules.engine import RuleSet
from rules.engine.judging.judge import Judgement, evidence_of
from rules.engine.judging.judge import judge as judge_frame


@dataclass(frozen=True, slots=True)
class Brake:
    """A rule that was stopped because it matched too many people, and the problem to show."""

    rule: str
    problem: Problem


@dataclass
class Judged:
    """What the rules decided about everybody. ``rules`` are the ids of those that could be judged.

    ``unsure`` are the ids of people whose facts could not be decided, because a rule was stopped or cannot
    be read: they are left in peace. ``unread`` says which rules lack the facts of a source.
    """

    wishes: list[FollowUpWish] = field(default_factory=list)
    standing: dict[str, Standing] = field(default_factory=dict)
    rules: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    unread: Unread = field(default_factory=Unread)
    stale: int = 0
    without_contact: int = 0
    rule_files: int = 0
    rule_count: int = 0
    rule_errors: int = 0
    rule_problems: list[Problem] = field(default_factory=list)
    brakes: tuple[Brake, ...] = ()
    people: People | None = None
    support: Support | None = None
    outcome: Judgement | None = None

    @property
    def frame(self) -> pl.DataFrame:
        """The judged facts of everybody: ``PersonFacts`` with what rules decided."""
        return self.outcome.frame if self.outcome is not None else pl.DataFrame()

    def evidence(self, wish: FollowUpWish) -> tuple[Evidence, ...]:
        """Return the evidence of one of the wishes."""
        if wish.referral and self.support is not None:
            return self.support.evidence(wish)
        return evidence_of(self.outcome, wish) if self.outcome is not None else ()

    @property
    def problems(self) -> list[Problem]:
        """Rule mistakes, brakes and budgets that need attention, in this order."""
        budgets = self.support.problems if self.support else []
        return [*self.rule_problems, *(brake.problem for brake in self.brakes), *budgets]


def judge(context: Context, rules: RuleSet, people: People) -> Judged:
    """Judge everybody and collect what planning needs. Nothing is written."""
    outcome = judge_frame(rules, people.facts, context.today)
    support = support_of(context, rules, people, outcome.frame)
    wishes = [*outcome.follow_ups, *support.wishes]
    with context.store.read() as connection:
        pairs = decisions.open_pairs(connection, of=people.undecided & {wish.person_id for wish in wishes})
        in_use = {item.rule for item in follow_ups.listed(connection, closed=False)}
    early = {**people.calendar.braked, **people.calendar.mail.braked}
    braked = dict(early) | outcome.braked | support.braked
    nothing_sure = bool(rules.doubtful or early)
    unsure = _unsure(outcome, everybody=nothing_sure)
    wishes = [wish for wish in wishes if wish.person_id not in unsure]
    return Judged(
        wishes=confirm_identity.ask_first(wishes, pairs),
        standing=_standing(outcome.frame, rules, people.mailed.let_rest()),
        rules=frozenset() if nothing_sure else _judged_rules(rules, braked, in_use),
        unsure=unsure,
        unread=unread_facts(context, rules),
        stale=int(outcome.frame.get_column("stale").sum()),
        without_contact=outcome.frame.get_column("last_contact").null_count(),
        rule_files=len(rules.files),
        rule_count=len(rules.rules),
        rule_errors=len(rules.errors),
        rule_problems=rule_problems(rules.errors),
        brakes=_brakes(braked) if rules.rules else _emptied(in_use),
        people=people,
        support=support,
        outcome=outcome,
    )


def _standing(judged: pl.DataFrame, rules: RuleSet, let_rest: Sequence[str]) -> dict[str, Standing]:
    """What planning needs of each person. With those in ``let_rest``, the user let an answer rest."""
    columns = judged.select(
        "id",
        "tier",
        "tags",
        pl.col("cadence_used").cast(pl.Float64).fill_null(0),
        "last_contact",
        "next_meeting",
        "quiet",
    )
    found = {person: Standing(tier, tuple(tags), *rest) for person, tier, tags, *rest in columns.iter_rows()}
    about_answers = frozenset(
        rule.id
        for rule in rules.of("person")
        if any(test.field.startswith("waiting_for_") for tests in rule.when for test in tests)
    )
    return found | {
        person: replace(found[person], dismissed=about_answers) for person in let_rest if person in found
    }


def _unsure(outcome: Judgement, *, everybody: bool) -> frozenset[str]:
    ids = outcome.frame.get_column("id")
    return frozenset(ids if everybody else ids.filter(outcome.unsure))


def _judged_rules(rules: RuleSet, braked: Mapping[str, int], in_use: set[str]) -> frozenset[str]:
    """The rules that were judged, and with all files intact the deleted ones, whose tasks may now close."""
    judged = {rule.id for rule in rules.rules if rule.id not in braked} | {confirm_identity.RULE}
    if rules.errors or not rules.rules:
        return frozenset(judged)
    return frozenset(judged | (in_use - {rule.id for rule in rules.rules}))


def _emptied(in_use: set[str]) -> tuple[Brake, ...]:
    """A folder without rules while tasks are open: a failed mount or checkout, not a change of mind."""
    if not in_use:
        return ()
    problem = Problem(
        where="rules",
        message="the rules folder no longer holds any rule; the open tasks were left alone",
        help="check [rules] path; touchbase init writes the starter rules",
    )
    return (Brake("all rules", problem),)


def _brakes(braked: Mapping[str, int]) -> tuple[Brake, ...]:
    return tuple(
        Brake(
            rule,
            Problem(
                where=f"rule {rule}",
                message=f"matched {count} people, more than its at_most; it was stopped",
                help=f"see who: touchbase rules explain; then raise at_most, or narrow the rule '{rule}'",
            ),
        )
        for rule, count in braked.items()
    )
