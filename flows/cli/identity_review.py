"""Answer the questions about who is who on a terminal: one by one, with a way back, or many at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from itertools import combinations
from typing import Literal

import click

from flows.cli.console import plural
from flows.cli.screens import identity as screen
from flows.pages.identity_words import LIKELY
from people.identity.overrides import RecordPair, across
from people.store import Store
from people.store.resolving import questions as asked
from people.store.resolving.questions import Question

Verdict = Literal["always", "never"]
Decide = Callable[[Verdict, Sequence[RecordPair]], None]
Undo = Callable[[Sequence[RecordPair]], None]


class Session:
    """One sitting: the questions, and the answers so far, so that each can be taken back.

    ``decide`` writes a decision and resolves, ``undo`` takes it back.
    """

    def __init__(self, store: Store, region: str, today: date, decide: Decide, undo: Undo) -> None:
        self.store, self.region, self.today = store, region, today
        self.decide, self.undo = decide, undo
        self.answers: list[list[RecordPair] | None] = []
        """What each answer wrote; None for a question that an earlier answer had settled."""

    def run(self, questions: Sequence[Question], *, figures: bool) -> None:
        """Ask until all are answered or the user stops. A list may be asked one by one."""
        at, questions = 0, list(questions)
        while at < len(questions):
            question = questions[at]
            if len(self.answers) <= at and not self._is_open(question):
                self.answers.append(None)
                at += 1
                continue
            shown = screen.question(question, self.region, figures=figures)
            click.echo(f"\n{at + 1} of {len(questions)}\n{shown}")
            prompt, choices = _LIST_PROMPT if question.rows else _PROMPT
            answer = click.prompt(prompt, type=click.Choice(list(choices)), show_choices=False)
            if answer == "q":
                return
            if answer == "o":
                questions[at : at + 1] = question.rows
                continue
            at = self._step(questions, at, answer)

    def _step(self, questions: Sequence[Question], at: int, answer: str) -> int:
        """Carry out an answer; returns where to go on."""
        if answer == "b":
            return self._back(at)
        if answer == "a":
            return self._answer_many(questions, at)
        self._answer(questions[at], answer)
        return at + 1

    def _is_open(self, question: Question) -> bool:
        with self.store.read() as connection:
            return asked.is_open(connection, question)

    def _answer(self, question: Question, answer: str) -> None:
        if answer == "l":
            with self.store.begin() as connection:
                asked.answer_later(connection, [question.key], self.today)
            self.answers.append([])
            return
        if question.rows:
            self._answer_list(question.rows, _numbers(len(question.rows)) if answer == "e" else set())
            return
        pairs = joined(question) if answer == "s" else _parted(question)
        self.decide("always" if answer == "s" else "never", pairs)
        self.answers.append(pairs)

    def _answer_list(self, rows: Sequence[Question], two: Collection[int]) -> None:
        """Answer *same* to all rows of a list, but *different* to those with the numbers ``two``."""
        never = [pair for at, row in enumerate(rows, 1) if at in two for pair in _parted(row)]
        always = [pair for at, row in enumerate(rows, 1) if at not in two for pair in joined(row)]
        if never:
            self.decide("never", never)
        self.decide("always", always)
        self.answers.append(never + always)

    def _answer_many(self, questions: Sequence[Question], at: int) -> int:
        """Answer *same* to this question and the next ones that are as likely; returns where to go on."""
        least = min(questions[at].worth, LIKELY)
        end = next(
            (n for n in range(at, len(questions)) if questions[n].worth < least or questions[n].rows),
            len(questions),
        )
        if not click.confirm(f"Is each of these {plural(end - at, 'question')} one person?", default=False):
            return at
        groups = [joined(question) for question in questions[at:end]]
        self.decide("always", [pair for group in groups for pair in group])
        self.answers += groups
        return end

    def _back(self, at: int) -> int:
        """Take the last answer back; returns where to go on."""
        if all(answer is None for answer in self.answers):
            click.echo("This is the first question.")
            return at
        while (pairs := self.answers.pop()) is None:
            at -= 1
        if pairs:
            self.undo(pairs)
        return at - 1


_PROMPT = "[s]ame, [d]ifferent, [a]ll as likely are same, [l]ater, [b]ack, [q]uit", "sdalbq"
_LIST_PROMPT = "[s]ame, each of them, [e]xcept some, [o]ne by one, [l]ater, [b]ack, [q]uit", "seolbq"


def _numbers(most: int) -> set[int]:
    """Ask for the numbers of rows, up to ``most``, until all are numbers of rows."""
    while True:
        words = click.prompt("The numbers of those who are two people").replace(",", " ").split()
        numbers = {int(word) for word in words if word.isdecimal()}
        if len(words) == len(numbers) and all(1 <= number <= most for number in numbers):
            return numbers
        click.echo(f"Give numbers from 1 to {most}, with a space between them.")


def _parted(question: Question) -> list[RecordPair]:
    """The pairs that make the people of a question different; cards of one person stay one person."""
    return [pair for one, other in combinations(question.sides, 2) for pair in across(one, other)]


def joined(question: Question) -> list[RecordPair]:
    """The pairs that make all cards of a question one person."""
    first, *others = [card.record for card in question.cards]
    return across([first], others)
