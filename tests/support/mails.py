"""Mails for tests: header blocks, mboxes and Maildirs with few words."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from people.types import Message, Page

ME = "me@example.com"
SEPARATOR = "From sender@x.example Mon Mar  2 09:00:00 2026"


def mail(name: str, *lines: str, day: int = 2, body: str = "Hello\n") -> str:
    """A mail that ``name`` sent me in March 2026, or whatever ``lines`` say otherwise."""
    usual = {
        "from": f"From: {name} <{name.lower()}@x.example>",
        "to": f"To: {ME}",
        "date": f"Date: {day} Mar 2026 10:00:00 +0100",
        "message-id": f"Message-ID: <{name}@id.example>",
        "subject": "Subject: a secret subject",
    }
    given = {line.partition(":")[0].lower() for line in lines}
    head = [*lines, *(line for key, line in usual.items() if key not in given)]
    return "\n".join([*head, "", body])


def mbox(*mails: str, separator: str = SEPARATOR) -> bytes:
    """An mbox of these mails."""
    return "".join(f"{separator}\n{one}\n" for one in mails).encode("utf-8", "surrogateescape")


def maildir(folder: Path, mails: Iterable[tuple[str, str]] = ()) -> Path:
    """A Maildir with these mails, each with its file's name."""
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name, text in mails:
        deliver(folder, name, text)
    return folder


def deliver(folder: Path, name: str, text: str) -> None:
    """Put a mail into a Maildir as a mail program does."""
    waiting = folder / "tmp" / name
    waiting.write_bytes(text.encode("utf-8", "surrogateescape"))
    waiting.rename(folder / ("cur" if ":2" in name else "new") / name)


def messages(pages: Iterable[Page]) -> list[Message]:
    """All messages of these pages."""
    return [change for page in pages for change in page.changes if isinstance(change, Message)]


def names(pages: Iterable[Page]) -> list[str]:
    """Who sent the messages of these pages, or to whom the user did."""
    return [(one.counterparts[0].name or "") if one.counterparts else "" for one in messages(pages)]
