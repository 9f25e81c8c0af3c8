"""Read secrets from Prefect's Secret blocks, if neither a file nor the environment has them.

Each connector names its secrets (``connectors.base.Secret``). For example the block ``touchbase-NAME`` holds
the token of the Google source NAME, as the JSON text that ``touchbase login google`` writes.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from prefect.blocks.system import Secret

from connectors.base import Connector
from connectors.base import Secret as ConnectorSecret
from connectors.google.client import token_file
from flows.settings.model import Settings
from flows.settings.secret_files import WithFiles, variable

logger = logging.getLogger(__name__)


def fetch_secrets(settings: Settings) -> None:
    """Put each missing secret where its connector looks for it. A secret without a block stays missing."""
    connectors: tuple[Connector, ...] = (*settings.sources, settings.tasks)
    for connector in connectors:
        for secret in connector.secrets():
            if secret.file is None:
                _fetch_variable(secret)
            else:
                _fetch_file(secret, settings.resolve(secret.file))


def _fetch_variable(secret: ConnectorSecret) -> None:
    if secret.variable not in WithFiles(os.environ) and (value := _block(secret.block)):
        os.environ[secret.variable] = value


def _fetch_file(secret: ConnectorSecret, path: Path) -> None:
    if path.exists():
        return
    text = variable(secret.variable) or _block(secret.block)
    try:
        if text:
            token_file.write(path, json.loads(text))
    except ValueError:
        logger.warning("the secret for %s is not the JSON of a token; it was left out", path)
    except OSError as error:
        logger.warning("the token could not be saved in %s: %s", path, error.strerror)


def _block(name: str) -> str | None:
    try:
        value = Secret.load(name).get()  # type: ignore[union-attr]  # loaded synchronously here
    except ValueError:
        return None
    except Exception:
        # The run goes on without the server: the connector itself reports the missing secret.
        logger.warning("the Secret block '%s' could not be read", name, exc_info=True)
        return None
    return json.dumps(value) if isinstance(value, dict) else str(value)
