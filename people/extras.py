"""The extras of an installation: packages that only some networks need, and the command that adds them."""

from __future__ import annotations

import json
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from people.errors import UserMustAct

DISTRIBUTION = "touchbase-followups"
"""What the wheel is called. Its command is ``touchbase``."""

Extra = Literal["google", "postgres", "report"]
BRINGS: dict[Extra, tuple[str, ...]] = {
    "google": ("googleapiclient", "google.auth", "google_auth_httplib2", "google_auth_oauthlib", "httplib2"),
    "postgres": ("psycopg",),
    "report": ("matplotlib",),
}
"""The packages of each extra, as they are imported."""
_SITE = Path(__file__).resolve().parents[1]


class ExtraMissing(UserMustAct):
    """Something in the settings needs packages that this installation lacks; ``help`` installs them."""


def installed(extra: Extra) -> bool:
    """Whether the packages of an extra are there. It imports none of them."""
    return all(_is_there(name) for name in BRINGS[extra])


def require(extra: Extra, what: str) -> None:
    """Raise ``ExtraMissing`` if the packages of an extra are not there; ``what`` begins the sentence."""
    if not installed(extra):
        raise ExtraMissing(f"{what} needs the extra '{extra}', which is not installed", help=remedy(extra))


def remedy(extra: Extra) -> str:
    """The command that adds an extra to this installation, and keeps those that it has."""
    wanted = ",".join(sorted({extra, *(one for one in BRINGS if installed(one))}))
    return shlex.join([*_installer(), f"{DISTRIBUTION}[{wanted}]{_wheel()}"])


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # the package above it is missing
        return False


def _installer() -> list[str]:
    """The words before the name of what to install. Each installer leaves its mark in the environment."""
    environment = Path(sys.prefix)
    if (environment / "uv-receipt.toml").is_file():
        return ["uv", "tool", "install"]
    if (environment / "pipx_metadata.json").is_file():
        return ["pipx", "install", "--force"]
    if find_spec("pip") is None:
        return ["uv", "pip", "install", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install"]


def _wheel() -> str:
    """Where this installation came from, because the name alone may be another's in an index (PEP 610)."""
    # importlib.metadata would find it too, but takes longer to import than the rest of a command's start.
    for record in _SITE.glob(f"{DISTRIBUTION.replace('-', '_')}-*.dist-info/direct_url.json"):
        told = json.loads(record.read_text("utf-8"))
        git = told.get("vcs_info")
        return f" @ {git['vcs']}+{told['url']}@{git['commit_id']}" if git else f" @ {told['url']}"
    return ""
