"""Decide which records are one person, and link the journal to people."""

from __future__ import annotations

from typing import Any

from flows.run.context import Context
from people.store import journal_names
from people.store.resolving import resolution


def identify(context: Context) -> dict[str, Any]:
    """Decide which records are one person, and link the journal to people.

    Returns the counts of ``resolve_store`` and the ``problems`` of both.
    """
    settings = context.settings
    counts = resolution.resolve_store(
        context.store,
        region=settings.me.region,
        overrides=settings.resolve(settings.identity.path),
        in_bulk=settings.identity.bulk == "merge",
        now=context.moment,
        today=context.today,
        pool=context.pool,
    )
    with context.store.begin() as connection:
        problems = journal_names.name_journal(connection)
    return {**counts, "problems": [*counts["problems"], *problems]}
