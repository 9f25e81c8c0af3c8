"""``touchbase status``: each source, its counts and problems, and the last runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from flows.cli.console import config_option, json_option, print_json, safe_lines, table
from flows.run.context import network
from people.types import RECORD_KINDS


@click.command(epilog="Example: touchbase status --json")
@config_option
@json_option
def status(config: Path, *, as_json: bool) -> int:
    """Show how each source and the last runs fared; exits 1 when one needs attention."""
    document = describe(config)
    if as_json:
        print_json(document)
    else:
        _show(document)
    troubled = document["attention"] or any(source["status"] != "ok" for source in document["sources"])
    return 1 if troubled or any(run["status"] not in ("ok", "running") for run in document["runs"][:1]) else 0


def describe(config: Path) -> dict[str, Any]:
    """The document of ``status --json``. Instants are UTC, ages in seconds."""
    from flows.run.outcome import health  # noqa: PLC0415 - not needed for --help
    from people.store import runs  # noqa: PLC0415

    now = datetime.now(UTC)
    with network(config) as (settings, store), store.read() as connection:
        sources = []
        for source in settings.sources:
            state = runs.source_state(connection, source.name)
            sources.append(
                {
                    "name": source.name,
                    "type": source.type,
                    "status": (state.status if state else None) or "never read",
                    "error": state.error if state else None,
                    "help": state.help if state else None,
                    "last_success": _iso(state.last_success if state else None),
                    "last_attempt": _iso(state.last_attempt if state else None),
                    "cursor_age": _age(state.cursor_at if state else None, now),
                    "counts": runs.live_counts(connection, source.name),
                    "problems": [p.model_dump() for p in state.problems] if state else [],
                }
            )
        latest = [
            {
                "id": run.id,
                "started_at": _iso(run.started_at),
                "today": run.today.isoformat(),
                "status": run.status,
                "follow_ups": (run.result or {}).get("follow_ups"),
            }
            for run in runs.latest(connection)
        ]
        named = {source.name for source in settings.sources}
        states = [state for state in runs.source_states(connection) if state.name in named]
        alerts = [*health.silent(runs.latest(connection), now), *health.stale(states, now)]
        attention = [{"kind": a.kind, "message": a.message, "next": a.next} for a in alerts]
        return {"store": store.url, "sources": sources, "runs": latest, "attention": attention}


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="seconds") if instant else None


def _age(instant: datetime | None, now: datetime) -> int | None:
    return int((now - instant).total_seconds()) if instant else None


def _show(document: dict[str, Any]) -> None:
    rows = [
        (
            source["name"],
            source["status"],
            source["last_success"] or "never",
            *(source["counts"][kind] or "" for kind in RECORD_KINDS),
            len(source["problems"]) or "",
        )
        for source in document["sources"]
    ]
    click.echo(table(("source", "status", "last success (UTC)", *RECORD_KINDS, "problems"), rows))
    for source in document["sources"]:
        if source["error"]:
            click.echo(safe_lines(f"\n{source['name']}: {source['error']}\n  help: {source['help']}"))
        for problem in source["problems"][:10]:
            click.echo(f"\n{problem['where']}: {problem['message']}\n  help: {problem['help']}")
        if len(source["problems"]) > 10:
            click.echo(f"... and {len(source['problems']) - 10} more (touchbase status --json)")
    for alert in document["attention"]:
        click.echo(f"\n{alert['message']}\n  next: {alert['next']}")
    if document["runs"]:
        click.echo()
        rows = [
            (run["started_at"], run["today"], run["status"], _told(run["follow_ups"]))
            for run in document["runs"]
        ]
        click.echo(table(("last runs (UTC)", "for", "status", "follow-ups"), rows))
    else:
        click.echo("\nNo run yet. Next: touchbase run")


def _told(counts: dict[str, int] | None) -> str:
    return ", ".join(f"{count} {word}" for word, count in (counts or {}).items() if count) or "none"
