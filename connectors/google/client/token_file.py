"""The token file: JSON of an authorised user or a service account, readable only by its owner."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from people.errors import LoginNeeded, SettingsError, TouchbaseError
from people.private_files import private_folder, replace_file
from people.regular_files import read_regular


def read(path: Path, command: str) -> dict[str, Any]:
    """Read a token file. ``command`` creates one.

    Raises ``LoginNeeded`` if it does not exist, and ``SettingsError`` if it is something else.
    """
    again = f"log in: {command}"
    try:
        content = json.loads(read_regular(path))
    except FileNotFoundError:
        raise LoginNeeded(f"there is no Google token at {path}", help=again) from None
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}", help="check its permissions"
        ) from None
    except ValueError:
        raise SettingsError(f"{path} is not JSON", help=again) from None
    if not isinstance(content, dict):
        raise SettingsError(f"{path} is not a Google token file", help=again)
    if "installed" in content or "web" in content:
        raise SettingsError(
            f"{path} is the OAuth client of the Cloud console, not a token",
            help=f"log in with it: {command} --client {path}, and name another file as token",
        )
    return content


def write(path: Path, content: dict[str, Any]) -> None:
    """Replace the file in one step, readable only by its owner. Raises ``OSError``."""
    private_folder(path.resolve().parent)
    replace_file(path.resolve(), json.dumps(content, indent=2).encode(), mode=0o600)


def granted_scopes(path: Path) -> tuple[str, ...]:
    """The scopes that the user allowed when the file was written; none if that cannot be told."""
    try:
        scopes = read(path, "").get("scopes")
    except TouchbaseError:
        return ()
    return tuple(scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else ()
