"""The Google path without an account, against a local stand-in: ``make demo-google``.

``python -m tests.support.google_demo --dir DIR --today YYYY-MM-DD`` chooses the folder and the day.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import click

from flows.cli.commands.init import copy_rules
from flows.cli.console import DAY
from flows.cli.daily_run import run_daily
from flows.cli.screens.run import summary
from flows.run.outcome.document import RunDocument
from people.errors import UserMustAct
from people.text import for_terminal
from tests.support.google_server.sample import fill_small
from tests.support.google_server.server import GoogleServer

_SETTINGS = """# A network at Google; here a stand-in on this machine plays Google's part.
[me]
name = "Alex Doe"
emails = ["alex@example.com"]
time_zone = "Europe/London"

[[sources]]
name = "google"
type = "google"
token = "google.json"
calendars = ["primary"]
mail = true
write_labels = true
endpoint = "{endpoint}"

[tasks]
type = "google"
token = "google.json"
list = "Touchbase"
endpoint = "{endpoint}"
capacity_per_day = 5
"""


@click.command()
@click.option("--dir", "directory", type=click.Path(path_type=Path, file_okay=False), help="Where to put it.")
@click.option("--today", type=DAY, help="Judge as of this day instead of today.")
def main(directory: Path | None, today: date | None) -> None:
    """Run twice against a stand-in for Google, and act as the user would in between."""
    target = directory or Path(tempfile.mkdtemp(prefix="touchbase-google-"))
    document = demonstrate(target, today or date.today())  # noqa: DTZ011 - the day on this machine will do
    raise SystemExit(0 if document.status == "ok" else 1)


def demonstrate(target: Path, today: date) -> RunDocument:
    """Run, act as the user would in Google Tasks, and run again. Return the second run's document."""
    google = GoogleServer()
    fill_small(google, today)
    with google:
        target.mkdir(parents=True, exist_ok=True)
        config = target / "touchbase.toml"
        if config.exists():
            raise UserMustAct(f"{config} already exists", help="name another folder: --dir DIR")
        config.write_text(_SETTINGS.format(endpoint=google.endpoint), encoding="utf-8")
        google.write_token(target / "google.json")
        copy_rules(target / "rules", quiet=True)
        click.secho("First run: contacts and meetings in, tasks and labels out", bold=True)
        click.echo(summary(run_daily(config, today=today)))
        _show(google)
        _act(google, today)
        click.secho("\nSecond run: what you did comes back", bold=True)
        document = run_daily(config, today=today)
        click.echo(summary(document))
        _show(google)
        click.echo(f"\nThe settings are in {config}. docs/google.md shows how to use your own account.")
    return document


def _show(google: GoogleServer) -> None:
    click.echo("In Google Tasks now:")
    for task in google.tasks.all():
        mark = "x" if task["status"] == "completed" else " "
        click.echo(f"  [{mark}] {for_terminal(task['title'])}, due {task['due'][:10]}")


def _act(google: GoogleServer, today: date) -> None:
    """Complete one task, postpone one and delete one, as a user would."""
    done, later, gone = [task for task in google.tasks.all() if "Answer" not in task["title"]][:3]
    click.echo("\nNow you complete one, postpone one to three weeks from now and delete one.")
    click.echo("And you answer Marta's mail.")
    google.tasks.complete(done["id"])
    google.tasks.postpone(later["id"], (today + timedelta(days=21)).isoformat())
    google.tasks.delete(gone["id"])
    question = next(mail for mail in google.gmail.mails.values() if "marta" in dict(mail.headers)["From"])
    answered = datetime.combine(today, time(0, 30), UTC)
    google.gmail.send("Marta Kowalska <marta@kowalska.example>", at=answered, thread=question.thread)


if __name__ == "__main__":
    main()
