"""The figures of mutual support as tables of few, short columns, for the Prefect UI."""

from __future__ import annotations

from typing import Any

from flows.pages import documents
from flows.run.facts.support import Support
from people.text import one_line

Rows = list[dict[str, object]]


def tables(support: Support) -> dict[str, tuple[str, Rows]]:
    """By artifact key the title and the rows; the same figures as the JSON documents."""
    groups = documents.groups(support)
    referrals = documents.referrals(support)
    return {
        "groups": (f"Groups, the last twelve months, money in {groups['currency']}", _groups(groups)),
        "balance": ("Give and get, the most one-sided first", _balance(support)),
        "referrals": ("Referrals: how far they came", _referrals(referrals)),
        "investment": ("Hours and money by month against the budget", _investment(groups)),
        "introductions": ("The next introductions", _introductions(support)),
        "network": ("The network at a glance", list(documents.glance(support)["tiers"])),
    }


def _groups(document: dict[str, Any]) -> Rows:
    return [
        {
            "group": one_line(one["name"]),
            "verdict": one["verdict"] or "",
            "targets": f"{one['target_members']} of {one['members']}",
            "hours": one["hours"],
            "cost": one["money"],
            "business": one["business_received"],
            "referrals in / out": f"{one['referrals_received']} / {one['referrals_given']}",
        }
        for one in document["groups"]
    ]


def _balance(support: Support) -> Rows:
    return [
        {
            "person": one_line(one["person"]),
            "gave": one["given"],
            "got": one["received"],
            "balance": one["balance"],
            "warning": one["warning"] or "",
        }
        for one in documents.balance(support)["people"]
    ]


def _referrals(document: dict[str, Any]) -> Rows:
    return [{"way": way, **counts} for way, counts in document["funnel"].items()]


def _investment(document: dict[str, Any]) -> Rows:
    investment = document["investment"]
    months = zip(investment["hours"]["months"], investment["money"]["months"], strict=True)
    return [
        {
            "month": hours["month"],
            "hours": hours["spent"],
            "hours booked": hours["booked"],
            "money": money["spent"],
            "money booked": money["booked"],
            "state": " / ".join((hours["state"], money["state"])),
        }
        for hours, money in months
    ]


def _introductions(support: Support) -> Rows:
    return [
        {"who": one_line(f"{one['needs']} and {one['offers']}"), "why": one_line(one["reason"])}
        for one in documents.introductions(support)["introductions"]
    ]
