"""Which Prefect server a run from the command line reports to. This module does not import Prefect."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib import error as http_error
from urllib import request as http

from flows.server import served
from flows.settings.model import Settings
from people.errors import UserMustAct

_SECONDS = 5.0
_LOGIN = ("PREFECT_API_AUTH_STRING", "PREFECT_API_KEY")
_HERE = "to run without a server: PREFECT_API_URL= touchbase run"


@dataclass(frozen=True)
class Found:
    """A server, and what Prefect needs in its environment to reach it (its address and login)."""

    api: str
    environment: dict[str, str] = field(default_factory=dict, repr=False)


def find(config: Path, settings: Settings, say: Callable[[str], None]) -> Found | None:
    """The server for this run; None if the run needs none.

    The first of these counts: the variable PREFECT_API_URL (empty means none), ``touchbase serve`` of this
    network, the active profile of Prefect. Raises ``UserMustAct`` if a server that the user named does not
    answer. If ``touchbase serve`` does not, ``say`` is told, and the run needs no server.
    """
    home = served.prefect_home(settings)
    note = served.read_note(home)
    ours = note if note is not None and note.config == config.absolute() else None
    named = os.environ.get("PREFECT_API_URL")
    if named is not None:
        return _named(named, ours) if named else None
    if ours is not None:
        return _of_serve(home, ours, say)
    profile = _profile()
    return _asked(profile, "Prefect's active profile names it") if profile else None


def _named(api: str, ours: served.Served | None) -> Found:
    known = {"PREFECT_API_URL": api}
    if ours is not None and api.rstrip("/") == ours.api and not os.environ.get("PREFECT_API_AUTH_STRING"):
        known = served.client_environment(ours)
    return _asked(known, "PREFECT_API_URL names it")


def _of_serve(home: Path, note: served.Served, say: Callable[[str], None]) -> Found | None:
    if not note.lives:
        served.remove_note(home)
        say("touchbase serve has ended; this run does not show in its UI")
        return None
    known = served.client_environment(note)
    status = answer(note.api, known)
    if status is None:
        say(f"touchbase serve does not answer at {note.url}; this run does not show in its UI")
        return None
    if status in (401, 403):
        say(f"the server at {note.url} refuses the password of touchbase serve; this run does not show there")
        return None
    return Found(note.api, known)


def _asked(known: dict[str, str], why: str) -> Found:
    api = known["PREFECT_API_URL"]
    status = answer(api.rstrip("/"), known)
    if status is None:
        raise UserMustAct(
            f"the Prefect server at {api} does not answer ({why})", help=f"start it; or, {_HERE}"
        )
    if status in (401, 403):
        raise UserMustAct(
            f"the Prefect server at {api} wants a password ({why})",
            help=f"put it into PREFECT_API_AUTH_STRING (Prefect Cloud: PREFECT_API_KEY); or, {_HERE}",
        )
    return Found(api, known)


def answer(api: str, known: dict[str, str]) -> int | None:
    """The HTTP status with which the server answers to our login; None if it does not answer."""
    environment = os.environ | known
    headers = served.authorization(environment.get("PREFECT_API_AUTH_STRING", ""))
    if not headers and (key := environment.get("PREFECT_API_KEY")):
        headers = {"Authorization": f"Bearer {key}"}
    try:
        request = http.Request(f"{api}/admin/version", headers=headers)  # noqa: S310 - the user's own server
        with served.opener(api).open(request, timeout=_SECONDS) as answer:
            return int(answer.status)
    except http_error.HTTPError as error:
        return error.code
    except (OSError, ValueError):
        return None


def _profile() -> dict[str, str] | None:
    """The server that the active profile of Prefect names (``prefect config set PREFECT_API_URL=...``)."""
    home = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect")
    path = Path(os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml")
    try:
        known = tomllib.loads(path.read_text("utf-8"))
        active = os.environ.get("PREFECT_PROFILE") or known["active"]
        profile = {name: str(value) for name, value in known["profiles"][active].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if not profile.get("PREFECT_API_URL"):
        return None
    login = {name: profile[name] for name in _LOGIN if name in profile and name not in os.environ}
    # A run has its own home of Prefect. The profile may say more, as about certificates.
    return {
        "PREFECT_PROFILES_PATH": str(path.absolute()),
        "PREFECT_API_URL": profile["PREFECT_API_URL"],
        **login,
    }
