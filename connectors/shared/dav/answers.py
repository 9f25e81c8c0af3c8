"""What a DAV server's refusal means for the user, in one sentence each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from connectors.shared.dav.client import BROKEN_OFF, Answer, PlainPassword, SentAway
from people.errors import LoginNeeded, NoAnswer, RetryLater, ServiceRefuses, UserMustAct

_AGAIN = "the next run tries again"


@dataclass(frozen=True, slots=True)
class Service:
    """How messages name a server, and where its settings are (``source 'icloud'``, ``[tasks]``)."""

    url: str
    settings: str
    kind: str

    def key(self, name: str) -> str:
        """One of the settings, as messages name it."""
        return f"{self.settings} {name}" if self.settings.startswith("[") else f"{name} of {self.settings}"

    def not_dav(self) -> UserMustAct:
        """The error for an answer that no DAV server gives."""
        return UserMustAct(f"{self.url} does not answer as a {self.kind} server does", help=self._address())

    def check(self, answer: Answer) -> None:
        """Raise ``LoginNeeded``, ``UserMustAct`` or ``RetryLater`` for an answer that refuses."""
        status = answer.status
        if status == 401:
            raise LoginNeeded(
                f"the {self.kind} server {self.url} refuses user or password",
                help=f"check user and password_env of {self.settings}; many services want an app password",
            )
        if status == 403:
            raise UserMustAct(
                f"the {self.kind} server {self.url} does not allow this user to read {answer.url}",
                help=f"share it there with the user of {self.settings}, or leave it out of the settings",
            )
        pause = answer.retry_after()
        if status == 429 or (status == 503 and pause is not None):
            raise ServiceRefuses(
                f"the {self.kind} server {self.url} asks for a pause", help=_AGAIN, retry_after=pause
            )
        if status in (408, 425) or status >= 500:
            raise RetryLater(f"the {self.kind} server {self.url} answers {status}", help=_AGAIN)
        if status >= 400:
            raise UserMustAct(f"the {self.kind} server {self.url} answers {status}", help=self._address())

    @contextmanager
    def plain_errors(self) -> Iterator[None]:
        """Turn the errors of ``DavClient`` into ``RetryLater`` and ``UserMustAct``."""
        try:
            yield
        except requests.exceptions.SSLError as error:
            raise UserMustAct(
                f"the certificate of {self.url} is not valid for it",
                help="check the address; a certificate that does not match is never accepted",
            ) from error
        except BROKEN_OFF as error:
            raise NoAnswer(
                f"the {self.kind} server {self.url} does not answer",
                help="is it running, and is the address right?",
            ) from error
        except SentAway as error:
            raise UserMustAct(
                f"the {self.kind} server {self.url} {error}, where the password is not sent",
                help=f"if you trust that address, put it into {self.key('url')}",
            ) from error
        except PlainPassword as error:
            raise LoginNeeded(
                f"the {self.kind} server {self.url} wants the password over http, where others can read it",
                help=f"use https in {self.key('url')}; in a network of your own: allow_http = true",
            ) from error
        except (requests.exceptions.RequestException, ValueError) as error:
            raise self.not_dav() from error

    def _address(self) -> str:
        return f"check {self.key('url')}: it names the server, or the collection itself"
