"""Replay rules day by day over the stored history. Pure: the facts of each day are given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from people.days import month_and_year
from people.planning.in_time import remembered
from people.planning.model import Occasion, Plan, Wanted
from people.planning.plan import PastFollowUp, Standing, plan
from people.planning.working_days import WorkingDays
from people.tasks import FollowUp
from people.text import for_markdown
from rules.engine.judging.judge import Judgement, judge
from rules.engine.language.ruleset import RuleSet

BAR = 40
"""The longest bar of the plot, in characters."""


Planner = Callable[[Judgement], Plan]
"""Takes the days in order, and remembers what it asked for."""


class Contact(NamedTuple):
    """A follow-up that the replayed user completed, and that was contact."""

    person_id: str
    day: date
    title: str
    record: str


@dataclass
class Replay:
    """The daily planner, with its past follow-ups in memory instead of the store.

    Its user completes each task ``done_after`` days after it came, and ``contacts`` says which of them were
    contact, for the facts of later days. None: nobody completes a task; it stays open until the facts
    withdraw it. ``open_at_most`` bounds the list, as in ``plan``.
    """

    capacity: int
    days: WorkingDays = field(default_factory=WorkingDays)
    done_after: int | None = None
    open_at_most: int | None = None
    contacts: list[Contact] = field(default_factory=list)
    wanted: Mapping[Occasion, Wanted] = field(default_factory=dict)
    waited: Sequence[FollowUp] = ()
    past: dict[str, PastFollowUp] = field(default_factory=dict)

    def __call__(self, judgement: Judgement) -> Plan:
        """Plan one day."""
        today = judgement.today
        self._tick_off(today)
        self.wanted = remembered(judgement.follow_ups, self.wanted, today)
        decided = plan(
            judgement.follow_ups,
            tuple(self.past.values()),
            _standing(judgement),
            capacity=self.capacity,
            today=today,
            days=self.days,
            open_at_most=self.open_at_most,
            wanted_since=self.wanted,
            waited=self.waited,
        )
        self.waited = decided.deferred
        for item in decided.create:
            self.past[item.key] = PastFollowUp(item, created_on=today)
        for item in decided.withdraw:
            self._close(item, "withdrawn", today)
        return decided

    def _tick_off(self, today: date) -> None:
        if self.done_after is None:
            return
        latest = today - timedelta(days=self.done_after)
        for known in list(self.past.values()):
            item = known.follow_up
            if item.status == "open" and known.created_on <= latest:
                self._close(item, "done", today)
                if item.done_is_contact:
                    self.contacts.append(Contact(item.person_id, today, item.title, f"follow-up:{item.key}"))

    def _close(self, item: FollowUp, status: str, today: date) -> None:
        created_on = self.past[item.key].created_on
        closed = item.model_copy(update={"status": status})
        self.past[item.key] = PastFollowUp(closed, created_on=created_on, closed_on=today)


def _standing(judgement: Judgement) -> dict[str, Standing]:
    wanted = [name for name in ("id", "tier", "tags", "cadence_used", "last_contact", "next_meeting",
                                "quiet")
              if name in judgement.frame.columns]  # fmt: skip
    return {
        row["id"]: Standing(
            tier=row["tier"],
            tags=tuple(row["tags"]),
            overdue_ratio=float(row["cadence_used"] or 0),
            last_contact=row.get("last_contact"),
            next_meeting=row.get("next_meeting"),
            quiet=row.get("quiet", False),
        )
        for row in judgement.frame.select(wanted).iter_rows(named=True)
    }


@dataclass(frozen=True, slots=True)
class Week:
    """One calendar week: follow-ups by rule, how many had to wait on some day of it, and how many lapsed."""

    monday: date
    by_rule: Counter[str]
    deferred: int
    lapsed: int = 0

    @property
    def created(self) -> int:
        """All follow-ups of the week."""
        return self.by_rule.total()


@dataclass(frozen=True)
class Backtest:
    """The weeks of a backtest, in order, and the days on which a brake stopped a rule."""

    weeks: tuple[Week, ...]
    braked: Counter[str]
    assumes: str = ""
    """What the replayed user does, in a sentence."""

    @property
    def by_rule(self) -> Counter[str]:
        """All follow-ups by rule, the most frequent first when asked with ``most_common``."""
        return sum((week.by_rule for week in self.weeks), Counter())

    def render(self) -> str:
        """Return a plot of follow-ups per week and the totals by rule, as text for a terminal."""
        return "\n".join([*self._plot(), "", *self._totals()])

    def markdown(self) -> str:
        """Return the same plot and totals as Markdown."""
        rows = [f"| {for_markdown(rule)} | {count} | {_per_week(count, self.weeks)} |"
                for rule, count in self.by_rule.most_common()]  # fmt: skip
        table = ["| Rule | Follow-ups | Per week |", "|---|---:|---:|", *rows]
        return "\n".join(["```", *self._plot(), "```", "", *table, ""])

    def _plot(self) -> Iterator[str]:
        most = max((week.created + week.deferred for week in self.weeks), default=0)
        yield "follow-ups per week (# created, . waiting for capacity)"
        if self.assumes:
            yield self.assumes
        month = ""
        for week in self.weeks:
            if month != (month := month_and_year(f"{week.monday:%Y-%m}")):
                yield month
            made, waiting = (round(BAR * n / max(most, BAR)) for n in (week.created, week.deferred))
            bar = f"{'#' * made}{'.' * waiting}"
            numbers = f"{week.created}" + (f" + {week.deferred} waiting" if week.deferred else "")
            numbers += f", {week.lapsed} too late" if week.lapsed else ""
            yield f"{week.monday.isoformat()}  {bar}  {numbers}".rstrip()

    def _totals(self) -> Iterator[str]:
        totals = self.by_rule.most_common()
        width = max((len(rule) for rule, _ in totals), default=0)
        for rule, count in totals:
            yield f"{rule:<{width}}  {count:>5}  ({_per_week(count, self.weeks)} per week)"
        if lapsed := sum(week.lapsed for week in self.weeks):
            yield f"came too late and were left out: {lapsed}"
        for rule, days in self.braked.items():
            yield f"{rule}: stopped by its brake on {days} day{'s' if days > 1 else ''}"


def _per_week(count: int, weeks: Sequence[Week]) -> str:
    return f"{count / len(weeks):.1f}"


def backtest(
    ruleset: RuleSet,
    days: Iterable[date],
    facts_on: Callable[[date], pl.DataFrame],
    planner: Planner,
    assumes: str = "",
) -> Backtest:
    """Judge and plan each of ``days`` (in order) on the facts as they stood on that day.

    ``facts_on`` gives the frame of ``PersonFacts`` as of a day; ``planner`` is ``Replay`` or the like, and
    ``assumes`` says in a sentence what its user does.
    """
    created: dict[date, Counter[str]] = {}
    waiting: dict[date, set[tuple[str, str]]] = {}
    lapsed: Counter[date] = Counter()
    braked: Counter[str] = Counter()
    for day in days:
        judgement = judge(ruleset, facts_on(day), day)
        done = planner(judgement)
        monday = day - timedelta(days=day.weekday())
        created.setdefault(monday, Counter()).update(item.rule for item in done.create)
        waiting.setdefault(monday, set()).update((item.person_id, item.rule) for item in done.deferred)
        lapsed[monday] += len(done.lapsed)
        braked.update(judgement.braked.keys())
    weeks = (
        Week(monday, counts, len(waiting[monday]), lapsed[monday])
        for monday, counts in sorted(created.items())
    )
    return Backtest(tuple(weeks), braked, assumes)


def each_day(first: date, last: date) -> Iterator[date]:
    """Yield every day from ``first`` to ``last``, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
