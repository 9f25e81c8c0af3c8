"""``touchbase doctor``: diagnose problems and show how to fix them."""

from __future__ import annotations

import importlib.metadata
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

import click

from flows.cli.console import config_option, json_option, print_json
from flows.pages.documents.status import CheckDocument
from flows.run import health
from flows.settings.loading import load
from flows.settings.model import Settings
from people.errors import TouchbaseError
from people.store import open_store, runs
from rules.engine import load as load_rules


@dataclass(frozen=True)
class Check:
    """One thing that was checked."""

    name: str
    status: Literal["ok", "warning", "error"]
    message: str
    help: str = ""


@click.command(epilog="Example: touchbase doctor --json")
@config_option
@json_option
def doctor(config: Path, *, as_json: bool) -> int:
    """Check settings, store, sources, rules, tasks, clock and Prefect, and show how to fix each problem."""
    checks = list(_checks(config))
    if as_json:
        print_json([CheckDocument.model_validate(check, from_attributes=True) for check in checks])
    else:
        colours = {"ok": "green", "warning": "yellow", "error": "red"}
        for check in checks:
            mark = click.style(check.status.rjust(7), fg=colours[check.status])
            click.echo(f"{mark}  {check.name}: {check.message}")
            if check.help:
                click.echo(f"         help: {check.help}")
    return 1 if any(check.status == "error" for check in checks) else 0


def _checks(config: Path) -> Iterator[Check]:
    try:
        settings = load(config)
    except TouchbaseError as error:
        yield Check("settings", "error", error.message, error.help)
        yield from _guarded("prefect", _prefect)
        return
    yield Check("settings", "ok", str(config))
    yield from _guarded("store", lambda: _store(settings))
    for source in settings.sources:
        path = source.token if source.type == "google" else source.path
        yield from _guarded(f"source {source.name}", partial(_path, settings.resolve(path)))
    yield from _guarded("rules", lambda: _rules(settings))
    yield from _guarded("tasks", lambda: _tasks(settings))
    yield from _guarded("runs", lambda: _runs(settings))
    yield from _guarded("clock", lambda: _clock(settings))
    yield from _guarded("prefect", _prefect)


def _guarded(name: str, look: Callable[[], tuple[str, str, str]]) -> Iterator[Check]:
    try:
        status, message, remedy = look()
    except TouchbaseError as error:
        status, message, remedy = "error", error.message, error.help
    except OSError as error:
        status, message, remedy = (
            "error",
            f"{error.filename or ''}: {error.strerror}",
            "check the path and its permissions",
        )
    yield Check(name, status, message, remedy)  # type: ignore[arg-type]  # the looks return one of the three


def _store(settings: Settings) -> tuple[str, str, str]:
    store = open_store(settings.store_url)
    try:
        with store.begin() as connection:
            latest = runs.latest(connection, 1)
    finally:
        store.close()
    if not latest:
        return "warning", f"{store.url}: no run yet", "next: touchbase run"
    if latest[0].status != "ok":
        return "warning", f"{store.url}: the last run was {latest[0].status}", "see: touchbase status"
    return "ok", store.url, ""


def _runs(settings: Settings) -> tuple[str, str, str]:
    """Check what the automations watch for, without Prefect."""
    now = datetime.now(UTC)
    store = open_store(settings.store_url)
    try:
        with store.read() as connection:
            latest, states = runs.latest(connection), runs.source_states(connection)
    finally:
        store.close()
    named = {source.name for source in settings.sources}
    alerts = [*health.silent(latest, now), *health.stale((s for s in states if s.name in named), now)]
    if alerts:
        return "warning", "; ".join(alert.message for alert in alerts), alerts[0].next
    return "ok", "runs and sources are recent", ""


def _path(path: Path) -> tuple[str, str, str]:
    if not path.exists():
        return "error", f"{path} does not exist", "put the file there, or correct its path in the settings"
    if not os.access(path, os.R_OK):
        return "error", f"{path} is not readable", f"chmod u+r {path}"
    return "ok", str(path), ""


def _rules(settings: Settings) -> tuple[str, str, str]:
    ruleset = load_rules(settings.resolve(settings.rules.path))
    if ruleset.errors:
        first = ruleset.errors[0]
        place = f"{first.file}:{first.line}:{first.column}"
        message = f"{len(ruleset.errors)} mistake(s), the first at {place}: {first.message}"
        return "error", message, first.help or "see: touchbase run"
    if not ruleset.rules:
        return (
            "warning",
            "there are no rules, so no one is tagged and nothing is due",
            "touchbase init creates the starter rules",
        )
    return "ok", f"{len(ruleset.rules)} rules in {len(ruleset.files)} files", ""


def _tasks(settings: Settings) -> tuple[str, str, str]:
    if settings.tasks.type == "google":
        return _path(settings.resolve(settings.tasks.token))
    if settings.tasks.type == "caldav":
        name = settings.tasks.password_env
        if name in os.environ:
            return "ok", settings.tasks.url, ""
        return "warning", f"{settings.tasks.url}: {name} is not set", f"export {name}=... before a run"
    path = settings.resolve(settings.tasks.path)
    nearest = next(p for p in (path, *path.parents) if p.exists())
    if not os.access(nearest, os.W_OK):
        return (
            "error",
            f"{nearest} is not writable",
            "make it writable, or set tasks.path to another place",
        )
    return "ok", str(path), ""


def _clock(settings: Settings) -> tuple[str, str, str]:
    now = datetime.now(UTC)
    newest = datetime.fromtimestamp(Path(__file__).stat()[stat.ST_MTIME], UTC)
    local = now.astimezone(settings.me.zone).strftime("%Y-%m-%d %H:%M %Z")
    if now < newest:
        return "error", f"the clock says {local}, before this program was installed", "set the clock"
    return "ok", f"{local} in {settings.me.time_zone}", ""


def _prefect() -> tuple[str, str, str]:
    version = importlib.metadata.version("prefect")
    for package, below in (("fastapi", (0, 151)), ("sqlalchemy", (2, 1))):
        installed = importlib.metadata.version(package)
        if tuple(int(part) for part in installed.split(".")[:2]) >= below:
            wanted = ".".join(str(part) for part in below)
            return (
                "error",
                f"Prefect {version} does not work with {package} {installed}",
                f"install {package} below {wanted}",
            )
    return (
        "ok",
        f"Prefect {version}, {os.environ.get('PREFECT_API_URL') or 'its own server for each run'}",
        "",
    )
