"""``touchbase rules upgrade``: rule files brought to the newest version of the language."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from flows.cli.console import config_option, today_option
from flows.cli.long_text import folded
from flows.cli.rule_effects import effect_of_texts
from flows.run import rule_versions
from flows.settings.loading import load
from people.private_files import replace_file
from rules.engine.checking.upgrading import upgraded


@click.command(epilog="Example: touchbase rules upgrade --dry-run")
@click.option("--dry-run", is_flag=True, help="Show the effect, and change nothing.")
@today_option
@config_option
def upgrade(config: Path, today: date | None, *, dry_run: bool) -> int:
    """Bring rule files to version 2, after showing who that affects.

    In version 2 the starter files say `starter: true`: their rules come after those of all other files, so a
    rule of your own decides first, whatever its file is called.
    """
    settings = load(config)
    folder = rule_versions.rules_folder(settings)
    texts = rule_versions.texts_in(folder)
    new = upgraded(texts)
    if not new:
        click.echo("every rule file has version 2 already")
        return 0
    if settings.has_store():
        click.echo(folded(effect_of_texts(settings, texts, texts | new, today).render()))
    for name, text in sorted(new.items()):
        if not dry_run:
            replace_file((folder / name).resolve(), text)
        click.echo(f"{'would write' if dry_run else 'wrote'}   {settings.rules.path / name}")
    return 0
