"""Answer the questions about who is who on a terminal: one by one, with a way back, or many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
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
        self.answers: list[list[RecordPair]] = []

    def run(self, questions: Sequence[Question], *, figures: bool) -> None:
        """Ask until all are answered or the user stops."""
        at = 0
        while at < len(questions):
            question = questions[at]
            if len(self.answers) <= at and not self._is_open(question):
                self.answers.append([])
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
                asked.put_off_until_asked(connection, [question.key], self.today)
            self.answers.append([])
            return
        cards = [card.record for card in question.cards]
        if answer == "s":
            pairs = _joined(question)
        else:
            pairs = [pair for at, one in enumerate(cards) for pair in across([one], cards[at + 1 :])]
        self.decide("always" if answer == "s" else "never", pairs)
        self.answers.append(pairs)

    def _answer_many(self, questions: Sequence[Question], at: int) -> int:
        """Answer *same* to this question and the next ones that are as likely; returns where to go on."""
        least = min(questions[at].worth, LIKELY)
        end = next((n for n in range(at, len(questions)) if questions[n].worth < least), len(questions))
        if not click.confirm(f"Is each of these {plural(end - at, 'question')} one person?", default=False):
            return at
        groups = [
            across([q.cards[0].record], [card.record for card in q.cards[1:]]) for q in questions[at:end]
        ]
        self.decide("always", [pair for group in groups for pair in group])
        self.answers += groups
        return end

    def _back(self, at: int) -> int:
        """Take the last answer back; returns where to go on."""
        if not self.answers:
            click.echo("This is the first question.")
            return at
        pairs = self.answers.pop()
        if pairs:
            self.undo(pairs)
        return at - 1


_PROMPT = "[s]ame, [d]ifferent, [a]ll as likely are same, [l]ater, [b]ack, [q]uit"


def _joined(question: Question) -> list[RecordPair]:
    """The pairs that make all cards of a question one person."""
    first, *others = [card.record for card in question.cards]
    return across([first], others)
