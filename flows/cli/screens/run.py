"""The screen of ``touchbase run``: what came in, what is due, what needs attention."""

from __future__ import annotations

from collections.abc import Iterator

import click

from flows.cli.console import plural
from flows.run.outcome.document import RunDocument, SourceDocument

_MOST_PROBLEMS = 12


def summary(document: RunDocument) -> str:
    """Return a run as text: what came in, what is due, what needs attention."""
    return "\n".join(_summary(document))


def _summary(document: RunDocument) -> Iterator[str]:
    yield from map(_source_line, document.sources)
    people = document.people
    yield (
        f"{plural(people.total, 'person', 'people')} known · {people.stale} stale"
        f" · {document.rules.rules} rules"
    )
    yield " · ".join(_follow_up_counts(document))
    if any(source.contacts.problems for source in document.sources):
        yield "To see the problems of each card: touchbase contacts"
    if not people.total and all(source.status == "ok" for source in document.sources):
        yield "No source names a person. Add your address books to the settings, then: touchbase doctor"
    if document.dry_run:
        yield from (f"label: {change}" for change in document.labels)
    elif document.labels:
        yield f"{plural(len(document.labels), 'label change')} written back"
    for problem in document.problems[:_MOST_PROBLEMS]:
        yield f"{click.style('needs attention:', fg='yellow')} {problem.where}: {problem.message}"
        if problem.help:
            yield f"  help: {problem.help}"
    if len(document.problems) > _MOST_PROBLEMS:
        yield f"... and {len(document.problems) - _MOST_PROBLEMS} more (touchbase run --json)"


def _follow_up_counts(document: RunDocument) -> list[str]:
    counts = document.follow_ups
    created = f"{plural(counts.created, 'follow-up')} {'would be created' if document.dry_run else 'created'}"
    return [created, *counts.model_copy(update={"created": 0}).words()]


def _source_line(source: SourceDocument) -> str:
    if source.status != "ok":
        return f"{source.name}: {click.style('failed', fg='red')}"
    kinds = ((source.contacts, "contact"), (source.meetings, "meeting"), (source.journal, "journal line"))
    parts = []
    for counts, one in kinds:
        if counts.total or counts.gone:
            news = counts.news()
            news += [plural(counts.problems, "problem")] if counts.problems else []
            parts.append(f"{plural(counts.total, one)} ({', '.join(news) or 'unchanged'})")
    return f"{source.name}: {'; '.join(parts) or 'empty'}"
