"""The note that a running ``touchbase serve`` leaves for other commands: its process, address and password.

It lies in Prefect's folder of the network, and only its owner can read it. Prefect is not imported here.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path
from urllib import request as http
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError, computed_field

from connectors.checks import is_this_machine
from flows.settings.model import Settings

ENTER = "/enter"
"""The page of the server that takes a password into the browser."""

NOTE = "serve.json"
_PASSWORD = "password"  # noqa: S105 - the name of a file


class Served(BaseModel):
    """A server that runs, or ran: ``url`` is the address of its UI, ``config`` the network that it serves.

    Its API wants the ``password``; an empty one means that it wants none.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    pid: int
    url: str
    config: Path
    password: str = ""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def enter(self) -> str:
        """The address that opens the UI with its password, which stays in the browser: # is never sent."""
        return f"{self.url}{ENTER}#{self.password}"

    @property
    def api(self) -> str:
        """The address of the server's API."""
        return f"{self.url}/api"

    @property
    def lives(self) -> bool:
        """Whether its process still runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True
        return True


def opener(url: str) -> http.OpenerDirector:
    """What asks a server by HTTP; no proxy of the environment stands between us and this machine."""
    here = is_this_machine(urlsplit(url).hostname or "")
    return http.build_opener(*([http.ProxyHandler({})] if here else []))


def prefect_home(settings: Settings) -> Path:
    """The folder of Prefect's own data: PREFECT_HOME, or .prefect beside the settings file."""
    return Path(os.environ.get("PREFECT_HOME") or settings.folder / ".prefect").absolute()


def password(home: Path) -> str:
    """The password of the network's server: PREFECT_SERVER_API_AUTH_STRING, or one that is made once.

    It stays the same from start to start, so that a browser has to be given it once.
    """
    if own := os.environ.get("PREFECT_SERVER_API_AUTH_STRING"):
        return own
    path = home / _PASSWORD
    try:
        # A copy may have lost the mode, and others may have read the word meanwhile.
        known = "" if path.is_symlink() or path.stat().st_mode & 0o077 else path.read_text("utf-8").strip()
    except (OSError, ValueError):
        known = ""
    if not known:
        known = secrets.token_urlsafe(24)
        _write(path, known)
    return known


def leave_note(home: Path, served: Served) -> None:
    """Tell other commands that this server runs."""
    _write(home / NOTE, served.model_dump_json())


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor with its mode
        file.write(text)


def remove_note(home: Path) -> None:
    """The server has ended."""
    (home / NOTE).unlink(missing_ok=True)


def read_note(home: Path) -> Served | None:
    """The server that left a note in ``home``; None without a readable one."""
    try:
        return Served.model_validate_json((home / NOTE).read_text("utf-8"))
    except (OSError, ValidationError):
        return None


def client_environment(served: Served) -> dict[str, str]:
    """What Prefect's client needs in its environment to reach this server, and no proxy instead of it."""
    direct = [os.environ.get("no_proxy") or os.environ.get("NO_PROXY", ""), "127.0.0.1", "localhost"]
    return {
        "PREFECT_API_URL": served.api,
        "PREFECT_API_AUTH_STRING": served.password,
        "no_proxy": ",".join(filter(None, direct)),
    }


def authorization(password: str) -> dict[str, str]:
    """The header of a request with this password; none without one."""
    if not password:
        return {}
    return {"Authorization": f"Basic {base64.b64encode(password.encode()).decode()}"}
