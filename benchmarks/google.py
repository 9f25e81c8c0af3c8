"""How much our reading of Google costs beside the bare client library.

10,000 contacts and 20,000 events on a local server in another process. Seconds by
the clock and of CPU (of this process) of paging the same data with the bare client, of our first sync, and
of a sync without changes. Goals: at most twice the bare client's CPU, and under 0.3 s of CPU.

    python -m benchmarks.google [--contacts N] [--events N] [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import google.oauth2.credentials
import httplib2
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build

from benchmarks.results import Result, tell
from connectors.google.contacts_part import FIELDS
from connectors.google.source import GoogleSource
from people.types import Page

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 1)


@contextmanager
def server(contacts: int, events: int) -> Iterator[tuple[str, Path]]:
    """A filled stand-in in a process of its own: its address and a token file."""
    with tempfile.TemporaryDirectory() as folder:
        token = Path(folder) / "google.json"
        command = [sys.executable, "-m", "tests.google_server", "--token", str(token), "--today", str(TODAY)]
        sizes = ["--contacts", str(contacts), "--events", str(events)]
        with subprocess.Popen([*command, *sizes], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                yield json.loads(process.stdout.readline())["endpoint"], token
            finally:
                process.terminate()


def timed(work: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    spent = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    return {key: round(value, 3) for key, value in spent.items()}, result


def bare(endpoint: str, token: Path) -> int:
    """Page through everything with the client library alone; return how many items came."""
    credentials = google.oauth2.credentials.Credentials(json.loads(token.read_text())["token"])
    http = AuthorizedHttp(credentials, httplib2.Http())

    def service(name: str, version: str, path: str) -> Any:  # noqa: ANN401 - generated at run time
        options = {"api_endpoint": f"{endpoint}/{path}"}
        return build(
            name, version, http=http, client_options=options, static_discovery=True, cache_discovery=False
        )

    people = service("people", "v1", "").people().connections()
    events = service("calendar", "v3", "calendar/v3/").events()
    asked = {"resourceName": "people/me", "personFields": FIELDS, "pageSize": 1000, "requestSyncToken": True}
    listed = {"calendarId": "primary", "maxResults": 2500, "singleEvents": False, "showDeleted": True}
    return sum(
        len(answer.get(key, ()))
        for resource, parameters, key in ((people, asked, "connections"), (events, listed, "items"))
        for answer in pages(resource, parameters)
    )


def pages(resource: Any, parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    request = resource.list(**parameters)
    while request is not None:
        answer = request.execute()
        yield answer
        request = resource.list_next(request, answer)


def ours(endpoint: str, token: Path, cursor: str | None) -> list[Page]:
    source = GoogleSource(
        "google",
        token,
        endpoint=endpoint,
        my_emails=["alex@example.com"],
        today=TODAY,
        time_zone="Europe/London",
    )
    return list(source.changes(cursor))


def best(rounds: list[dict[str, float]]) -> dict[str, float]:
    return min(rounds, key=lambda spent: spent["cpu"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with server(options.contacts, options.events) as (endpoint, token):
        bare_rounds, our_rounds, idle_rounds, items, told = [], [], [], 0, 0
        for _ in range(options.rounds):
            spent, items = timed(lambda: bare(endpoint, token))
            bare_rounds.append(spent)
            spent, first = timed(lambda: ours(endpoint, token, None))
            our_rounds.append(spent)
            told, cursor = sum(len(page.changes) for page in first), first[-1].cursor
            del first
            spent, _ = timed(lambda cursor=cursor: ours(endpoint, token, cursor))
            idle_rounds.append(spent)
    bare_best = best(bare_rounds)
    rows = [
        (
            name,
            f"{spent['wall']:.3f} s",
            f"{spent['cpu']:.3f} s",
            f"{spent['cpu'] / bare_best['cpu']:.2f}",
            goal,
        )
        for name, spent, goal in (
            ("bare client", bare_best, ""),
            ("first sync", best(our_rounds), "<= 2 x the bare client"),
            ("nothing changed", best(idle_rounds), "< 0.3 s of CPU"),
        )
    ]
    title = f"Google: {options.contacts:,} contacts and {options.events:,} events"
    head = ("what", "by the clock", "CPU", "x bare client's CPU", "goal")
    note = f"The best of {options.rounds} rounds. {items:,} items came, {told:,} changes were told of them."
    tell(Result("google", title, head, rows, note))


if __name__ == "__main__":
    main()
