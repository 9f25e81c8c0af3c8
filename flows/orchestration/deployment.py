"""The values that prefect.yaml needs on each deploy: where code and settings are, and the time zone."""

from __future__ import annotations

import os
from pathlib import Path

from flows.settings import networks
from flows.settings.loading import load
from people.errors import SettingsError

POOL = "touchbase"
QUESTION = "approval"
"""The flow that asks the user. Its runs are below the run that asks, and have no work pool."""
ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds ``flows/``: the checkout, or where the wheel was installed."""


def prefect_yaml() -> Path:
    """The path of prefect.yaml, in a checkout or in an installed wheel."""
    for path in (ROOT / "prefect.yaml", ROOT / "flows" / "prefect.yaml"):
        if path.is_file():
            return path
    raise SettingsError("this installation of Touchbase has no prefect.yaml", help="install it again")


def network() -> dict[str, object]:
    """A build step: the values of ``{{ network... }}`` in prefect.yaml.

    The settings file is ``TOUCHBASE_CONFIG``, or touchbase.toml in the current folder. The folder of
    ``every-network`` is ``TOUCHBASE_NETWORKS``, or networks beside the settings file; its schedule is active
    if the folder exists. Raises ``SettingsError``.
    """
    named = os.environ.get("TOUCHBASE_NETWORKS")
    config = _config(Path(named) if named else None)
    folder = Path(named or config.parent / "networks").expanduser().absolute()
    return {
        "root": str(ROOT),
        "config": str(config),
        "time_zone": load(config).me.time_zone,
        "folder": str(folder),
        "many": folder.is_dir(),
        "repository": os.environ.get("TOUCHBASE_REPOSITORY", ""),
        "branch": os.environ.get("TOUCHBASE_BRANCH", "main"),
        "image": os.environ.get("TOUCHBASE_IMAGE", "touchbase"),
        "tag": os.environ.get("TOUCHBASE_TAG", "latest"),
    }


def _config(folder: Path | None) -> Path:
    """The settings file. If there is only a folder of networks: the first one in it that can be read."""
    named = os.environ.get("TOUCHBASE_CONFIG") or networks.FILE
    config = Path(named).expanduser().absolute()
    if config.is_file():
        return config
    if folder is not None:
        return networks.first_sound(networks.listed(folder.expanduser()))
    raise SettingsError(
        f"there is no settings file {config}",
        help="name one: TOUCHBASE_CONFIG=/path/to/touchbase.toml prefect --no-prompt deploy --all",
    )
