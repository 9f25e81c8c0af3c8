"""Settings of calendars in .ics files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from connectors.base import Surroundings
from connectors.questions import Question
from connectors.shared.text_source import TextSource

if TYPE_CHECKING:
    from connectors.ics.source import IcsSource


class IcsSettings(TextSource):
    """An .ics file, or a folder of them; the window is in days before and after today."""

    tells = frozenset({"meetings"})
    title = "Calendar: an .ics file, or a folder of them"
    asks = (Question("path"),)
    example = """\
[[sources]]
name = "work"
type = "ics"
path = "calendar.ics"            # an .ics file, or a folder of them
"""

    type: Literal["ics"]
    past_days: int = Field(default=1100, ge=1, le=7300)
    future_days: int = Field(default=365, ge=1, le=1100)

    def open(self, around: Surroundings) -> IcsSource:
        """Make the source. Events that the store holds are not expanded again."""
        from connectors.ics.source import IcsSource  # noqa: PLC0415 - icalendar is slow to import

        return IcsSource(
            self.name,
            around.path(self.path),
            my_emails=around.me.emails,
            today=around.today,
            time_zone=around.me.zone,
            past_days=self.past_days,
            future_days=self.future_days,
            known=around.known_events,
            encoding=self.codec,
        )
