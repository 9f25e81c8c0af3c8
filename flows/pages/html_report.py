"""The report: one self-contained HTML file. Its figures are those of the JSON documents."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flows.pages.documents.report import ReportDocument, State
from people.text import one_line

_TEMPLATES = Path(__file__).parent
_WARNINGS = {"only-taking": "only taking", "over-giving": "over-giving", "owe-them": "you owe them"}


def render(report: ReportDocument, *, name: str) -> str:
    """Return the report as HTML. ``name`` is the user's."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["line"] = lambda text: one_line(str(text))
    environment.filters["first_upper"] = lambda text: text[:1].upper() + text[1:]
    template = environment.get_template("report.html.j2")
    return template.render(
        **dict(report),
        title=f"The network of {one_line(name)}",
        day=_long(report.today),
        plots=_plots(report),
        states=get_args(State),
        warnings=_WARNINGS,
    )


def _long(day: date) -> str:
    """Return the day as ``Wednesday, 14 January 2026``."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def _plots(report: ReportDocument) -> dict[str, str]:
    """Return the plots by name. They are our own markup, which escapes names, so the template trusts it."""
    from flows.pages import plots  # noqa: PLC0415 - matplotlib takes a second to import

    investment, currency = report.groups.investment, report.groups.currency
    order = [group.id for group in report.groups.groups]
    moved = any(person.given or person.received for person in report.balance.people)
    return {
        "tiers": plots.tiers(report.network),
        "balance": plots.balances(report.balance.people) if moved else "",
        "groups": plots.groups(report.groups) if report.groups.groups else "",
        "hours": plots.investment(investment.hours, "hours", "hours", order),
        "money": plots.investment(investment.money, "money", currency, order),
        "funnel": plots.funnel(report.referrals.funnel),
    }
