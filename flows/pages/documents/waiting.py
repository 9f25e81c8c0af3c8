"""The document of `waiting`."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from flows.pages.documents.base import Document
from flows.run.context import Context
from flows.run.facts.people import People
from people.facts.waiting import LATELY, waiting_letters


class WaitingPerson(Document):
    """One person who waits for an answer, or from who you wait for one."""

    person_id: str
    person: str
    organisation: str | None
    since: date = Field(description="The day of the mail that waits.")
    days: int
    email: str = Field(description="Their address in that mail.")
    subject: str | None = Field(description="Its subject, if the source reads subjects.")
    in_a_row: int = Field(description="How many mails of yours in a row have no answer.")
    in_reply: bool = Field(
        description="Whether it answered a mail of the other side; it may be the last word."
    )
    thread: str = Field(description="The number of its thread, as text: it has up to 19 digits.")


class WaitingDocument(Document):
    """Who waits for whose answer on a day, the longest first."""

    today: date
    for_me: tuple[WaitingPerson, ...] = Field(description="They wait for your answer.")
    for_them: tuple[WaitingPerson, ...] = Field(description="You wait for their answer.")

    def lately(self) -> WaitingDocument:
        """The part that began in the last 30 days, without your own last words."""
        mine = tuple(one for one in self.for_me if one.days <= LATELY)
        theirs = tuple(one for one in self.for_them if one.days <= LATELY and not one.in_reply)
        return WaitingDocument(today=self.today, for_me=mine, for_them=theirs)


def waiting_of(context: Context, people: People) -> WaitingDocument:
    """Return who waits among these people."""
    zone = context.settings.me.time_zone
    found = waiting_letters(people.letters, people.facts, context.moment, zone)
    known = people.facts.select(
        "id", "name", "organisation", "unanswered_in_a_row", "waiting_for_me_since", "waiting_for_them_since"
    )
    sides: dict[str, list[WaitingPerson]] = {"me": [], "them": []}
    for row in found.join(known, left_on="person_id", right_on="id", maintain_order="left").iter_rows(
        named=True
    ):
        since = row[f"waiting_for_{row['side']}_since"]
        sides[row["side"]].append(
            WaitingPerson.filled(
                row,
                person=row["name"] or row["email"],
                since=since,
                days=(context.today - since).days,
                in_a_row=row["unanswered_in_a_row"],
                in_reply=row["answers"],
                thread=str(row["thread"]),
            )
        )
    return WaitingDocument(today=context.today, for_me=tuple(sides["me"]), for_them=tuple(sides["them"]))


def waiting_rows(document: WaitingDocument) -> list[dict[str, object]]:
    """The rows of the artifact."""
    return [
        {
            "who waits": who,
            "person": one.person,
            "since": one.since.isoformat(),
            "days": one.days,
            "address": one.email,
        }
        for who, people in (("they, for you", document.for_me), ("you, for them", document.for_them))
        for one in people
    ]
