"""LinkedIn's own export as a source: connections, and messages and invitations as contact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.columns import Column
from connectors.linkedin.archive import Part, Table, parts_of
from connectors.linkedin.connections import Reading
from connectors.linkedin.contact import Connections, talks_of
from connectors.linkedin.sheets import INVITATIONS, MESSAGES, Sheet, sheet_of
from connectors.shared.dates import order_of
from connectors.shared.digest_cursor import at_most, digest, full_read, unchanged
from connectors.shared.plain_text import decode_lines
from connectors.shared.talks import Channel, Talk, as_contact
from people.types import JournalLine, Page, Problem

_PARSER = "3"
_UTC = ZoneInfo("UTC")
_SHEETS: Mapping[Table, tuple[Channel, Mapping[str, str]]] = {
    "messages": ("message", MESSAGES),
    "invitations": ("invitation", INVITATIONS),
}


class LinkedInSource:
    """The archive of LinkedIn: its ZIP, the folder it was unpacked to, or Connections.csv alone.

    A contact's id is its profile (``in/anna-berg-12345``), or is derived from its name and date if the export
    has no URL. A row without name, e-mail and profile (a hidden member) is left out. An ambiguous or
    unreadable date is a Problem, and the contact is kept without it. Messages and invitations are contact
    with connections, one line per day; their texts are not read. Days are in ``zone``, the user's.
    """

    def __init__(self, name: str, path: Path, encoding: str | None = None, zone: ZoneInfo = _UTC) -> None:
        self.name = name
        self.path = path
        self._encoding = encoding
        self._zone = zone

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
        lines, problems = self._contact(parts, Connections.of(contacts))
        yield from full_read([*contacts, *lines], [*reading.told(), *problems], current)

    def columns(self) -> tuple[Column, ...]:
        """What each column of each table became. Raises as ``changes`` does."""
        parts = parts_of(self.path)
        others = [
            column for table in _SHEETS if table in parts for column in self._sheet(parts[table]).columns
        ]
        return (*self._connections(parts["connections"]).columns(), *others)

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
    ) -> tuple[list[JournalLine], list[Problem]]:
        talks: list[Talk] = []
        problems: list[Problem] = []
        for table, (channel, _) in _SHEETS.items():
            if table in parts:
                sheet = self._sheet(parts[table])
                found, wrong = talks_of(sheet, channel, connections, self.name, self._zone)
                talks += found
                problems += at_most(wrong, sheet.file)
        return as_contact(talks, self.name, self.path.name), problems

    def _sheet(self, part: Part) -> Sheet:
        text = decode_lines(part.read(), self._encoding).text
        return sheet_of(text, _SHEETS[part.table][1], part.name)
