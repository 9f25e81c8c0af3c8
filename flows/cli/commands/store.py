"""``touchbase store``: copy, back up and restore the store."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import click

from flows.cli.console import network_options, note, plural, show
from flows.settings.loading import load
from people.errors import SettingsError
from people.store import open_store
from people.store.db import copying


@click.group(epilog="Example: touchbase store backup touchbase-backup.db")
def store() -> None:
    """Copy the store to another database, back it up, or restore it."""


@store.command(epilog="Example: touchbase store copy postgresql+psycopg://me@host/touchbase")
@click.argument("target_url")
@network_options
def copy(target_url: str, config: Path, *, as_json: bool) -> int:
    """Copy everything to the empty database TARGET_URL.

    TARGET_URL is sqlite:///FILE or postgresql+psycopg://... The settings stay as they are. When you
    are satisfied, name the new database there.
    """
    counts = _copied(load(config).store_url, target_url)
    _show(counts, "copied", as_json=as_json)
    note(f"Next: set [store] url to that database in {config}")
    return 0


@store.command(epilog="Example: touchbase store backup backups/$(date +%F).db")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@network_options
def backup(file: Path, config: Path, *, as_json: bool) -> int:
    """Write everything to a new SQLite FILE, from any kind of database."""
    source = load(config).store_url
    if file.exists():
        raise SettingsError(f"{file} already exists, and a backup overwrites nothing", help="name a new file")
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    _show(_copied(source, f"sqlite:///{file.absolute()}"), f"saved in {file}", as_json=as_json)
    return 0


@store.command(epilog="Example: touchbase store restore backups/2026-01-31.db")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@network_options
def restore(file: Path, config: Path, *, as_json: bool) -> int:
    """Restore the backup FILE. The store must be new or empty."""
    counts = _copied(f"sqlite:///{file.absolute()}", load(config).store_url)
    _show(counts, f"restored from {file}", as_json=as_json)
    return 0


def _copied(source_url: str, target_url: str) -> dict[str, int]:
    with closing(open_store(source_url)) as source, closing(open_store(target_url)) as target:
        return copying.copy(source, target)


def _show(counts: dict[str, int], done: str, *, as_json: bool) -> None:
    shown = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count)
    text = f"{plural(sum(counts.values()), 'row')} {done}: {shown or 'the store is empty'}"
    show(counts, lambda: text, as_json=as_json)
