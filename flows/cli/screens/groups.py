"""The screens of ``touchbase groups`` and ``explain group:ID``: verdict, cost, business, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from math import floor

import click
from pydantic import JsonValue

from flows.cli.console import plural
from flows.cli.long_text import folded
from flows.cli.money import money
from flows.cli.screens.reasons import place
from flows.cli.table import Column, table, wrapped
from flows.pages.documents.groups import (
    BudgetMonth,
    Deciding,
    ExplainedGroup,
    Group,
    GroupLine,
    GroupsDocument,
    Spend,
)
from people.days import short_day

_WHOLE = 40
"""Wide enough that a cell is never shortened."""
_COLUMNS = (
    Column(least=_WHOLE),
    Column(least=18),
    Column(least=_WHOLE, right=True),
    Column(least=_WHOLE, right=True, drop=1),
    Column(least=_WHOLE),
    Column(least=_WHOLE),
    Column(least=_WHOLE, drop=3),
    Column(least=_WHOLE, drop=4),
    Column(least=_WHOLE, drop=2),
)
"""Verdict, name, money, hours, targets, business; then new targets, referrals and the id if there is room."""
_VERDICTS = ("leave", "watch", "keep")
_INDENT = " " * 7
_MONEY = {"money", "business_given", "business_received", "cost_per_new_target"}
_WORDS = {
    "meetings_attended": "meetings",
    "target_members": "targets",
    "new_target_members": "new targets",
    "new_target_members_6mo": "new targets in six months",
    "months_in": "months",
    "months_to_first_business": "months to the first business",
    "business_received": "business",
    "cost_per_new_target": "cost of a new target",
    "given": "given, by the weights of the rules",
    "received": "received, by the weights of the rules",
}
_LINES = (Column("day"), Column("counts", right=True), Column("what", least=20), Column("where", drop=1))


def listing(document: GroupsDocument, folder: str) -> Iterator[str]:
    """Yield the groups, those to leave first, each with why; then what this month cost."""
    if not document.groups:
        yield wrapped(
            "No group is declared yet. Declare yours under groups: in a rule file (docs/mutual-support.md)."
        )
        return
    shown = sorted(document.groups, key=_order)
    rows = table(_COLUMNS, [_row(one, document.currency) for one in shown]).split("\n")
    for row, one in zip(rows, shown, strict=True):
        yield row
        if one.because:
            yield wrapped(_why(one.because, document.currency, folder), _INDENT)
    yield ""
    yield from _budget(document.investment.hours, "")
    yield from _budget(document.investment.money, document.currency)
    since = short_day(document.window.after, document.window.to)
    yield wrapped(f"Figures since {since}. Every line behind them: touchbase explain group:{shown[0].id}")


def one(group: ExplainedGroup, currency: str, folder: str, today: date, *, trace: bool) -> Iterator[str]:
    """Yield a group's verdict and every line behind its figures; with ``trace`` the tests of each rule."""
    kind = f" · {group.kind}" if group.kind else ""
    yield click.style(wrapped(f"{group.name or group.id}{kind}"), bold=True)
    if group.because:
        verdict = f"{(group.verdict or '').capitalize()}: "
        yield wrapped(verdict + _why(group.because, currency, folder))
    else:
        yield "No rule gives a verdict."
    if group.tags:
        yield wrapped(f"Tags: {', '.join(group.tags)}")
    yield wrapped(f"{_first_business(group)} {_cost(group, currency)}")
    if trace:
        yield f"\n{folded(group.text)}"
    for figure, lines in group.lines.items():
        yield from _lines(figure, lines, currency, today)
    if not trace:
        yield "\nEvery test of each rule: add --rules"


def _order(group: Group) -> tuple[int, float, str]:
    known = group.verdict in _VERDICTS
    return (_VERDICTS.index(group.verdict) if known else len(_VERDICTS)), -group.money, group.id


def _row(one: Group, currency: str) -> tuple[str, ...]:
    return (
        one.verdict or "-",
        one.name or one.id,
        money(one.money, currency),
        f"{floor(one.hours + 0.5)} h",
        f"{plural(one.target_members, 'target')} of {one.members}",
        money(one.business_received, currency) if one.business_received else "no business",
        _new(one, currency),
        f"referrals {one.referrals_received} in, {one.referrals_given} out",
        one.id,
    )


def _new(one: Group, currency: str) -> str:
    if one.cost_per_new_target is None:
        return "nobody new"
    return f"{one.new_target_members} new, {money(one.cost_per_new_target, currency)} each"


def _why(because: Deciding, currency: str, folder: str) -> str:
    why = because.why.strip() or f"The rule {because.rule} says so."
    saw = ", ".join(_saw(because.saw, currency))
    line = because.line if because.test_line is None else because.test_line
    return f"{why.removesuffix('.')}{f' ({saw})' if saw else ''}. {place(because.file, line, folder)}"


def _saw(saw: Mapping[str, JsonValue], currency: str) -> Iterable[str]:
    for field, value in saw.items():
        shown = money(value, currency) if field in _MONEY and isinstance(value, int | float) else value
        yield f"{_word(field)} {'none' if shown is None else shown}"


def _word(field: str) -> str:
    return _WORDS.get(field, field.replace("_", " "))


def _budget(spend: Spend, currency: str) -> Iterator[str]:
    """Yield what a month cost: ``This month: £75 of £150, £95 booked: £20 over your budget``."""
    month, budget = spend.months[-1], spend.budget_per_month
    limit = "" if budget is None else f" of {_amount(budget, currency)}"
    booked = f", {_amount(month.booked, currency)} booked" if month.booked else ""
    text = f"This month: {_amount(month.spent, currency)}{limit}{booked}"
    over = _over(month, budget)
    warning = f": {_amount(over, currency)} over your budget" if over else ""
    yield click.style(wrapped(f"{text}{warning}."), fg="yellow" if over else None)


def _over(month: BudgetMonth, budget: float | None) -> float:
    return 0 if budget is None else max(0, round(month.spent + month.booked - budget, 2))


def _amount(value: float, currency: str) -> str:
    return money(value, currency) if currency else f"{value:g} h"


def _first_business(group: Group) -> str:
    months = group.months_to_first_business
    if months is None:
        return "It brought no business yet."
    return f"The first business came after {plural(months, 'month')}."


def _cost(group: Group, currency: str) -> str:
    if group.cost_per_new_target is None:
        return "You met no new target people there in a year."
    cost = money(group.cost_per_new_target, currency)
    return f"A new target person cost {cost}: the money divided by {group.new_target_members}."


def _lines(figure: str, lines: tuple[GroupLine, ...], currency: str, today: date) -> Iterator[str]:
    total = sum(line.value for line in lines)
    shown = money(round(total, 2), currency) if figure in _MONEY else f"{round(total, 2):g}"
    yield click.style(f"\n{_word(figure).capitalize()}: {shown}", bold=True)
    rows = [
        (short_day(line.day, today) if line.day else "", f"{line.value:g}", line.what, line.record)
        for line in lines
    ]
    yield table(_LINES, rows, indent="  ")
