"""What reading mail costs: over IMAP beside bare IMAPClient and ``email``, and from an mbox beside its lines.

A real Dovecot on this machine holds the mails. Told are seconds of CPU of the reading process: of IMAPClient
fetching the same headers, each block parsed by ``email`` with its addresses and its date; of our first read;
and of a read with nothing new, with its commands. Then an mbox, whose mails are of many sizes (75 KiB on
average, as in a Takeout with attachments): reading it line by line, and our first read, with its memory.
Goals: at most twice IMAPClient; under 0.2 s and four commands a folder with nothing new; at most 1.5 times
the lines, and 300 MiB.

    python -m benchmarks.mail [--mails N] [--mib N] [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from email import message_from_bytes
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

from imapclient import IMAPClient

from benchmarks.results import Result, tell
from connectors.imap.session import Account
from connectors.imap.source import ImapSource
from connectors.mailbox.source import MailboxSource
from connectors.shared.mail_headers import HEADERS
from people.collector import gc_paused
from people.types import Page
from tests.support.mail_server import PASSWORD, USER, MailServer, give_to_server, mail_server
from tests.support.mails import maildir
from tests.support.wire import wire_to

TODAY = date(2026, 3, 4)
FOLDERS = ("INBOX", "Sent", "Archive", "Work")
BATCH = 500
_LINE = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempo\n"
_BASE_64 = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\n"


def head(number: int) -> str:
    """The headers of one mail, as a large service writes them."""
    day = 1 + number % 28
    lines = [
        "Delivered-To: alex@example.com",
        *(f"Received: by 2002:a05:6a10:{hop}:b0:5 with SMTP id abcdef{number};\n        Mon, 2 Feb 2026 10:00:00 -0800 (PST)" for hop in range(4)),
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=x.example;\n " + "\n ".join(["h" * 70] * 6),
        f"From: Person Number {number % 5000} <person{number % 5000}@x.example>",
        "To: Alex Doe <alex@example.com>, Tom Hale <tom@hale.example>",
        f"Date: {day} Feb 2026 10:{number % 60:02}:00 +0100",
        f"Message-ID: <{number}@x.example>",
        f"References: <{number // 3}@x.example>\n <{number // 2}@x.example>",
        f"Subject: Mail number {number}",
        "MIME-Version: 1.0",
        'Content-Type: multipart/alternative; boundary="000000000000"',
    ]  # fmt: skip
    return "\n".join(lines) + "\n\n"


def fill(server: MailServer, count: int) -> None:
    """Put ``count`` mails into the folders."""
    paths = [maildir(server.folder(name)) for name in FOLDERS]
    for path in paths[1:]:
        (path / "maildirfolder").touch()
    for number in range(count):
        file = paths[number % len(paths)] / "cur" / f"{number}.host:2,S"
        file.write_text(head(number) + "Hello\n")
    give_to_server(server.root)


def cpu(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def bare(port: int) -> int:
    """IMAPClient and ``email``: what a program does that reads headers in the usual way."""
    what = [f"BODY.PEEK[HEADER.FIELDS ({' '.join(HEADERS)})]", "INTERNALDATE"]
    count = 0
    with IMAPClient("127.0.0.1", port, ssl=False) as client:
        client.plain_login(USER, PASSWORD)
        for folder in FOLDERS:
            client.select_folder(folder, readonly=True)
            uids = client.search(["SINCE", date(2023, 3, 3)])
            for start in range(0, len(uids), BATCH):
                for answer in client.fetch(uids[start : start + BATCH], what).values():
                    block = next(value for key, value in answer.items() if key.startswith(b"BODY["))
                    mail = message_from_bytes(block)
                    people = getaddresses([str(mail[name] or "") for name in ("From", "To", "Cc")])
                    count += bool(people and parsedate_to_datetime(str(mail["Date"])))
    return count


def source(port: int) -> ImapSource:
    account = Account("127.0.0.1", port, USER, PASSWORD, "none")
    return ImapSource("mail", account, my_emails=["me@example.com"], today=TODAY)


def over_imap(count: int, rounds: int) -> list[list[str]]:
    with mail_server({"Sent": "\\Sent", "Archive": "\\Archive"}) as server:
        fill(server, count)
        # Dovecot's own index is made by the first reader.
        assert bare(server.port) == count
        pages: list[Page] = []

        def first() -> None:
            pages[:] = source(server.port).changes(None)

        with gc_paused():
            theirs = min(cpu(lambda: bare(server.port)) for _ in range(rounds))
            ours = min(cpu(first) for _ in range(rounds))
        assert sum(len(page.changes) for page in pages) == count
        cursor = pages[-1].cursor
        again = min(cpu(lambda: list(source(server.port).changes(cursor))) for _ in range(rounds))
        with wire_to(server.port) as wire:
            list(source(wire.port).changes(cursor))
            commands = len(wire.commands)
    return [
        [f"{count:,} headers: IMAPClient and email", f"{theirs:.2f} s", "1.00", ""],
        [f"{count:,} headers: first read", f"{ours:.2f} s", f"{ours / theirs:.2f}", ""],
        ["nothing new", f"{again:.3f} s", "", f"{commands} commands, {len(FOLDERS)} folders"],
    ]


def write_mbox(path: Path, mib: int) -> int:
    """An mbox of mails whose sizes differ as much as real ones. Returns how many."""
    chance, count = random.Random(1), 0
    with path.open("wb") as file:
        while file.tell() < mib << 20:
            lines = min(int(chance.lognormvariate(5.2, 1.8)), 100_000)
            text = (_BASE_64 if lines > 300 else _LINE) * lines
            file.write(f"From x@x.example Mon Feb  2 09:00:00 2026\n{head(count)}{text}\n".encode())
            count += 1
    return count


def child(path: Path, what: str) -> dict[str, float]:
    """One read of the mbox in a process of its own, because memory is measured."""

    def lines() -> None:
        with path.open("rb") as file:
            for _ in file:
                pass

    def separators() -> None:
        count = 0
        with path.open("rb") as file:
            for line in file:
                if line.startswith(b"From "):
                    count += 1

    def ours() -> None:
        mails = MailboxSource("mail", path, my_emails=["alex@example.com"], today=TODAY)
        with gc_paused():
            for _ in mails.changes(None):
                pass

    seconds = cpu({"lines": lines, "separators": separators, "ours": ours}[what])
    return {"seconds": seconds, "mib": most_memory()}


def most_memory() -> float:
    """The most memory that this process held, in MiB. ``getrusage`` would count the one that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) / 1024 for line in status.open() if line.startswith("VmHWM"))


def from_mbox(mib: int, rounds: int) -> list[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mail.mbox"
        count = write_mbox(path, mib)
        found = {
            what: min((measured(path, what) for _ in range(rounds)), key=lambda one: one["seconds"])
            for what in ("lines", "separators", "ours")
        }
    lines, ours = found["lines"], found["ours"]
    looked = found["separators"]["seconds"]
    share = f"{ours['seconds'] / lines['seconds']:.2f}"
    return [
        [f"mbox of {mib:,} MiB: its lines", f"{lines['seconds']:.2f} s", "1.00", ""],
        ["the same, and each is compared with 'From '", f"{looked:.2f} s", f"{looked / lines['seconds']:.2f}", ""],
        [f"mbox of {mib:,} MiB: first read", f"{ours['seconds']:.2f} s", share, f"{count:,} mails, {ours['mib']:.0f} MiB of memory"],
    ]  # fmt: skip


def measured(path: Path, what: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.mail", "--child", what, "--path", str(path)]
    found: dict[str, float] = json.loads(
        subprocess.run(command, capture_output=True, text=True, check=True).stdout
    )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--mails", type=int, default=100_000)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        print(json.dumps(child(chosen.path, chosen.child)))
        return
    os.environ.setdefault("CI", "1")  # Without Dovecot there is nothing to measure.
    rows = [*over_imap(chosen.mails, chosen.rounds), *from_mbox(chosen.mib, chosen.rounds)]
    tell(
        Result(
            name="mail",
            title="Mail: headers over IMAP and from an mbox",
            head=("case", "CPU", "share", ""),
            rows=rows,
            note=(
                "Seconds of CPU of the reading process, the best of several rounds. IMAPClient fetches the same headers"
                " from the same Dovecot, and `email` parses each block with its addresses and its date. The mails of the"
                " mbox have 75 KiB on average."
            ),
        )
    )


if __name__ == "__main__":
    main()
