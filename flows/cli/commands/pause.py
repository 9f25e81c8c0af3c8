"""``touchbase pause``: leave somebody alone until a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from connectors.journal.source import append_line
from flows.cli.commands.log import Asking, Said
from flows.cli.console import DAY, config_option
from flows.run.context import clock, network
from people.days import short_day
from people.facts.days.pauses import KIND
from people.text import for_terminal


@click.command(epilog="Example: touchbase pause 'Tom Hale' --until 2027-03-01")
@click.argument("who")
@click.option("--until", type=DAY, help="The first day on which follow-ups may come again.")
@click.option("--end", is_flag=True, help="End the pause today.")
@click.option("--keep", is_flag=True, help="Write the line even if it is unclear who is meant.")
@config_option
def pause(who: str, until: date | None, config: Path, *, end: bool, keep: bool) -> int:
    """Ask for no follow-up about WHO (a name, e-mail or record key) until a day.

    It adds a line to the journal; remove it to take the pause back. A label until-2027-03-01 on a card does
    the same. The clock of the cadence runs on.
    """
    if (until is None) is not end:
        raise click.UsageError("Give --until DATE, or --end.")
    with network(config) as (settings, store):
        path, (today, _) = settings.journal_path(), clock(settings, None)
        if until is not None and until <= today:
            raise click.UsageError(f"--until {until} is not a day to come. To end a pause: --end")
        asking = Asking(settings, store, today, keep)
        said = Said(who, KIND, {"until": until.isoformat() if until else None}, verb="pause")
        person = asking.named(who, said, "who")
        day = until or today
        append_line(path, on=today, person=person.text, kind="pause", outcome=day.isoformat())
    name = for_terminal(person.text)
    what = f"No follow-up about {name} until {short_day(day, today)}" if until else f"{name} is not paused"
    click.echo(f"{what}, from the next run on: touchbase run")
    return 0
