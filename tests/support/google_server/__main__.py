"""Run the stand-in by itself: ``python -m tests.support.google_server --token google.json``.

It prints one line of JSON with its address and serves until it is interrupted.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from datetime import date
from pathlib import Path

from tests.support.google_server.sample import fill_large, fill_small
from tests.support.google_server.server import GoogleServer


def main() -> None:
    """Read the command line, fill an account, serve it."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.google_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    parser.add_argument("--token", type=Path, default=Path("google.json"), help="where to write a token file")
    parser.add_argument("--client", type=Path, help="where to write an OAuth client file, for logging in")
    parser.add_argument("--empty", action="store_true", help="start with an empty account")
    parser.add_argument("--contacts", type=int, default=0, help="fill it with that many contacts")
    parser.add_argument("--events", type=int, default=0, help="and that many events")
    parser.add_argument("--today", type=date.fromisoformat, default=date.today(), help="YYYY-MM-DD")  # noqa: DTZ011
    options = parser.parse_args()
    google = GoogleServer(port=options.port)
    if options.contacts or options.events:
        fill_large(google, options.today, contacts=options.contacts, events=options.events)
    elif not options.empty:
        fill_small(google, options.today)
    google.write_token(options.token)
    if options.client:
        google.write_client(options.client)
    with google:
        sys.stdout.write(json.dumps({"endpoint": google.endpoint, "token": str(options.token)}) + "\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            sys.exit(0)


if __name__ == "__main__":
    main()
