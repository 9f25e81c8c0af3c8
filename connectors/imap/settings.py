"""Settings of mail on an IMAP server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import Field, model_validator

from connectors.base import Check, Secret, SourceSettings, Surroundings
from connectors.checks import is_this_machine
from connectors.questions import Question
from connectors.shared.mail.settings import Since
from people.errors import LoginNeeded

if TYPE_CHECKING:
    from connectors.imap.session import Account
    from connectors.imap.source import ImapSource

Preset = Literal["gmail", "icloud", "fastmail", "posteo", "mailbox.org"]


class Provider(NamedTuple):
    """A mail service: its host, and where it gives out app passwords ("" if the usual password works)."""

    host: str
    app_passwords: str = ""


PROVIDERS: dict[Preset, Provider] = {
    "gmail": Provider("imap.gmail.com", "https://myaccount.google.com/apppasswords"),
    "icloud": Provider("imap.mail.me.com", "https://account.apple.com/account/manage"),
    "fastmail": Provider("imap.fastmail.com", "https://app.fastmail.com/settings/security/apps"),
    "posteo": Provider("posteo.de"),
    "mailbox.org": Provider("imap.mailbox.org"),
}


class ImapSettings(SourceSettings):
    """Mail on an IMAP server; the password is in the environment variable ``password_env``.

    ``preset`` knows the host of a mail service; ``host`` names another one. ``folders`` are "auto" or names.
    ``subjects`` keeps the subject of each mail. ``encryption`` is "tls" or "starttls" (the default for port
    143); "none" is allowed on this machine alone. ``ca`` is a file with the certificate of your own server.
    """

    tells = frozenset({"messages"})
    title = "another server (IMAP)"
    asks = (Question("host", "Its name, such as imap.example.com"), Question("user", "Your user name there"))
    example = """\
[[sources]]
name = "mail"
type = "imap"                    # docs/mail.md; only headers are read
preset = "gmail"                 # or icloud, fastmail, posteo, mailbox.org; or host = "imap.example.com"
user = "you@example.com"         # the app password is in TOUCHBASE_IMAP_PASSWORD
folders = "auto"                 # or ["INBOX", "Sent"]
since = "3y"
"""

    type: Literal["imap"]
    preset: Preset | None = None
    host: str = Field(default="", pattern=r"^[A-Za-z0-9.:_-]*$")
    port: int = Field(default=993, ge=1, le=65535)
    encryption: Literal["tls", "starttls", "none"] | None = None
    ca: Path | None = None
    user: str = Field(min_length=1, pattern=r"^[^\x00-\x1f\x7f]+$")
    password_env: str = Field(default="TOUCHBASE_IMAP_PASSWORD", min_length=1)
    folders: Literal["auto"] | tuple[str, ...] = "auto"
    since: Since = "3y"
    subjects: bool = False

    @model_validator(mode="after")
    def _one_server(self) -> ImapSettings:
        if bool(self.preset) == bool(self.host):
            msg = "name either 'preset' or 'host'"
            raise ValueError(msg)
        if self.encryption == "none" and not is_this_machine(self.host):
            msg = 'encryption = "none" is allowed for a server on this machine alone; leave it out'
            raise ValueError(msg)
        if self.folders == ():
            msg = 'folders names no folder; write "auto", or names such as ["INBOX", "Sent"]'
            raise ValueError(msg)
        return self

    def open(self, around: Surroundings) -> ImapSource:
        """Make the source. Raises ``LoginNeeded`` when the password is not known."""
        from connectors.imap.source import ImapSource  # noqa: PLC0415 - imaplib is slow to import

        return ImapSource(
            self.name,
            self._account(around),
            my_emails=around.me.emails,
            today=around.today,
            folders=self._folders,
            since=self.since,
            subjects=self.subjects,
            progress=around.progress,
        )

    def secrets(self) -> tuple[Secret, ...]:
        """The password."""
        return (Secret(self.password_env, self.password_env.lower().replace("_", "-")),)

    def check(self, around: Surroundings) -> Check:
        """Log in; say which folders are read and why, and whether sent mail is recent."""
        from connectors.imap.check import check  # noqa: PLC0415

        return check(self._account(around), self._folders, around.today)

    @property
    def _folders(self) -> tuple[str, ...] | None:
        return None if self.folders == "auto" else self.folders

    def _account(self, around: Surroundings) -> Account:
        from connectors.imap.session import Account  # noqa: PLC0415

        provider = PROVIDERS[self.preset] if self.preset else Provider(self.host)
        password = around.environ.get(self.password_env, "")
        account = Account(
            provider.host,
            self.port,
            self.user,
            # Google shows an app password in four groups.
            password.replace(" ", "") if self.preset == "gmail" else password,
            self.encryption or ("starttls" if self.port == 143 else "tls"),
            around.path(self.ca) if self.ca else None,
            self.password_env,
            provider.app_passwords,
        )
        if not password:
            made = f"an app password, made at {provider.app_passwords}," if provider.app_passwords else "it"
            raise LoginNeeded(
                f"the password of {account} is not known",
                help=f"put {made} into the environment variable {self.password_env}: docs/mail.md",
            )
        return account
