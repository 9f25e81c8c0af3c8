"""``touchbase login``: ask for consent, and save a token file that only you can read."""

from __future__ import annotations

from pathlib import Path

import click

from connectors.google.client.auth import scopes_for
from connectors.google.client.login import login as ask_for_consent
from connectors.google.client.token_file import granted_scopes
from connectors.google.settings import GoogleSettings, GoogleTasks
from flows.cli.console import config_option
from flows.settings.loading import load
from flows.settings.model import Settings
from people.errors import SettingsError


@click.group(epilog="Example: touchbase login google")
def login() -> None:
    """Give Touchbase access to an account; the token stays on this machine."""


@login.command(epilog="Example: touchbase login google --port 8765 --no-browser   (through a tunnel)")
@config_option
@click.option("--source", "name", metavar="NAME", help="The Google source (default: the only one).")
@click.option("--tasks", is_flag=True, help="Ask for Google Tasks only.")
@click.option("--mail", is_flag=True, help="Also ask for the headers of mail, and keep what was allowed.")
@click.option("--write-labels", is_flag=True, help="Also ask for permission to write labels.")
@click.option("--client", type=click.Path(path_type=Path), help="The OAuth client file (docs/google.md).")
@click.option("--port", default=0, show_default="any free one", help="The port that receives the answer.")
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening a browser.")
def google(  # noqa: PLR0917 - click passes them by keyword
    config: Path,
    name: str | None,
    tasks: bool,
    mail: bool,
    write_labels: bool,
    client: Path | None,
    port: int,
    no_browser: bool,
) -> int:
    """Log in to Google, with the access that the settings need. The token is saved with mode 0600."""
    settings = load(config)
    source = None if tasks else _source(settings, name)
    token = settings.resolve(source.token if source else _tasks_token(settings))
    scopes = _scopes(settings, source, token, write_labels=write_labels, mail=mail)
    if mail:
        scopes = tuple(dict.fromkeys((*scopes, *granted_scopes(token))))
    secret = settings.resolve(client or (source.client if source else Path("client_secret.json")))
    click.echo(f"Asking for: {', '.join(scope.rpartition('/')[2] for scope in scopes)}", err=True)
    ask_for_consent(secret, token, scopes, port=port, open_browser=not no_browser)
    click.echo(f"Saved {token}. Next: touchbase run")
    if mail and source and not source.mail:
        click.echo(f"Mail is read once source '{source.name}' has mail = true in {config}.", err=True)
    return 0


def _source(settings: Settings, name: str | None) -> GoogleSettings | None:
    sources = [s for s in settings.sources if isinstance(s, GoogleSettings) and name in (None, s.name)]
    if name and not sources:
        raise SettingsError(
            f"there is no Google source '{name}'", help='its type is "google" in the settings'
        )
    if len(sources) > 1:
        raise SettingsError(
            "the settings name several Google sources", help=f"choose one: --source {sources[0].name}"
        )
    return sources[0] if sources else None


def _tasks_token(settings: Settings) -> Path:
    if isinstance(settings.tasks, GoogleTasks):
        return settings.tasks.token
    raise SettingsError(
        "the settings name nothing at Google",
        help='add a source with type = "google", or tasks with type = "google"',
    )


def _scopes(
    settings: Settings, source: GoogleSettings | None, token: Path, *, write_labels: bool, mail: bool
) -> tuple[str, ...]:
    """Return the scopes of the source, and of the tasks if they share its token file."""
    tasks = settings.tasks
    shared = isinstance(tasks, GoogleTasks) and settings.resolve(tasks.token) == token
    return scopes_for(
        contacts=bool(source and source.contacts),
        calendars=bool(source and source.calendars),
        calendar_titles=bool(source and any("@" not in c and c != "primary" for c in source.calendars)),
        other_contacts=bool(source and source.other_contacts),
        write_labels=bool(source and (write_labels or source.write_labels)),
        tasks=source is None or shared,
        mail=bool(source and (mail or source.mail)),
    )
