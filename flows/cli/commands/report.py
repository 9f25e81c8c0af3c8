"""``touchbase report``: the network in one HTML file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from flows.cli.console import judging_options, note, print_json
from flows.pages import html_report
from flows.pages.report_of import report_of
from flows.run.context import network
from people.errors import UserMustAct
from people.extras import remedy
from people.private_files import write_output


@click.command(epilog="Example: touchbase report -o report.html")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    default=Path("report.html"),
    show_default=True,
    help="Where to write it.",
)
@judging_options
def report(output: Path, config: Path, today: date | None, *, as_json: bool) -> int:
    """Write the report: one HTML file that opens from disk, on a phone and in print.

    It begins with what is to do, who you meet in the next seven days, and who is going cold. Numbers and
    addresses are links.
    """
    with network(config) as (settings, store):
        document = report_of(settings, store, today)
    if as_json:
        print_json(document)
        return 0
    page = html_report.render(document, settings.me)
    try:
        write_output(output, page)
    except OSError as error:
        raise UserMustAct(
            f"the report cannot be written to {output}: {error.strerror}", help="name another file with -o"
        ) from error
    click.echo(f"Wrote {output}. Open it in a browser.")
    if html_report.NOT_DRAWN in page:
        note(f"It has tables in place of its drawings. To have them drawn: {remedy('report')}")
    return 0
