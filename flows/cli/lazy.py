"""Groups of commands that import a command's module only when the command is used."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import click

from people.collector import gc_paused
from people.extras import Extra, require


class Row(NamedTuple):
    """One command: its module in ``flows.cli.commands``, and its line in the list of commands.

    ``needs`` is the extra without which the module cannot be imported.
    """

    module: str
    summary: str
    needs: Extra | None = None


class LazyGroup(click.Group):
    """A group whose commands are the rows of a table.

    A row's key is the name of the command. The function that implements it has the same name, with
    underscores for hyphens.
    """

    def __init__(self, *args: Any, rows: Mapping[str, Row], **kwargs: Any) -> None:  # noqa: ANN401 - click's
        super().__init__(*args, **kwargs)
        self._rows = rows

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands, sorted."""
        return sorted(self._rows)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command's module and return the command, or None if no row has that name."""
        row = self._rows.get(cmd_name)
        if row is None:
            return None
        if row.needs is not None:
            require(row.needs, f"touchbase {cmd_name}")
        with gc_paused():
            module = importlib.import_module(f"flows.cli.commands.{row.module}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their summaries, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._rows[name].summary) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest name if no command has the given one."""
        if args and args[0] not in self._rows and not args[0].startswith("-"):
            close = difflib.get_close_matches(args[0], self._rows, 1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)
