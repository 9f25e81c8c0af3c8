"""Mutual support on one day: groups, referrals, introductions, and what they cost in hours and money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import polars as pl
from dateutil.relativedelta import relativedelta

from flows.run.context import Context
from flows.run.facts.people import People
from flows.settings.model import Budget
from people.facts import groups as groups_frame
from people.facts import introductions, spending
from people.facts import referrals as referrals_frame
from people.facts.connector_value import with_reach
from people.facts.groups import Groups
from people.facts.introductions import Introduction
from people.identity.cards.emails import FREE_MAIL
from people.store import dismissals
from people.tasks import Evidence, FollowUpWish
from people.types import JournalKind, Problem
from rules.engine import RuleSet
from rules.engine.judging.judge import Judgement, evidence_of, judge


@dataclass(frozen=True)
class MonthSpend:
    """What a month cost and will cost. ``booked`` is still to come; ``budget`` is None if none is set."""

    figure: str
    month: date
    spent: Decimal
    booked: Decimal
    budget: Decimal | None

    @property
    def state(self) -> str:
        """*over* the budget, *warning* if what is booked exceeds it, *ok*, or *no budget*."""
        if self.budget is None:
            return "no budget"
        if self.spent > self.budget:
            return "over"
        return "warning" if self.spent + self.booked > self.budget else "ok"


@dataclass(frozen=True)
class Support:
    """Mutual support on one day. ``today`` is in the user's zone.

    ``persons`` are judged ``PersonFacts``; ``groups`` and ``referrals`` are the judged frames, and
    ``group_lines`` the lines behind each figure of a group. ``ledger`` and ``mentions`` come from the
    journal, ``spent`` from ``people.facts.spending``. ``suggestions`` are all introductions worth making;
    ``this_week`` is how many of them to make now.
    """

    today: date
    currency: str
    budget: Budget
    weights: Mapping[JournalKind, Decimal]
    persons: pl.DataFrame
    groups: Judgement
    group_lines: pl.DataFrame
    referrals: Judgement
    mentions: pl.DataFrame
    ledger: pl.DataFrame
    spent: pl.DataFrame
    suggestions: list[Introduction] = field(default_factory=list)
    this_week: int = 0

    @property
    def wishes(self) -> list[FollowUpWish]:
        """The check-ins and thanks for referrals."""
        return [wish for wish in self.referrals.follow_ups if wish.person_id]

    def evidence(self, wish: FollowUpWish) -> tuple[Evidence, ...]:
        """The evidence of one of the wishes. Each line names the journal lines of the referral."""
        places = self.referrals.frame.get_column("places")
        place = ", ".join(places[wish.match.row]) if wish.match else None
        return evidence_of(self.referrals, wish, lambda _: place)

    @property
    def braked(self) -> dict[str, int]:
        """The rules about groups and referrals that exceeded their ``at_most``, and how many each matched."""
        return {**self.groups.braked, **self.referrals.braked}

    def months(self, figure: str) -> list[MonthSpend]:
        """``figure`` (hours or money) in each of the last twelve months, oldest first."""
        first = self.today.replace(day=1) - relativedelta(months=groups_frame.MONTHS - 1)
        limit = self.budget.hours_per_month if figure == "hours" else self.budget.money_per_month
        own = self.spent.filter((pl.col("figure") == figure) & (pl.col("day") >= first))
        month = pl.col("day").dt.truncate("1mo").alias("month")
        sums: dict[tuple[date, str], Decimal] = {
            (month, state): value
            for month, state, value in own.group_by(month, "state").agg(pl.col("value").sum()).iter_rows()
        }
        none = Decimal(0)
        return [
            MonthSpend(figure, one, sums.get((one, "spent"), none), sums.get((one, "booked"), none), limit)
            for one in (first + relativedelta(months=count) for count in range(groups_frame.MONTHS))
        ]

    @property
    def problems(self) -> list[Problem]:
        """A warning for each budget of this month that is exceeded, or will be."""
        return [
            problem for figure in ("hours", "money") for problem in self._over_budget(self.months(figure)[-1])
        ]

    def _over_budget(self, month: MonthSpend) -> list[Problem]:
        if month.state not in ("over", "warning"):
            return []
        unit = "hours" if month.figure == "hours" else self.currency
        so_far = f"{month.spent:.2f} {unit} spent and {month.booked:.2f} booked"
        leaving = self.groups.frame.filter(pl.col("verdict") == "leave").get_column("name").to_list()
        hint = f"; the rules would leave {', '.join(leaving)}" if leaving else ""
        return [
            Problem(
                where=f"budget, {month.month:%B %Y}",
                message=f"{so_far}, and the budget is {month.budget:.2f}",
                help=f"see what each group costs and brings: touchbase groups{hint}",
                kind="budget",
            )
        ]


def declared_groups(rules: RuleSet) -> list[spending.DeclaredGroup]:
    """The groups that the rules declare, as ``people.facts.spending`` takes them."""
    return [
        spending.DeclaredGroup(one.id, one.name, one.kind, one.since, one.fee, one.fee_per)
        for one in rules.groups
    ]


def support_of(context: Context, rules: RuleSet, people: People, persons: pl.DataFrame) -> Support:
    """Judge groups and referrals, and work out introductions and costs.

    ``people`` are the facts of everybody, ``persons`` the same after the rules judged them.
    """
    settings, today = context.settings, context.today
    persons = with_reach(persons, persons, people.lines)
    groups = declared_groups(rules)
    attended = spending.attendance(
        people.calendar.meetings,
        people.calendar.verdicts,
        groups,
        zone=settings.me.time_zone,
        travel=settings.budget.travel_factor,
    )
    spent = spending.spending(attended, people.lines, groups, today=today, moment=context.moment)
    referrals = referrals_frame.referral_facts(people.lines, persons.select("id", "name"), today)
    group_facts: Groups = groups_frame.group_facts(
        groups,
        attended=attended,
        spent=spent,
        people=persons,
        happened=people.besides_mail,
        ledger=people.ledger,
        referrals=referrals,
        today=today,
        moment=context.moment,
    )
    with context.store.read() as connection:
        dismissed = dismissals.listed(connection)
    return Support(
        today=today,
        currency=settings.me.currency,
        budget=settings.budget,
        weights=rules.weights,
        persons=persons,
        groups=judge(rules, group_facts.facts, today, "group"),
        group_lines=group_facts.lines,
        referrals=judge(rules, referrals, today, "referral"),
        mentions=referrals_frame.mentions(people.lines, persons.select("id", "name"), today),
        ledger=people.ledger,
        spent=spent,
        suggestions=introductions.suggest(
            persons,
            people.met,
            people.lines,
            synonyms=rules.synonyms,
            dismissed=dismissed,
            free_mail=FREE_MAIL,
        ),
        this_week=max(
            0,
            settings.budget.introductions_per_week - introductions.made_this_week(people.lines, today),
        ),
    )
