"""``touchbase store``: copy, back up and restore the store."""

from __future__ import annotations

from pathlib import Path

import click

from flows.cli.console import network_options, note, plural, show
from flows.settings.loading import load
from people.store.db import backups


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
    counts = backups.copy(load(config).store_url, target_url)
    _show(counts, "copied", as_json=as_json)
    note(f"Next: set [store] url to that database in {config}")
    return 0


@store.command(epilog="Example: touchbase store backup backups/$(date +%F).db")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@network_options
def backup(file: Path, config: Path, *, as_json: bool) -> int:
    """Write everything to a new SQLite FILE, from any kind of database, also during a run."""
    _show(backups.backup(load(config).store_url, file), f"saved in {file}", as_json=as_json)
    return 0


@store.command(epilog="Example: touchbase store restore backups/2026-01-31.db")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@network_options
def restore(file: Path, config: Path, *, as_json: bool) -> int:
    """Restore the backup FILE. The store must be new, empty or damaged.

    A damaged store is kept beside the new one.
    """
    counts, damaged = backups.restore(file, load(config).store_url)
    _show(counts, f"restored from {file}", as_json=as_json)
    if damaged:
        note(f"The damaged store is kept as {damaged}")
    return 0


def _show(counts: dict[str, int], done: str, *, as_json: bool) -> None:
    shown = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count)
    text = f"{plural(sum(counts.values()), 'row')} {done}: {shown or 'the store is empty'}"
    show(counts, lambda: text, as_json=as_json)
