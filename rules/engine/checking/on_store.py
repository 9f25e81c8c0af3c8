"""Warnings that need the people in the store: rules that always lose, and values that nobody has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

import polars as pl

from people.text import fold, nearest
from rules.engine.checking.upgrading import is_bundled
from rules.engine.judging.combine import winners
from rules.engine.judging.judge import Judgement
from rules.engine.language.card_values import FromCard
from rules.engine.language.decisions import decisions_of, wins_alone
from rules.engine.language.problems import RuleProblem, problem_at
from rules.engine.language.ruleset import Rule, Test, Tests

MOST_KNOWN = 5_000
"""Among more values than this, the nearest is not looked for: it would take seconds."""
LIKE_A_SLIP = 0.8
"""From this likeness on, a word in a list of known words is taken for a slip."""

_UNSEEN = {
    "labels": "no card has the label '{}'",
    "city": "no card has the city '{}'",
    "country": "no card has the country '{}'",
    "organisation": "no card has the organisation '{}'",
    "groups": "nobody is in the group '{}'",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """A rule whose value for one key never stands: another rule decides first for all ``count`` people."""

    rule: Rule
    key: str
    count: int
    winners: Mapping[str, int]

    @property
    def sole(self) -> bool:
        """Whether the rule decides nothing else, so that it has no effect at all."""
        return self.rule.then.keys() == {self.key}

    def to(self, judgement: Judgement) -> str:
        """Return the rules it loses to, each with its place, the most frequent first."""
        places = {rule.id: rule.place for rule in judgement.ruleset.of(judgement.subject)}
        return ", ".join(f"{name} ({places[name]})" for name, _ in Counter(self.winners).most_common(3))


def is_starter(judgement: Judgement, rule: Rule) -> bool:
    """Whether the rule came with Touchbase, rather than from the user."""
    name = rule.place.file.rpartition("/")[2]
    return rule.place.file in judgement.ruleset.starter or is_bundled(name)


def losses(judgement: Judgement) -> Iterator[Loss]:
    """Yield each key of a rule that loses to others wherever the rule matches.

    A rule that loses to one with the same value has its way all the same.
    """
    rules = judgement.ruleset.about(judgement.subject)
    for key, decision in decisions_of(judgement.subject).items():
        if not wins_alone(decision):
            continue
        first = winners(rules, judgement.masks, key, judgement.frame.height)
        for number, rule in enumerate(rules):
            if isinstance(rule.then.get(key), FromCard):
                continue  # the next rule decides where the card names no value
            count = judgement.masks[rule.id].sum() if key in rule.then else 0
            if not count:
                continue
            others = first.filter(judgement.masks[rule.id] & (first != number))
            found = Counter(others.to_list())
            lost = {
                rules[one].id: people
                for one, people in found.items()
                if rules[one].then[key] != rule.then[key]
            }
            if sum(lost.values()) == count:
                yield Loss(rule, key, int(count), lost)


def store_warnings(judgement: Judgement) -> list[RuleProblem]:
    """Return the warnings that the people of a judgement give about the user's own rules."""
    ruleset = judgement.ruleset
    mine = [rule for rule in ruleset.of("person") if not is_starter(judgement, rule)]
    ids = {rule.id for rule in mine}
    found = [_losing(judgement, loss) for loss in losses(judgement) if loss.rule.id in ids]
    # What no group is called, the files alone say.
    told = {one.place for one in ruleset.problems if one.code == "undeclared-group"}
    blocks = [tests for rule in mine for tests in (*rule.when, *rule.unless)]
    blocks += [tests for group in ruleset.groups for tests in group.members]
    return [*found, *(one for one in _unseen(judgement.frame, blocks) if one.place not in told)]


def _losing(judgement: Judgement, loss: Loss) -> RuleProblem:
    place = loss.rule.place
    people = "person" if loss.count == 1 else "people"
    message = (
        f"for {loss.count} of {loss.count} {people} it matches, {loss.to(judgement)} decides {loss.key} first"
    )
    help_ = f"add to this rule: instead_of: [{', '.join(loss.winners)}]"
    phases = {rule.id: rule.phase for rule in judgement.ruleset.about("person")}
    if any(phases[name] != loss.rule.phase for name in loss.winners):
        help_ = f"switch the other off: write 'without: [{', '.join(loss.winners)}]' at the top of the file"
    at = (place.line, place.column)
    return problem_at(place.file, at, "loses", message, help_, severity="warning")


def _unseen(frame: pl.DataFrame, blocks: Iterable[Tests]) -> Iterator[RuleProblem]:
    known: dict[str, dict[str, str]] = {}
    for test in (test for tests in blocks for test in tests):
        if test.test == "is" and test.field in _UNSEEN:
            if test.field not in known:
                known[test.field] = _values(frame, test.field)
            yield from _unseen_values(test, known[test.field])


def _values(frame: pl.DataFrame, field: str) -> dict[str, str]:
    """Return the values of a field in the store: as they are written, by how tests compare them."""
    if field not in frame.columns:
        return {}
    column = frame.get_column(field)
    values = column.explode() if column.dtype == pl.List else column
    return {fold(value): value for value in values.drop_nulls().unique().sort()}


def _unseen_values(test: Test, known: Mapping[str, str]) -> Iterator[RuleProblem]:
    """Yield a warning for each value that nobody has, if it is a slip or none of the values is known."""
    missing = [value for value in test.values if value not in known]
    none_known = len(missing) == len(test.values)
    for value in missing:
        near = nearest(value, known) if len(known) <= MOST_KNOWN else None
        likeness = SequenceMatcher(a=value, b=near).ratio() if near else 0
        if not known or not (none_known or likeness >= LIKE_A_SLIP):
            continue
        message = _UNSEEN[test.field].format(value)
        help_ = f"nearest: {known[near]}" if near else "check the spelling; or is it yet to come?"
        at = (test.place.line, test.place.column)
        yield problem_at(test.place.file, at, "unseen-value", message, help_, severity="warning")
