"""Many networks: a folder with one folder per network, each with its own touchbase.toml."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from flows.settings.loading import load
from people import store_url
from people.errors import SettingsError

FILE = "touchbase.toml"


@dataclass(frozen=True, slots=True)
class Network:
    """A network: the name of its folder, and its settings file."""

    name: str
    config: Path


def listed(folder: Path) -> list[Network]:
    """List the networks of ``folder``, sorted by name. Raises ``SettingsError`` when it holds none."""
    networks = [Network(path.parent.name, path.absolute()) for path in sorted(folder.glob(f"*/{FILE}"))]
    if not networks:
        raise SettingsError(
            f"{folder.absolute()} holds no network",
            help=f"give each network a folder in it, with a {FILE}: touchbase init {folder / 'anna'}",
        )
    return networks


def first_sound(networks: Sequence[Network]) -> Path:
    """Return the first settings file without mistakes, or the first of all when each has some."""
    for network in networks:
        with suppress(SettingsError):
            load(network.config)
            return network.config
    return networks[0].config


def sharing(networks: Iterable[Network]) -> dict[str, str]:
    """Map each network that has the same store as an earlier one to the name of the earlier one.

    Networks whose settings have mistakes are skipped; their own run reports the mistakes.
    """
    owners: dict[object, str] = {}
    twins: dict[str, str] = {}
    for network in networks:
        try:
            store = store_url.identity(load(network.config).store_url)
        except SettingsError:
            continue
        owner = owners.setdefault(store, network.name)
        if owner != network.name:
            twins[network.name] = owner
    return twins
