"""The documents of ``follow-ups``, ``done``, ``snooze``, ``dismiss`` and ``forget``."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from flows.pages.documents.base import Document
from people.tasks import About, Channel, Evidence, Priority, Status


class FollowUpDocument(Document):
    """One follow-up."""

    key: str = Field(description="The follow-up's key, which stays the same for good.")
    person_id: str
    person: str = Field(description="The person's name.")
    rule: str = Field(description="The rule that asks for it.")
    title: str
    notes: str
    channel: Channel
    priority: Priority
    due: date
    status: Status
    sink: str | None = Field(description="The task list that holds it; null before a task exists.")
    ref: str | None = Field(description="The task list's own id of the task.")
    reason: str = Field(description="Why it is deferred, withdrawn, moved or dismissed.")
    value: float = Field(description="The rank among the day's follow-ups; higher comes first.")
    about: About = Field(
        description="Who it is about, as the task says it: how to reach them, and the last contact."
    )
    because: tuple[Evidence, ...] = Field(
        description="The tests that led to it. `source` names the meeting, card or journal line behind the "
        "value."
    )


class LeftDocument(Document):
    """One place that still names a forgotten person."""

    where: str = Field(description="A file with its lines, seen from the network's folder, or a service.")
    what: str
    help: str = Field(description="What to do about it.")
    ours: bool = Field(description="Whether Touchbase should have removed it, and could not.")


class ForgottenDocument(Document):
    """What `forget` removed, and what still names the person."""

    person_id: str
    records: int = Field(description="How many records were removed.")
    tasks: int = Field(description="How many tasks were deleted.")
    pages: tuple[str, ...] = Field(description="The digests and reports that were deleted.")
    left: tuple[LeftDocument, ...]
