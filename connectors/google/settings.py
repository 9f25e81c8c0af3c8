"""Settings of a Google account: contacts, calendars and mail as a source, Google Tasks as a sink."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from connectors.base import Check, LabelWriter, Secret, SinkSettings, SourceSettings, Surroundings
from connectors.checks import is_private, private
from connectors.questions import Question
from connectors.shared.mail.settings import Since
from people.extras import ExtraMissing, require
from people.types import RecordKind

if TYPE_CHECKING:
    from connectors.google.client.api import Patience
    from connectors.google.source import GoogleSource
    from connectors.google.tasks import GoogleTasksSink

# Google's client library takes half a second to import: the methods that use it import it.


def _private(url: str) -> str:
    if not is_private(url):
        msg = "the token would go over http to another machine; use https, or an emulator on this one"
        raise ValueError(msg)
    return url


Endpoint = Annotated[str, AfterValidator(_private)]
"""The address of an emulator."""


class GoogleSettings(SourceSettings):
    """Contacts, calendars and mail of a Google account; ``touchbase login google`` makes the file ``token``.

    ``write_labels`` (opt-in) writes tier and tags back as contact labels under ``label_prefix``. ``mail``
    (opt-in) reads the headers of mail since ``since``, with their subjects if ``subjects`` is on.
    ``endpoint`` names an emulator: People, Tasks and Gmail at /, Calendar at /calendar/v3/.
    """

    tells = frozenset({"contacts", "meetings", "messages"})
    title = "Google"
    cursor_expires = True
    example = """\
[[sources]]
name = "google"
type = "google"                  # docs/google.md; then: touchbase login google
token = "google.json"
calendars = ["primary"]          # ids or titles
# mail = true                    # headers of mail, never what it says; then: touchbase login google --mail
"""

    type: Literal["google"]
    token: Path = Path("google.json")
    client: Path = Path("client_secret.json")
    calendars: tuple[str, ...] = ("primary",)
    contacts: bool = True
    other_contacts: bool = False
    write_labels: bool = False
    label_prefix: str = Field(default="Touchbase/", min_length=1)
    mail: bool = False
    since: Since = "3y"
    subjects: bool = False
    endpoint: Endpoint | None = None

    @property
    def kinds(self) -> frozenset[RecordKind]:
        """What is switched on."""
        wanted: tuple[tuple[object, RecordKind], ...] = (
            (self.contacts or self.other_contacts, "contacts"),
            (self.calendars, "meetings"),
            (self.mail, "messages"),
        )
        return frozenset(kind for on, kind in wanted if on)

    def lasting(self, cursor: str) -> str | None:
        """The cursor of the mail: Gmail says when it has forgotten its history, and then it is short work."""
        from connectors.google.part import GoogleCursor  # noqa: PLC0415

        return GoogleCursor(mail=GoogleCursor.parse(cursor).mail).model_dump_json()

    def open(self, around: Surroundings) -> GoogleSource:
        """Make the source. Contacts that the store holds are reported as unchanged."""
        _require()
        from connectors.google.source import GoogleSource, MailWanted  # noqa: PLC0415

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
            mail=MailWanted(self.since, self.subjects, around.progress) if self.mail else None,
            known=around.known_cards,
            patience=_patience(around),
        )

    def open_labels(self, around: Surroundings) -> LabelWriter | None:
        """Open the labels below ``label_prefix``; no other label is ever changed."""
        if not self.write_labels:
            return None
        _require()
        from connectors.google.labels import GoogleLabels  # noqa: PLC0415

        return GoogleLabels(
            self.name,
            around.path(self.token),
            prefix=self.label_prefix,
            endpoint=self.endpoint,
            # What a rate limit holds up is written by the next run.
            patience=replace(_patience(around), budget=0.0),
        )

    @property
    def writes_labels(self) -> bool:
        """Whether the settings ask for labels."""
        return self.write_labels

    def secrets(self) -> tuple[Secret, ...]:
        """The token file."""
        return (_token(self.name, self.token),)

    def check(self, around: Surroundings) -> Check:
        """Say whether the token file is there and can be read. With ``mail``, log in to the mailbox."""
        login = "touchbase login google --mail" if self.mail else "touchbase login google"
        found = _login(around.path(self.token), login)
        if found.status != "ok" or not self.mail:
            return found
        from connectors.google.mailbox_check import look  # noqa: PLC0415

        patience = replace(_patience(around), attempts=1)
        return look(around.path(self.token), self.name, self.endpoint, patience)


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
    endpoint: Endpoint | None = None

    def open(self, around: Surroundings) -> GoogleTasksSink:
        """Make the sink. It logs in with its first request."""
        _require()
        from connectors.google.tasks import GoogleTasksSink  # noqa: PLC0415

        return GoogleTasksSink(
            around.path(self.token),
            list_title=self.list,
            create_list=self.create_list,
            endpoint=self.endpoint,
            command="touchbase login google --tasks",
            # The delivery as a whole has one patience (``flows.run.delivery``).
            patience=replace(_patience(around), budget=0.0, sleep=around.unanswered.sleep),
            known=around.address,
        )

    def secrets(self) -> tuple[Secret, ...]:
        """The token file."""
        return (_token("tasks", self.token),)

    def check(self, around: Surroundings) -> Check:
        """Say whether the token file is there and can be read."""
        return _login(around.path(self.token), "touchbase login google --tasks")


def _require() -> None:
    require("google", 'type = "google"')


def _patience(around: Surroundings) -> Patience:
    from connectors.google.client.api import Patience  # noqa: PLC0415

    return Patience(unanswered=around.unanswered)


def _login(token: Path, command: str) -> Check:
    """Say whether the token file can be read, or how to get one."""
    try:
        _require()
    except ExtraMissing as missing:
        return Check("error", missing.message, missing.help)
    if not token.exists():
        return Check("error", f"{token} does not exist", f"{command} (docs/google.md)")
    return private(token)


def _token(name: str, file: Path) -> Secret:
    variable = f"TOUCHBASE_TOKEN_{name.upper().replace('-', '_')}"
    return Secret(variable, f"touchbase-{name.lower().replace('_', '-')}", file)
