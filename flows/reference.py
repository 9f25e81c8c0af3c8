"""docs/commands.md, written from the commands themselves: ``python -m flows.reference``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from flows.cli import cli

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"

_HEAD = """# Commands

Written from the commands themselves (`python -m flows.reference`); a test keeps it true.

`--json` prints exactly one JSON document on standard output; all else goes to standard error. Exit
status: 0 all well; 1 it ran, and something needs attention; 2 wrong usage or settings. The shapes of
the documents are in [json.md](json.md).
"""


def page() -> str:
    """The whole page."""
    with click.Context(cli, info_name="touchbase") as context:
        return "\n".join([_HEAD, *_commands(cli, context)])


def _commands(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        with click.Context(command, info_name=name, parent=context) as inner:
            if isinstance(command, click.Group):
                yield from _commands(command, inner)
            else:
                yield from _one(command, inner)


def _one(command: click.Command, context: click.Context) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"## `{context.command_path}`\n"
    yield f"{command.help or ''}\n"
    yield f"    {context.command_path} {usage}\n"
    options = [record for param in command.params if (record := param.get_help_record(context))]
    if options:
        yield "| Option | |\n|---|---|"
        for names, text in options:
            yield f"| `{names}` | {text.replace('|', chr(92) + '|')} |"
        yield ""
    if command.epilog:
        yield f"{command.epilog}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
