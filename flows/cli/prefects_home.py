"""Prefect in the process of a command: with the network's own folder, and nothing of the working folder."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager

from flows.cli.console import note
from flows.server.served import prefect_home
from flows.settings.model import Settings

# Without these Prefect calls home at its start, and shows only its own log.
_PREFECT = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "connectors,people,rules,flows",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
}
_QUIET = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}


def own_server() -> dict[str, str]:
    """The environment of the server that Prefect starts for one run: only this process knows its password."""
    password = secrets.token_urlsafe(24)
    return {
        "PREFECT_SERVER_API_AUTH_STRING": password,
        "PREFECT_API_AUTH_STRING": password,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": "",
    }


@contextmanager
def prefects_home(settings: Settings, login: Mapping[str, str], *, verbose: bool) -> Iterator[None]:
    """Set the environment for Prefect, and stay in its folder meanwhile.

    Prefect reads ``.env``, ``prefect.toml`` and ``pyproject.toml`` in the working folder, and Python would
    import what lies there into the server that Prefect starts. What the user set in the environment counts.
    """
    home = prefect_home(settings)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    ours = _PREFECT if verbose else _PREFECT | _QUIET
    values = {**ours, **{name: os.environ[name] for name in ours if name in os.environ}, **login}
    values |= {"PREFECT_HOME": str(home), "PYTHONSAFEPATH": "1"}
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    if sys.stderr.isatty():
        note("Starting Prefect ...")
    try:
        with chdir(home):
            yield
    finally:
        # The run may have added secrets, which stay.
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
