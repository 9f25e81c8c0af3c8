"""Tier and tags written back as Google contact labels, where the settings ask for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from flows.run.context import Context
from flows.run.judge import Judged
from flows.settings.model import GoogleSettings
from people.errors import TouchbaseError
from people.store.resolving import persons
from people.types import Problem


@dataclass
class LabelReport:
    """The changes to labels, as sentences, and what could not be done."""

    changes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def write(context: Context, judged: Judged, *, dry_run: bool) -> LabelReport:
    """Bring the labels of each source with ``write_labels`` up to date; a dry run only lists.

    Only labels under the source's own prefix are ever touched.
    """
    report = LabelReport()
    for source in context.settings.sources:
        if isinstance(source, GoogleSettings) and source.write_labels:
            try:
                _write_one(context, source, judged, dry_run, report)
            except TouchbaseError as error:
                where = f"labels of {source.name}"
                report.problems.append(Problem(where=where, message=error.message, help=error.help))
    return report


def _write_one(
    context: Context, source: GoogleSettings, judged: Judged, dry_run: bool, report: LabelReport
) -> None:
    from connectors.google.labels import GoogleLabels  # noqa: PLC0415 - Google's client is slow to import

    labels = GoogleLabels(
        source.name,
        context.settings.resolve(source.token),
        prefix=source.label_prefix,
        endpoint=source.endpoint,
    )
    changes, problems = labels.sync(_wanted(context, source.name, judged), dry_run=dry_run)
    verbs = {"create": "make the label", "delete": "delete the label", "add": "add to", "remove": "take from"}
    for change in changes:
        whom = f" ({len(change.people)} contacts)" if change.people else ""
        report.changes.append(
            f"{source.name}: {verbs[change.action]} {source.label_prefix}{change.label}{whom}"
        )
    report.problems += problems


def _wanted(context: Context, source: str, judged: Judged) -> dict[str, set[str]]:
    """Resource name of each contact in the source to its labels."""
    with context.store.read() as connection:
        records = persons.records(connection)
    wanted: dict[str, set[str]] = {}
    for person, standing in judged.standing.items():
        names = {*standing.tags, *([standing.tier] if standing.tier else [])}
        for record in records.get(person, ()):
            name, _, resource = record.partition(":")
            if name == source and resource.startswith("people/") and names:
                wanted[resource] = names
    return wanted
