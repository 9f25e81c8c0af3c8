"""Which Prefect server a run from the command line reports to. This module does not import Prefect."""

from __future__ import annotations

import base64
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from urllib import error as http_error
from urllib import request as http

from flows.server import served
from flows.settings.model import Settings
from people.errors import UserMustAct

_SECONDS = 5.0
_HERE = "to run without a server: PREFECT_API_URL= touchbase run"


def find(config: Path, settings: Settings, say: Callable[[str], None]) -> str | None:
    """The address of the API of the server for this run; None if the run needs none.

    The first of these counts: the variable PREFECT_API_URL (empty means none), ``touchbase serve`` of this
    network, the active profile of Prefect. Raises ``UserMustAct`` if a server that the user named does not
    answer. If ``touchbase serve`` does not, ``say`` is told, and the run needs no server.
    """
    named = os.environ.get("PREFECT_API_URL")
    if named is not None:
        return _asked(named, "PREFECT_API_URL names it") if named else None
    home = served.prefect_home(settings)
    note = served.read_note(home)
    if note is not None and note.config == config.absolute():
        return _of_serve(home, note, say)
    profile = _profile()
    return _asked(profile, "Prefect's active profile names it") if profile else None


def _of_serve(home: Path, note: served.Served, say: Callable[[str], None]) -> str | None:
    if not note.lives:
        served.remove_note(home)
        say("touchbase serve has ended; this run does not show in its UI")
        return None
    if _answer(note.api) is None:
        say(f"touchbase serve does not answer at {note.url}; this run does not show in its UI")
        return None
    return note.api


def _asked(api: str, why: str) -> str:
    status = _answer(api.rstrip("/"))
    if status is None:
        raise UserMustAct(
            f"the Prefect server at {api} does not answer ({why})", help=f"start it; or, {_HERE}"
        )
    if status in (401, 403):
        raise UserMustAct(
            f"the Prefect server at {api} wants a password ({why})",
            help=f"put it into PREFECT_API_AUTH_STRING (Prefect Cloud: PREFECT_API_KEY); or, {_HERE}",
        )
    return api


def _answer(api: str) -> int | None:
    """The HTTP status with which the server answers; None if it does not."""
    headers = {}
    if password := os.environ.get("PREFECT_API_AUTH_STRING"):
        headers["Authorization"] = f"Basic {base64.b64encode(password.encode()).decode()}"
    elif key := os.environ.get("PREFECT_API_KEY"):
        headers["Authorization"] = f"Bearer {key}"
    try:
        request = http.Request(f"{api}/admin/version", headers=headers)  # noqa: S310 - the user's own server
        with http.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return int(answer.status)
    except http_error.HTTPError as error:
        return error.code
    except (OSError, ValueError):
        return None


def _profile() -> str | None:
    """The server that the active profile of Prefect names (``prefect config set PREFECT_API_URL=...``)."""
    home = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect")
    path = Path(os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml")
    try:
        known = tomllib.loads(path.read_text("utf-8"))
        active = os.environ.get("PREFECT_PROFILE") or known["active"]
        return str(known["profiles"][active]["PREFECT_API_URL"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
