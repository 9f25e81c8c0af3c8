"""The first program of a container: ``python -P -m flows.server.container COMMAND ...``.

Prefect reads no secrets from files. This program reads those below from the files that NAME_FILE names, and
then becomes the command. Touchbase's own secrets need no help: see ``flows.settings.secret_files``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from flows.settings.secret_files import WithFiles
from people.errors import SettingsError

PREFECTS = (
    "PREFECT_API_AUTH_STRING",
    "PREFECT_SERVER_API_AUTH_STRING",
    "PREFECT_SERVER_DATABASE_CONNECTION_URL",
    "PREFECT_SERVER_DATABASE_PASSWORD",
)
"""The secrets that Prefect takes from its environment."""


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """The environment of the command. Raises ``SettingsError`` if a file cannot be read."""
    known = WithFiles(own)
    return {**own, **{name: known[name] for name in PREFECTS if name in known}}


def main() -> None:
    """Become the command in the arguments."""
    os.umask(0o077)
    try:
        os.execvpe(sys.argv[1], sys.argv[1:], environment(os.environ))  # noqa: S606 - no shell is wanted
    except SettingsError as error:
        sys.exit(f"error: {error.message}\n  help: {error.help}")
    except OSError as error:
        sys.exit(f"error: {sys.argv[1]} cannot be started: {error.strerror}")


if __name__ == "__main__":
    main()
