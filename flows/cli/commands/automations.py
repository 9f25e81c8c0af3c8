"""``touchbase automations``: let the Prefect server watch the runs."""

from __future__ import annotations

import os
from urllib.request import urlopen

import click

from flows.cli.console import json_option, show
from flows.cli.table import table
from flows.pages.documents.status import AutomationDocument
from flows.server.processes import PREFECT_ENVIRONMENT
from people.errors import UserMustAct

_DEFAULT_API = "http://127.0.0.1:4200/api"


@click.group(epilog="Example: touchbase automations install")
def automations() -> None:
    """Let the Prefect server notify you when a run failed or did not happen, or something needs you."""


@automations.command(
    epilog="Example: touchbase automations install --notify slack-webhook/me   (prefect block ls lists yours)"
)
@click.option(
    "--api", metavar="URL", help="The server (default: PREFECT_API_URL, then the one that serve starts)."
)
@click.option("--notify", metavar="TYPE/NAME", help="A notification block that is notified as well.")
@json_option
def install(*, api: str | None, notify: str | None, as_json: bool) -> int:
    """Create the ready-made automations, or update them. Running it again changes nothing."""
    for name, value in PREFECT_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    url = api or os.environ.get("PREFECT_API_URL") or _DEFAULT_API
    os.environ["PREFECT_API_URL"] = url
    outcomes = _install(url, notify)
    return show(
        [AutomationDocument(name=name, outcome=outcome) for name, outcome in outcomes.items()],
        lambda: table(("automation", ""), list(outcomes.items())),
        as_json=as_json,
    )


def _install(url: str, notify: str | None) -> dict[str, str]:
    try:
        urlopen(f"{url}/health", timeout=10).close()  # noqa: S310 - the user's own server
    except (OSError, ValueError) as error:
        raise UserMustAct(
            f"no Prefect server answers at {url}",
            help="start it: touchbase serve, or name another: --api URL",
        ) from error
    # Prefect takes seconds to import, and reads the environment set above.
    from flows.orchestration.automations import install_at_server  # noqa: PLC0415

    return dict(install_at_server(notify))
