"""What every command shares: its options, and how it prints."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from people.errors import TouchbaseError
from people.text import for_terminal

if TYPE_CHECKING:
    from pydantic import BaseModel

    Document = BaseModel | Sequence[BaseModel] | Mapping[str, int]

_GAP = re.compile("(^ +| {2,})")

F = TypeVar("F", bound=Callable[..., Any])

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("touchbase.toml"),
    show_default=True,
    envvar="TOUCHBASE_CONFIG",
    help="The settings file.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


class _Day(click.ParamType[date]):
    """A day written YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"'{value}' is not a valid day; write it like 2026-01-31", param, ctx)


DAY = _Day()
today_option = click.option("--today", type=DAY, help="Judge as of this day instead of today.")


def network_options(command: F) -> F:
    """Add ``--config`` and ``--json``."""
    return config_option(json_option(command))


def judging_options(command: F) -> F:
    """Add ``--config``, ``--today`` and ``--json``."""
    return config_option(today_option(json_option(command)))


def as_json(document: Document) -> str:
    """Return one JSON document: a model, a list of models, or counts by name."""
    return json.dumps(document, ensure_ascii=False, indent=2, default=_dumped)


def _dumped(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json")


def print_json(document: Document) -> None:
    """Print one JSON document on standard output."""
    click.echo(as_json(document))


def show(document: Document, text: Callable[[], str], *, as_json: bool) -> int:
    """Print the document, or the same as text; return the status 0."""
    if as_json:
        print_json(document)
    else:
        click.echo(text())
    return 0


def note(text: str) -> None:
    """Print a message on standard error, where it does not mix with the result."""
    click.echo(text, err=True)


def error_text(error: TouchbaseError) -> str:
    """Return what is shown for an error: what is wrong, then what to do."""
    mark = click.style("error:", fg="red", bold=True)
    remedy = f"\n  help: {error.help}" if error.help else ""
    return f"{mark} {safe_lines(error.message + remedy)}"


def safe_lines(text: str) -> str:
    """Return text of several lines that cannot move the cursor. Indents stay."""
    return "\n".join(safe_line(line) for line in text.split("\n"))


def safe_line(line: str) -> str:
    """Return one line that cannot move the cursor. Its indent and the gaps between its columns stay."""
    return "".join(part if part.isspace() else for_terminal(part) for part in _GAP.split(line))


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return the count with the right word: ``1 person``, ``1,592 people``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
