"""``touchbase contacts``: each card exactly as its source has it, and what the columns of a table became."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click

from connectors.base import SourceSettings
from connectors.columns import Column as TableOfSource
from flows.cli.console import network_options, note, print_json, safe_lines
from flows.cli.long_text import paged
from flows.cli.table import Column, table
from flows.pages.documents.people import Card, TableColumn
from flows.run.context import clock
from flows.settings.loading import load
from flows.settings.model import Settings
from people.errors import TouchbaseError
from people.text import for_terminal, one_line
from people.types import Contact, Problem

_EXAMPLE = 40

_COLUMNS = (
    Column("", least=14),
    Column("e-mail", drop=2, least=20),
    Column("phone", drop=3, least=13),
    Column("card", drop=1, least=16),
    Column("problems", least=16),
)


_COLUMNS_OF_TABLE = (
    Column("column", least=12),
    Column("became", least=8),
    Column("rows"),
    Column("first value", drop=1, least=12),
)


@click.command(epilog="Example: touchbase contacts --source phone --json")
@network_options
@click.option("--source", "only", metavar="NAME", help="Only this source, and what its columns became.")
@click.option("--columns", "only_columns", is_flag=True, help="Only what the columns of tables became.")
def contacts(config: Path, *, as_json: bool, only: str | None, only_columns: bool) -> int:
    """Read the sources now, and show their cards with the problems in each."""
    reading = _Reading(load(config), only)
    if not only_columns:
        reading.read_cards()
    if only or only_columns:
        reading.read_columns()
    if as_json:
        print_json(reading.columns if only_columns else [Card.filled(contact) for contact in reading.cards])
    else:
        paged("\n".join(_text(reading, only_columns=only_columns)))
    for problem in reading.problems:
        remedy = f"\n  help: {problem.help}" if problem.help else ""
        note(safe_lines(f"{problem.where}: {problem.message}{remedy}"))
    return 1 if reading.problems or any(contact.rejected for contact in reading.cards) else 0


def _text(reading: _Reading, *, only_columns: bool) -> Iterator[str]:
    if not only_columns:
        yield table(_COLUMNS, map(_row, reading.cards))
    for source, file in dict.fromkeys((one.source, one.file) for one in reading.columns):
        rows = [one for one in reading.columns if (one.source, one.file) == (source, file)]
        yield ("" if only_columns else "\n") + for_terminal(f"Columns of {source}: {file}")
        yield table(_COLUMNS_OF_TABLE, map(_column_row, rows), indent="  ")


class _Reading:
    """The cards and columns of the sources. A source that fails is a problem."""

    def __init__(self, settings: Settings, only: str | None) -> None:
        kinds = [source for source in settings.sources if source.tells != {"journal"}]
        self.wanted = [settings.source(only)] if only else kinds
        self.around = settings.around(clock(settings, None)[0])
        self.cards: list[Contact] = []
        self.columns: list[TableColumn] = []
        self.problems: list[Problem] = []

    def read_cards(self) -> None:
        """Read every card."""

        def read(source: SourceSettings) -> None:
            for page in source.open(self.around).changes(None):
                self.problems.extend(page.problems)
                self.cards.extend(change for change in page.changes if isinstance(change, Contact))

        self._each(read)

    def read_columns(self) -> None:
        """Ask the sources that are tables."""

        def read(source: SourceSettings) -> None:
            self.columns.extend(_document(source.name, column) for column in source.columns_of(self.around))

        self._each(read)

    def _each(self, read: Callable[[SourceSettings], None]) -> None:
        for source in self.wanted:
            try:
                read(source)
            except TouchbaseError as error:
                where = f"source {source.name}"
                problem = Problem(where=where, message=error.message, help=error.help)
                if problem not in self.problems:
                    self.problems.append(problem)


def _document(source: str, column: TableOfSource) -> TableColumn:
    return TableColumn(
        source=source,
        file=column.file,
        column=column.name,
        field=column.field or None,
        known=column.known,
        rows=column.rows,
        example=column.example or None,
    )


def _column_row(one: TableColumn) -> tuple[object, ...]:
    became = one.field or "not used"
    return (
        one.column,
        became if one.known or not one.rows else f"{became} (left over)",
        one.rows or "",
        one_line(one.example or "")[:_EXAMPLE],
    )


def _row(contact: Contact) -> tuple[object, ...]:
    place = f"{contact.file} #{contact.index}" if contact.file else contact.source_id
    return (
        contact.name,
        ", ".join(contact.emails),
        ", ".join(contact.phones),
        f"{contact.source}: {place}",
        "; ".join(issue.message for issue in contact.issues),
    )
