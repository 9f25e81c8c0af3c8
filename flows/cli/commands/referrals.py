"""``touchbase referrals``: who was joined with whom, and how it ended."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from flows.cli.console import config_option, json_option, print_json, table, today_option
from flows.run.context import network


@click.command(epilog="Example: touchbase referrals --open")
@config_option
@today_option
@click.option("--open", "only_open", is_flag=True, help="Only those that are neither won nor lost.")
@json_option
def referrals(config: Path, today: date | None, *, only_open: bool, as_json: bool) -> int:
    """Show each referral: who for whom, how far it came, and its value."""
    from flows.pages import documents  # noqa: PLC0415 - not needed for --help
    from flows.run.look import support_now  # noqa: PLC0415

    with network(config) as (settings, store):
        document = documents.referrals(support_now(settings, store, today))
    if only_open:
        document["referrals"] = [r for r in document["referrals"] if r["status"] not in ("won", "lost")]
    if as_json:
        print_json(document)
    elif not document["referrals"]:
        click.echo("No referral yet. Note one: touchbase log WHO referral --direction given --other WHOM")
    else:
        click.echo(_shown(document))
    return 0


def _shown(document: dict[str, Any]) -> str:
    rows = [
        (
            one["made_on"], one["direction"] or "", one["person"], one["other"] or "", one["status"],
            "waits for a word" if one["waits"] else "", "" if one["value"] is None else one["value"],
            one["note"] or "",
        )
        for one in document["referrals"]
    ]  # fmt: skip
    headers = ("made", "", "person", "with", "status", "", document["currency"], "about")
    lines = [table(headers, rows), ""]
    for way, funnel in document["funnel"].items():
        lines.append(
            f"{way}: {funnel['introduced']} introduced, {funnel['met']} met, {funnel['won']} won "
            f"({funnel['value']} {document['currency']}), {funnel['lost']} lost, {funnel['waiting']} waiting"
        )
    if document["mentions"]:
        lines.append(f"Word of mouth, kept apart: {len(document['mentions'])} mentions (--json lists them)")
    return "\n".join(lines)
