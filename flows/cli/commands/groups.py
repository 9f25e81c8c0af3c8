"""``touchbase groups``: which group is worth its hours and fees."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from flows.cli.console import config_option, json_option, print_json, table, today_option
from flows.run.context import network


@click.command(epilog="Example: touchbase groups   then: touchbase explain group:bni-central")
@config_option
@today_option
@json_option
def groups(config: Path, today: date | None, *, as_json: bool) -> int:
    """Compare your groups: cost, pool of target people, business, and the rules' verdict."""
    from flows.pages import documents  # noqa: PLC0415 - not needed for --help
    from flows.run.look import support_now  # noqa: PLC0415

    with network(config) as (settings, store):
        document = documents.groups(support_now(settings, store, today))
    if as_json:
        print_json(document)
    elif not document["groups"]:
        click.echo(
            "No group is declared. Declare yours under groups: in a rule file (docs/mutual-support.md)."
        )
    else:
        click.echo(shown(document))
    return 0


def shown(document: dict[str, Any]) -> str:
    """The document for a person: a table of groups, why each verdict, and this month's budget."""
    money = document["currency"]
    headers = (
        "group", "verdict", "members", "targets", "new", "meetings", "hours", money, "referrals in/out",
        "business", "a new target costs", "first business",
    )  # fmt: skip
    rows = [
        (
            one["id"], one["verdict"] or "", one["members"], one["target_members"], one["new_target_members"],
            one["meetings_attended"], one["hours"], one["money"],
            f"{one['referrals_received']}/{one['referrals_given']}", one["business_received"],
            "none" if one["cost_per_new_target"] is None else one["cost_per_new_target"],
            "none yet" if one["months_to_first_business"] is None
            else f"after {one['months_to_first_business']} months",
        )
        for one in document["groups"]
    ]  # fmt: skip
    lines = [table(headers, rows), ""]
    for one in document["groups"]:
        because = one["because"]
        if because:
            saw = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in because["saw"].items())
            lines.append(
                f"{one['id']}: {one['verdict']}, {because['rule']} ({because['file']}:{because['line']})"
            )
            lines.append(f"    {because['why'] or 'no reason given'}{f' Here: {saw}.' if saw else ''}")
    lines += ["", *_budget(document["investment"], money)]
    window = document["window"]
    lines.append(
        f"Figures of {window['after']} to {window['to']}; the lines behind them: touchbase explain group:ID"
    )
    return "\n".join(lines)


def _budget(investment: dict[str, Any], currency: str) -> list[str]:
    found = []
    for figure in ("hours", "money"):
        month = investment[figure]["months"][-1]
        unit = "hours" if figure == "hours" else currency
        budget = investment[figure]["budget_per_month"]
        against = f" of {budget}" if budget is not None else ""
        mark = (
            click.style(f"  {month['state']}", fg="yellow") if month["state"] in ("over", "warning") else ""
        )
        found.append(
            f"{month['month']}: {month['spent']}{against} {unit} spent, {month['booked']} to come{mark}"
        )
    return found
