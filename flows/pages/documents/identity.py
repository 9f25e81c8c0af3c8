"""The documents of ``identity review`` and ``identity history``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pydantic import Field

from flows.pages.documents.base import Document, Moment
from people.store.resolving.bulk import BulkMerge
from people.store.resolving.decisions import HistoryEntry, OpenPair
from people.store.resolving.questions import Question
from people.types import Contact


class CardOfPerson(Document):
    """A card and the person it belongs to."""

    person_id: str | None
    record: str
    name: str | None
    organisation: str | None
    title: str | None
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    birthday: str | None


class OpenPairDocument(Document):
    """Two cards that may be one person, the most likely pair first."""

    a: CardOfPerson
    b: CardOfPerson
    bits: float = Field(description="The weight of the evidence; each bit doubles the odds.")
    evidence: tuple[str, ...] = Field(description="What speaks for and against it, strongest first.")
    reason: str = Field(description="Why Touchbase does not decide by itself; may be empty.")
    question: int = Field(description="From 0; pairs with one number are one question about several people.")
    listed: bool = Field(description="Whether the question is a list: each name of it may be answered apart.")
    worth: float = Field(description="The bits of the question in this book, where 0 is even odds.")
    waits: tuple[str, ...] = Field(description="The open follow-ups about these people.")
    later: date | None = Field(description="The day on which you put the question off.")


class BulkMergeDocument(Document):
    """A person whose cards were merged because nobody else has the name."""

    at: Moment
    person_id: str
    name: str
    records: tuple[str, ...]


class IdentityEvent(Document):
    """One merge or split."""

    at: Moment
    kind: str = Field(description="`joined`, `merged` or `split`.")
    person: str = Field(description="The person that remains, or that the split made.")
    other: str = Field(description="The person that was merged or split; empty when cards joined.")
    records: tuple[str, ...]
    evidence: tuple[str, ...]


class IdentityHistory(Document):
    """A person's cards, and each merge and split."""

    person_id: str
    records: tuple[CardOfPerson, ...]
    events: tuple[IdentityEvent, ...]


def open_pair(pair: OpenPair, question: Question, number: int) -> OpenPairDocument:
    """Return the document of one pair to review, which belongs to a question with a number."""
    a = CardOfPerson.filled(pair.a, person_id=pair.person_a)
    b = CardOfPerson.filled(pair.b, person_id=pair.person_b)
    told = {
        "listed": bool(question.rows),
        "worth": question.worth,
        "waits": question.waits,
        "later": question.later,
    }
    return OpenPairDocument.filled(pair, a=a, b=b, question=number, **told)


def bulk_merge(merge: BulkMerge) -> BulkMergeDocument:
    """Return the document of one person of ``identity bulk``."""
    return BulkMergeDocument.filled(merge, person_id=merge.person)


def history(person_id: str, cards: Iterable[Contact], entries: Iterable[HistoryEntry]) -> IdentityHistory:
    """Return the document of ``identity history``."""
    records = tuple(CardOfPerson.filled(card, person_id=person_id) for card in cards)
    events = tuple(IdentityEvent.filled(entry) for entry in entries)
    return IdentityHistory(person_id=person_id, records=records, events=events)
