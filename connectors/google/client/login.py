"""``touchbase login google``: consent in a browser, here or through a tunnel."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIServer

from google_auth_oauthlib.flow import InstalledAppFlow, WSGITimeoutError

from connectors.google.client import token_file
from connectors.google.client.errors import Unavailable
from people.errors import LoginNeeded, SettingsError, TouchbaseError
from people.regular_files import read_regular


def login(
    client: Path,
    token: Path,
    scopes: Sequence[str],
    *,
    port: int = 0,
    open_browser: bool = True,
    browser: str | None = None,
    timeout: float = 300.0,
) -> None:
    """Ask for consent and save the token with mode 0600.

    ``client`` is the OAuth client file of the Cloud console (type Desktop). ``port`` 0 takes any free port.
    On a machine without a browser, choose a port and forward it (``ssh -L PORT:localhost:PORT``).
    ``timeout`` is in seconds. Raises ``SettingsError`` for a bad client file or a port in use, and
    ``LoginNeeded`` if consent was refused or incomplete.
    """
    flow = InstalledAppFlow.from_client_config(_client_config(client), scopes=list(scopes))
    try:
        with _port_of_a_moment_ago():
            granted = flow.run_local_server(
                port=port,
                open_browser=open_browser,
                browser=browser,
                timeout_seconds=timeout,
                # Without a new consent Google sends no refresh token at a second login.
                prompt="consent",
            )
    except Exception as error:
        known = _explain(error, scopes, port)
        if known is None:
            raise
        raise known from None
    token_file.write(token, _content(granted))


@contextmanager
def _port_of_a_moment_ago() -> Iterator[None]:
    """Let a login use the port that another one closed less than a minute ago; the library forbids it."""
    bind = WSGIServer.server_bind

    def bind_again(server: WSGIServer) -> None:
        if os.name == "posix":  # elsewhere it would take the port from a program that listens
            server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bind(server)

    WSGIServer.server_bind = bind_again  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        WSGIServer.server_bind = bind  # type: ignore[method-assign]


def _client_config(client: Path) -> dict[str, Any]:
    steps = "docs/google.md shows how to make one (OAuth client, type Desktop)"
    try:
        config = json.loads(read_regular(client))
    except FileNotFoundError:
        raise SettingsError(f"there is no OAuth client file at {client}", help=steps) from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"{client} cannot be read: {error}", help=steps) from None
    if not isinstance(config, dict) or not isinstance(config.get("installed"), dict):
        raise SettingsError(f"{client} is not an OAuth client of type Desktop", help=steps)
    lacking = {"client_id", "client_secret", "auth_uri", "token_uri"} - config["installed"].keys()
    if lacking:
        raise SettingsError(f"{client} lacks {', '.join(sorted(lacking))}", help=steps)
    return config


def _explain(error: Exception, scopes: Sequence[str], port: int) -> TouchbaseError | None:
    """The error for the user, by the library that raised it; None if it is none of these."""
    origin = type(error).__module__.partition(".")[0]
    if isinstance(error, WSGITimeoutError):
        return LoginNeeded("nobody answered Google's consent page in time", help="start the login again")
    if isinstance(error, Warning):  # oauthlib: "Scope has changed"
        return LoginNeeded(
            f"not everything was allowed; missing: {_left_out(error, scopes)}",
            help="log in again and tick every box on Google's page",
        )
    if origin == "oauthlib":
        return LoginNeeded(
            f"Google did not give consent ({getattr(error, 'error', None) or error})",
            help="see docs/google.md, 'What each error means'",
        )
    if origin == "requests":
        return Unavailable(
            "Google's token service cannot be reached", help="check the network, then log in again"
        )
    if isinstance(error, OSError):
        return SettingsError(
            f"port {port} cannot be used: {error.strerror}", help="choose another with --port"
        )
    return None


def _left_out(warning: Warning, scopes: Sequence[str]) -> str:
    given = set(getattr(warning, "new_scope", None) or ())
    return ", ".join(scope.rsplit("/", 1)[-1] for scope in scopes if scope not in given)


def _content(granted: Any) -> dict[str, Any]:  # noqa: ANN401 - google-auth has no annotations
    content: dict[str, Any] = json.loads(granted.to_json())
    return {"type": "authorized_user", **content, "token_uri": granted.token_uri}
