"""Logins to Google: the scopes, and credentials that are refreshed and saved."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google.auth.exceptions import RefreshError
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials

from connectors.google.client import token_file
from connectors.google.client.errors import Unavailable
from people.errors import LoginNeeded, SettingsError, TouchbaseError

log = logging.getLogger(__name__)

TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, not a secret
_SCOPE = "https://www.googleapis.com/auth/"


def scopes_for(
    *,
    contacts: bool = False,
    calendars: bool = False,
    calendar_titles: bool = False,
    other_contacts: bool = False,
    write_labels: bool = False,
    tasks: bool = False,
    mail: bool = False,
) -> tuple[str, ...]:
    """The narrowest scopes for these purposes.

    ``calendar_titles`` is for calendars that the settings name by title, because then the list of calendars
    is read. ``write_labels`` asks for the right to change contacts, because Google has no narrower scope.
    ``mail`` is for headers and labels of mails; a body cannot be read with it.
    """
    wanted = [
        (contacts and not write_labels, "contacts.readonly"),
        (write_labels, "contacts"),
        (other_contacts, "contacts.other.readonly"),
        (calendars, "calendar.events.readonly"),
        (calendar_titles, "calendar.calendarlist.readonly"),
        (tasks, "tasks"),
        (mail, "gmail.metadata"),
    ]
    return tuple(_SCOPE + name for asked, name in wanted if asked)


@dataclass
class Login:
    """One token file and the credentials in it. Threads may share it.

    ``scopes`` only matter to service accounts; a user's token has the scopes that the user allowed.
    ``command`` is the login command that error messages show.
    """

    path: Path
    command: str = "touchbase login google"
    scopes: tuple[str, ...] = ()
    _loaded: Any = field(default=None, repr=False)
    _saved: str | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def credentials(self) -> Any:  # noqa: ANN401 - google-auth has no annotations
        """The credentials, read once. Raises ``LoginNeeded`` and ``SettingsError``."""
        with self._lock:
            if self._loaded is None:
                content = token_file.read(self.path, self.command)
                self._loaded = self._make(content)
                self._saved = self._loaded.token
            return self._loaded

    def _make(self, content: dict[str, Any]) -> Any:  # noqa: ANN401
        try:
            if content.get("type") == "service_account":
                return _service_account(content, self.scopes)
            return _authorised_user(content)
        except (KeyError, ValueError, TypeError) as error:
            raise SettingsError(
                f"{self.path} is not a usable Google token file: {_missing(error)}",
                help=f"log in again: {self.command}",
            ) from None

    def save_if_refreshed(self) -> None:
        """Save a fresh access token, so that the next run does not have to ask for one.

        If the file cannot be written, a warning is logged, because the token still works for this run.
        """
        with self._lock:
            held = self._loaded
            if held is None or held.token == self._saved or not hasattr(held, "refresh_token"):
                return
            self._saved = held.token
            try:
                content = token_file.read(self.path, self.command)
                content |= _fresh_part(held)
                token_file.write(self.path, content)
            except (OSError, TouchbaseError) as error:
                log.warning("the refreshed Google token could not be saved in %s: %s", self.path, error)

    def explain(self, error: RefreshError) -> TouchbaseError:
        """The error for a failed refresh, with the next step for the user."""
        answer = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
        code = str(answer.get("error", ""))
        if error.retryable:
            return Unavailable("Google's token service failed for the moment", help="run again later")
        again = f"log in again: {self.command}"
        match code:
            case "invalid_grant":
                message = f"the Google login in {self.path} has expired or was withdrawn"
            case "invalid_client" | "deleted_client":
                message = f"Google no longer knows the OAuth client of the login in {self.path}"
            case "unauthorized_client" | "access_denied" | "invalid_scope":
                message = f"Google does not let the login in {self.path} ask for this access ({code})"
                again = f"{again}; for a service account see docs/google.md, 'Domain-wide delegation'"
            case _:
                message = f"the Google login in {self.path} can no longer be used"
        return LoginNeeded(message, help=again)


class _WithoutBoundary(service_account.Credentials):
    """A service account that does not look up its Cloud region, because Workspace has none."""

    def _after_refresh(self, *_: object) -> None:
        return


def _authorised_user(content: dict[str, Any]) -> Any:  # noqa: ANN401
    if not (content.get("token") or content.get("refresh_token")):
        raise KeyError("refresh_token")
    expiry = content.get("expiry")
    # from_authorized_user_info() would ignore the file's token_uri.
    return Credentials(  # type: ignore[no-untyped-call]
        token=content.get("token"),
        refresh_token=content.get("refresh_token"),
        token_uri=content.get("token_uri") or TOKEN_URI,
        client_id=content.get("client_id"),
        client_secret=content.get("client_secret"),
        expiry=_naive_utc(expiry) if expiry else None,
    )


def _service_account(content: dict[str, Any], scopes: tuple[str, ...]) -> Any:  # noqa: ANN401
    info = {**content, "token_uri": content.get("token_uri") or TOKEN_URI}
    return _WithoutBoundary.from_service_account_info(  # type: ignore[no-untyped-call]
        info, scopes=scopes, subject=content.get("subject")
    )


def _missing(error: Exception) -> str:
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)


def _naive_utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _fresh_part(held: Any) -> dict[str, Any]:  # noqa: ANN401
    expiry = held.expiry.replace(tzinfo=UTC).isoformat() if held.expiry else None
    return {"token": held.token, "refresh_token": held.refresh_token, "expiry": expiry}
