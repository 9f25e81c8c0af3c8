"""What reading an address book on a server costs, beside a bare loop that fetches and parses the same.

A real Radicale on this machine holds the cards. Each read is one process without workers. Told are its seconds
of CPU, its most memory and its requests. The bare loop is httpx, which lists the book and asks for a
hundred cards per request, ElementTree, and vobject for each card; it keeps nothing. Goals: the first read at
most twice the loop; with nothing changed, three requests a book and 0.5 s. Then a book with a picture on each
card: the memory of the first read must not grow by the pictures.

    python -m benchmarks.dav [--cards N] [--pictured N] [--pictures KIB] [--rounds N]
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock
from xml.etree import ElementTree as ET

import httpx
import requests
import vobject

from benchmarks.mail import most_memory
from benchmarks.results import Result, tell
from benchmarks.vcards import card
from connectors.carddav.source import CardDavSource
from connectors.shared.dav.client import DavClient
from connectors.shared.dav.server import Server
from people.collector import gc_paused
from people.parallel import Pool
from people.types import Contact
from tests.support.dav_servers import DavServer, radicale

_DAV, _CARDDAV = "{DAV:}", "{urn:ietf:params:xml:ns:carddav}"
_LIST = '<d:propfind xmlns:d="DAV:"><d:prop><d:getetag/><d:resourcetype/></d:prop></d:propfind>'
_GET = (
    '<a:addressbook-multiget xmlns:d="DAV:" xmlns:a="urn:ietf:params:xml:ns:carddav">'
    "<d:prop><d:getetag/><a:address-data/></d:prop>{}</a:addressbook-multiget>"
)


class Read(NamedTuple):
    """One read: seconds of CPU, MiB, requests, and what it found."""

    seconds: float
    mib: float
    requests: int
    cards: int
    cursor: str | None = None
    known: dict[str, str] | None = None


def fill(server: DavServer, name: str, count: int, picture: int) -> str:
    """Write a book of ``count`` cards, each with a picture of so many KiB. Returns its address."""
    chance = random.Random(2)
    url = f"{server.home}{name}/"
    text = "".join(with_picture(card(number, chance), picture, chance) for number in range(count))
    answer = requests.put(
        url, data=text.encode(), headers={"Content-Type": "text/vcard"}, auth=server.login(), timeout=1800
    )
    assert answer.status_code == 201, answer.text
    return url


def with_picture(text: str, kib: int, chance: random.Random) -> str:
    if not kib:
        return text
    data = base64.b64encode(chance.randbytes(kib * 768)).decode()
    folded = "\r\n ".join(data[at : at + 74] for at in range(0, len(data), 74))
    return text.replace("END:VCARD", f"PHOTO;ENCODING=b;TYPE=JPEG:\r\n {folded}\r\nEND:VCARD")


def bare(url: str) -> Iterator[str]:
    """httpx and vobject: what a script does that reads an address book."""
    with httpx.Client(auth=("alex", "secret"), timeout=600) as client:
        listed = client.request("PROPFIND", url, content=_LIST, headers={"Depth": "1"})
        hrefs = [item.findtext(f"{_DAV}href") or "" for item in ET.fromstring(listed.content)]
        members = [href for href in hrefs if href.endswith(".vcf")]
        for start in range(0, len(members), 100):
            wanted = "".join(f"<d:href>{href}</d:href>" for href in members[start : start + 100])
            answer = client.request("REPORT", url, content=_GET.format(wanted), headers={"Depth": "1"})
            for item in ET.fromstring(answer.content).iter(f"{_CARDDAV}address-data"):
                yield str(vobject.readOne(item.text).fn.value)


def ours(url: str, cursor: str | None, known: dict[str, str] | None) -> tuple[list[Contact], str | None]:
    with gc_paused(), Pool(1) as pool:
        source = CardDavSource(
            "book", Server(url), user="alex", password="secret", known=known, pool=pool, timeout=600
        )
        contacts: list[Contact] = []
        for page in source.changes(cursor):
            contacts.extend(change for change in page.changes if isinstance(change, Contact))
            last = page.cursor
    return contacts, last


def child(what: str, url: str, before: dict[str, Any]) -> Read:
    start = time.process_time()
    if what == "bare":
        count = sum(1 for _ in bare(url))
        return Read(time.process_time() - start, most_memory(), 1 + -(-count // 100), count)
    send = DavClient.request
    with mock.patch.object(DavClient, "request", autospec=True, side_effect=send) as counted:
        contacts, cursor = ours(url, before.get("cursor"), before.get("known"))
    seconds = time.process_time() - start
    known = {contact.raw_hash or "": contact.source_id for contact in contacts}
    return Read(seconds, most_memory(), counted.call_count, len(contacts), cursor, known)


def read(what: str, url: str, rounds: int, before: Read | None = None) -> Read:
    """The best of several rounds, each in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.dav", "--child", what, "--url", url]
    given = json.dumps({} if before is None else before._asdict())
    found = []
    for _ in range(rounds):
        told = subprocess.run(command, input=given, capture_output=True, text=True, check=True).stdout
        found.append(Read(**json.loads(told)))
    return min(found, key=lambda one: one.seconds)


def row(name: str, found: Read, loop: Read, goal: str = "") -> list[str]:
    share = f"{found.seconds / loop.seconds:.2f}"
    return [name, f"{found.seconds:.2f} s", share, f"{found.mib:.0f} MiB", str(found.requests), goal]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cards", type=int, default=10_000)
    parser.add_argument("--pictured", type=int, default=2_000)
    parser.add_argument("--pictures", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        print(json.dumps(child(chosen.child, chosen.url, json.load(sys.stdin))._asdict()))
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder, radicale(Path(folder)) as server:
        for count, kib in ((chosen.cards, 0), (chosen.pictured, chosen.pictures)):
            url = fill(server, f"book{kib}", count, kib)
            # Radicale's own cache is made by the first reader.
            read("bare", url, 1)
            loop = read("bare", url, chosen.rounds)
            first = read("first", url, chosen.rounds)
            assert loop.cards == first.cards == count, (loop.cards, first.cards)
            cards = f"{count:,} cards" + (f" with pictures of {kib} KiB" if kib else "")
            rows += [
                row(f"{cards}: httpx, vobject", loop, loop),
                row(f"{cards}: first read", first, loop, "2.00"),
            ]
            if not kib:
                again = read("again", url, chosen.rounds, first)
                assert again.cards == 0
                rows.append(row(f"{cards}: nothing changed", again, loop, "0.5 s, 3 requests"))
            print(*rows, sep="\n", file=sys.stderr)
    tell(
        Result(
            name="dav",
            title="An address book on a server (CardDAV)",
            head=("case", "CPU", "share", "memory", "requests", "goal"),
            rows=rows,
            note=(
                "Seconds of CPU and the most memory of the reading process, the best of several rounds. The bare loop lists the book with httpx, asks Radicale for a hundred cards"
                " per request, and reads each with vobject."
            ),
        )
    )


if __name__ == "__main__":
    os.environ.setdefault("NO_PROXY", "127.0.0.1")
    main()
