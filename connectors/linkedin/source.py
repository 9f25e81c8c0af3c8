"""LinkedIn's own export as a source: connections, and messages and invitations as contact."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.columns import Column
from connectors.linkedin.archive import Part, Table, parts_of
from connectors.linkedin.connections import Reading
from connectors.linkedin.contact import Connections, talks_of
from connectors.linkedin.sheets import NAMES, Sheet, sheet_of
from connectors.shared.dates import order_of
from connectors.shared.digest_cursor import at_most, digest, full_read, unchanged
from connectors.shared.plain_text import decode_lines
from connectors.shared.talks import Channel, as_contact
from people.errors import UserMustAct
from people.types import JournalLine, Page, Problem

_PARSER = "4"
_UTC = ZoneInfo("UTC")
_CHANNELS: Mapping[Table, Channel] = {"messages": "message", "invitations": "invitation"}
_FILES = {"messages": "messages.csv", "invitations": "Invitations.csv"}


class LinkedInSource:
    """The archive of LinkedIn: its ZIP, the folder it was unpacked to, or Connections.csv alone.

    A contact's id is its profile (``in/anna-berg-12345``), or is derived from its name and date if the export
    has no URL. A row without name, e-mail and profile (a hidden member) is left out. An ambiguous or
    unreadable date is a Problem, and the contact is kept without it. Messages and invitations are contact
    with connections, one line per day; their texts are not read. Days are in ``zone``, the user's.
    ``known`` are the ids of the lines in the store. The lines of a table that is missing or cannot be read
    stay, with a problem.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        encoding: str | None = None,
        zone: ZoneInfo = _UTC,
        known: Collection[str] | None = None,
    ) -> None:
        self.name = name
        self.path = path
        self._encoding = encoding
        self._zone = zone
        self._known = known if known is not None else ()

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield one empty page if nothing changed, else all connections and contact.

        Raises ``SourceMissing`` if the path does not exist, and ``UserMustAct`` if it is not such an export.
        """
        parts = parts_of(self.path)
        settings = [_PARSER, self.path.name, self._encoding or "", str(self._zone)]
        current = digest([*settings, *(parts[table].mark() for table in sorted(parts))])
        page = unchanged(cursor, current)
        if page is not None:
            yield page
            return
        reading = self._connections(parts["connections"])
        contacts = list(reading.contacts.values())
        lines, problems, kept = self._contact(parts, Connections.of(contacts))
        if kept:
            yield Page(unchanged=kept)
        yield from full_read([*contacts, *lines], [*reading.told(), *problems], current)

    def columns(self) -> tuple[Column, ...]:
        """What each column of each table became. Raises as ``changes`` does."""
        parts = parts_of(self.path)
        found = self._connections(parts["connections"]).columns()
        sheets = (self._sheet(parts, table) for table in _CHANNELS)
        others = (sheet.columns for sheet in sheets if isinstance(sheet, Sheet))
        return (*found, *chain.from_iterable(others))

    def _connections(self, part: Part) -> Reading:
        decoded = decode_lines(part.read(), self._encoding)
        reading = Reading(self.name, part.name)
        for number, message in decoded.odd:
            reading.note(number, message, "save it as UTF-8, or set encoding")
        rows = list(reading.rows(decoded.text, self.path))
        order = order_of(row.cells.get("connected_on", "") for row in rows)
        for row in rows:
            reading.take(row, order)
        return reading

    def _contact(
        self, parts: Mapping[Table, Part], connections: Connections
    ) -> tuple[list[JournalLine], list[Problem], tuple[str, ...]]:
        """The lines of contact, what is wrong, and the ids of lines that stay although nobody read them.

        A table with rows that cannot be read may have held any line, so all of its lines stay.
        """
        lines: list[JournalLine] = []
        problems: list[Problem] = []
        unread: list[str] = []
        for table, channel in _CHANNELS.items():
            sheet = self._sheet(parts, table)
            if isinstance(sheet, Sheet):
                talks, wrong = talks_of(sheet, channel, connections, self.name, self._zone)
                lines += as_contact(talks, self.name, self.path.name, below=f"{channel}/")
            else:
                wrong = [sheet] if sheet is not None else []
            problems += at_most(wrong, _FILES[table])
            if wrong:
                unread.append(channel)
        read = tuple(f"{channel}/" for channel in _CHANNELS.values() if channel not in unread)
        kept = tuple(key for key in self._known if not key.startswith(read)) if unread else ()
        return sorted(lines, key=lambda line: (line.date, line.person, line.source_id)), problems, kept

    def _sheet(self, parts: Mapping[Table, Part], table: Table) -> Sheet | Problem | None:
        """A table, or why it was not read; None if the store has nothing of it either."""
        part = parts.get(table)
        if part is None:
            below = f"{_CHANNELS[table]}/"
            if not any(key.startswith(below) for key in self._known):
                return None
            return Problem(
                where=self.path.name,
                message=f"has no {_FILES[table]}, as an earlier export had; its contact stays",
                help="put this export and the complete one into a folder, and set path to the folder",
            )
        try:
            return sheet_of(decode_lines(part.read(), self._encoding).text, NAMES[table], part.name)
        except UserMustAct as error:
            message = f"{error.message}; its contact from earlier exports stays"
            return Problem(where=part.name, message=message, help=error.help)
