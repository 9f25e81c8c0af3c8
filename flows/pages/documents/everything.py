"""The document of ``export --who``: everything that is known of one person."""

from __future__ import annotations

from pydantic import Field, JsonValue

from flows.pages.documents.base import Document, Second
from flows.pages.documents.people import Person
from flows.pages.documents.rules import ExplainedPerson


class MentionDocument(Document):
    """A text about somebody or something else that names the person."""

    where: str = Field(description="The table of the store, and the key of the row.")
    text: str


class PlaceDocument(Document):
    """A file or service that names the person."""

    where: str = Field(description="A file with its lines, seen from the network's folder, or a service.")
    what: str


class EverythingDocument(Document):
    """Everything that is known of one person."""

    made_at: Second
    ids: tuple[str, ...] = Field(description="The person's id, then those that were merged into it.")
    names: tuple[str, ...] = Field(description="Every full name that a card gives.")
    person: Person | None = Field(description="As judged today; null if no card is left.")
    why: ExplainedPerson | None = Field(description="Why they are tagged, and where each fact is from.")
    rows: dict[str, list[dict[str, JsonValue]]] = Field(
        description="What the store holds: `records` (cards; those that are gone have `gone_at`), "
        "`meetings`, `organised` (meetings), `journal`, `mail`, `follow_ups`, `identity` (decisions on who "
        "is who), `possible_duplicates`, `profiles`."
    )
    mentions: tuple[MentionDocument, ...]
    places: tuple[PlaceDocument, ...]
