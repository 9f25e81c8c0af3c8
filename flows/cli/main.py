"""The entry point of the command line: the table of commands, and errors as messages."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import click

from flows.cli.console import error_text
from flows.cli.lazy import LazyGroup, Row
from people.errors import SettingsError, TouchbaseError
from people.extras import DISTRIBUTION

COMMANDS = {
    "add": Row("add", "Add a person you met, in ten seconds."),
    "automations": Row("automations", "Let the Prefect server notify you of problems."),
    "balance": Row("balance", "Show what you gave and received, by person and group."),
    "brief": Row("brief", "Show who you meet, and what to know."),
    "contacts": Row("contacts", "Show each card exactly as its source has it."),
    "demo": Row("demo", "Try the whole daily run on a sample network."),
    "dismiss": Row("decide", "Drop a follow-up and keep its rule quiet for 30 days."),
    "doctor": Row("doctor", "Diagnose problems and show how to fix them."),
    "done": Row("decide", "Mark a follow-up as done."),
    "explain": Row("explain", "Explain a person's tags and tier, or a follow-up."),
    "export": Row("export", "Export all people as vCards, CSV or JSON."),
    "follow-ups": Row("follow_ups", "Show what is due, and why."),
    "forget": Row("forget", "Remove a person permanently."),
    "groups": Row("groups", "Compare your groups: cost, business, verdict."),
    "identity": Row("identity", "Review, decide and undo merges."),
    "inbox": Row("inbox", "Place the lines that name nobody for certain."),
    "init": Row("init", "Create a settings file, starter rules and a journal."),
    "introductions": Row("introductions", "Suggest who should meet."),
    "log": Row("log", "Record a conversation that isn't in your calendar."),
    "login": Row("login", "Give Touchbase access to a Google account.", needs="google"),
    "mails": Row("mails", "Show the mail with a person, and how each one counts."),
    "networks": Row("networks", "Show the last run of each of many networks."),
    "next": Row("next", "Take on one more follow-up, now."),
    "pause": Row("pause", "Leave somebody alone until a day."),
    "people": Row("people", "Show what is known about people."),
    "referrals": Row("referrals", "Show each referral and how it ended."),
    "reopen": Row("reopen", "Open a follow-up again, or make missing tasks again."),
    "report": Row("report", "Write the report as one HTML file."),
    "rules": Row("rules", "Check and test your rules, and preview a change."),
    "run": Row("run", "Do the daily run: read sources, judge, deliver follow-ups."),
    "serve": Row("serve", "Run the Prefect server, its UI and the schedules."),
    "snooze": Row("decide", "Move a follow-up to a later day."),
    "status": Row("status", "Show sources, counts, problems and the last runs."),
    "store": Row("store", "Copy, back up or restore the store."),
    "waiting": Row("waiting", "Show who waits for whose answer."),
}
"""The commands, one row per command. A new command needs its module and a row here."""


@click.group(
    cls=LazyGroup,
    rows=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: touchbase demo --dir demo, then: touchbase follow-ups --config demo/touchbase.toml",
)
@click.version_option(package_name=DISTRIBUTION, prog_name="touchbase")
def cli() -> None:
    """Keep in touch with the people who matter, by rules you can read."""


def main() -> None:
    """Run the command line. Exits 0, 1 (something needs attention) or 2 (wrong usage or settings)."""
    try:
        _run()
    finally:
        # The process ends. Python's last search for cycles, in all modules, takes a tenth of most commands.
        gc.freeze()


def _run() -> None:
    # What libraries write for us, such as Prefect's database, is for the user alone, too.
    os.umask(0o077)
    # A file entry point puts flows/ itself on the path, where its packages would hide others.
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parents[1]]
    # https://no-color.org: any value but an empty one. Files and pipes have no colours either.
    colour = False if os.environ.get("NO_COLOR") else None
    try:
        status = cli.main(standalone_mode=False, color=colour)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except TouchbaseError as error:
        click.echo(error_text(error), err=True, color=colour)
        sys.exit(2 if isinstance(error, SettingsError) else 1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if os.environ.get("TOUCHBASE_TRACEBACK"):
            raise
        help_text = "set TOUCHBASE_TRACEBACK=1 to see where it happened, and please report it"
        unexpected = TouchbaseError(f"unexpected {type(error).__name__}: {error}", help=help_text)
        click.echo(error_text(unexpected), err=True, color=colour)
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)
