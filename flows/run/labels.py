"""Tier and tags written back as labels of contacts, where the settings ask for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.base import LabelWriter
from flows.run.context import Context
from flows.run.judge import Judged
from people.errors import TouchbaseError
from people.store.resolving import persons
from people.types import Problem


@dataclass
class LabelReport:
    """The changes to labels, as sentences, and the problems."""

    changes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def write(context: Context, judged: Judged, *, dry_run: bool) -> LabelReport:
    """Bring the labels of each source that asks for labels up to date; a dry run only lists the changes.

    Only labels under the source's own prefix are ever touched. While somebody's tier could not be decided,
    all labels stay.
    """
    report = LabelReport()
    if judged.unsure:
        return report
    for source in context.settings.sources:
        try:
            writer = source.open_labels(context.around())
            if writer is not None:
                _write_one(source.name, writer, _wanted(context, source.name, judged), dry_run, report)
        except TouchbaseError as error:
            where = f"labels of {source.name}"
            report.problems.append(Problem(where=where, message=error.message, help=error.help))
    return report


def _write_one(
    source: str, writer: LabelWriter, wanted: dict[str, set[str]], dry_run: bool, report: LabelReport
) -> None:
    changes, problems = writer.sync(wanted, dry_run=dry_run)
    verbs = {"create": "make the label", "delete": "delete the label", "add": "add to", "remove": "take from"}
    for change in changes:
        count = f" ({len(change.people)} contacts)" if change.people else ""
        report.changes.append(f"{source}: {verbs[change.action]} {writer.prefix}{change.label}{count}")
    report.problems += problems


def _wanted(context: Context, source: str, judged: Judged) -> dict[str, set[str]]:
    """Map the source id of each record in the source to its labels."""
    with context.store.read() as connection:
        records = persons.records(connection)
    wanted: dict[str, set[str]] = {}
    for person, standing in judged.standing.items():
        names = {*standing.tags, *([standing.tier] if standing.tier else [])}
        for record in records.get(person, ()):
            name, _, source_id = record.partition(":")
            if name == source and names:
                wanted[source_id] = names
    return wanted
