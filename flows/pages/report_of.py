"""Gather the report: what is to do, who you meet, who goes cold, and mutual support."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import polars as pl

from flows.pages import brief
from flows.pages.documents.balance import BalanceDocument, balance
from flows.pages.documents.brief import BriefMeeting
from flows.pages.documents.groups import GroupsDocument, groups
from flows.pages.documents.referrals import IntroductionsDocument, ReferralsDocument, introductions, referrals
from flows.pages.documents.report import NetworkDocument, Part, ReportDocument, ReportTask, network
from flows.run.context import Context, clock, context_of
from flows.run.facts.support import Support, support_of
from flows.run.look import look_from
from flows.run.outcome.first_step import first_step_now
from flows.run.rule_versions import load_rules
from flows.settings.model import Settings
from people.facts.about import about_people
from people.planning.model import OPEN
from people.store import Store, follow_ups
from people.tasks import FollowUp
from people.wording import title_with_who, why_in_words

DAYS = 7
"""How many days ahead the report lists."""
MOST_COLD = 60
"""How many of those who are going cold the page lists; the document has all of them."""


def report_of(settings: Settings, store: Store, today: date | None) -> ReportDocument:
    """Return the document of ``report`` as of ``today``, or of the real day. Nothing is written."""
    context = context_of(settings, store, today)
    seen = look_from(context, load_rules(settings))
    support = support_of(context, seen.rules, seen.people, seen.judgement.frame)
    glance, balances, referred = network(support), balance(support), referrals(support)
    suggested, compared = introductions(support), groups(support)
    with store.read() as connection:
        first_step = first_step_now(connection, {source.name for source in settings.sources})
        listed = follow_ups.listed(connection, closed=False)
        short = follow_ups.short_keys(connection, (item.key for item in listed))
    tasks = sorted(
        (item for item in listed if item.status in OPEN), key=lambda item: (item.due, -item.value, item.key)
    )
    ids = {*_named(glance, balances, referred, suggested), *(item.person_id for item in tasks)}
    return ReportDocument(
        today=context.today,
        first_step=first_step,
        tasks=tuple(_task(item, short[item.key], context.today) for item in tasks),
        waiting=sum(item.status == "deferred" for item in listed),
        meetings=tuple(_meetings(context)),
        network=glance,
        balance=balances,
        groups=compared,
        referrals=referred,
        introductions=suggested,
        people=about_people(seen.judgement.frame, seen.people.happened, ids, settings.me.region),
        not_used=tuple(_not_used(support, balances, compared, referred, suggested)),
    )


def _task(item: FollowUp, short_key: str, today: date) -> ReportTask:
    return ReportTask.filled(
        item,
        short_key=short_key,
        title=title_with_who(item),
        why=why_in_words(item, today),
        moved=item.status == "snoozed",
    )


def _meetings(context: Context) -> Iterator[BriefMeeting]:
    """The meetings of the days ahead, each once: one of several whole days covers more than one."""
    # Of another day than the real one, nobody can say what is over.
    now = context.moment if context.today == clock(context.settings, None)[0] else None
    days = [context.today + timedelta(days=ahead) for ahead in range(DAYS + 1)]
    seen: set[str] = set()
    for document in brief.of_days(context, days, now):
        yield from (one for one in document.meetings if one.record not in seen)
        seen |= {one.record for one in document.meetings}


def _named(
    glance: NetworkDocument,
    balances: BalanceDocument,
    referred: ReferralsDocument,
    suggested: IntroductionsDocument,
) -> set[str]:
    """The ids of the people that the page names."""
    people = {one.person_id for one in glance.going_cold[:MOST_COLD]}
    people |= {one.person_id for one in balances.people}
    people |= {one for pair in suggested.introductions for one in (pair.needs_id, pair.offers_id)}
    people |= {one for row in referred.referrals for one in (row.person_id, row.other_id) if one}
    return people


def _not_used(
    support: Support,
    balances: BalanceDocument,
    compared: GroupsDocument,
    referred: ReferralsDocument,
    suggested: IntroductionsDocument,
) -> Iterator[Part]:
    """The parts that have nothing to show, and that nothing feeds yet."""
    spent = compared.investment
    moved = [one.given or one.received for one in balances.people]
    if not any([*moved, *(one.given or one.received for one in balances.groups)]):
        yield "balance"
    if not compared.groups:
        yield "groups"
    if not any(month.spent or month.booked for month in (*spent.hours.months, *spent.money.months)):
        yield "investment"
    if not referred.referrals and not referred.mentions:
        yield "referrals"
    wants = (pl.col("needs").list.len() + pl.col("offers").list.len()).sum()
    if not suggested.introductions and not support.persons.select(wants).item():
        yield "introductions"
