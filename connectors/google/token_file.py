"""The token file: JSON of an authorised user or a service account, readable by its owner alone."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from people.errors import LoginNeeded, SettingsError


def read(path: Path, command: str) -> dict[str, Any]:
    """Read a token file; ``command`` is what makes one.

    Raises ``LoginNeeded`` when there is none, ``SettingsError`` when it is something else.
    """
    again = f"log in: {command}"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LoginNeeded(f"there is no Google token at {path}", help=again) from None
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}", help="check its permissions"
        ) from None
    except ValueError:
        raise SettingsError(f"{path} is not JSON", help=again) from None
    if not isinstance(found, dict):
        raise SettingsError(f"{path} is not a Google token file", help=again)
    if "installed" in found or "web" in found:
        raise SettingsError(
            f"{path} is the OAuth client of the Cloud console, not a token",
            help=f"use it to log in: {command} --client {path}, and name another file as token",
        )
    return found


def write(path: Path, content: dict[str, Any]) -> None:
    """Replace the file in one step; from its first byte on only the owner can read it."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mkstemp makes 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
