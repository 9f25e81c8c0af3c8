"""``touchbase referrals``: the two people of each, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from flows.cli.console import config_option, json_option, plural, show, today_option
from flows.cli.money import money
from flows.cli.table import Column, table, wrapped
from flows.pages.documents.referrals import Referral, ReferralsDocument
from flows.pages.documents.referrals import referrals as referrals_document
from flows.run.look import support_at
from people.days import short_day

_COLUMNS = (
    Column("", least=12),
    Column("with", least=12),
    Column("", least=8),
    Column("made", least=11),
    Column("status", least=14),
    Column("value", least=8, right=True),
    Column("about", least=16, drop=1),
)
_WAYS = {"given": "gave", "received": "received"}


@click.command(epilog="Example: touchbase referrals --open")
@config_option
@today_option
@click.option("--open", "only_open", is_flag=True, help="Only those that are neither won nor lost.")
@json_option
def referrals(config: Path, today: date | None, *, only_open: bool, as_json: bool) -> int:
    """Show each referral: the two people, how far it came, and its value."""
    document = referrals_document(support_at(config, today))
    if only_open:
        still_open = tuple(one for one in document.referrals if one.status not in ("won", "lost"))
        document = document.model_copy(update={"referrals": still_open})
    return show(document, lambda: "\n".join(_lines(document)), as_json=as_json)


def _lines(document: ReferralsDocument) -> Iterator[str]:
    if not document.referrals:
        yield wrapped(
            "There is no referral yet. Record one: touchbase log WHO referral --direction given --other WHO"
        )
        return
    yield table(_COLUMNS, [_row(one, document) for one in document.referrals])
    yield ""
    for way, funnel in document.funnel:
        if not funnel.introduced:
            continue
        won = f" ({money(funnel.value, document.currency)})" if funnel.value else ""
        steps = [
            f"{funnel.met} met",
            f"{funnel.won} brought business{won}",
            f"{funnel.lost} came to nothing",
            *([f"{plural(funnel.waiting, 'waits', 'wait')} for news"] if funnel.waiting else []),
        ]
        yield wrapped(f"You {_WAYS[way]} {funnel.introduced}: {', '.join(steps)}.")
    if document.mentions:
        count = len(document.mentions)
        yield wrapped(f"Besides, {plural(count, 'mention')} without an introduction (--json lists them).")


def _row(one: Referral, document: ReferralsDocument) -> tuple[object, ...]:
    made = short_day(one.made_on, document.today)
    status = "waits for news" if one.waits else one.status
    value = "" if one.value is None else money(one.value, document.currency)
    return one.person, one.other, one.direction, made, status, value, one.note
