"""Where contacts, calendars, mail and tasks may be: the choices of ``touchbase init``, one block each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from connectors import catalog
from connectors.base import Connector, FileSource, SourceSettings
from connectors.caldav.settings import CalDavSettings, CalDavTasks
from connectors.carddav.settings import CardDavSettings
from connectors.csv.settings import CsvSettings
from connectors.google.settings import GoogleSettings
from connectors.ics.settings import IcsSettings
from connectors.imap.settings import PROVIDERS, ImapSettings
from connectors.linkedin.settings import LinkedInSettings
from connectors.mailbox.settings import MailboxSettings
from connectors.questions import Question
from connectors.vcard.settings import VCardSettings
from flows.cli.new_network.template import Value

Topic = Literal["contacts", "meetings", "messages", "tasks"]
SERVERS = (CardDavSettings, CalDavSettings, ImapSettings, CalDavTasks)
_SECRET_ADDRESS = "TOUCHBASE_CALENDAR_URL"  # noqa: S105 - a variable's name
_USER = Question("user", "Your user name there")
_ADDRESS = Question("url", "Its address, such as https://cloud.example.com/")


@dataclass(frozen=True, slots=True)
class Place:
    """One choice: what it is called, the connector, the values that are fixed, and what is asked.

    ``service`` names the account whose password it needs; "" if the address says which.
    """

    title: str
    connector: type[Connector]
    fixed: Mapping[str, Value] = field(default_factory=dict)
    asks: tuple[Question, ...] = ()
    service: str = ""


class _Service(NamedTuple):
    """A provider: which of our presets it has, and where its CalDAV tasks are."""

    title: str
    preset: str
    mail: bool = True
    tasks: str = ""


_SERVICES = (
    _Service("iCloud", "icloud"),
    _Service("Fastmail", "fastmail"),
    _Service("Nextcloud", "nextcloud", mail=False),
    _Service("Posteo", "posteo", tasks="https://posteo.de:8443/"),
    _Service("mailbox.org", "mailbox.org", tasks="https://dav.mailbox.org/caldav/"),
)


def places(topic: Topic) -> list[Place]:
    """What there is to choose: files, Google, the providers that we know, and any other server."""
    if topic == "tasks":
        sinks = [Place(sink.title, sink, asks=sink.asks) for sink in catalog.SINKS if sink.title]
        return _with_services(sinks, list(_tasks()))
    sources = [one for one in catalog.SOURCES if one.title and topic in one.tells and not one.ready]
    mail = topic == "messages"
    plain = [
        Place(one.title, one, asks=one.asks)
        for one in sources
        if not (mail and one is GoogleSettings)  # asked in its own words
    ]
    if topic == "meetings":
        secret = Place("the secret address of a calendar (iCal)", IcsSettings, {"url_env": _SECRET_ADDRESS})
        plain.insert(1, secret)
    return _with_services(plain, list(_mail() if mail else _dav(topic)))


def others() -> list[type[SourceSettings]]:
    """The sources that are asked about by themselves, because they hold none of the usual kinds."""
    usual = {"contacts", "meetings", "messages"}
    return [one for one in catalog.SOURCES if one.title and not one.tells & usual]


def _with_services(plain: list[Place], services: list[Place]) -> list[Place]:
    """The providers stand between the files and a server of one's own."""
    own = [place for place in plain if place.connector in SERVERS]
    return [*(place for place in plain if place.connector not in SERVERS), *services, *own]


def _dav(topic: Topic) -> Iterator[Place]:
    connector = CardDavSettings if topic == "contacts" else CalDavSettings
    for service in _SERVICES:
        asks = (_ADDRESS, _USER) if service.preset == "nextcloud" else (_USER,)
        yield Place(service.title, connector, {"preset": service.preset}, asks, service.title)


def _mail() -> Iterator[Place]:
    user = Question("user", "Your mail address there")
    yield Place("Gmail", ImapSettings, {"preset": "gmail"}, (user,), "Gmail")
    for service in _SERVICES:
        if service.mail:
            yield Place(service.title, ImapSettings, {"preset": service.preset}, (user,), service.title)


def _tasks() -> Iterator[Place]:
    named = Question("list", "Name of the list", "Touchbase")
    yield Place("a list in Nextcloud", CalDavTasks, {}, (_ADDRESS, _USER, named), "Nextcloud")
    for service in _SERVICES:
        if service.tasks:
            title = f"a list at {service.title}"
            yield Place(title, CalDavTasks, {"url": service.tasks}, (_USER, named), service.title)


def account_of(place: Place, values: Mapping[str, Value]) -> str:
    """The account that a block logs in to, in words; "" if it needs no password."""
    if place.connector not in SERVERS:
        return ""
    return place.service or urlsplit(str(values.get("url", ""))).hostname or str(values.get("host", ""))


def variable(account: str, number: int = 1) -> str:
    """The environment variable for the password of an account.

    >>> variable("mailbox.org"), variable("dav.example.com", 2)
    ('TOUCHBASE_MAILBOX_ORG_PASSWORD', 'TOUCHBASE_DAV_EXAMPLE_COM_2_PASSWORD')
    """
    plain = re.sub(r"[^A-Z0-9]+", "_", account.upper()).strip("_") or "SERVER"
    return f"TOUCHBASE_{plain}{f'_{number}' if number > 1 else ''}_PASSWORD"


def tasks_address(place: Place, url: str) -> str:
    """The address of a task list's server: that of a Nextcloud is below the one that people know."""
    if place.service != "Nextcloud" or place.connector is not CalDavTasks or "remote.php" in url:
        return url
    return f"{url.rstrip('/')}/remote.php/dav/"


def where_made(place: Place) -> str:
    """Where the provider gives out app passwords; "" if the usual password works."""
    made = {name: provider.app_passwords for name, provider in PROVIDERS.items()}
    return made.get(place.fixed.get("preset"), "")  # type: ignore[call-overload, no-any-return]


def guess(topic: Topic, path: Path) -> type[FileSource] | None:
    """The connector for a file or folder that was dropped in place of a number."""
    name, suffix = path.name.lower(), path.suffix.lower()
    inside = {one.suffix.lower() for one in path.glob("*")} if path.is_dir() else {suffix}
    if topic == "contacts":
        if suffix == ".zip" or name == "connections.csv" or (path / "Connections.csv").exists():
            return LinkedInSettings
        return (
            VCardSettings if ".vcf" in inside else CsvSettings if suffix in (".csv", ".tsv", ".txt") else None
        )
    if topic == "meetings":
        return IcsSettings if inside & {".ics", ".vcs"} else None
    return MailboxSettings if topic == "messages" else None
