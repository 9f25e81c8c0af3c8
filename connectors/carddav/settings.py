"""Settings of address books on a CardDAV server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from connectors.base import Surroundings
from connectors.questions import Question
from connectors.shared.dav.account import DavAccount

if TYPE_CHECKING:
    from connectors.carddav.source import CardDavSource


class CardDavSettings(DavAccount):
    """The address books of an account; those that ``books`` names, or all."""

    tells = frozenset({"contacts"})
    service = "carddav"
    title = "another server (CardDAV)"
    asks = (
        Question("url", "Its address"),
        Question("user", "Your user name there"),
    )
    example = """\
[[sources]]
name = "contacts"
type = "carddav"
url = "https://dav.example.com/" # or preset = "icloud", "fastmail", "posteo", "mailbox.org"
user = "you"                     # the password is in TOUCHBASE_CARDDAV_PASSWORD
"""

    type: Literal["carddav"]
    password_env: str = "TOUCHBASE_CARDDAV_PASSWORD"  # noqa: S105 - a variable's name
    books: tuple[str, ...] = ()

    def open(self, around: Surroundings) -> CardDavSource:
        """Make the source. Raises ``LoginNeeded`` when a password is missing."""
        password = self.password(around)
        from connectors.carddav.source import CardDavSource  # noqa: PLC0415 - requests is slow to import

        return CardDavSource(
            self.name,
            self.server,
            user=self.login,
            password=password,
            wanted=self.books,
            known=around.known_cards,
            pool=around.pool,
            progress=around.progress,
        )
