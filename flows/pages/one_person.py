"""One person: why they are as they are judged, and everything that is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flows.pages.documents.everything import EverythingDocument, MentionDocument, PlaceDocument
from flows.pages.documents.people import FACTS
from flows.pages.documents.people import person as person_document
from flows.pages.documents.rules import ExplainedPerson
from flows.run.facts.fact_sources import sources_of
from flows.run.forgetting.leftovers import Leftovers
from flows.run.look import Look, look
from flows.settings.model import Settings
from people.store import Store, follow_ups
from people.store.one_person.everything import everything
from people.store.resolving import persons
from people.tasks import FollowUp
from rules.engine.showing.explain import Explanation, explain_row


@dataclass(frozen=True)
class Explained:
    """A person as judged now: ``row`` holds the facts, ``sources`` where each is from."""

    seen: Look
    row: dict[str, Any]
    sources: dict[str, str]
    records: Sequence[str]
    tasks: Sequence[FollowUp]
    explanation: Explanation
    document: ExplainedPerson


def explained(settings: Settings, store: Store, person: str, today: date | None) -> Explained:
    """Judge an active person, with every test of the rules."""
    with store.read() as connection:
        records = persons.records(connection, [person]).get(person, [])
        tasks = [item for item in follow_ups.listed(connection, closed=True) if item.person_id == person]
    seen = look(settings, store, today, ids=[person])
    people = seen.people
    sources = sources_of(store, people, [person])[person]
    row = people.facts.row(0, named=True)
    explanation = explain_row(seen.rules, "person", row, seen.today, sources=sources.get)
    document = ExplainedPerson.filled(
        explanation, person_id=person, records=records, evidence=sources, follow_ups=tasks
    )
    return Explained(seen, row, sources, records, tasks, explanation, document)


def everything_of(
    settings: Settings, store: Store, person: str, today: date | None, *, config: Path, prefect: Path
) -> EverythingDocument:
    """Gather all that the store and the network's files hold of a person. Nothing is changed.

    ``prefect`` is the folder of Prefect's own data. Somebody without a card any longer is not judged.
    """
    with store.read() as connection:
        held = everything(connection, person, settings.me.region)
        active = bool(persons.records(connection, [person]))
    why = explained(settings, store, person, today) if active else None
    judged = why.seen.judgement.frame.select(FACTS).row(0, named=True) if why else None
    places = Leftovers(settings, store, held.traces, config, prefect, removes=False)
    left = [*places.of_files(), *places.elsewhere()]
    return EverythingDocument.filled(
        {},
        made_at=datetime.now(UTC),
        ids=held.traces.ids,
        names=sorted(held.traces.names),
        person=person_document(judged, why.records) if why and judged else None,
        why=why.document if why else None,
        mentions=[MentionDocument(where=f"{one.table} {one.key}", text=one.text) for one in held.mentions],
        places=[PlaceDocument(where=one.where, what=one.what) for one in left],
        rows=held.rows,
    )
