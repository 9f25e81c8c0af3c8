"""A login at an IMAP server: always encrypted, its errors sorted by remedy, its answers bounded."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from people.errors import LoginNeeded, RetryLater, TouchbaseError, UserMustAct
from people.text import one_line

Encryption = Literal["tls", "starttls", "none"]
Answer = Sequence[bytes | tuple[bytes, bytes] | None]
"""What the server sent: a tuple is a line and the literal that follows it."""
_Command = Callable[[], tuple[str, Any]]

MOST_LITERAL = 4 << 20
"""Bytes of one header block. What lies beyond is read and dropped."""
_MOST_ANSWER = 64 << 20
_MOST_SENT = 1 << 28
"""A larger literal cannot be a header block: the connection is closed."""
_LITTLE = 64 << 10
"""What stays of each block after an answer has grown beyond its bound."""
_TIMEOUT = 60
_BUSY = re.compile(r"UNAVAILABLE|INUSE|LIMIT|OVERQUOTA|SERVERBUG|too many|try again|temporar", re.IGNORECASE)


@dataclass(frozen=True)
class Account:
    """Where to log in. ``password_env`` and ``app_passwords`` (an address) are for messages.

    ``ca`` is a file with the certificate to trust, in place of those that the system trusts.
    """

    host: str
    port: int
    user: str
    password: str
    encryption: Encryption = "tls"
    ca: Path | None = None
    password_env: str = ""
    app_passwords: str = ""

    def __str__(self) -> str:
        return f"{self.user} at {self.host}"

    def __repr__(self) -> str:
        return f"Account({self})"


class CommandFailed(Exception):
    """The server refused one command. The connection lives on."""


class ConnectionLost(Exception):
    """The connection broke, or the server no longer answers."""


class _Bounded(imaplib.IMAP4):
    """Keeps a bounded part of what the server sends."""

    room = _MOST_ANSWER

    def read(self, size: int) -> bytes:
        """Read a literal of ``size`` bytes; return at most ``MOST_LITERAL`` of them."""
        if size > _MOST_SENT:
            msg = "the server sends without end"
            raise self.abort(msg)
        kept = min(size, MOST_LITERAL, max(self.room, _LITTLE))
        self.room -= kept
        data = super().read(kept)
        while (size := size - kept) > 0:
            kept = min(size, MOST_LITERAL)
            if len(super().read(kept)) < kept:
                break
        return data


class _BoundedTls(_Bounded, imaplib.IMAP4_SSL):
    """The same over TLS."""


class Session:
    """An open login. Its commands raise ``CommandFailed`` and ``ConnectionLost``."""

    def __init__(self, account: Account) -> None:
        """Connect and log in. Raises the groups of ``people.errors``."""
        self._account = account
        with in_words(account):
            self._imap = _connected(account)
            try:
                self._log_in()
                self.capabilities = frozenset(_text(self._imap.capability()[1]).upper().split())
            except BaseException:
                self.close()
                raise

    @property
    def is_gmail(self) -> bool:
        """Whether the server knows Gmail's ids of mails and threads."""
        return "X-GM-EXT-1" in self.capabilities

    def _log_in(self) -> None:
        imap, user, password = self._imap, self._account.user, self._account.password
        if "AUTH=PLAIN" in imap.capabilities:
            words = f"\0{user}\0{password}".encode()
            imap.authenticate("PLAIN", lambda _: words)
        else:
            imap.login(quoted(user), password)

    def list_folders(self, rest: str) -> Answer:
        """LIST all folders; ``rest`` are return options."""
        self._asked(lambda: self._imap.xatom("LIST", '""', f'"*" {rest}'.strip()))
        return self.leftover("LIST")

    def namespaces(self) -> Answer:
        """NAMESPACE: whose folders lie where."""
        return self._asked(self._imap.namespace)

    def status(self, folder: str, items: str) -> Answer:
        """STATUS of a folder, which is named as IMAP writes it."""
        return self._asked(lambda: self._imap.status(_path(folder), items))

    def examine(self, folder: str) -> dict[str, int]:
        """Open a folder for reading only; return EXISTS, UIDVALIDITY and UIDNEXT as far as it says."""
        self._imap.untagged_responses.clear()
        exists = self._asked(lambda: self._imap.select(_path(folder), readonly=True))
        found = {"EXISTS": _number(exists)}
        found |= {code: _number(self._imap.response(code)[1]) for code in ("UIDVALIDITY", "UIDNEXT")}
        return {name: number for name, number in found.items() if number is not None}

    def search(self, *keys: str) -> list[int]:
        """UID SEARCH; return the UIDs, sorted."""
        answer = self._asked(lambda: self._imap.uid("SEARCH", *keys))
        # A server with CONDSTORE may add "(MODSEQ 917)".
        lines = (line.partition(b"(")[0] for line in answer if isinstance(line, bytes))
        return sorted({int(word) for line in lines for word in line.split() if word.isdigit()})

    def fetch(self, uids: str, items: str) -> Answer:
        """UID FETCH of a set of UIDs."""
        self._imap.room = _MOST_ANSWER
        return self._asked(lambda: self._imap.uid("FETCH", uids, items))

    def leftover(self, name: str) -> Answer:
        """What came with another answer, such as STATUS with LIST."""
        found: Answer = self._imap.response(name)[1] or []
        return found

    def _asked(self, command: _Command) -> Answer:
        try:
            kind, answer = command()
        except imaplib.IMAP4.abort as error:
            raise ConnectionLost(_reason(error)) from error
        except imaplib.IMAP4.error as error:
            raise CommandFailed(_reason(error)) from error
        except OSError as error:
            raise ConnectionLost(_reason(error)) from error
        if kind != "OK":
            raise CommandFailed(one_line(_text(answer))[:200])
        return cast("Answer", answer)

    def close(self) -> None:
        """Log out. Errors no longer matter."""
        with suppress(imaplib.IMAP4.error, OSError):
            self._imap.logout()
        with suppress(imaplib.IMAP4.error, OSError):
            self._imap.shutdown()


def quoted(text: str) -> str:
    """A quoted string of IMAP."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _path(folder: str) -> str:
    """A folder's path as an argument. A server may write UTF-8, which ``imaplib`` only sends as bytes."""
    return cast("str", quoted(folder).encode("utf-8"))


def _connected(account: Account) -> _Bounded:
    """Connect, encrypted. A certificate that is not valid for the host ends it: there is no way around."""
    host, port = account.host, account.port
    if account.encryption == "none":
        return _Bounded(host, port, timeout=_TIMEOUT)
    trusted = _trusted(account)
    if account.encryption == "tls":
        return _BoundedTls(host, port, ssl_context=trusted, timeout=_TIMEOUT)
    imap = _Bounded(host, port, timeout=_TIMEOUT)
    try:
        imap.starttls(trusted)
    except BaseException:
        with suppress(OSError):
            imap.shutdown()
        raise
    return imap


def _trusted(account: Account) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=account.ca)
    except OSError as error:
        message = f"the certificate in {account.ca} cannot be used: {error.strerror}"
        raise UserMustAct(message, help="'ca' names a file in PEM, which begins with -----BEGIN") from error


@contextmanager
def in_words(account: Account) -> Iterator[None]:
    """Turn what fails before a folder is read into the groups of ``people.errors``."""
    where = f"the mail of {account}"
    try:
        yield
    except (CommandFailed, ConnectionLost) as error:
        raise RetryLater(
            f"{where}: the server did not answer as expected: {error}", help="run again later"
        ) from error
    except ssl.SSLCertVerificationError as error:
        message = f"{where}: the certificate of {account.host} is not valid: {error.verify_message}"
        remedy = (
            "check 'host'; if the server is yours, name the file of its certificate in 'ca' (docs/mail.md)"
        )
        raise UserMustAct(message, help=remedy) from error
    except ssl.SSLError as error:
        message = f"{where}: port {account.port} does not speak TLS as expected ({error.reason})"
        raise UserMustAct(message, help="check 'port': 993 is TLS, 143 is STARTTLS") from error
    except imaplib.IMAP4.abort as error:
        raise RetryLater(f"{where}: the connection broke", help="run again later") from error
    except imaplib.IMAP4.error as error:
        raise _refused(account, str(error)) from error
    except UnicodeEncodeError as error:
        message = f"{where}: the server accepts only plain letters in a password"
        raise LoginNeeded(message, help=_password_help(account)) from error
    except OSError as error:
        raise RetryLater(
            f"{where}: the server cannot be reached: {error.strerror or type(error).__name__}",
            help="check the network, and 'host' and 'port' of this source",
        ) from error


def _refused(account: Account, reason: str) -> TouchbaseError:
    where = f"the mail of {account}"
    if "STARTTLS" in reason.upper():
        return UserMustAct(
            f"{where}: the server does not offer STARTTLS", help="check 'port' and 'encryption'"
        )
    # A server that is busy says so in its answer to a login that is right.
    if _BUSY.search(reason) and "AUTHENTICATIONFAILED" not in reason:
        return RetryLater(f"{where}: the server is busy", help="run again later")
    message = f"{where}: the server does not accept the password"
    return LoginNeeded(message, help=_password_help(account))


def _password_help(account: Account) -> str:
    where = f" (make one at {account.app_passwords})" if account.app_passwords else ""
    wanted = "an app password, not that of the account" if where else "the right password"
    return f"put {wanted}{where} into {account.password_env}, or check 'user': docs/mail.md"


def _reason(error: BaseException) -> str:
    """What kind of error it is. What the server wrote stays out, because it may quote anything."""
    return getattr(error, "strerror", None) or type(error).__name__


def _text(answer: Answer) -> str:
    return " ".join(part.decode("ascii", "replace") for part in answer if isinstance(part, bytes))


def _number(answer: Answer) -> int | None:
    found = next((part for part in answer if isinstance(part, bytes) and part.isdigit()), None)
    return int(found) if found else None
