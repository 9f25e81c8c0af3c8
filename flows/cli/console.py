"""What every command shares: its options, its output, the network it works on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from people.text import for_terminal

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
            self.fail(f"'{value}' is no day; write it like 2026-01-31", param, ctx)


DAY = _Day()
today_option = click.option("--today", type=DAY, help="Judge as of this day instead of today.")


def print_json(document: object) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def table(headers: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    """Plain columns; what strangers wrote can neither colour nor reorder them."""
    from rich.cells import cell_len  # noqa: PLC0415 - only where a table is shown

    def width(text: str) -> int:
        return cell_len(text)

    cells = [[for_terminal("" if cell is None else str(cell)) for cell in line] for line in lines]
    widths = [
        max([width(header), *(min(width(row[i]), 60) for row in cells)]) for i, header in enumerate(headers)
    ]

    def padded(row: Sequence[str]) -> str:
        parts = [_fit(cell, size) for cell, size in zip(row, widths, strict=True)]
        return "  ".join(
            part + " " * (size - width(part)) for part, size in zip(parts, widths, strict=True)
        ).rstrip()

    head = click.style(padded(headers), bold=True)
    return "\n".join([head, *(padded(row) for row in cells)])


def _fit(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[: size - 1]}…"


def note(text: str) -> None:
    """Tell the user something beside the result, on standard error."""
    click.echo(text, err=True)


def safe_lines(text: str) -> str:
    """Text of several lines, none of which can move the cursor; indents stay."""
    lines = text.split("\n")
    return "\n".join(" " * (len(line) - len(line.lstrip(" "))) + for_terminal(line) for line in lines)


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 person``, ``2 people``: the count with the right word."""
    return f"{count} {one if count == 1 else many or one + 's'}"
