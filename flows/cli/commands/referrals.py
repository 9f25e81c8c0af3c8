"""``touchbase referrals``: the two people of each, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from flows.cli.console import config_option, json_option, show, today_option
from flows.cli.table import table
from flows.pages.documents.referrals import ReferralsDocument
from flows.pages.documents.referrals import referrals as referrals_document
from flows.run.look import support_at


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
        yield "There is no referral yet. Record one: touchbase log WHO referral --direction given --other WHO"
        return
    rows = [
        (
            one.made_on, one.direction, one.person, one.other, one.status,
            "waits for news from you" if one.waits else "", one.value, one.note,
        )
        for one in document.referrals
    ]  # fmt: skip
    yield table(("made", "", "person", "with", "status", "", document.currency, "about"), rows)
    yield ""
    for way, funnel in document.funnel:
        yield (
            f"{way}: {funnel.introduced} introduced, {funnel.met} met, {funnel.won} won "
            f"({funnel.value} {document.currency}), {funnel.lost} lost, {funnel.waiting} waiting"
        )
    if document.mentions:
        yield f"Mentions, which are not referrals: {len(document.mentions)} (--json lists them)"
