"""Contacts, meetings and journal lines from a file of JSON, one record per line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from people.errors import LoginNeeded
from people.types import Attendee, Change, Contact, JournalLine, Meeting, Page, Problem


class RolodexSource:
    """One file. A line without ``person``, ``met`` or ``helped`` is a problem.

    Each cursor that a read begins with is noted beside the file, in ``cursors.txt``.
    """

    def __init__(self, name: str, path: Path, token: str) -> None:
        self.name = name
        self.path = path
        self.token = token

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Everything, unless the file is as it was. Raises ``LoginNeeded`` without the token."""
        if self.token != "open sesame":
            raise LoginNeeded("the rolodex is locked", help="set TOUCHBASE_ROLODEX")
        with self.path.with_name("cursors.txt").open("a") as noted:
            noted.write(f"{self.name} {'whole' if cursor is None else 'changes'}\n")
        data = self.path.read_bytes()
        current = sha256(data).hexdigest()
        if cursor == current:
            yield Page(cursor=current)
            return
        changes, problems = [], []
        for number, line in enumerate(data.decode().splitlines(), 1):
            change = self._record(json.loads(line), f"{number}")
            if change is None:
                problems.append(Problem(where=f"{self.path.name}:{number}", message="says nothing"))
            else:
                changes.append(change)
        yield Page(changes=tuple(changes), problems=tuple(problems), cursor=current, complete=True)

    def _record(self, card: dict[str, Any], number: str) -> Change | None:
        if "person" in card:
            return Contact(
                source=self.name,
                source_id=card["email"],
                name=card["person"],
                emails=(card["email"],),
                organisation=card["firm"],
                revised_at=datetime.fromisoformat(card["revised"]),
            )
        if "met" in card:
            start = datetime.fromisoformat(card["at"])
            return Meeting(
                source=self.name,
                source_id=number,
                title=card["about"],
                start=start,
                end=start + timedelta(hours=1),
                attendees=(Attendee(email=card["met"], response="accepted"),),
            )
        if "helped" in card:
            on = date.fromisoformat(card["on"])
            return JournalLine(
                source=self.name, source_id=number, date=on, person=card["helped"], kind="contact"
            )
        return None
