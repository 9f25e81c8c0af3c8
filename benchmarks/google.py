"""How much our reading of Google costs beside the bare client library.

Contacts and twice as many events on a local server in another process. Seconds by
the clock and of CPU (of this process) of paging the same data with the bare client, of our first sync, and
of a sync without changes. Goals: at most twice the bare client's CPU, and under 0.3 s of CPU.

    python -m benchmarks.google [--sizes N ...] [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import resource
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

from benchmarks.results import Result, of_sizes, tell
from connectors.google.contacts import FIELDS
from connectors.google.source import GoogleSource
from people.collector import gc_paused
from people.types import Page

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 1)


@contextmanager
def server(contacts: int, events: int) -> Iterator[tuple[str, Path]]:
    """A filled stand-in in a process of its own: its address and a token file."""
    with tempfile.TemporaryDirectory() as folder:
        token = Path(folder) / "google.json"
        command = [
            sys.executable,
            "-m",
            "tests.support.google_server",
            "--token",
            str(token),
            "--today",
            str(TODAY),
        ]
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
    with gc_paused():
        return list(source.changes(cursor))


def best(rounds: list[dict[str, float]]) -> dict[str, float]:
    return min(rounds, key=lambda spent: spent["cpu"])


def measure(contacts: int, rounds: int) -> dict[str, Any]:
    """The best rounds over that many contacts and twice as many events; ``peak`` is this process's, in MiB."""
    with server(contacts, 2 * contacts) as (endpoint, token):
        bare_rounds, our_rounds, idle_rounds, items, told = [], [], [], 0, 0
        for _ in range(rounds):
            spent, first = timed(lambda: ours(endpoint, token, None))
            our_rounds.append(spent)
            told, cursor = sum(len(page.changes) for page in first), first[-1].cursor
            del first
            spent, _ = timed(lambda cursor=cursor: ours(endpoint, token, cursor))
            idle_rounds.append(spent)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            spent, items = timed(lambda: bare(endpoint, token))
            bare_rounds.append(spent)
    kinds = (("bare client", bare_rounds), ("first sync", our_rounds), ("nothing changed", idle_rounds))
    return {"items": items, "told": told, "peak": peak, **{name: best(spent) for name, spent in kinds}}


GOALS = {"first sync": "<= 2 x the bare client", "nothing changed": "< 0.3 s of CPU"}


def result(found: dict[int, dict[str, Any]], rounds: int) -> Result:
    """The table: a line for each case and size."""
    rows = []
    for case in ("bare client", *GOALS):
        for size, one in found.items():
            cost, peer = one[case], one["bare client"]["cpu"]
            figures = f"{cost['wall']:.3f} s", f"{cost['cpu']:.3f} s", f"{cost['cpu'] / peer:.2f}"
            peak = f"{one['peak']:.0f} MiB" if case == "first sync" else ""
            rows.append((case, f"{size:,}", *figures, peak, GOALS.get(case, "")))
    head = ("what", "contacts", "by the clock", "CPU", "x bare client's CPU", "peak memory", "goal")
    counted = "; ".join(
        f"{one['items']:,} items came, {one['told']:,} changes came out" for one in found.values()
    )
    note = f"Twice as many events as contacts. The best of {rounds} rounds. {counted}."
    curves = {
        f"Google, {case}": [(size, one[case]["wall"]) for size, one in found.items()]
        for case in ("first sync", "nothing changed")
    }
    return Result("google", "Google", head, rows, note, curves)


def main() -> None:
    """Measure, tell, keep; each size in a process of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000], help="contacts")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(options.child, options.rounds)))
        return
    tell(result(of_sizes("benchmarks.google", options.sizes, options.rounds), options.rounds))


if __name__ == "__main__":
    main()
