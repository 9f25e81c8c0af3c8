"""``touchbase automations``: let the Prefect server watch the runs."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path

import click

from flows.cli.console import config_option, json_option, show
from flows.cli.prefects_home import prefects_home
from flows.cli.table import table
from flows.pages.documents.status import AutomationDocument
from flows.server import served
from flows.server.finding import answer
from flows.server.processes import PREFECT_ENVIRONMENT
from flows.settings.loading import load
from people.errors import UserMustAct

_DEFAULT_API = "http://127.0.0.1:4200/api"


@click.group(epilog="Example: touchbase automations install")
def automations() -> None:
    """Let the Prefect server notify you when a run failed or did not happen, or something needs you."""


@automations.command(
    epilog="Example: touchbase automations install --notify slack-webhook/me   (prefect block ls lists yours)"
)
@config_option
@click.option(
    "--api", metavar="URL", help="The server (default: PREFECT_API_URL, then the one that serve starts)."
)
@click.option("--notify", metavar="TYPE/NAME", help="A notification block that is notified as well.")
@json_option
def install(config: Path, *, api: str | None, notify: str | None, as_json: bool) -> int:
    """Create the ready-made automations, or update them. Running it again changes nothing.

    The settings file, if it is there, names the network whose touchbase serve is meant.
    """
    settings = load(config) if config.is_file() else None
    note = served.read_note(served.prefect_home(settings)) if settings else None
    url = api or os.environ.get("PREFECT_API_URL") or (note.api if note else _DEFAULT_API)
    environment = {"PREFECT_API_URL": url}
    if note is not None and url.rstrip("/") == note.api:
        environment |= served.client_environment(note)
    if settings is None:
        os.environ.update(PREFECT_ENVIRONMENT | dict(os.environ) | environment)
    place = prefects_home(settings, environment, verbose=True) if settings else nullcontext()
    with place:
        outcomes = _install(url, environment, notify)
    return show(
        [AutomationDocument(name=name, outcome=outcome) for name, outcome in outcomes.items()],
        lambda: table(("automation", ""), list(outcomes.items())),
        as_json=as_json,
    )


def _install(url: str, environment: dict[str, str], notify: str | None) -> dict[str, str]:
    status = answer(url.rstrip("/"), environment)
    if status is None:
        raise UserMustAct(
            f"no Prefect server answers at {url}",
            help="start it: touchbase serve, or name another: --api URL",
        )
    if status in (401, 403):
        raise UserMustAct(
            f"the Prefect server at {url} wants a password",
            help="put it into PREFECT_API_AUTH_STRING, or name the network that it serves: --config FILE",
        )
    # Prefect takes seconds to import, and reads the environment set above.
    from flows.orchestration.automations import install_at_server  # noqa: PLC0415

    return dict(install_at_server(notify))
