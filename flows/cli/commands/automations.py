"""``touchbase automations``: let the server watch over the runs."""

from __future__ import annotations

import os

import click

from flows.cli.console import json_option, print_json, table

_DEFAULT_API = "http://127.0.0.1:4200/api"


@click.group(epilog="Example: touchbase automations install")
def automations() -> None:
    """Let the Prefect server say when a run failed or did not happen, or something needs you."""


@automations.command(
    epilog="Example: touchbase automations install --notify slack-webhook/me   (prefect block ls shows yours)"
)
@click.option("--api", metavar="URL", help="The server (default: PREFECT_API_URL, then the one of serve).")
@click.option("--notify", metavar="TYPE/NAME", help="Tell this notification block, too.")
@json_option
def install(*, api: str | None, notify: str | None, as_json: bool) -> int:
    """Make the ready-made automations, or bring them up to date; a second time changes nothing."""
    from flows.server.processes import PREFECT_ENVIRONMENT  # noqa: PLC0415 - not needed for --help

    for name, value in PREFECT_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    url = api or os.environ.get("PREFECT_API_URL") or _DEFAULT_API
    os.environ["PREFECT_API_URL"] = url
    done = _install(url, notify)
    if as_json:
        print_json([{"name": name, "outcome": outcome} for name, outcome in done.items()])
    else:
        click.echo(table(("automation", ""), list(done.items())))
    return 0


def _install(url: str, notify: str | None) -> dict[str, str]:
    from urllib.request import urlopen  # noqa: PLC0415 - not needed for --help

    from people.errors import UserMustAct  # noqa: PLC0415

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
