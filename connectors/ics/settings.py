"""Settings of calendars in .ics files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from connectors.base import Check, Secret, Surroundings
from connectors.questions import Question
from connectors.shared.text_source import TextSource
from people.errors import LoginNeeded

if TYPE_CHECKING:
    from connectors.ics.source import IcsSource


class IcsSettings(TextSource):
    """An .ics file, or a folder of them; the window is in days before and after today.

    In place of ``path``, ``url_env`` names the environment variable that holds the calendar's secret address,
    and ``url`` is an address that anybody may know.
    """

    tells = frozenset({"meetings"})
    title = "an .ics file, or a folder of them"
    asks = (Question("path"),)
    example = """\
[[sources]]
name = "work"
type = "ics"
path = "calendar.ics"            # an .ics file, or a folder of them
# url_env = "TOUCHBASE_WORK_URL"   # or its secret address (https, webcal) is in this variable
"""

    type: Literal["ics"]
    path: Path = Path()
    url: str = ""
    url_env: str = ""
    past_days: int = Field(default=1100, ge=1, le=7300)
    future_days: int = Field(default=365, ge=1, le=1100)

    @model_validator(mode="after")
    def _one_place(self) -> IcsSettings:
        if sum((self.path != Path(), bool(self.url), bool(self.url_env))) != 1:
            msg = "give one of path, url and url_env"
            raise ValueError(msg)
        return self

    @property
    def is_local(self) -> bool:
        """Whether it reads files, not an address."""
        return self.path != Path()

    def secrets(self) -> tuple[Secret, ...]:
        """The secret address."""
        if not self.url_env:
            return ()
        return (Secret(self.url_env, self.url_env.lower().replace("_", "-")),)

    def check(self, around: Surroundings) -> Check:
        """Say whether the file can be read; an address is fetched."""
        return self.open(around).look()

    def open(self, around: Surroundings) -> IcsSource:
        """Make the source. Events that the store holds are not expanded again.

        Raises ``LoginNeeded`` when the secret address is not set, and ``UserMustAct`` when it is not one.
        """
        from connectors.ics.source import IcsSource  # noqa: PLC0415 - icalendar is slow to import

        shape: dict[str, Any] = {
            "my_emails": around.me.emails,
            "today": around.today,
            "time_zone": around.me.zone,
            "past_days": self.past_days,
            "future_days": self.future_days,
            "known": around.known_events,
            "encoding": self.codec,
        }
        if self.is_local:
            return IcsSource(self.name, around.path(self.path), **shape)
        from connectors.ics.feed import FeedSource, address  # noqa: PLC0415 - so is requests

        return FeedSource(self.name, address(self._address(around)), **shape)

    def _address(self, around: Surroundings) -> str:
        if self.url:
            return self.url
        secret = around.environ.get(self.url_env, "")
        if not secret:
            raise LoginNeeded(
                f"the secret address of calendar '{self.name}' is not set",
                help=f"put it into the environment variable {self.url_env} (url_env)",
            )
        return secret
