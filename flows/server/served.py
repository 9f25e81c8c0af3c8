"""The note that a running ``touchbase serve`` leaves for other commands: its process, address and network.

It lies in Prefect's folder of the network, and only its owner can read it. Prefect is not imported here.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from flows.settings.model import Settings

_NOTE = "serve.json"


class Served(BaseModel):
    """A server that runs, or ran: ``url`` is the address of its UI, ``config`` the network that it serves."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pid: int
    url: str
    config: Path

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


def prefect_home(settings: Settings) -> Path:
    """The folder of Prefect's own data: PREFECT_HOME, or .prefect beside the settings file."""
    return Path(os.environ.get("PREFECT_HOME") or settings.folder / ".prefect").absolute()


def leave_note(home: Path, served: Served) -> None:
    """Tell other commands that this server runs."""
    path = home / _NOTE
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor with its mode
        file.write(served.model_dump_json())


def remove_note(home: Path) -> None:
    """The server has ended."""
    (home / _NOTE).unlink(missing_ok=True)


def read_note(home: Path) -> Served | None:
    """The server that left a note in ``home``; None without a readable one."""
    try:
        return Served.model_validate_json((home / _NOTE).read_text("utf-8"))
    except (OSError, ValidationError):
        return None
