"""``touchbase explain``: why a person is tagged, stale or not, and why a follow-up exists."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import click

from flows.cli.console import judging_options, safe_line, show
from flows.cli.table import table
from flows.cli.who import person_named
from flows.pages.documents.base import number
from flows.pages.documents.groups import ExplainedGroup, explained_group
from flows.pages.documents.rules import ExplainedFollowUp, ExplainedPerson
from flows.run.context import network
from flows.run.facts.fact_sources import sources_of
from flows.run.look import look, support_now
from flows.settings.model import Settings
from people.store import Store, follow_ups
from people.store.resolving import persons
from people.tasks import FollowUp
from rules.engine.showing.explain import explain_row

_KEY = re.compile(r"[0-9a-f]{6,16}")
_SHOWN = ("name", "organisation", "title", "emails", "phones", "birthday", "last_contact", "next_meeting")


@click.command(epilog="Example: touchbase explain 'Anna Berg'   or: touchbase explain 3f9a1c20")
@click.argument("who", metavar="WHO-or-KEY")
@judging_options
@click.option("--all", "everything", is_flag=True, help="Also show rules that did not match, and why not.")
def explain(who: str, config: Path, today: date | None, *, as_json: bool, everything: bool) -> int:
    """Explain a person or a follow-up.

    For WHO (a name, e-mail, id or record key), show every rule that matched. For the KEY of a
    follow-up, show why it exists. For group:ID, show every line behind the figures of that group.
    """
    with network(config) as (settings, store):
        item = _follow_up(store, who)
        if item:
            document = ExplainedFollowUp.filled({}, follow_up=item)
            show(document, lambda: _follow_up_text(item), as_json=as_json)
        elif who.startswith("group:"):
            group = explained_group(support_now(settings, store, today), who.removeprefix("group:"))
            show(group, lambda: _group_text(group), as_json=as_json)
        else:
            _show_person(settings, store, who, today, everything=everything, as_json=as_json)
    return 0


def _follow_up(store: Store, key: str) -> FollowUp | None:
    if not _KEY.fullmatch(key):
        return None
    with store.read() as connection:
        return follow_ups.find(connection, key)


def _follow_up_text(item: FollowUp) -> str:
    lines = [
        f"{item.title}  ({item.status}, due {item.due.isoformat()}, {item.priority} priority)",
        f"  for {item.person} ({item.person_id}), by rule {item.rule}; worth {item.value}",
    ]
    if item.reason:
        lines.append(f"  {item.reason}")
    for e in item.because:
        source = f"; from {e.source}" if e.source else ""
        lines.append(
            f"  {e.file}:{e.line}  {e.rule}: {e.field} is {e.value} ({e.test} {e.threshold}){source}"
        )
    return "\n".join(safe_line(line) for line in lines)


def _group_text(document: ExplainedGroup) -> str:
    parts = [document.text]
    for figure, lines in document.lines.items():
        total = number(sum(line.value for line in lines))
        parts.append(f"\n{figure.replace('_', ' ')}: {total}")
        rows = [(line.day, f"{line.value:g}", line.what, line.record) for line in lines]
        parts.append(table(("day", "counts", "what", "where"), rows))
    parts.append(
        "\nbalance is given minus received; cost per new target is money divided by new target members"
    )
    return "\n".join(parts)


def _show_person(
    settings: Settings, store: Store, who: str, today: date | None, *, everything: bool, as_json: bool
) -> None:
    person = person_named(settings, store, who, today)
    with store.read() as connection:
        records = persons.records(connection, [person]).get(person, [])
        tasks = [item for item in follow_ups.listed(connection, closed=True) if item.person_id == person]
    seen = look(settings, store, today, ids=[person])
    people = seen.people
    evidence = sources_of(store, people.happened, people.met, [person], people.ledger)[person]
    row = people.facts.row(0, named=True)
    explained = explain_row(seen.rules, "person", row, seen.today, sources=evidence.get)
    document = ExplainedPerson.filled(
        explained, person_id=person, records=records, evidence=evidence, follow_ups=tasks
    )
    lines = ["", f"known from: {', '.join(records)}"]
    lines += [f"  {field}: {source}" for field, source in evidence.items() if field in _SHOWN]
    lines += [f"{task.status}: {task.title}, due {task.due}  {task.reason}  {task.key[:8]}" for task in tasks]
    if not everything:
        lines.append("To see the rules that did not match, and why not, add --all")
    text = [explained.render(matched_only=not everything), *map(safe_line, lines)]
    show(document, lambda: "\n".join(text), as_json=as_json)
