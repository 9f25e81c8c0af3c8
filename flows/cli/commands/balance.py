"""``touchbase balance``: who gives and who receives, by person and by group."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import click

from flows.cli.console import judging_options, show
from flows.cli.table import table
from flows.pages.documents.balance import BalanceDocument, PersonBalance
from flows.pages.documents.balance import balance as balance_document
from flows.run.look import support_at
from people.text import fold


@click.command(epilog="Example: touchbase balance rhys   (every line behind his balance)")
@click.argument("who", default="", metavar="[WHO]")
@judging_options
def balance(who: str, config: Path, today: date | None, *, as_json: bool) -> int:
    """Show what you gave and received in the last year. WHO limits it to matching names."""
    document = balance_document(support_at(config, today))
    words = fold(who).split()
    people = tuple(person for person in document.people if _matches(person, words))
    document = document.model_copy(update={"people": people})
    return show(document, lambda: _shown(document, detailed=bool(words)), as_json=as_json)


def _matches(person: PersonBalance, words: Iterable[str]) -> bool:
    text = fold(f"{person.person} {person.person_id}")
    return all(word in text for word in words)


def _shown(document: BalanceDocument, *, detailed: bool) -> str:
    if not document.people:
        return "The ledger is empty. Add a line: touchbase log WHO KIND --direction given"
    headers = ("person", "given", "received", "balance", "referrals out/in", "warning")
    rows = [
        (
            one.person, one.given, one.received, f"{one.balance:+}",
            f"{one.referrals_given}/{one.referrals_received}", one.warning,
        )
        for one in document.people
    ]  # fmt: skip
    lines = [table(headers, rows)]
    if document.groups and not detailed:
        by_group = [(g.group, g.given, g.received, f"{g.balance:+}") for g in document.groups]
        lines += ["", table(("group", "given", "received", "balance"), by_group)]
    if detailed:
        lines += ["", _details(document.people)]
    return "\n".join(lines)


def _details(people: Iterable[PersonBalance]) -> str:
    rows = [
        (
            one.person, line.date, line.kind, line.direction, "news" if line.news else line.weight,
            line.group, line.note, line.place,
        )
        for one in people
        for line in one.lines
    ]  # fmt: skip
    return table(("person", "date", "kind", "direction", "weight", "group", "note", "line"), rows)
