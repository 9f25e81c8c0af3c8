"""``touchbase inbox``: lines of the inbox and the journal that could not be placed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from flows.cli.choosing import can_ask, choose, command_line
from flows.cli.commands.add import source_for_new_people
from flows.cli.console import network_options, plural, print_json
from flows.cli.table import fitting, wrapped
from flows.cli.who import Candidate, candidates, listed, person_named
from flows.pages.documents.inbox import InboxDocument, PossiblePerson
from flows.run.capture import inbox as lines
from flows.run.capture.inbox import Waiting
from flows.run.context import Context, clock, network
from flows.settings.model import Settings
from people.errors import UserMustAct
from people.store import Store, lookup
from people.text import one_line


@click.command(epilog="Example: touchbase inbox inbox.txt:3 'Anna Berg'")
@click.argument("line", default="", metavar="[LINE]")
@click.argument("who", default="", metavar="[WHO]")
@click.option("--new", is_flag=True, help="Add a new person as LINE describes them.")
@click.option("--aside", is_flag=True, help="Set LINE aside: it does not count, and is not shown again.")
@network_options
def inbox(line: str, who: str, config: Path, *, new: bool, aside: bool, as_json: bool) -> int:
    """Show the lines that could not be placed, and the people they may mean.

    On a terminal, place them one by one. LINE (such as inbox.txt:3) and WHO place one line. No file changes.
    """
    if bool(line) != bool(who or new or aside) or sum(map(bool, (who, new, aside))) > 1:
        raise click.UsageError("Name a LINE with WHO, --new or --aside; or nothing, to see all lines.")
    with network(config) as (settings, store):
        today, moment = clock(settings, None)
        desk = _Desk(Context(settings, store, today, moment), config)
        if line:
            desk.decide(line, who, new=new, aside=aside)
            return 0
        found = [desk.shown(one) for one in lines.waiting(settings, store)]
        if as_json:
            print_json([one.document() for one in found])
        elif not found:
            click.echo("Nothing waits. Every line of the inbox and the journal is placed.")
        elif can_ask():
            desk.ask(found)
        else:
            click.echo("\n\n".join(one.text(today) for one in found))
    return 0


@dataclass(frozen=True)
class _Shown:
    """A line with what is shown of it. ``meant`` is False if the people only have a similar name."""

    waiting: Waiting
    people: Sequence[Candidate]
    meant: bool

    @property
    def problem(self) -> str:
        """What is unclear."""
        if self.waiting.who is None:
            return self.waiting.problem
        if self.meant:
            return f"'{self.waiting.who}' may mean {plural(len(self.people), 'person', 'people')}"
        return f"no one matches '{self.waiting.who}'{'; similar names' if self.people else ''}"

    @property
    def next(self) -> str:
        """The ready command."""
        if self.waiting.who is None:
            return command_line("inbox", self.waiting.where, "--aside")
        return command_line("inbox", self.waiting.where, self.people[0].id if self.meant else "--new")

    def document(self) -> InboxDocument:
        """The line as JSON."""
        people = [PossiblePerson.filled(one, organisation=one.firm) for one in self.people]
        own = {"line": self.waiting.text, "problem": self.problem, "candidates": people, "next": self.next}
        return InboxDocument.filled({}, where=self.waiting.where, **own)

    def text(self, today: date, *, numbered: bool = False) -> str:
        """The line, what is unclear, the candidates, and (unless the user is asked) the ready command."""
        help_text = f"; {self.waiting.help}" if self.waiting.help else ""
        parts = [
            click.style(fitting(f"{self.waiting.where}: {self.waiting.text}"), bold=True),
            wrapped(f"{self.problem}{help_text}", "  "),
        ]
        if self.people:
            parts.append(listed(self.people, today, numbered=numbered))
        if not numbered:
            parts.append(f"  {self.next}")
        return "\n".join(parts)


@dataclass(frozen=True)
class _Desk:
    """Places lines, as the user says."""

    context: Context
    config: Path

    @property
    def settings(self) -> Settings:
        return self.context.settings

    @property
    def store(self) -> Store:
        return self.context.store

    def shown(self, one: Waiting) -> _Shown:
        """Add the candidates."""
        if one.who is None:
            return _Shown(one, (), meant=False)
        with self.store.read() as connection:
            meant = bool(lookup.meant(connection, one.who))
        return _Shown(one, candidates(self.settings, self.store, one.who, self.context.today), meant)

    def decide(self, where: str, who: str, *, new: bool, aside: bool) -> None:
        """Place the line at ``where``. Raises ``UserMustAct`` if there is none that waits."""
        found = [one for one in lines.waiting(self.settings, self.store) if one.where == where]
        if not found:
            raise UserMustAct(f"no line waits at '{one_line(where)}'", help="see them: touchbase inbox")
        if aside:
            self.set_aside(found[0])
        elif new:
            self.add(found[0])
        else:
            self.place(found[0], person_named(self.settings, self.store, who, self.context.today), who)

    def place(self, one: Waiting, person: str, name: str) -> None:
        """Link a line to a person. Raises ``UserMustAct`` if the line does not say what happened."""
        self._check_readable(one)
        lines.place(self.context, one, person)
        click.echo(f"{one.where} is about {one_line(name)}. It counts from the next run: touchbase run")

    def add(self, one: Waiting) -> None:
        """Add the new person of a line. Raises ``UserMustAct`` if the line does not say what happened."""
        self._check_readable(one)
        if one.person is None or "@" in one.person.name:
            raise UserMustAct(f"{one.where} does not name a new person", help="add the person: touchbase add")
        source = source_for_new_people(self.config, yes=False)
        path = lines.place_new(self.context, source, one, one.person)
        click.echo(f"Added {one.person.name}: {path}. It counts from the next run: touchbase run")

    def set_aside(self, one: Waiting) -> None:
        """Set a line aside."""
        lines.place(self.context, one, None)
        click.echo(f"Set {one.where} aside. The file stays as it is.")

    def _check_readable(self, one: Waiting) -> None:
        if one.who is None:
            raise UserMustAct(f"{one.where}: {one.problem}", help=f"edit the line: {one.help}")

    def ask(self, found: Sequence[_Shown]) -> None:
        """Ask about each line."""
        click.echo(f"{plural(len(found), 'line')} to place. No file changes.")
        for one in found:
            click.echo(f"\n{one.text(self.context.today, numbered=True)}")
            others = {"a": "set aside", "l": "later", "q": "quit"}
            if one.waiting.who is not None:
                others = {"n": "a new person", **others}
            answer = choose(one.people, others)
            if answer == "q":
                return
            if isinstance(answer, Candidate):
                self.place(one.waiting, answer.id, answer.name)
            elif answer == "n":
                self.add(one.waiting)
            elif answer == "a":
                self.set_aside(one.waiting)
