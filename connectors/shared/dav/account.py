"""Whose address books or calendars a source reads: the address, the user, the password."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from connectors.base import Check, Secret, SourceSettings, Surroundings
from connectors.checks import is_private
from connectors.shared.dav.server import Server
from people.errors import LoginNeeded

if TYPE_CHECKING:
    from connectors.shared.dav.source import DavSource

Preset = Literal["fastmail", "icloud", "mailbox.org", "nextcloud", "posteo"]


_PRESETS: dict[Preset, dict[str, Server]] = {
    "fastmail": {
        "carddav": Server("https://carddav.fastmail.com/", "fastmail.com"),
        "caldav": Server("https://caldav.fastmail.com/", "fastmail.com"),
    },
    # iCloud names another host for each user, such as p42-contacts.icloud.com.
    "icloud": {
        "carddav": Server("https://contacts.icloud.com/", "icloud.com"),
        "caldav": Server("https://caldav.icloud.com/", "icloud.com"),
    },
    "mailbox.org": {
        "carddav": Server("https://dav.mailbox.org/carddav/"),
        "caldav": Server("https://dav.mailbox.org/caldav/"),
    },
    "posteo": {
        "carddav": Server("https://posteo.de:8843/"),
        "caldav": Server("https://posteo.de:8443/"),
    },
}
_NEXTCLOUD = "/remote.php/dav/"
_DOMAIN = re.compile(r"(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)*")


def refuse_login_in(url: str) -> None:
    """Raise ``ValueError`` for an address with a password, which messages would show."""
    if urlsplit(url).username is not None:
        msg = (
            "url contains a login; put the name into user, and the password into the variable of password_env"
        )
        raise ValueError(msg)


def _domain(email: str) -> str:
    """The domain of a mail address as DNS knows it (IDNA); empty if it is not one."""
    domain = email.rpartition("@")[2].strip().rstrip(".").lower()
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:  # an empty part, or one that is too long
        return ""
    return domain if _DOMAIN.fullmatch(domain) else ""


class DavAccount(SourceSettings):
    """One account on a CardDAV or CalDAV server: ``url``, or a ``preset``, or ``email`` alone.

    With ``email``, its domain says where the server is (RFC 6764). The password is in the environment
    variable ``password_env``; iCloud and Fastmail want an app password.
    """

    service: ClassVar[Literal["carddav", "caldav"]]

    url: str = Field(default="", pattern=r"^(https?://[^/].*)?$")
    preset: Preset | None = None
    email: str = ""
    user: str = ""
    password_env: str

    @model_validator(mode="after")
    def _one_address(self) -> DavAccount:
        refuse_login_in(self.url)
        if self.preset == "nextcloud" and not self.url:
            msg = "preset 'nextcloud' needs url, the address of your server"
            raise ValueError(msg)
        if self.preset not in (None, "nextcloud") and self.url:
            msg = f"preset '{self.preset}' has an address of its own; remove url"
            raise ValueError(msg)
        if not (self.url or self.preset or "@" in self.email):
            msg = "an address is missing; give url, preset or email"
            raise ValueError(msg)
        if not (self.url or self.preset or _domain(self.email)):
            msg = f"email '{self.email}' has no domain that could be asked"
            raise ValueError(msg)
        if self.url and not is_private(self.url) and self.login:
            msg = f"the password would be readable on its way to {self.url}; use https"
            raise ValueError(msg)
        return self

    @property
    def server(self) -> Server:
        """Where to ask."""
        if self.preset == "nextcloud":
            address = urlsplit(self.url)
            path = address.path.rstrip("/")
            return Server(
                self.url if "remote.php" in path else address._replace(path=path + _NEXTCLOUD).geturl()
            )
        if self.preset is not None:
            return _PRESETS[self.preset][self.service]
        if self.url:
            return Server(self.url)
        domain = _domain(self.email)
        return Server(f"https://{domain}/.well-known/{self.service}", mail_domain=domain)

    @property
    def login(self) -> str:
        """The user's name at the server; the e-mail address unless ``user`` is set."""
        return self.user or self.email

    def password(self, around: Surroundings) -> str:
        """The password. Raises ``LoginNeeded`` when there is a user and no password."""
        password = around.environ.get(self.password_env, "")
        if self.login and not password:
            raise LoginNeeded(
                f"the password of {self.login} for source '{self.name}' is not set",
                help=f"put it into the environment variable {self.password_env} (password_env)",
            )
        return password

    def secrets(self) -> tuple[Secret, ...]:
        """The password."""
        return (Secret(self.password_env, self.password_env.lower().replace("_", "-")),)

    @abstractmethod
    def open(self, around: Surroundings) -> DavSource:
        """Make the source. Raises ``LoginNeeded`` when a password is missing."""

    def check(self, around: Surroundings) -> Check:
        """Log in, and name what the source reads, with counts."""
        return self.open(around).look()
