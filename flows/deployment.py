"""What prefect.yaml asks on each deploy: where the code and the settings are, and the user's zone."""

from __future__ import annotations

import os
from pathlib import Path

from flows.settings import load
from people.errors import SettingsError

POOL = "touchbase"
ROOT = Path(__file__).resolve().parents[1]
"""The folder that holds ``flows/``: the checkout, or where the wheel was installed."""


def prefect_yaml() -> Path:
    """The deployments' file, in a checkout or in an installed wheel."""
    for path in (ROOT / "prefect.yaml", ROOT / "flows" / "prefect.yaml"):
        if path.is_file():
            return path
    raise SettingsError("this installation of Touchbase has no prefect.yaml", help="install it again")


def network() -> dict[str, str]:
    """The values of ``{{ network... }}`` in prefect.yaml; a build step.

    The settings file is ``TOUCHBASE_CONFIG``, or touchbase.toml in the current folder. Raises
    ``SettingsError``.
    """
    named = os.environ.get("TOUCHBASE_CONFIG") or "touchbase.toml"
    config = Path(named).expanduser().absolute()
    if not config.is_file():
        raise SettingsError(
            f"there is no settings file {config}",
            help="say which: TOUCHBASE_CONFIG=/path/to/touchbase.toml prefect --no-prompt deploy --all",
        )
    return {
        "root": str(ROOT),
        "config": str(config),
        "time_zone": load(config).me.time_zone,
        "repository": os.environ.get("TOUCHBASE_REPOSITORY", ""),
        "branch": os.environ.get("TOUCHBASE_BRANCH", "main"),
    }
