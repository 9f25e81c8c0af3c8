"""``touchbase groups``: which group is worth its hours and fees."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from flows.cli.console import judging_options, show
from flows.cli.table import table
from flows.pages.documents.groups import Group, GroupsDocument, Investment
from flows.pages.documents.groups import groups as groups_document
from flows.run.look import support_at

_HEADERS = (
    "group", "verdict", "members", "targets", "new", "meetings", "hours", "{currency}", "referrals in/out",
    "business", "a new target costs", "first business",
)  # fmt: skip


@click.command(epilog="Example: touchbase groups   then: touchbase explain group:bni-central")
@judging_options
def groups(config: Path, today: date | None, *, as_json: bool) -> int:
    """Compare your groups: cost, target people, business, and the rules' verdict."""
    document = groups_document(support_at(config, today))
    return show(document, lambda: "\n".join(_lines(document)), as_json=as_json)


def _lines(document: GroupsDocument) -> Iterator[str]:
    """A table of groups, the reason for each verdict, and this month's budget."""
    if not document.groups:
        yield "No group is declared yet. Declare yours under groups: in a rule file (docs/mutual-support.md)."
        return
    headers = [header.format(currency=document.currency) for header in _HEADERS]
    yield table(headers, map(_row, document.groups))
    yield ""
    for group in document.groups:
        yield from _reason(group)
    yield ""
    yield from _budget(document.investment, document.currency)
    window = document.window
    yield f"Figures of {window.after} to {window.to}. The lines behind them: touchbase explain group:ID"


def _row(one: Group) -> tuple[object, ...]:
    return (
        one.id, one.verdict, one.members, one.target_members, one.new_target_members,
        one.meetings_attended, one.hours, one.money, f"{one.referrals_received}/{one.referrals_given}",
        one.business_received,
        "none" if one.cost_per_new_target is None else one.cost_per_new_target,
        "none yet" if one.months_to_first_business is None
        else f"after {one.months_to_first_business} months",
    )  # fmt: skip


def _reason(group: Group) -> Iterator[str]:
    because = group.because
    if because is None:
        return
    saw = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in because.saw.items())
    yield f"{group.id}: {group.verdict}, {because.rule} ({because.file}:{because.line})"
    yield f"    {because.why or 'no reason given'}{f' Here: {saw}.' if saw else ''}"


def _budget(investment: Investment, currency: str) -> Iterator[str]:
    for spend, unit in ((investment.hours, "hours"), (investment.money, currency)):
        month, budget = spend.months[-1], spend.budget_per_month
        limit = f" of {budget}" if budget is not None else ""
        mark = click.style(f"  {month.state}", fg="yellow") if month.state in ("over", "warning") else ""
        yield f"{month.month}: {month.spent}{limit} {unit} spent, {month.booked} to come{mark}"
