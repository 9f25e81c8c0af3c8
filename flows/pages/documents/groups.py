"""The documents of ``groups`` and ``explain group:ID``: every group's figures and verdict, and the budget."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import polars as pl
from dateutil.relativedelta import relativedelta
from pydantic import Field, JsonValue

from flows.pages.documents.base import Document, Number, number, plain
from flows.pages.documents.rules import ExplanationDocument
from flows.run.facts.support import Support
from people.errors import UserMustAct
from people.facts import groups as groups_frame
from people.text import fold
from people.types import Problem
from rules.engine.judging.judge import Judgement
from rules.engine.judging.reference import matching_alternative
from rules.engine.showing.explain import explain_row

Figure = Literal["hours", "money"]


class Window(Document):
    """The twelve months that the figures cover."""

    after: date = Field(description="The last day before the window.")
    to: date


class Deciding(Document):
    """The rule that decided a verdict, and what it saw."""

    rule: str
    file: str
    line: int
    test_line: int | None = Field(description="The line of the first test that held; null without tests.")
    why: str
    saw: dict[str, JsonValue] = Field(description="By field, the value that the rule tested.")


class GroupMonth(Document):
    """A group's figures in one month."""

    month: str = Field(description="`YYYY-MM`.")
    meetings_attended: Number = 0
    hours: Number = 0
    money: Number = 0
    new_target_members: Number = 0
    business_received: Number = 0


class Group(Document):
    """One declared group over the last twelve months. Figures are sums of lines; see `explain group:ID`."""

    id: str
    name: str | None
    kind: str | None
    members: int
    target_members: int
    new_target_members: int
    new_target_members_6mo: int
    trend: str | None
    meetings_attended: int
    hours: Number
    money: Number
    referrals_given: int
    referrals_received: int
    business_given: Number
    business_received: Number
    balance: Number | None
    cost_per_new_target: Number | None
    months_in: int | None
    months_to_first_business: int | None
    tags: tuple[str, ...]
    verdict: str | None
    because: Deciding | None = Field(description="The rule that decided the verdict.")
    months: tuple[GroupMonth, ...]


class BudgetMonth(Document):
    """What one month cost."""

    month: str = Field(description="`YYYY-MM`.")
    spent: Number
    booked: Number = Field(description="Still to come.")
    state: str = Field(description="`ok`, `warning`, `over` or `no budget`.")


class GroupSpend(Document):
    """What one group cost, by month."""

    group: str | None = Field(description="Null for what belongs to no group.")
    months: dict[str, Number] = Field(description="By month, what was spent.")


class Spend(Document):
    """Hours or money over the last twelve months, against the budget."""

    budget_per_month: Number | None
    months: tuple[BudgetMonth, ...]
    groups: tuple[GroupSpend, ...]


class Investment(Document):
    """Hours and money against the budget."""

    hours: Spend
    money: Spend
    warnings: tuple[Problem, ...]


class GroupsDocument(Document):
    """Every group's figures and verdict, and the budget by month."""

    today: date
    currency: str
    window: Window
    groups: tuple[Group, ...]
    investment: Investment


class GroupLine(Document):
    """One line behind a group's figure."""

    day: date | None
    value: float
    what: str | None
    record: str = Field(description="The meeting, card, journal line or fee.")


class ExplainedGroup(Group):
    """A group with its rules, and the lines behind each figure."""

    rules: ExplanationDocument
    text: str = Field(description="The rules as text.")
    lines: dict[str, tuple[GroupLine, ...]] = Field(description="By figure, the lines that it adds up.")


def groups(support: Support) -> GroupsDocument:
    """Return the document of ``groups``."""
    trend = groups_frame.by_month(support.group_lines, support.today)
    return GroupsDocument(
        today=support.today,
        currency=support.currency,
        window=Window(after=support.today - relativedelta(months=groups_frame.MONTHS), to=support.today),
        groups=tuple(
            _group(support, trend, index, row)
            for index, row in enumerate(support.groups.frame.iter_rows(named=True))
        ),
        investment=investment(support),
    )


def _group(support: Support, trend: pl.DataFrame, index: int, row: Mapping[str, Any]) -> Group:
    because = deciding(support.groups, index, "verdict")
    return Group.filled(row, because=because, months=_months(trend, row["id"]))


def _months(trend: pl.DataFrame, group: str) -> tuple[GroupMonth, ...]:
    months: dict[str, dict[str, Any]] = {}
    for figure, month, value in trend.filter(pl.col("group") == group).drop("group").iter_rows():
        if figure in GroupMonth.model_fields:
            key = month.strftime("%Y-%m")
            months.setdefault(key, {"month": key})[figure] = value
    return tuple(GroupMonth.model_validate(months[key]) for key in sorted(months))


def deciding(judged: Judgement, index: int, key: str) -> Deciding | None:
    """Return the rule that decided ``key`` of one row, and what it saw; None when no rule did."""
    rule = next(
        (r for r in judged.ruleset.of(judged.subject) if key in r.then and judged.masks[r.id][index]), None
    )
    if rule is None:
        return None
    row = judged.frame.row(index, named=True)
    saw = {test.field: plain(row[test.field]) for tests in rule.when for test in tests}
    held = matching_alternative(rule, row, judged.today) or ()
    test_line = held[0].place.line if held else None
    return Deciding.filled(rule.place, rule=rule.id, test_line=test_line, why=rule.why, saw=saw)


def investment(support: Support) -> Investment:
    """Return hours and money of the last twelve months, by month and by group, against the budget."""
    hours, money = _spend(support, "hours"), _spend(support, "money")
    return Investment(hours=hours, money=money, warnings=tuple(support.problems))


def _spend(support: Support, figure: Figure) -> Spend:
    months = support.months(figure)
    return Spend.model_validate(
        {
            "budget_per_month": months[-1].budget,
            "months": [BudgetMonth.filled(one, month=one.month.strftime("%Y-%m")) for one in months],
            "groups": _by_group(support, figure, months[0].month),
        }
    )


def _by_group(support: Support, figure: Figure, first: date) -> tuple[GroupSpend, ...]:
    spent = support.spent.filter(
        (pl.col("figure") == figure) & (pl.col("day") >= first) & (pl.col("state") == "spent")
    )
    rows = (
        spent.group_by("group", pl.col("day").dt.strftime("%Y-%m").alias("month"))
        .agg(pl.col("value").sum())
        .sort("group", "month", nulls_last=True)
    )
    months: dict[str | None, dict[str, Number]] = {}
    for group, month, value in rows.iter_rows():
        months.setdefault(group, {})[month] = number(value)
    return tuple(GroupSpend(group=group, months=by_month) for group, by_month in months.items())


def explained_group(support: Support, group: str) -> ExplainedGroup:
    """Return the document of ``explain group:ID``. Part of the name is enough if no other group has it.

    Raises ``UserMustAct`` when there is no such group.
    """
    ids = support.groups.frame.get_column("id").to_list()
    names = support.groups.frame.get_column("name").to_list()
    matching = [fold(group) in fold(f"{one} {name or ''}") for one, name in zip(ids, names, strict=True)]
    if group not in ids and matching.count(True) != 1:
        raise UserMustAct(
            f"there is no group '{group}'",
            help=f"groups: {', '.join(ids)}" if ids else "declare one under groups: in a rule file",
        )
    index = ids.index(group) if group in ids else matching.index(True)
    group = ids[index]
    row = support.groups.frame.row(index, named=True)
    explained = explain_row(support.groups.ruleset, "group", row, support.today, braked=support.groups.braked)
    trend = groups_frame.by_month(support.group_lines, support.today)
    return ExplainedGroup.filled(
        _group(support, trend, index, row),
        rules=explained,
        text=explained.render(),
        lines=_lines(support, group),
    )


def _lines(support: Support, group: str) -> dict[str, tuple[GroupLine, ...]]:
    """Every line behind a group's figures, by figure and day."""
    own = support.group_lines.filter(pl.col("group") == group).drop("group")
    order = list(dict.fromkeys(own.get_column("figure")))
    rows = own.sort(pl.col("figure").cast(pl.Enum(order)), "day", "record", nulls_last=True)
    lines: dict[str, tuple[GroupLine, ...]] = {}
    for row in rows.iter_rows(named=True):
        line = GroupLine.filled(row, value=round(float(row["value"]), 4))
        lines[row["figure"]] = (*lines.get(row["figure"], ()), line)
    return lines
