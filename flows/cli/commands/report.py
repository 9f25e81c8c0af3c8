"""``touchbase report``: the network in one HTML file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from flows.cli.console import config_option, json_option, print_json, today_option
from flows.run.context import network


@click.command(epilog="Example: touchbase report -o report.html")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    default=Path("report.html"),
    show_default=True,
    help="Where to write it.",
)
@config_option
@today_option
@json_option
def report(output: Path, config: Path, today: date | None, *, as_json: bool) -> int:
    """Write the report: one HTML file that opens from disk, on a phone and in print."""
    from flows.pages import html_report  # noqa: PLC0415 - plots take a second to import
    from flows.run.look import support_now  # noqa: PLC0415
    from people.errors import UserMustAct  # noqa: PLC0415

    with network(config) as (settings, store):
        support = support_now(settings, store, today)
    document = html_report.document(support)
    if as_json:
        print_json(document)
        return 0
    day = f"{support.today:%A}, {support.today.day} {support.today:%B %Y}"
    page = html_report.render(document, name=settings.me.name, day=day)
    try:
        output.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UserMustAct(
            f"the report cannot be written to {output}: {error.strerror}", help="name another file with -o"
        ) from error
    click.echo(f"Written to {output}. Open it in a browser.")
    return 0
