"""``touchbase balance``: who gives and who gets, by person and by group."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from flows.cli.console import config_option, json_option, print_json, table, today_option
from flows.run.context import network


@click.command(epilog="Example: touchbase balance rhys   (every line behind his balance)")
@click.argument("who", default="", metavar="[WHO]")
@config_option
@today_option
@json_option
def balance(who: str, config: Path, today: date | None, *, as_json: bool) -> int:
    """Show what you gave and got in the last year; WHO narrows it to names that hold the words."""
    from flows.pages import documents  # noqa: PLC0415 - not needed for --help
    from flows.run.look import support_now  # noqa: PLC0415
    from people.text import fold  # noqa: PLC0415

    with network(config) as (settings, store):
        document = documents.balance(support_now(settings, store, today))
    words = fold(who).split()
    document["people"] = [
        one
        for one in document["people"]
        if all(word in fold(f"{one['person']} {one['person_id']}") for word in words)
    ]
    if as_json:
        print_json(document)
    elif not document["people"]:
        click.echo("Nothing is in the ledger yet. Add a line: touchbase log WHO KIND --direction given")
    else:
        click.echo(_shown(document, detailed=bool(words)))
    return 0


def _shown(document: dict[str, Any], *, detailed: bool) -> str:
    headers = ("person", "given", "received", "balance", "referrals out/in", "warning")
    rows = [
        (
            one["person"], one["given"], one["received"], f"{one['balance']:+}",
            f"{one['referrals_given']}/{one['referrals_received']}", one["warning"] or "",
        )
        for one in document["people"]
    ]  # fmt: skip
    lines = [table(headers, rows)]
    if document["groups"] and not detailed:
        by_group = [(g["group"], g["given"], g["received"], f"{g['balance']:+}") for g in document["groups"]]
        lines += ["", table(("group", "given", "received", "balance"), by_group)]
    if detailed:
        lines += ["", *_details(document["people"])]
    return "\n".join(lines)


def _details(people: list[dict[str, Any]]) -> list[str]:
    rows = [
        (
            one["person"], line["date"], line["kind"], line["direction"] or "",
            "news" if line["news"] else line["weight"], line["group"] or "", line["note"] or "",
            line["place"],
        )
        for one in people
        for line in one["lines"]
    ]  # fmt: skip
    headers = ("person", "date", "kind", "direction", "weight", "group", "note", "line")
    return [table(headers, rows)]
