"""The figures of mutual support as tables of few, short columns, for the Prefect UI."""

from __future__ import annotations

from flows.pages.documents.balance import BalanceDocument, balance
from flows.pages.documents.groups import GroupsDocument, groups
from flows.pages.documents.referrals import (
    IntroductionsDocument,
    introductions,
    referrals,
)
from flows.pages.documents.report import NetworkDocument, network
from flows.run.facts.support import Support

Rows = list[dict[str, object]]


def tables(support: Support) -> dict[str, tuple[str, Rows]]:
    """Return by artifact key the title and the rows. The figures are those of the JSON documents."""
    by_group = groups(support)
    title = f"Groups, the last twelve months, money in {by_group.currency}"
    return {
        "groups": (title, _groups(by_group)),
        "balance": ("Given and received, the most one-sided first", _balance(balance(support))),
        "referrals": (
            "Referrals: how far they came",
            [{"way": way, **one.model_dump()} for way, one in referrals(support).funnel],
        ),
        "investment": ("Hours and money by month against the budget", _investment(by_group)),
        "introductions": ("The next introductions", _introductions(introductions(support))),
        "network": ("The network at a glance", _network(network(support))),
    }


def _groups(document: GroupsDocument) -> Rows:
    return [
        {
            "group": group.name or group.id,
            "verdict": group.verdict or "",
            "targets": f"{group.target_members} of {group.members}",
            "hours": group.hours,
            "cost": group.money,
            "business": group.business_received,
            "referrals in / out": f"{group.referrals_received} / {group.referrals_given}",
        }
        for group in document.groups
    ]


def _balance(document: BalanceDocument) -> Rows:
    return [
        {
            "person": person.person,
            "gave": person.given,
            "got": person.received,
            "balance": person.balance,
            "warning": person.warning or "",
        }
        for person in document.people
    ]


def _investment(document: GroupsDocument) -> Rows:
    investment = document.investment
    return [
        {
            "month": hours.month,
            "hours": hours.spent,
            "hours booked": hours.booked,
            "money": money.spent,
            "money booked": money.booked,
            "state": f"{hours.state} / {money.state}",
        }
        for hours, money in zip(investment.hours.months, investment.money.months, strict=True)
    ]


def _network(document: NetworkDocument) -> Rows:
    return [
        {
            "tier": tier.tier,
            "in touch": tier.fresh,
            "soon": tier.due,
            "going cold": tier.stale,
            "no aim, or never in contact": tier.no_clock,
        }
        for tier in document.tiers
    ]


def _introductions(document: IntroductionsDocument) -> Rows:
    return [{"who": f"{one.needs} and {one.offers}", "why": one.reason} for one in document.introductions]
