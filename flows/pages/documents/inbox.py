"""The document of `inbox`."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from flows.pages.documents.base import Document


class PossiblePerson(Document):
    """One person that a line may mean."""

    id: str
    name: str
    organisation: str | None
    tier: str | None
    last_contact: date | None


class InboxDocument(Document):
    """One line of the inbox or the journal that waits for you."""

    where: str = Field(description="The file and the line, such as `inbox.txt:3`.")
    line: str = Field(description="The line as written; a journal line in short.")
    problem: str
    candidates: tuple[PossiblePerson, ...] = Field(description="The people it may mean, by tier.")
    next: str = Field(description="The command that places the line, or sets it aside.")
