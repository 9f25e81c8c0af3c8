"""docs/commands.md, written from the commands, and the table of weights in docs/identity.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import cleandoc

import click

from flows.cli.main import cli
from people.identity.weighing.scoring import weight_table
from tests.support.paths import ROOT

_WEIGHTS = re.compile(r"(<!-- weights: .*? -->\n).*?(<!-- /weights -->)", re.DOTALL)

_HEAD = """# Commands

Written from the commands themselves (`make generate`); a test keeps it up to date.

`--json` prints exactly one JSON document on standard output; everything else goes to standard error. The
exit status is 0 if all is well, 1 if the command ran and something needs attention, and 2 for wrong usage or
settings. [json.md](json.md) describes the documents.
"""


def page() -> str:
    """Return docs/commands.md."""
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
    yield f"{cleandoc(command.help or '')}\n"
    yield f"    {context.command_path} {usage}\n"
    records = [param.get_help_record(context) for param in command.params]
    # An argument has no text of its own: the first sentence explains it.
    options = [record for record in records if record and record[1]]
    if options:
        yield "| Option | |\n|---|---|"
        for names, text in options:
            yield f"| `{names}` | {text.replace('|', chr(92) + '|')} |"
        yield ""
    if command.epilog:
        yield f"{command.epilog}\n"


def identity_page() -> str:
    """Return docs/identity.md with the current table of weights."""
    rows = "".join(f"| {what} | {bits} |\n" for what, bits in weight_table())
    text = (ROOT / "docs" / "identity.md").read_text("utf-8")
    return _WEIGHTS.sub(rf"\g<1>\n| Term | Bits |\n|---|---|\n{rows}\n\g<2>", text)
