"""Secrets from Prefect's Secret blocks, where neither a file nor the environment has them.

A block named ``touchbase-NAME`` holds the token of the Google source NAME (``touchbase-tasks`` that
of Google Tasks), as the JSON text that ``touchbase login google`` writes. The password that
``password_env`` names is looked for in a block of that name, lower case and with dashes.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from prefect.blocks.system import Secret

from flows.settings.model import GoogleSettings, GoogleTasks, Settings

logger = logging.getLogger(__name__)


def fetch_secrets(settings: Settings) -> None:
    """Put what is missing where it is looked for; what is not in a block either stays missing."""
    for name, path in _tokens(settings):
        if path.exists():
            continue
        text = os.environ.get(_variable(name)) or _block(f"touchbase-{_dashes(name)}")
        if text:
            _save(path, text)
    variable = getattr(settings.tasks, "password_env", None)
    if variable and variable not in os.environ and (found := _block(_dashes(variable))):
        os.environ[variable] = found


def _tokens(settings: Settings) -> list[tuple[str, Path]]:
    found = [(s.name, settings.resolve(s.token)) for s in settings.sources if isinstance(s, GoogleSettings)]
    if isinstance(settings.tasks, GoogleTasks):
        found.append(("tasks", settings.resolve(settings.tasks.token)))
    return found


def _variable(name: str) -> str:
    return f"TOUCHBASE_TOKEN_{name.upper().replace('-', '_')}"


def _dashes(name: str) -> str:
    return name.lower().replace("_", "-")


def _block(name: str) -> str | None:
    try:
        value = Secret.load(name).get()  # type: ignore[union-attr]  # loaded synchronously here
    except ValueError:
        return None
    except Exception:
        # A server out of reach is no reason to stop: the source says by itself what it lacks.
        logger.warning("the Secret block '%s' could not be read", name, exc_info=True)
        return None
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _save(path: Path, text: str) -> None:
    from connectors.google import token_file  # noqa: PLC0415 - only where a token came from elsewhere

    try:
        token_file.write(path, json.loads(text))
    except ValueError:
        logger.warning("the secret for %s is not the JSON of a token; it was left out", path)
    except OSError as error:
        logger.warning("the token could not be saved in %s: %s", path, error.strerror)
