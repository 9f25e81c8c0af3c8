"""The report: one self-contained HTML file. Its figures are those of the JSON documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from connectors.base import Me
from flows.pages import brief_lines
from flows.pages.documents.brief import BriefGuest, BriefMeeting
from flows.pages.documents.report import STATES, Part, ReportDocument
from flows.pages.reach_links import Link, ways
from flows.pages.report_of import DAYS, MOST_COLD
from people.days import month_and_year, near_day, short_day, weekday_and_day
from people.extras import installed
from people.phrases import in_days, tier_word
from people.tasks import About, Channel
from people.text import one_line
from people.wording import last_contact

_TEMPLATES = Path(__file__).parent
_WARNINGS = {"only-taking": "only taking", "over-giving": "over-giving", "owe-them": "you owe them"}
_FIRST_COLD = 8
"""How many of those who are going cold are shown before the rest is folded."""
_MOST_REFERRALS = 10
_MOST_GUESTS = 5
"""How many guests of a meeting are shown: ``touchbase brief`` has all of them."""

_NAMES = ("tiers", "balance", "groups", "hours", "money", "funnel")
NOT_DRAWN = "<!-- drawn with the extra report -->"
"""What takes the place of a plot if matplotlib is not installed."""

_BEGIN: dict[Part, tuple[str, str, str]] = {
    "balance": (
        "give and get",
        "record what you do for others, and what they do for you",
        "touchbase log WHO introduction --direction given --other NAME",
    ),
    "groups": ("groups", "declare them in a rule file (docs/mutual-support.md), then", "touchbase groups"),
    "investment": ("hours and money", "name your calendar in touchbase.toml, then", "touchbase doctor"),
    "referrals": (
        "referrals",
        "record which two people you connected",
        "touchbase log WHO referral --direction given --other NAME",
    ),
    "introductions": (
        "introductions",
        "note what people need and offer",
        'touchbase log WHO contact --note "needs: bookkeeping"',
    ),
}
"""How each part is called, how to begin with it, and the command."""


def render(report: ReportDocument, me: Me) -> str:
    """Return the report as HTML."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= _filters(report.today)
    template = environment.get_template("report.html.j2")
    return template.render(
        **dict(report),
        title=f"The network of {one_line(me.name)}",
        today_in_words=f"{weekday_and_day(report.today, report.today)} {report.today.year}",
        todo=_by_due(report),
        agenda=_by_day(report.meetings, report.today),
        cold=report.network.going_cold[:MOST_COLD],
        first_cold=_FIRST_COLD,
        most_guests=_MOST_GUESTS,
        days_ahead=DAYS,
        most_referrals=_MOST_REFERRALS,
        plots=_plots(report),
        states=STATES,
        warnings=_WARNINGS,
        unused=[_BEGIN[part] for part in report.not_used],
        about_of=lambda person: report.people.get(person) or About(),
        guest_about=_about_guest,
        ways=partial(_ways, me.region),
    )


def _filters(today: date) -> dict[str, Callable[..., Any]]:
    return {
        "line": lambda text: one_line(str(text)),
        "first_upper": _first_upper,
        "day": lambda day: short_day(day, today),
        "due": lambda day: _due(day, today),
        "month": month_and_year,
        "days": in_days,
        "tier": tier_word,
        "last_contact": lambda about: _first_upper(last_contact(about, today)),
        "who": brief_lines.who,
        "gist": lambda guest, meeting: brief_lines.gist(guest, max(meeting.day, today)),
        "place": brief_lines.meeting_title,
    }


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _due(day: date, today: date) -> str:
    return f"since {short_day(day, today)}" if day < today else near_day(day, today)


def _by_due(report: ReportDocument) -> dict[str, list[Any]]:
    """The tasks by heading. What is late belongs to today."""
    groups: dict[str, list[Any]] = {"Today": [], f"The next {DAYS} days": [], "Later": []}
    for task in report.tasks:
        ahead = (task.due - report.today).days
        groups["Today" if ahead <= 0 else f"The next {DAYS} days" if ahead <= DAYS else "Later"].append(task)
    return {title: tasks for title, tasks in groups.items() if tasks}


def _by_day(meetings: Sequence[BriefMeeting], today: date) -> dict[str, list[BriefMeeting]]:
    """The meetings by day. One of several whole days that has begun is listed today."""
    days: dict[str, list[BriefMeeting]] = {}
    for meeting in meetings:
        day = max(meeting.day, today)
        days.setdefault(f"{_first_upper(near_day(day, today))}, {short_day(day, today)}", []).append(meeting)
    return days


def _about_guest(guest: BriefGuest) -> About:
    emails = guest.emails or ((guest.email,) if guest.email else ())
    return About(name=guest.name, phones=guest.phones, emails=emails)


def _ways(region: str, about: About, channel: Channel = "any") -> list[Link]:
    return ways(about.phones, about.emails, channel, region)


def _plots(report: ReportDocument) -> Mapping[str, str]:
    """Return the plots by name. They are our own markup, which escapes names, so the template trusts it.

    Without the extra *report* a comment takes the place of each plot; the table beside it says the same.
    """
    wanted = _wanted(report)
    if not installed("report"):
        return dict.fromkeys(_NAMES, "") | dict.fromkeys(wanted, NOT_DRAWN)
    from flows.pages import plots  # noqa: PLC0415 - matplotlib takes a second to import

    return dict.fromkeys(_NAMES, "") | {name: draw(plots) for name, draw in wanted.items()}


def _wanted(report: ReportDocument) -> Mapping[str, Callable[[Any], str]]:
    """The plots that have something to show, each as a function of the module that draws."""
    used = {"balance", "groups"} - {*report.not_used}
    investment, currency = report.groups.investment, report.groups.currency
    order = [group.id for group in report.groups.groups]
    moved = any(person.given or person.received for person in report.balance.people)
    wanted: dict[str, Callable[[Any], str]] = {}
    if report.network.without_contact < report.network.people:
        wanted["tiers"] = lambda plots: plots.tiers(report.network)
    if "balance" in used and moved:
        wanted["balance"] = lambda plots: plots.balances(report.balance.people)
    if "groups" in used:
        wanted["groups"] = lambda plots: plots.groups(report.groups)
    if any(month.spent or month.booked for month in investment.hours.months):
        wanted["hours"] = lambda plots: plots.investment(investment.hours, "hours", "hours", order)
    if any(month.spent or month.booked for month in investment.money.months):
        wanted["money"] = lambda plots: plots.investment(investment.money, "money", currency, order)
    if report.referrals.referrals:
        wanted["funnel"] = lambda plots: plots.funnel(report.referrals.funnel)
    return wanted
