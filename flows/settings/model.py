"""The tables of touchbase.toml and their defaults; each connector brings its own (``connectors.catalog``).

Every key can also be set as ``TOUCHBASE_SECTION__KEY`` (list items by number:
``TOUCHBASE_SOURCES__0__PATH``). The environment wins over the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, field_validator, model_validator
from pydantic_core import PydanticCustomError, core_schema

from connectors import catalog
from connectors.base import (
    Connector,
    Me,
    Section,
    SinkSettings,
    SourceSettings,
    Surroundings,
    type_of,
)
from connectors.journal.settings import JournalSettings
from connectors.vcard.settings import VCardSettings
from flows.settings.secret_files import WithFiles
from people import store_url
from people.errors import SettingsError
from people.planning.working_days import Closed, WorkingDays

PLACEHOLDER_NAME = "Your Name"
PLACEHOLDER_EMAIL = "you@example.com"
"""What ``touchbase init`` writes for a name and addresses that it was not told."""


class StoreSettings(Section):
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
            msg = f"'{value}' is not a valid schema; use lower-case letters, digits and _, such as anna_berg"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _schema_needs_postgres(self) -> Self:
        if self.schema_name and not self.url.startswith("postgresql"):
            msg = "schema needs a store on Postgres: set url to one, or remove schema"
            raise ValueError(msg)
        return self


class RulesSettings(Section):
    """The folder of rule files."""

    path: Path = Path("rules")


class IdentitySettings(Section):
    """The file with the user's own decisions about who is who.

    ``bulk`` says what happens to cards whose full name nobody else in the book has: *merge* them, or *ask*.
    """

    path: Path = Path("identity.txt")
    bulk: Literal["merge", "ask"] = "merge"


@dataclass(frozen=True, slots=True)
class _OneOf:
    """Lets a field be any of the connectors in a list of the catalog; ``type`` says which one.

    The list is read when a value is, and only the models of the types that occur are built.
    """

    connectors: Callable[[], tuple[type[Connector], ...]]

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def _read(self, value: object) -> Connector:
        known = {type_of(one): one for one in self.connectors()}
        if isinstance(value, Connector):
            return value
        given = value.get("type") if isinstance(value, Mapping) else None
        if isinstance(given, str) and given in known:
            return known[given].model_validate(value)
        expected = ", ".join(f"'{one}'" for one in known)
        context = {"discriminator": "'type'", "tag": given, "expected_tags": expected}
        raise PydanticCustomError("union_tag_invalid", "use one of {expected_tags}", context)


def _default_sink() -> SinkSettings:
    return catalog.SINKS[0].model_validate(_with_default_type({}))


def _with_default_type(value: object) -> object:
    return {"type": type_of(catalog.SINKS[0]), **value} if isinstance(value, Mapping) else value


AnySource = Annotated[SourceSettings, _OneOf(lambda: catalog.SOURCES)]
AnySink = Annotated[SinkSettings, _OneOf(lambda: catalog.SINKS), BeforeValidator(_with_default_type)]


class Budget(Section):
    """What networking may cost per month, in hours and in the network's currency.

    ``travel_factor`` multiplies each hour at a meeting, to include the journey there and back.
    ``introductions_per_week`` is the most introductions that are suggested per week.
    """

    hours_per_month: Decimal | None = Field(default=None, ge=0)
    money_per_month: Decimal | None = Field(default=None, ge=0)
    travel_factor: Decimal = Field(default=Decimal(2), ge=1, le=10)
    introductions_per_week: int = Field(default=3, ge=0, le=100)


class CalendarSettings(Section):
    """Days on which nothing is due, besides weekends and the public holidays of your region.

    ``closed`` holds days and spans: ``2026-12-24/2027-01-02``, or ``12-01/12-31`` for every year.
    """

    closed: tuple[str, ...] = ()

    @field_validator("closed", mode="before")
    @classmethod
    def _as_texts(cls, value: object) -> object:
        return [str(one) for one in value] if isinstance(value, list | tuple) else value

    @field_validator("closed", mode="after")
    @classmethod
    def _days(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            try:
                Closed.read(text)
            except ValueError as error:
                msg = (
                    f"'{text}' is not a day or a span; write 2026-12-24, 2026-12-24/2027-01-02 or 12-01/12-31"
                )
                raise ValueError(msg) from error
        return value


class Approval(Section):
    """Whether a scheduled run asks in the Prefect UI before it delivers, and how long it waits."""

    enabled: bool = False
    # Longer would run into the next day's run.
    hours: float = Field(default=8, gt=0, le=20)


class Digest(Section):
    """Where the day's page goes: one file per day in the folder ``path``, and by e-mail to ``mail_to``.

    The password of ``smtp_user`` is in the environment variable ``smtp_password_env``. Without
    ``smtp_port`` the usual port of ``smtp_security`` is used.
    """

    path: Path | None = None
    mail_to: tuple[str, ...] = ()
    mail_from: str = ""
    smtp_host: str = "localhost"
    smtp_port: int | None = Field(default=None, ge=1, le=65535)
    smtp_security: Literal["STARTTLS", "SSL", "INSECURE"] = "STARTTLS"
    smtp_user: str = ""
    smtp_password_env: str = "TOUCHBASE_SMTP_PASSWORD"  # noqa: S105 - a variable's name


class Settings(Section):
    """All of touchbase.toml; relative paths are relative to ``folder``, the file's own folder."""

    me: Me = Me()
    store: StoreSettings = StoreSettings()
    rules: RulesSettings = RulesSettings()
    sources: tuple[AnySource, ...] = ()
    tasks: AnySink = Field(default_factory=_default_sink)
    identity: IdentitySettings = IdentitySettings()
    budget: Budget = Budget()
    digest: Digest = Digest()
    approval: Approval = Approval()
    calendar: CalendarSettings = CalendarSettings()
    folder: Path = Field(default=Path(), exclude=True)

    @field_validator("sources", mode="after")
    @classmethod
    def _names_differ(cls, value: tuple[SourceSettings, ...]) -> tuple[SourceSettings, ...]:
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
            return store_url.with_schema(self.store.url, self.store.schema_name)
        return store_url.within(self.folder, self.store.url)

    @property
    def working_days(self) -> WorkingDays:
        """The days on which follow-ups may be due."""
        return WorkingDays(self.me.region, tuple(map(Closed.read, self.calendar.closed)))

    def has_store(self) -> bool:
        """Whether there may be a store. A missing SQLite file is not made."""
        parts = store_url.split(self.store_url)
        return parts is None or Path(parts[0]).exists()

    def source(self, name: str) -> SourceSettings:
        """The settings of the source called ``name``; raises ``SettingsError`` for an unknown one."""
        for source in self.sources:
            if source.name == name:
                return source
        names = ", ".join(source.name for source in self.sources) or "none"
        raise SettingsError(f"there is no source '{name}'", help=f"sources in the settings: {names}")

    def source_to_add_to(self) -> VCardSettings | None:
        """The folder of cards into which new people are written; None when no source has ``add_here``."""
        ours = (one for one in self.sources if isinstance(one, VCardSettings) and one.add_here)
        return next(ours, None)

    def journal_path(self) -> Path:
        """The file of the first journal; raises ``SettingsError`` when there is none."""
        for source in self.sources:
            if isinstance(source, JournalSettings):
                return self.resolve(source.path)
        raise SettingsError(
            "the settings name no journal",
            help='add a source: [[sources]] name = "journal", type = "journal", path = "journal.csv"',
        )

    def around(self, today: date, environ: Mapping[str, str] = os.environ) -> Surroundings:
        """What a connector opens with; the caller adds what the store knows."""
        return Surroundings(folder=self.folder, today=today, me=self.me, environ=WithFiles(environ))
