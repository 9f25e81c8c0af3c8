"""Settings of a Google account: contacts and calendars as a source, Google Tasks as a sink."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from connectors.base import Check, LabelWriter, Secret, SinkSettings, SourceSettings, Surroundings, readable
from connectors.questions import Question

if TYPE_CHECKING:
    from connectors.google.source import GoogleSource
    from connectors.google.tasks import GoogleTasksSink

# Google's client library takes half a second to import: the three ``open`` methods import it.


class GoogleSettings(SourceSettings):
    """Contacts and calendars of a Google account; ``touchbase login google`` makes the file ``token``.

    ``write_labels`` (opt-in) writes tier and tags back as contact labels under ``label_prefix``.
    ``endpoint`` names an emulator: People and Tasks at /, Calendar at /calendar/v3/.
    """

    tells = frozenset({"contacts", "meetings"})
    title = "Google: contacts and calendars of an account"
    cursor_expires = True
    example = """\
[[sources]]
name = "google"
type = "google"                  # docs/google.md; then: touchbase login google
token = "google.json"
calendars = ["primary"]          # ids or titles
"""

    type: Literal["google"]
    token: Path = Path("google.json")
    client: Path = Path("client_secret.json")
    calendars: tuple[str, ...] = ("primary",)
    contacts: bool = True
    other_contacts: bool = False
    write_labels: bool = False
    label_prefix: str = Field(default="Touchbase/", min_length=1)
    endpoint: str | None = None

    def open(self, around: Surroundings) -> GoogleSource:
        """Make the source. Contacts that the store holds are reported as unchanged."""
        from connectors.google.client.api import Patience  # noqa: PLC0415
        from connectors.google.source import GoogleSource  # noqa: PLC0415

        return GoogleSource(
            self.name,
            around.path(self.token),
            calendars=self.calendars,
            endpoint=self.endpoint,
            my_emails=around.me.emails,
            today=around.today,
            time_zone=around.me.time_zone,
            contacts=self.contacts,
            other_contacts=self.other_contacts,
            label_prefix=self.label_prefix,
            known=around.known_cards,
            patience=Patience(unanswered=around.unanswered),
        )

    def open_labels(self, around: Surroundings) -> LabelWriter | None:
        """Open the labels below ``label_prefix``; no other label is ever changed."""
        if not self.write_labels:
            return None
        from connectors.google.client.api import Patience  # noqa: PLC0415
        from connectors.google.labels import GoogleLabels  # noqa: PLC0415

        return GoogleLabels(
            self.name,
            around.path(self.token),
            prefix=self.label_prefix,
            endpoint=self.endpoint,
            patience=Patience(unanswered=around.unanswered),
        )

    @property
    def writes_labels(self) -> bool:
        """Whether the settings ask for labels."""
        return self.write_labels

    def secrets(self) -> tuple[Secret, ...]:
        """The token file."""
        return (_token(self.name, self.token),)

    def check(self, around: Surroundings) -> Check:
        """Say whether the token file is there and can be read."""
        return _login(around.path(self.token), "touchbase login google")


class GoogleTasks(SinkSettings):
    """A list in Google Tasks, made when it is missing unless ``create_list`` is false."""

    title = "a list in Google Tasks"
    asks = (Question("list", "Name of the list", "Touchbase"),)
    example = """\
[tasks]
type = "google"                  # then: touchbase login google --tasks
token = "google.json"
list = "Touchbase"
"""

    type: Literal["google"]
    token: Path = Path("google.json")
    list: str = Field(default="Touchbase", min_length=1)
    create_list: bool = True
    endpoint: str | None = None

    def open(self, around: Surroundings) -> GoogleTasksSink:
        """Make the sink. It logs in with its first request."""
        from connectors.google.client.api import Patience  # noqa: PLC0415
        from connectors.google.tasks import GoogleTasksSink  # noqa: PLC0415

        return GoogleTasksSink(
            around.path(self.token),
            list_title=self.list,
            create_list=self.create_list,
            endpoint=self.endpoint,
            command="touchbase login google --tasks",
            # The delivery as a whole has one patience (``flows.run.delivery``).
            patience=Patience(budget=0.0, unanswered=around.unanswered, sleep=around.unanswered.sleep),
            known=around.address,
        )

    def secrets(self) -> tuple[Secret, ...]:
        """The token file."""
        return (_token("tasks", self.token),)

    def check(self, around: Surroundings) -> Check:
        """Say whether the token file is there and can be read."""
        return _login(around.path(self.token), "touchbase login google --tasks")


def _login(token: Path, command: str) -> Check:
    """Say whether the token file can be read, or how to get one."""
    if not token.exists():
        return Check("error", f"{token} does not exist", f"{command} (docs/google.md)")
    return readable(token)


def _token(name: str, file: Path) -> Secret:
    variable = f"TOUCHBASE_TOKEN_{name.upper().replace('-', '_')}"
    return Secret(variable, f"touchbase-{name.lower().replace('_', '-')}", file)
