"""Many networks: a folder that holds one folder a network, each with its own touchbase.toml."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from flows.settings.loading import load
from people.errors import SettingsError

FILE = "touchbase.toml"


@dataclass(frozen=True, slots=True)
class Network:
    """One network: the name of its folder, and its settings file."""

    name: str
    config: Path


def listed(folder: Path) -> list[Network]:
    """The networks of ``folder``, by name. Raises ``SettingsError`` when it holds none."""
    found = [Network(path.parent.name, path.absolute()) for path in sorted(folder.glob(f"*/{FILE}"))]
    if not found:
        raise SettingsError(
            f"{folder.absolute()} holds no network",
            help=f"give each network a folder in it, with a {FILE}: touchbase init {folder / 'anna'}",
        )
    return found


def first_sound(networks: Sequence[Network]) -> Path:
    """The first settings file that can be read; the first of all when none can."""
    for network in networks:
        with suppress(SettingsError):
            load(network.config)
            return network.config
    return networks[0].config


def sharing(networks: Iterable[Network]) -> dict[str, str]:
    """The networks that would write into the store of an earlier one: their names, and that one's.

    Settings that cannot be read are passed over: the network's own run says what is wrong.
    """
    owners: dict[str, str] = {}
    found: dict[str, str] = {}
    for network in networks:
        try:
            url = load(network.config).store_url
        except SettingsError:
            continue
        owner = owners.setdefault(url, network.name)
        if owner != network.name:
            found[network.name] = owner
    return found
