"""The demo network for tests: a fresh copy around one day, and the run on it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from flows.cli.commands.init import copy_rules
from flows.cli.daily_run import run_daily
from flows.cli.demo.network import write_network
from flows.cli.main import cli
from flows.run.context import context_of
from flows.run.facts import meetings
from flows.run.pull import pull
from flows.run.resolve import resolve
from flows.run.rule_versions import load_rules
from flows.settings.loading import load
from people.store import open_store
from tests.support.stores import with_own_store

TODAY = dt.date(2026, 1, 14)
PEOPLE = 63
"""The people of the demo network (see examples/network/README.md)."""
DELIVERED = 5
"""Follow-ups that one daily run delivers: the capacity of one working day."""

HOSTILE = {
    "phone/vera-lind.vcf": ("Vera Lind", "**Vera** [Lind](https://phish.example/login)"),
    "android.vcf": ("Max Hartnell", 'Max <script>alert("demo")</script> Hartnell'),
}
"""Files of the demo network, with a name in each and the one that ``with_hostile_names`` writes instead."""


def with_hostile_names(folder: Path) -> None:
    """Give two people of the demo network in ``folder`` names that attack what shows them."""
    for file, (name, hostile) in HOSTILE.items():
        card = folder / file
        text = card.read_bytes().replace(f"FN:{name}".encode(), f"FN:{hostile}".encode())
        assert hostile.encode() in text
        card.write_bytes(text)


def network(folder: Path, today: dt.date = TODAY) -> Path:
    """Write the demo network with the starter rules; return its settings file."""
    config = with_own_store(write_network(folder, today))
    copy_rules(folder / "rules", quiet=True)
    return config


def run(config: Path, **options: Any) -> dict[str, Any]:
    """One daily run in this process; returns what ``run --json`` prints."""
    return run_daily(config, **({"today": TODAY} | options)).model_dump(mode="json")


def command(*words: str | Path) -> Result:
    """One command, as typed; exceptions pass."""
    return CliRunner().invoke(
        cli, [str(word) for word in words], catch_exceptions=False, standalone_mode=False
    )


def pulled(config: Path, today: dt.date = TODAY) -> Path:
    """Pull and resolve without Prefect; return the settings file again."""
    settings = load(config, {})
    store = open_store(settings.store_url)
    context = context_of(settings, store, today)
    for source in settings.sources:
        pull(context, source)
    rules = load_rules(settings)
    resolve(context, rules, meetings.classify(store, rules, settings.me, save=False))
    store.close()
    return config
