"""``touchbase demo --google``: the Google path without an account, against a local stand-in."""

from __future__ import annotations

import importlib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from flows.cli.commands.run import run_daily, summary
from flows.cli.console import note
from people.errors import UserMustAct

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
write_labels = true
endpoint = "{endpoint}"

[tasks]
type = "google"
token = "google.json"
list = "Touchbase"
endpoint = "{endpoint}"
capacity_per_day = 5
"""


def demonstrate(target: Path, today: date) -> dict[str, Any]:
    """Run, act as the user would in Google Tasks, and run again; return the second run's document.

    What it tells goes to standard error, for standard output may hold that document.
    """
    from flows.cli.commands.init import copy_rules  # noqa: PLC0415

    google = _stand_in(today)
    with google:
        target.mkdir(parents=True, exist_ok=True)
        config = target / "touchbase.toml"
        if config.exists():
            raise UserMustAct(f"{config} is there already", help="name another folder: --dir DIR")
        config.write_text(_SETTINGS.format(endpoint=google.endpoint), encoding="utf-8")
        google.write_token(target / "google.json")
        copy_rules(target / "rules", quiet=True)
        note(click.style("First run: contacts and meetings in, tasks and labels out", bold=True))
        note(summary(run_daily(config, today=today)))
        _show(google)
        _act(google, today)
        note(click.style("\nSecond run: what you did comes back", bold=True))
        document = run_daily(config, today=today)
        note(summary(document))
        _show(google)
        note(f"\nThe settings are in {config}; docs/google.md shows how to use your own account.")
    return document


def _stand_in(today: date) -> Any:  # noqa: ANN401 - lives beside the tests, outside the packages
    try:
        server = importlib.import_module("tests.support.google_server.server")
        sample = importlib.import_module("tests.support.google_server.sample")
    except ModuleNotFoundError as error:
        raise UserMustAct(
            "the stand-in for Google comes with the source code only",
            help="run this in a checkout; or use your own account: docs/google.md",
        ) from error
    google = server.GoogleServer()
    sample.fill_small(google, today)
    return google


def _show(google: Any) -> None:  # noqa: ANN401
    from people.text import for_terminal  # noqa: PLC0415

    note("In Google Tasks now:")
    for task in google.tasks.all():
        mark = "x" if task["status"] == "completed" else " "
        note(f"  [{mark}] {for_terminal(task['title'])}, due {task['due'][:10]}")


def _act(google: Any, today: date) -> None:  # noqa: ANN401
    """Complete one task, postpone one and delete one, as a user would."""
    done, later, gone = google.tasks.all()[:3]
    note("\nNow you complete one, postpone one to three weeks from now and delete one.")
    google.tasks.complete(done["id"])
    google.tasks.postpone(later["id"], (today + timedelta(days=21)).isoformat())
    google.tasks.delete(gone["id"])
