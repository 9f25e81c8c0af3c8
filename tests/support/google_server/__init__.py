"""A stand-in for Google: People, Calendar, Tasks, Gmail and the OAuth token endpoint over real HTTP.

It is stateful and strict: it is written from the discovery documents and from reported behaviour
(google-cases.md), not from our client. Nothing but the standard library is used, so that
``make demo-google`` and ``python -m tests.support.google_server`` can use it as well::

    with GoogleServer() as google:
        anna = google.people.add("Anna Berg", emails=["anna@berg.example"])
        token = google.write_token(Path("google.json"))
        ... a client with endpoint=google.endpoint ...

Python code edits the account through ``google.people``, ``calendar``, ``tasks`` and ``gmail`` as
its owner would in Google's own apps; ``google.faults`` makes requests fail; ``google.clock`` moves
time; ``google.log`` lists the requests that came in.
"""

from tests.support.google_server.faults import Fault
from tests.support.google_server.server import GoogleServer

__all__ = ["Fault", "GoogleServer"]
