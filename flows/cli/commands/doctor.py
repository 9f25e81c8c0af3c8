"""``touchbase doctor``: diagnose problems and show how to fix them."""

from __future__ import annotations

import importlib.metadata
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from connectors.base import Check
from flows.cli.console import network_options, show
from flows.pages.documents.status import CheckDocument
from flows.run.context import clock_behind, context_of
from flows.run.outcome import health, own_addresses
from flows.run.rule_versions import load_rules
from flows.settings.loading import load
from flows.settings.model import PLACEHOLDER_EMAIL, Settings
from people.errors import TouchbaseError
from people.store import open_store, runs


@click.command(epilog="Example: touchbase doctor --json")
@network_options
def doctor(config: Path, *, as_json: bool) -> int:
    """Check settings, store, sources, rules, tasks, clock and Prefect, and show how to fix each problem."""
    checks = [CheckDocument.filled(check, name=name) for name, check in _checks(config)]
    show(checks, lambda: "\n".join(map(_shown, checks)), as_json=as_json)
    return 1 if any(check.status == "error" for check in checks) else 0


def _shown(check: CheckDocument) -> str:
    colours = {"ok": "green", "warning": "yellow", "error": "red"}
    mark = click.style(check.status.rjust(7), fg=colours[check.status])
    remedy = f"\n         help: {check.help}" if check.help else ""
    return f"{mark}  {check.name}: {check.message}{remedy}"


def _checks(config: Path) -> Iterator[tuple[str, Check]]:
    """Yield each check with its name."""
    try:
        settings = load(config)
    except TouchbaseError as error:
        yield "settings", Check("error", error.message, error.help)
        yield "prefect", _guarded(_prefect)
        return
    yield "settings", Check("ok", str(config))
    yield "store", _guarded(lambda: _store(settings))
    around = settings.around(datetime.now(settings.me.zone).date())
    for source in settings.sources:
        yield f"source {source.name}", _guarded(partial(source.check, around))
    yield "me", _guarded(lambda: _me(settings))
    yield "rules", _guarded(lambda: _rules(settings))
    yield "tasks", _guarded(lambda: settings.tasks.check(around))
    yield "runs", _guarded(lambda: _runs(settings))
    yield "clock", _guarded(lambda: _clock(settings))
    yield "prefect", _guarded(_prefect)


def _guarded(look: Callable[[], Check]) -> Check:
    try:
        return look()
    except TouchbaseError as error:
        return Check("error", error.message, error.help)
    except OSError as error:
        message = f"{error.filename or ''}: {error.strerror}"
        return Check("error", message, "check the path and its permissions")


def _store(settings: Settings) -> Check:
    with closing(open_store(settings.store_url)) as store:
        store.check_sound()
        with store.begin() as connection:
            latest = runs.latest(connection, 1)
    if not latest:
        return Check("warning", f"{store.url}: no run yet", "next: touchbase run")
    if latest[0].status != "ok":
        return Check("warning", f"{store.url}: the last run was {latest[0].status}", "see: touchbase status")
    return Check("ok", store.url)


def _me(settings: Settings) -> Check:
    """Check whether an address of the user is missing in the settings."""
    if not settings.me.emails or PLACEHOLDER_EMAIL in settings.me.emails:
        message = own_addresses.PLACEHOLDER if settings.me.emails else "no address is yours"
        return Check("warning", message, own_addresses.PLACEHOLDER_HELP)
    with closing(open_store(settings.store_url)) as store:
        found = own_addresses.possible(context_of(settings, store, None))
    if found:
        message = "; ".join(own_addresses.question(item) for item in found)
        return Check("warning", message, own_addresses.remedy(found[0]))
    return Check("ok", ", ".join(settings.me.emails))


def _runs(settings: Settings) -> Check:
    """Check what the automations watch for, without Prefect."""
    now = datetime.now(UTC)
    with closing(open_store(settings.store_url)) as store, store.read() as connection:
        latest, states = runs.latest(connection), runs.source_states(connection)
    named = {source.name for source in settings.sources}
    alerts = [*health.silent(latest, now), *health.stale((s for s in states if s.name in named), now)]
    if alerts:
        return Check("warning", "; ".join(alert.message for alert in alerts), alerts[0].next)
    return Check("ok", "runs and sources are recent")


def _rules(settings: Settings) -> Check:
    ruleset = load_rules(settings)
    if ruleset.errors:
        first = ruleset.errors[0]
        place = f"{first.file}:{first.line}:{first.column}"
        message = f"{len(ruleset.errors)} mistake(s), the first at {place}: {first.message}"
        return Check("error", message, first.help or "see: touchbase run")
    if not ruleset.rules:
        return Check(
            "warning",
            "there are no rules, so no one is tagged and nothing is due",
            "touchbase init creates the starter rules",
        )
    return Check("ok", f"{len(ruleset.rules)} rules in {len(ruleset.files)} files")


def _clock(settings: Settings) -> Check:
    now = datetime.now(UTC)
    newest = datetime.fromtimestamp(Path(__file__).stat()[stat.ST_MTIME], UTC)
    local = now.astimezone(settings.me.zone).strftime("%Y-%m-%d %H:%M %Z")
    if now < newest:
        return Check("error", f"the clock says {local}, before this program was installed", "set the clock")
    with closing(open_store(settings.store_url)) as store:
        behind = clock_behind(store, settings)
    if behind is not None:
        return Check("error", behind, "set the clock")
    return Check("ok", f"{local} in {settings.me.time_zone}")


def _prefect() -> Check:
    version = importlib.metadata.version("prefect")
    for package, below in (("fastapi", (0, 151)), ("sqlalchemy", (2, 1))):
        installed = importlib.metadata.version(package)
        if tuple(int(part) for part in installed.split(".")[:2]) >= below:
            wanted = ".".join(str(part) for part in below)
            return Check(
                "error",
                f"Prefect {version} does not work with {package} {installed}",
                f"install {package} below {wanted}",
            )
    server = os.environ.get("PREFECT_API_URL") or "for touchbase serve; a run needs no server"
    return Check("ok", f"Prefect {version}, {server}")
