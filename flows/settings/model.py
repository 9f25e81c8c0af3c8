"""touchbase.toml: its models, its defaults, and errors that name the key and the remedy.

Every key can also be set as ``TOUCHBASE_SECTION__KEY`` (list items by number:
``TOUCHBASE_SOURCES__0__PATH``). The environment wins over the file.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from people.errors import SettingsError


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Me(_Section):
    """Who the user is. ``emails`` are all their addresses, lower case."""

    name: str = "Me"
    emails: tuple[str, ...] = ()
    time_zone: str = "UTC"
    region: str = "GB"
    currency: str = "GBP"

    @field_validator("emails", mode="after")
    @classmethod
    def _lower(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(email.strip().lower() for email in value)

    @field_validator("time_zone", mode="after")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            close = difflib.get_close_matches(value, sorted(available_timezones()), 1)
            hint = f"; did you mean '{close[0]}'?" if close else "; use an IANA name such as Europe/London"
            msg = f"'{value}' is no time zone{hint}"
            raise ValueError(msg) from error
        return value

    @property
    def zone(self) -> tzinfo:
        """The user's time zone, in which days are judged."""
        return ZoneInfo(self.time_zone)


class StoreSettings(_Section):
    """Where the store is: ``sqlite:///FILE`` or ``postgresql+psycopg://...``.

    On Postgres ``schema`` keeps this network apart from others in the same database.
    """

    url: str = "sqlite:///touchbase.db"
    # Pydantic has a method called schema.
    schema_name: str | None = Field(default=None, alias="schema")

    @field_validator("schema_name", mode="after")
    @classmethod
    def _plain_name(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"(?!pg_)[a-z_][a-z0-9_]{0,62}", value):
            msg = f"'{value}' is no schema; use lower-case letters, digits and _, such as anna_berg"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _schema_needs_postgres(self) -> Self:
        if self.schema_name and not self.url.startswith("postgresql"):
            msg = "schema is for a store on Postgres; name one as url, or remove schema"
            raise ValueError(msg)
        return self


class RulesSettings(_Section):
    """The folder of rule files."""

    path: Path = Path("rules")


class IdentitySettings(_Section):
    """The file with the user's own decisions about who is who."""

    path: Path = Path("identity.txt")


class _Source(_Section):
    name: str = Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")


class VCardSettings(_Source):
    """A .vcf file, or a folder of them."""

    type: Literal["vcard"]
    path: Path


class IcsSettings(_Source):
    """An .ics file, or a folder of them; the window is in days before and after today."""

    type: Literal["ics"]
    path: Path
    past_days: int = Field(default=1100, ge=1, le=7300)
    future_days: int = Field(default=365, ge=1, le=1100)


class JournalSettings(_Source):
    """The journal, a CSV file."""

    type: Literal["journal"]
    path: Path


class LinkedInSettings(_Source):
    """LinkedIn's own export, Connections.csv."""

    type: Literal["linkedin"]
    path: Path


class GoogleSettings(_Source):
    """Contacts and calendars of a Google account; ``token`` is made by ``touchbase login google``.

    ``write_labels`` (opt-in) writes tier and tags back as contact labels under ``label_prefix``.
    ``endpoint`` names an emulator: People and Tasks at /, Calendar at /calendar/v3/.
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


SourceSettings = Annotated[
    VCardSettings | IcsSettings | JournalSettings | LinkedInSettings | GoogleSettings,
    Field(discriminator="type"),
]


class VtodoTasks(_Section):
    """A folder with one .ics file a task (vdir), for todoman, vdirsyncer and the like."""

    type: Literal["vtodo-folder"] = "vtodo-folder"
    path: Path = Path("tasks")
    capacity_per_day: int = Field(default=5, ge=0)


class MarkdownTasks(_Section):
    """One Markdown checklist."""

    type: Literal["markdown"]
    path: Path = Path("follow-ups.md")
    capacity_per_day: int = Field(default=5, ge=0)


class GoogleTasks(_Section):
    """A list in Google Tasks, made when it is missing unless ``create_list`` is false."""

    type: Literal["google"]
    token: Path = Path("google.json")
    list: str = Field(default="Touchbase", min_length=1)
    create_list: bool = True
    endpoint: str | None = None
    capacity_per_day: int = Field(default=5, ge=0)


class CalDavTasks(_Section):
    """A calendar on a CalDAV server; the password is in the environment variable ``password_env``.

    ``url`` is the server's or the user's address, with ``list`` the calendar's name (made when it is
    missing unless ``create_list`` is false), or the address of the calendar itself.
    """

    type: Literal["caldav"]
    url: str = Field(pattern=r"^https?://[^/]")
    user: str = ""
    password_env: str = "TOUCHBASE_CALDAV_PASSWORD"  # noqa: S105 - a variable's name
    list: str = Field(default="Touchbase", min_length=1)
    create_list: bool = True
    capacity_per_day: int = Field(default=5, ge=0)


def _with_default_type(value: object) -> object:
    return {"type": "vtodo-folder", **value} if isinstance(value, Mapping) else value


TaskSettings = Annotated[
    VtodoTasks | MarkdownTasks | GoogleTasks | CalDavTasks,
    Field(discriminator="type"),
    BeforeValidator(_with_default_type),
]


class Budget(_Section):
    """What networking may cost a month, in hours and in the network's currency.

    ``travel_factor`` is what an hour at a meeting costs in all, the way there and back included.
    ``introductions_per_week`` caps how many introductions are suggested.
    """

    hours_per_month: Decimal | None = Field(default=None, ge=0)
    money_per_month: Decimal | None = Field(default=None, ge=0)
    travel_factor: Decimal = Field(default=Decimal(2), ge=1, le=10)
    introductions_per_week: int = Field(default=3, ge=0, le=100)


class Approval(_Section):
    """Whether a scheduled run asks in the Prefect UI before it delivers, and how long it waits."""

    enabled: bool = False
    # Longer would run into the next day's run.
    hours: float = Field(default=8, gt=0, le=20)


class Digest(_Section):
    """Where the day's page goes: one file a day in the folder ``path``, and by e-mail to ``mail_to``.

    The password of ``smtp_user`` is in the environment variable ``smtp_password_env``. Without
    ``smtp_port`` it is the usual one of ``smtp_security``.
    """

    path: Path | None = None
    mail_to: tuple[str, ...] = ()
    mail_from: str = ""
    smtp_host: str = "localhost"
    smtp_port: int | None = Field(default=None, ge=1, le=65535)
    smtp_security: Literal["STARTTLS", "SSL", "INSECURE"] = "STARTTLS"
    smtp_user: str = ""
    smtp_password_env: str = "TOUCHBASE_SMTP_PASSWORD"  # noqa: S105 - a variable's name


class Settings(_Section):
    """All of touchbase.toml; relative paths are relative to ``folder``, where the file lies."""

    me: Me = Me()
    store: StoreSettings = StoreSettings()
    rules: RulesSettings = RulesSettings()
    sources: tuple[SourceSettings, ...] = ()
    tasks: TaskSettings = VtodoTasks()
    identity: IdentitySettings = IdentitySettings()
    budget: Budget = Budget()
    digest: Digest = Digest()
    approval: Approval = Approval()
    folder: Path = Field(default=Path(), exclude=True)

    @field_validator("sources", mode="after")
    @classmethod
    def _names_differ(cls, value: tuple[_Source, ...]) -> tuple[_Source, ...]:
        names = [source.name for source in value]
        for name in names:
            if names.count(name) > 1:
                msg = f"two sources are named '{name}'; names must differ"
                raise ValueError(msg)
        return value

    def resolve(self, path: Path) -> Path:
        """``path`` as seen from the settings file."""
        return (self.folder / path.expanduser()).absolute()

    @property
    def store_url(self) -> str:
        """The store's URL: a relative SQLite file made absolute, the schema of Postgres added."""
        if self.store.schema_name:
            joint = "&" if "?" in self.store.url else "?"
            return f"{self.store.url}{joint}schema={self.store.schema_name}"
        prefix = "sqlite:///"
        if not self.store.url.startswith(prefix) or self.store.url.endswith((prefix, ":memory:")):
            return self.store.url
        return f"{prefix}{self.resolve(Path(self.store.url.removeprefix(prefix)))}"


def source_settings(settings: Settings, name: str) -> SourceSettings:
    """The settings of the source called ``name``; raises ``SettingsError`` for an unknown one."""
    for source in settings.sources:
        if source.name == name:
            return source
    names = ", ".join(source.name for source in settings.sources) or "none"
    raise SettingsError(f"there is no source '{name}'", help=f"sources in the settings: {names}")


def journal_path(settings: Settings) -> Path:
    """The file of the first journal source; raises ``SettingsError`` when there is none."""
    for source in settings.sources:
        if isinstance(source, JournalSettings):
            return settings.resolve(source.path)
    raise SettingsError(
        "the settings name no journal",
        help='add a source: [[sources]] name = "journal", type = "journal", path = "journal.csv"',
    )
