"""The command line's door: finds the command, and turns errors into sentences."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import click

from flows.cli.console import safe_lines
from people.errors import SettingsError, TouchbaseError

# Name of the command: module and function. Loaded on use, so that each start pays for one only.
_COMMANDS = {
    "automations": "flows.cli.commands.automations:automations",
    "balance": "flows.cli.commands.balance:balance",
    "contacts": "flows.cli.commands.contacts:contacts",
    "demo": "flows.cli.commands.demo:demo",
    "dismiss": "flows.cli.commands.decide:dismiss",
    "doctor": "flows.cli.commands.doctor:doctor",
    "done": "flows.cli.commands.decide:done",
    "explain": "flows.cli.commands.explain:explain",
    "export": "flows.cli.commands.export:export",
    "follow-ups": "flows.cli.commands.follow_ups:follow_ups",
    "forget": "flows.cli.commands.forget:forget",
    "groups": "flows.cli.commands.groups:groups",
    "identity": "flows.cli.commands.identity:identity",
    "init": "flows.cli.commands.init:init",
    "introductions": "flows.cli.commands.introductions:introductions",
    "log": "flows.cli.commands.log:log",
    "login": "flows.cli.commands.login:login",
    "networks": "flows.cli.commands.networks:networks",
    "people": "flows.cli.commands.people:people",
    "referrals": "flows.cli.commands.referrals:referrals",
    "report": "flows.cli.commands.report:report",
    "rules": "flows.cli.commands.rules:rules",
    "run": "flows.cli.commands.run:run",
    "serve": "flows.cli.commands.serve:serve",
    "snooze": "flows.cli.commands.decide:snooze",
    "status": "flows.cli.commands.status:status",
    "store": "flows.cli.commands.store:store",
}


class _LazyGroup(click.Group):
    """A group that imports a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them: the first line of each stands here."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, _SUMMARIES[name]) for name in sorted(_COMMANDS)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Say what may have been meant when there is no such command."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            import difflib  # noqa: PLC0415 - only after a mistake

            close = difflib.get_close_matches(args[0], _COMMANDS, 1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)


_SUMMARIES = {
    "automations": "Let the Prefect server say when something needs you.",
    "balance": "Show what you gave and got, by person and group.",
    "contacts": "Show each card exactly as its source tells it.",
    "demo": "Try the whole daily run on a sample network.",
    "dismiss": "Drop a follow-up; its rule is quiet for 30 days.",
    "doctor": "Check settings, store, sources, rules and Prefect.",
    "done": "Say that a follow-up is done.",
    "explain": "Say why a person is tagged or stale, or why a follow-up exists.",
    "export": "Write out what is known: vCards, CSV or JSON.",
    "follow-ups": "Show what is due, and why.",
    "forget": "Remove a person for good.",
    "groups": "Compare your groups: cost, target people, business, verdict.",
    "identity": "See who was merged and why; decide, undo.",
    "init": "Write a commented settings file, rules and a journal.",
    "introductions": "Suggest who should meet whom.",
    "log": "Add a line to the journal.",
    "login": "Give access to an account, such as Google's.",
    "networks": "Show many networks at a glance: the last run of each.",
    "people": "Show what is known of people.",
    "referrals": "Show each referral and how it ended.",
    "report": "Write the report, one HTML file.",
    "rules": "Check and test your rules; see what a change would do.",
    "run": "The daily run: pull, resolve, judge, plan, deliver, report.",
    "serve": "Run the Prefect server, its UI, the schedules and a worker.",
    "snooze": "Move a follow-up to a later day.",
    "status": "Show sources, counts, problems and the last runs.",
    "store": "Copy the store to another database; back it up, restore it.",
}


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: touchbase demo --dir demo, then: touchbase follow-ups --config demo/touchbase.toml",
)
@click.version_option(package_name="touchbase", prog_name="touchbase")
def cli() -> None:
    """Keep in touch with the people who matter, by rules you can read."""


def main() -> None:
    """Run the command line; exits 0, 1 (something needs attention) or 2 (usage, settings)."""
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parents[1]]
    try:
        status = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except TouchbaseError as error:
        click.echo(sentence(error), err=True)
        sys.exit(2 if isinstance(error, SettingsError) else 1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if os.environ.get("TOUCHBASE_TRACEBACK"):
            raise
        help_text = "set TOUCHBASE_TRACEBACK=1 to see where; please report it"
        click.echo(
            sentence(TouchbaseError(f"unexpected {type(error).__name__}: {error}", help=help_text)), err=True
        )
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)


def sentence(error: TouchbaseError) -> str:
    """What is shown for an error: what is wrong, then what to do."""
    mark = click.style("error:", fg="red", bold=True)
    told = error.message + (f"\n  help: {error.help}" if error.help else "")
    return f"{mark} {safe_lines(told)}"
