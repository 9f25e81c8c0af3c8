"""The document of `mails`."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from flows.pages.documents.base import Document
from flows.run.context import Context
from flows.run.facts.mail import Mail
from people.store import frames
from rules.engine import RuleSet


class MailDocument(Document):
    """One mail with a person, and what the rules make of it."""

    day: date
    direction: Literal["sent", "received"]
    email: str = Field(description="Their address in it.")
    as_role: str = Field(description="Where that address stands: `from`, `to` or `cc`.")
    subject: str | None
    folder: str | None
    noise: bool
    counts: str = Field(description="What it counts for with whoever wrote it, or is named in To.")
    settled: bool = Field(description="Whether nobody waits for an answer to it.")
    rules: tuple[str, ...] = Field(description="The rules that decided; empty if its headers did.")


def mails_with(context: Context, rules: RuleSet, person: str) -> list[MailDocument]:
    """Return all mails with one person, the latest first."""
    me = context.settings.me
    with context.store.read() as connection:
        emails = frames.emails_of(connection, [person])
    found = Mail(context.store, rules, me, sorted(emails)).explained(context.today)
    return [
        MailDocument.filled(
            row,
            day=row["at"].astimezone(me.zone).date(),
            direction="sent" if row["sent"] else "received",
            noise=bool(row["noise"]),
            settled=bool(row["settled"]),
        )
        for row in found.iter_rows(named=True)
    ]
