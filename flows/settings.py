"""touchbase.toml: its models, its defaults, and errors that name the key and the remedy.

Every key can also be set as ``TOUCHBASE_SECTION__KEY`` (list items by number:
``TOUCHBASE_SOURCES__0__PATH``). The environment wins over the file.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from people.errors import SettingsError

PREFIX = "TOUCHBASE_"


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


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings file and the environment.

    Raises ``SettingsError`` with every mistake in it, each naming its key and what would be right.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(
            f"there is no settings file {path}",
            help="make one with: touchbase init   (or name another: --config FILE)",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}", help="it must be a UTF-8 text file") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}", help="mend that line") from error
    _overlay(data, environ)
    try:
        return Settings.model_validate({**data, "folder": path.absolute().parent})
    except ValidationError as error:
        raise SettingsError(
            f"{path} has {error.error_count()} mistake(s):\n" + "\n".join(_sentences(error)),
            help="mend the settings file; touchbase init writes a commented example",
        ) from error


def _overlay(data: dict[str, Any], environ: Mapping[str, str]) -> None:
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX) or "__" not in name:
            continue
        section, *rest = name.removeprefix(PREFIX).lower().split("__")
        if section in Settings.model_fields and section != "folder":
            _set(data, [section, *rest], _parsed(value))


def _set(data: dict[str, Any], keys: list[str], value: object) -> None:
    here: Any = data
    for key, following in zip(keys, [*keys[1:], ""], strict=True):
        index: Any = key
        if not isinstance(here, dict | list):
            raise SettingsError(
                f"the environment sets {PREFIX}{'__'.join(keys).upper()}, which is too deep",
                help="a section and a key: TOUCHBASE_STORE__URL",
            )
        if isinstance(here, list):
            if not key.isdigit() or int(key) >= len(here):
                raise SettingsError(
                    f"the environment sets item '{key}' of a list of {len(here)}",
                    help="items are numbered from 0: TOUCHBASE_SOURCES__0__PATH",
                )
            index = int(key)
        if not following:
            here[index] = value
            return
        here = here[index] if isinstance(here, list) else here.setdefault(index, {})


def _parsed(value: str) -> object:
    """Lists and tables are given as JSON; all else is text, which the models convert."""
    if value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _sentences(error: ValidationError) -> Iterable[str]:
    for item in error.errors():
        where = ".".join(str(part) for part in item["loc"] if part not in _type_tags())
        if item["type"] == "extra_forbidden":
            yield f"  {where}: unknown key{_did_you_mean(item['loc'])}"
        elif item["type"] == "missing":
            yield f"  {where}: is missing"
        elif item["type"].startswith("union_tag"):
            yield f"  {where}: not a known type{_meant(item)}; use one of {_tags(item)}"
        else:
            yield f"  {where}: {item['msg'].removeprefix('Value error, ')}"


def _meant(item: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    given = item["input"].get("type") if isinstance(item["input"], Mapping) else None
    close = difflib.get_close_matches(str(given), sorted(_type_tags()), 1)
    return f"; did you mean '{close[0]}'?" if close else ""


def _tags(item: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    return str(item.get("ctx", {}).get("expected_tags", "its documented values"))


def _models() -> dict[str, tuple[type[_Section], ...]]:
    sources = get_args(get_args(SourceSettings)[0])
    tasks = get_args(get_args(TaskSettings)[0])
    return {
        "me": (Me,),
        "store": (StoreSettings,),
        "rules": (RulesSettings,),
        "identity": (IdentitySettings,),
        "budget": (Budget,),
        "digest": (Digest,),
        "approval": (Approval,),
        "sources": sources,
        "tasks": tasks,
    }


def _type_tags() -> set[str]:
    models = _models()
    return {str(get_args(m.model_fields["type"].annotation)[0]) for m in models["sources"] + models["tasks"]}


def _did_you_mean(loc: tuple[str | int, ...]) -> str:
    key = str(loc[-1])
    models = _models().get(str(loc[0]), ()) if len(loc) > 1 else (Settings,)
    fields = (item for model in models for item in model.model_fields.items())
    names = {field.alias or name for name, field in fields} - {"folder"}
    close = difflib.get_close_matches(key, sorted(names), 1)
    return f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(sorted(names))}"
