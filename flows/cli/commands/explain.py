"""``touchbase explain``: why a person is tagged, stale or not; why a follow-up exists."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.cli.console import config_option, json_option, print_json, today_option
from flows.run.context import network

if TYPE_CHECKING:
    from flows.settings.model import Settings
    from people.store import Store
    from people.tasks import FollowUp

_KEY = re.compile(r"[0-9a-f]{6,16}")


@click.command(epilog="Example: touchbase explain 'Anna Berg'   or: touchbase explain 3f9a1c20")
@click.argument("who", metavar="WHO-or-KEY")
@config_option
@today_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Rules that did not match too, and why not.")
def explain(who: str, config: Path, today: date | None, *, as_json: bool, everything: bool) -> int:
    """Say why: for WHO (a name, e-mail, id or record key) every rule; for a KEY its follow-up.

    For group:ID every line behind each of the group's figures.
    """
    with network(config) as (settings, store):
        if who.startswith("group:"):
            return _group(settings, store, who.removeprefix("group:"), today, as_json=as_json)
        item = _follow_up(store, who)
        document = _task(item) if item else _person(settings, store, who, today, everything=everything)
    if as_json:
        print_json({name: value for name, value in document.items() if name != "text"})
    else:
        click.echo(document["text"])
    return 0


def _follow_up(store: Store, key: str) -> FollowUp | None:
    from people.store import follow_ups  # noqa: PLC0415 - not needed for --help

    if not _KEY.fullmatch(key):
        return None
    with store.read() as connection:
        return follow_ups.find(connection, key)


def _task(item: FollowUp) -> dict[str, Any]:
    from flows.cli.commands.follow_ups import document  # noqa: PLC0415
    from people.text import for_terminal  # noqa: PLC0415

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
    return {"follow_up": document(item), "text": "\n".join(_safe(line, for_terminal) for line in lines)}


def _group(settings: Settings, store: Store, group: str, today: date | None, *, as_json: bool) -> int:
    from flows.pages import group_trace  # noqa: PLC0415 - not needed for --help
    from flows.run.look import support_now  # noqa: PLC0415

    document = group_trace.trace(support_now(settings, store, today), group)
    if as_json:
        print_json(document)
    else:
        click.echo(group_trace.shown(document))
    return 0


def _person(
    settings: Settings, store: Store, who: str, today: date | None, *, everything: bool
) -> dict[str, Any]:
    from flows.cli.commands.follow_ups import document  # noqa: PLC0415
    from flows.run.facts.fact_sources import sources_of  # noqa: PLC0415
    from flows.run.look import look  # noqa: PLC0415
    from people.store import follow_ups, lookup  # noqa: PLC0415
    from people.store.resolving import persons  # noqa: PLC0415
    from people.text import for_terminal  # noqa: PLC0415
    from rules.engine.showing.explain import explain_person  # noqa: PLC0415

    with store.read() as connection:
        person = lookup.one(connection, who)
        records = persons.records(connection, [person]).get(person, [])
        tasks = [item for item in follow_ups.listed(connection, closed=True) if item.person_id == person]
    seen = look(settings, store, today, ids=[person])
    people = seen.people
    sources = sources_of(store, people.happened, people.met, [person], people.ledger)[person]
    row = people.facts.row(0, named=True)
    told = explain_person(seen.rules, row, seen.today, sources=sources.get)
    lines = [told.render(matched_only=not everything), "", f"known from: {', '.join(records)}"]
    lines += [f"  {field}: {source}" for field, source in sources.items() if field in _SHOWN]
    lines += [f"{task.status}: {task.title}, due {task.due}  {task.reason}  {task.key[:8]}" for task in tasks]
    if not everything:
        lines.append("Rules that did not match, and why not: add --all")
    return {
        "person_id": person,
        "records": records,
        "evidence": sources,
        **told.as_json(),
        "follow_ups": [document(task) for task in tasks],
        "text": "\n".join([lines[0], *(_safe(line, for_terminal) for line in lines[1:])]),
    }


_SHOWN = ("name", "organisation", "title", "emails", "phones", "birthday", "last_contact", "next_meeting")


def _safe(line: str, escape: Any) -> str:  # noqa: ANN401 - a function on text
    indent = len(line) - len(line.lstrip())
    return " " * indent + str(escape(line))
