"""Answer the questions about who is who on a terminal: one by one, with a way back, or many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
        """Ask until all are answered or the user stops."""
        at = 0
        while at < len(questions):
            question = questions[at]
            if len(self.answers) <= at and not self._is_open(question):
                self.answers.append(None)
                at += 1
                continue
            shown = screen.question(question, self.region, figures=figures)
            click.echo(f"\n{at + 1} of {len(questions)}\n{shown}")
            answer = click.prompt(_PROMPT, type=click.Choice(list("sdalbq")), show_choices=False)
            if answer == "q":
                return
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
        if answer == "s":
            pairs = _joined(question)
        else:
            # Cards of one person stay one person.
            sides = combinations(question.sides, 2)
            pairs = [pair for one, other in sides for pair in across(one, other)]
        self.decide("always" if answer == "s" else "never", pairs)
        self.answers.append(pairs)

    def _answer_many(self, questions: Sequence[Question], at: int) -> int:
        """Answer *same* to this question and the next ones that are as likely; returns where to go on."""
        least = min(questions[at].worth, LIKELY)
        end = next((n for n in range(at, len(questions)) if questions[n].worth < least), len(questions))
        if not click.confirm(f"Is each of these {plural(end - at, 'question')} one person?", default=False):
            return at
        groups = [_joined(question) for question in questions[at:end]]
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


_PROMPT = "[s]ame, [d]ifferent, [a]ll as likely are same, [l]ater, [b]ack, [q]uit"


def _joined(question: Question) -> list[RecordPair]:
    """The pairs that make all cards of a question one person."""
    first, *others = [card.record for card in question.cards]
    return across([first], others)
