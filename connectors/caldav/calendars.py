"""Calendars on a CalDAV server (RFC 4791) as a source of meetings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from connectors.ics.calendar import Reading, read_calendar
from connectors.ics.source import IcsSource
from connectors.ics.text import Names, take_apart
from connectors.shared.dav.client import CALDAV, Resource
from connectors.shared.dav.collection import EVENTS, Text
from connectors.shared.dav.discovery import CALENDARS, last_step
from connectors.shared.dav.saved import Member
from connectors.shared.dav.server import Server
from connectors.shared.dav.source import Arriving, DavSource, Records
from connectors.shared.digest_cursor import digest

__all__ = ["CalDavSource", "IcsSource"]  # the settings open both


class CalDavSource(DavSource):
    """Meetings of a user's calendars, read as ``ics`` reads files: its window, zone and user.

    ``known`` maps the raw hash of each event in the store to the source ids of its meetings. An id begins
    with the last step of the calendar's address, which stays when the user renames it.
    """

    kind = CALENDARS
    words = EVENTS
    service_name = "CalDAV"
    collection_word = "calendar"

    def __init__(
        self,
        server: Server,
        *,
        user: str,
        password: str,
        ics: IcsSource,
        wanted: Sequence[str] = (),
        known: Mapping[str, Sequence[str]] | None = None,
        timeout: float = 60.0,
    ) -> None:
        super().__init__(ics.name, server, user=user, password=password, wanted=wanted, timeout=timeout)
        self._ics = ics
        self._known = {} if known is None else known
        self.covers_from = ics.covers_from

    def takes(self, collection: Resource) -> bool:
        """Leave out the lists that hold tasks only."""
        kinds = collection.properties.get(f"{CALDAV}supported-calendar-component-set")
        return kinds is None or not len(kinds) or any(kind.get("name") == "VEVENT" for kind in kinds)

    def settings(self) -> str:
        """The window, the zone, the user's addresses and the versions of the parsers."""
        return digest([*self._ics.settings(), *self._wanted])

    def ids(self, member: Member) -> Sequence[str] | None:
        """The source ids of the meetings of a member; none if all of them are outside the window."""
        found = [self._known.get(each) for each in member.hashes]
        return None if None in found else [one for each in found if each is not None for one in each]

    def read(
        self,
        arriving: Arriving,
        names: Mapping[str, str],
        kept: Collection[str],  # noqa: ARG002 - an event has its id whatever else there is
    ) -> Records:
        """Read the events of new and changed members."""
        # Also what the store knows is read, because only that gives its hashes.
        reading = replace(self._ics.reading(), known={})
        records = Records()
        for url, text in arriving.texts:
            told = Names(self.name, names[url], (last_step(url),), text.path)
            records.members[text.path] = self._read_one(text, told, reading, records)
        records.limited = reading.limited
        return records

    def _read_one(self, text: Text, names: Names, reading: Reading, records: Records) -> Member:
        parts = take_apart(text.data)
        meetings, problems = read_calendar(parts, names, reading)
        records.changes += meetings
        records.problems += problems
        hashes = {meeting.raw_hash for meeting in meetings}
        odd = None in hashes or bool(problems) or parts.damaged
        known = tuple(sorted(each for each in hashes if each is not None))
        return Member(etag=text.etag, hashes=known, again=odd)
