"""``touchbase introductions``: who should meet whom."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.console import config_option, json_option, print_json, today_option
from flows.run.context import clock, network

if TYPE_CHECKING:
    from flows.run.facts.support import Support


@click.group(
    invoke_without_command=True,
    epilog="Example: touchbase introductions   then: touchbase introductions dismiss 3f9a1c20b7",
)
@config_option
@today_option
@json_option
@click.pass_context
def introductions(ctx: click.Context, config: Path, today: date | None, *, as_json: bool) -> int:
    """Suggest who should meet whom this week, each with its reason."""
    if ctx.invoked_subcommand is not None:
        return 0
    from flows.pages import documents  # noqa: PLC0415 - not needed for --help
    from flows.run.look import support_now  # noqa: PLC0415
    from people.text import for_terminal  # noqa: PLC0415

    with network(config) as (settings, store):
        document = documents.introductions(support_now(settings, store, today))
    if as_json:
        print_json(document)
        return 0
    if not document["introductions"]:
        click.echo("No introduction to suggest this week.")
    for one in document["introductions"]:
        names = click.style(for_terminal(f"{one['needs']} and {one['offers']}"), bold=True)
        click.echo(f"{names}  {one['key']}\n    {for_terminal(one['reason'])}")
    if document["waiting"]:
        click.echo(f"{document['waiting']} more wait; at most {document['per_week']} a week are suggested")
    if document["introductions"]:
        click.echo("Made one? touchbase log WHO introduction --direction given --other WHOM")
    return 0


@introductions.command(epilog="Example: touchbase introductions dismiss 3f9a1c20b7")
@click.argument("key", metavar="KEY")
@config_option
@today_option
@click.option("--undo", is_flag=True, help="Suggest the pair again.")
def dismiss(key: str, config: Path, today: date | None, *, undo: bool) -> int:
    """Never suggest the introduction KEY again."""
    from flows.run.look import support_now  # noqa: PLC0415 - not needed for --help
    from people.errors import UserMustAct  # noqa: PLC0415
    from people.facts.introductions import introduction_key  # noqa: PLC0415
    from people.store import dismissals  # noqa: PLC0415

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
    click.echo("It may be suggested again." if undo else "It is not suggested again.")
    return 0


def _suggested(support: Support | None, key: str) -> tuple[str, str] | None:
    found = (one for one in (support.suggestions if support else ()) if one.key == key)
    return next(((one.needs_id, one.offers_id) for one in found), None)
