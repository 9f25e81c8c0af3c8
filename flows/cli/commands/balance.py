"""``touchbase balance``: who gives and who receives, by person and by group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import click

from flows.cli.console import judging_options, show
from flows.cli.table import Column, table, wrapped
from flows.pages.documents.balance import BalanceDocument, PersonBalance
from flows.pages.documents.balance import balance as balance_document
from flows.run.look import support_at
from people.days import short_day
from people.text import fold

_PEOPLE = (
    Column("", least=16),
    Column("given", right=True),
    Column("received", right=True),
    Column("balance", right=True),
    Column("warning", least=12, drop=2),
    Column("referrals", least=20, drop=1),
)
_GROUPS = (
    Column("", least=16), Column("given", right=True), Column("received", right=True),
    Column("balance", right=True),
)  # fmt: skip
_LINES = (
    Column("", least=11),
    Column("", least=10),
    Column("", least=13),
    Column("counts", right=True),
    Column("note", least=16),
    Column("group", drop=2),
    Column("line", least=12, drop=1),
)


@click.command(epilog="Example: touchbase balance rhys   (every line behind his balance)")
@click.argument("who", default="", metavar="[WHO]")
@judging_options
def balance(who: str, config: Path, today: date | None, *, as_json: bool) -> int:
    """Show what you gave and received in the last year. WHO limits it to matching names."""
    document = balance_document(support_at(config, today))
    words = fold(who).split()
    people = tuple(person for person in document.people if _matches(person, words))
    text = _shown(document.model_copy(update={"people": people}), who)
    document = document.model_copy(update={"people": people})
    return show(document, lambda: "\n".join(text), as_json=as_json)


def _matches(person: PersonBalance, words: Iterable[str]) -> bool:
    text = fold(f"{person.person} {person.person_id}")
    return all(word in text for word in words)


def _shown(document: BalanceDocument, who: str) -> Iterator[str]:
    if not document.people:
        what = f"of '{who}' " if who else ""
        yield wrapped(
            f"Nothing given or received {what}is on record. "
            "Add a line: touchbase log WHO KIND --direction given"
        )
        return
    yield table(_PEOPLE, map(_row, document.people))
    for person in document.people if who.strip() else ():
        yield f"\n{click.style(wrapped(person.person), bold=True)}"
        yield table(_LINES, _lines(person, document.today))
    if document.groups and not who.strip():
        rows = [(g.group, g.given, g.received, _signed(g.balance)) for g in document.groups]
        yield f"\n{table(_GROUPS, rows)}"
    yield ""
    weights = ", ".join(f"{kind} {weight:g}" for kind, weight in document.weights.items() if weight)
    yield wrapped(f"Points of the last {document.window_days} days: {weights} (weights: in your rules).")


def _row(one: PersonBalance) -> tuple[object, ...]:
    referrals = f"{one.referrals_given} given, {one.referrals_received} received"
    return one.person, one.given, one.received, _signed(one.balance), one.warning, referrals


def _signed(balance: float) -> str:
    return f"{balance:+}" if balance else "0"


def _lines(person: PersonBalance, today: date) -> Iterator[tuple[object, ...]]:
    for line in person.lines:
        counts = "news" if line.news else line.weight
        yield (
            short_day(line.date, today), line.direction, line.kind, counts, line.note, line.group, line.place
        )  # fmt: skip
