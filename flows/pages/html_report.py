"""The report: one HTML file that needs nothing else. Its figures are those of the JSON documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flows.pages import documents, plots
from flows.run.facts.support import Support
from people.text import one_line

_TEMPLATES = Path(__file__).parent
_WARNINGS = {"only-taking": "only taking", "over-giving": "over-giving", "owe-them": "you owe them"}


def document(support: Support) -> dict[str, Any]:
    """The document of ``report --json``: those of the single commands, and the network at a glance."""
    return {
        "today": support.today.isoformat(),
        "network": documents.glance(support),
        "balance": documents.balance(support),
        "groups": documents.groups(support),
        "referrals": documents.referrals(support),
        "introductions": documents.introductions(support),
    }


def render(report: dict[str, Any], *, name: str, day: str) -> str:
    """The document as HTML. ``name`` is the user's, ``day`` how the day is written."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["line"] = lambda text: one_line(str(text))
    environment.filters["first_upper"] = lambda text: text[:1].upper() + text[1:]
    template = environment.get_template("report.html.j2")
    return template.render(
        **report,
        title=f"The network of {one_line(name)}",
        day=day,
        plots=_plots(report),
        states=documents.STATES,
        warnings=_WARNINGS,
    )


def _plots(report: dict[str, Any]) -> dict[str, str]:
    """The plots by name: markup of our own, which the template takes as it is; names are escaped in it."""
    investment, currency = report["groups"]["investment"], report["groups"]["currency"]
    order = [one["id"] for one in report["groups"]["groups"]]
    moved = any(one["given"] or one["received"] for one in report["balance"]["people"])
    return {
        "tiers": plots.tiers(report["network"]),
        "balance": plots.balances(report["balance"]["people"]) if moved else "",
        "groups": plots.groups(report["groups"]) if report["groups"]["groups"] else "",
        "hours": plots.investment(investment, "hours", "hours", order),
        "money": plots.investment(investment, "money", currency, order),
        "funnel": plots.funnel(report["referrals"]),
    }
