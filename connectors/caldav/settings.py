"""Settings of tasks and of calendars on a CalDAV server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from connectors.base import Check, Secret, SinkSettings, Surroundings
from connectors.checks import is_private
from connectors.questions import Question
from connectors.shared.dav.account import DavAccount, refuse_login_in
from people.errors import LoginNeeded

if TYPE_CHECKING:
    from connectors.caldav.calendars import CalDavSource
    from connectors.caldav.sink import CalDavSink


class CalDavTasks(SinkSettings):
    """A calendar on a CalDAV server; the password is in the environment variable ``password_env``.

    ``url`` is the server's or the user's address, with ``list`` the calendar's name (made when it is
    missing unless ``create_list`` is false), or the address of the calendar itself. ``allow_http`` sends the
    password over http to another machine, where everybody in that network can read it.
    """

    title = "a list on another server (CalDAV)"
    asks = (
        Question("url", "Address of the server"),
        Question("user", "Your user name there"),
        Question("list", "Name of the list", "Touchbase"),
    )
    example = """\
[tasks]
type = "caldav"                  # Nextcloud, Fastmail, Radicale ...
url = "https://dav.example.com/"
user = "you"                     # the password is in TOUCHBASE_CALDAV_PASSWORD
list = "Touchbase"
"""

    type: Literal["caldav"]
    url: str = Field(pattern=r"^https?://[^/]")
    user: str = ""
    password_env: str = "TOUCHBASE_CALDAV_PASSWORD"  # noqa: S105 - a variable's name
    list: str = Field(default="Touchbase", min_length=1)
    create_list: bool = True
    allow_http: bool = False

    @field_validator("url", mode="after")
    @classmethod
    def _without_login(cls, value: str) -> str:
        refuse_login_in(value)
        return value

    def open(self, around: Surroundings) -> CalDavSink:
        """Make the sink. Raises ``LoginNeeded`` when there is a user and no password."""
        password = around.environ.get(self.password_env, "")
        if self.user and not password:
            raise LoginNeeded(
                f"the password of {self.user} at {self.url} is not known",
                help=f"put it into the environment variable {self.password_env} ([tasks] password_env)",
            )
        from connectors.caldav.sink import CalDavSink  # noqa: PLC0415 - the client is slow to import

        return CalDavSink(
            self.url,
            user=self.user,
            password=password,
            time_zone=around.me.zone,
            list_name=self.list,
            create_list=self.create_list,
            allow_http=self.allow_http,
            delivered=around.delivered,
            known=around.address,
        )

    def secrets(self) -> tuple[Secret, ...]:
        """The password."""
        return (Secret(self.password_env, self.password_env.lower().replace("_", "-")),)

    def check(self, around: Surroundings) -> Check:
        """Say whether the password is set, and safe on its way; the server is not asked."""
        if self.user and not is_private(self.url):
            fate = "others can read it on the way" if self.allow_http else "a run refuses to send it so"
            message = f"{self.url}: the password of {self.user} would go over http, and {fate}"
            return Check("warning", message, "use https in [tasks] url")
        if self.password_env in around.environ:
            return Check("ok", self.url)
        name = self.password_env
        return Check("warning", f"{self.url}: {name} is not set", f"export {name}=... before a run")


class CalDavSettings(DavAccount):
    """The calendars of an account; those that ``calendars`` names, or all. The window is in days."""

    tells = frozenset({"meetings"})
    service = "caldav"
    title = "another server (CalDAV)"
    asks = (
        Question("url", "Its address"),
        Question("user", "Your user name there"),
    )
    example = """\
[[sources]]
name = "calendar"
type = "caldav"
url = "https://dav.example.com/" # or preset = "icloud", "fastmail", "posteo", "mailbox.org"
user = "you"                     # the password is in TOUCHBASE_CALDAV_PASSWORD
"""

    type: Literal["caldav"]
    password_env: str = "TOUCHBASE_CALDAV_PASSWORD"  # noqa: S105 - a variable's name
    calendars: tuple[str, ...] = ()
    past_days: int = Field(default=1100, ge=1, le=7300)
    future_days: int = Field(default=365, ge=1, le=1100)

    def open(self, around: Surroundings) -> CalDavSource:
        """Make the source. Raises ``LoginNeeded`` when a password is missing."""
        password = self.password(around)
        from connectors.caldav.calendars import CalDavSource, IcsSource  # noqa: PLC0415 - icalendar is slow

        ics = IcsSource(
            self.name,
            around.folder,
            my_emails=around.me.emails,
            today=around.today,
            time_zone=around.me.zone,
            past_days=self.past_days,
            future_days=self.future_days,
        )
        return CalDavSource(
            self.server,
            user=self.login,
            password=password,
            ics=ics,
            wanted=self.calendars,
            known=around.known_events,
        )
