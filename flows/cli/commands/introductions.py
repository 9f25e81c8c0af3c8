"""``touchbase introductions``: who should meet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from flows.cli.console import config_option, judging_options, show, today_option
from flows.cli.table import fitting, wrapped
from flows.pages.documents.referrals import IntroductionsDocument
from flows.pages.documents.referrals import introductions as introductions_document
from flows.run.context import clock, network
from flows.run.facts.support import Support
from flows.run.look import support_at, support_now
from people.errors import UserMustAct
from people.facts.introductions import introduction_key
from people.store import dismissals


@click.group(
    invoke_without_command=True,
    epilog="Example: touchbase introductions   then: touchbase introductions dismiss 3f9a1c20b7",
)
@judging_options
@click.pass_context
def introductions(ctx: click.Context, config: Path, today: date | None, *, as_json: bool) -> int:
    """Suggest who should meet this week, and say why."""
    if ctx.invoked_subcommand is not None:
        return 0
    document = introductions_document(support_at(config, today))
    return show(document, lambda: "\n".join(_lines(document)), as_json=as_json)


def _lines(document: IntroductionsDocument) -> Iterator[str]:
    if not document.introductions:
        yield "There is nobody to introduce this week."
    for one in document.introductions:
        yield click.style(fitting(f"{one.needs} and {one.offers}  ({one.key})"), bold=True)
        yield wrapped(f"{one.reason}.", "    ")
    if document.waiting:
        yield wrapped(f"{document.waiting} more wait: at most {document.per_week} are suggested per week.")
    if document.introductions:
        yield wrapped("Introduced them? touchbase log WHO introduction --direction given --other WHO")
        yield wrapped("Never suggest it again: touchbase introductions dismiss KEY")


@introductions.command(epilog="Example: touchbase introductions dismiss 3f9a1c20b7")
@click.argument("key", metavar="KEY")
@config_option
@today_option
@click.option("--undo", is_flag=True, help="Suggest the pair again.")
def dismiss(key: str, config: Path, today: date | None, *, undo: bool) -> int:
    """Never suggest introduction KEY again."""
    with network(config) as (settings, store):
        with store.read() as connection:
            dismissed = {introduction_key(*pair): pair for pair in dismissals.listed(connection)}
        support = None if undo else support_now(settings, store, today)
        pair = dismissed.get(key) or _suggested(support, key)
        if pair is None:
            raise UserMustAct(
                f"there is no introduction '{key}'", help="see the keys: touchbase introductions"
            )
        with store.begin() as connection:
            if undo:
                dismissals.remove(connection, *pair)
            else:
                dismissals.put(connection, *pair, clock(settings, today)[0])
    click.echo("Touchbase may suggest it again." if undo else "Touchbase does not suggest it again.")
    return 0


def _suggested(support: Support | None, key: str) -> tuple[str, str] | None:
    pairs = (one for one in (support.suggestions if support else ()) if one.key == key)
    return next(((one.needs_id, one.offers_id) for one in pairs), None)
