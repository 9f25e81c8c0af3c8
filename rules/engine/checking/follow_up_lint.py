"""Warnings about follow-ups: titles that do not say who, days that may be missing, rations of nothing."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.checking.implication import holds_for_nothing
from rules.engine.language.decisions import FOLLOW_UP
from rules.engine.language.problems import Code, RuleProblem, problem_at
from rules.engine.language.ruleset import FollowUpEffect, Rule, Tests
from rules.engine.language.templates import Slot, Template

_AHEAD = {"next_birthday": ("days_until_birthday", "turns"), "next_meeting": ("days_until_meeting",)}
"""The days that lie ahead, each with the facts that are missing when it is."""


def follow_up_warnings(rule: Rule) -> Iterator[RuleProblem]:
    """Yield the warnings about the follow-up of one rule."""
    effect = rule.then.get(FOLLOW_UP)
    if effect is None:
        if rule.ration is not None:
            message = f"the rule '{rule.id}' asks for no follow-up, so there is nothing to ration"
            yield _at(rule, "no-ration", message, "remove 'at_most', or write it as a number, like 25")
        return
    yield from _nameless(rule, effect)
    yield from _late(rule, effect)
    yield from _unsure(rule, effect)


def _nameless(rule: Rule, effect: FollowUpEffect) -> Iterator[RuleProblem]:
    """Several people share a first name, and a task is read far from its details."""
    wanted = "name" if rule.subject == "person" else str(effect.ask)
    slots = {part.field for part in effect.title.parts if isinstance(part, Slot)}
    in_parts = rule.subject == "person" and "family_name" in slots and slots & {"first_name", "given_name"}
    if wanted not in slots and not in_parts:
        anybody = "be any Sophie" if slots & {"first_name", "given_name"} else "mean anybody"
        message = (
            f"a title should say {{{wanted}}}: in a list of tasks '{_example(effect.title)}' may {anybody}"
        )
        yield _at(rule, "nameless-title", message, f"write {{{wanted}}} in it")


def _example(title: Template) -> str:
    """Return the title for somebody called Sophie, with all other fields as written."""
    words = {"first_name": "Sophie", "given_name": "Sophie"}
    return "".join(
        words.get(part.field, f"{{{part.field}}}") if isinstance(part, Slot) else part for part in title.parts
    )


def _late(rule: Rule, effect: FollowUpEffect) -> Iterator[RuleProblem]:
    if effect.within is not None and effect.due_on is None and effect.due > effect.within:
        message = f"it is due after {effect.due} days, but useful only within {effect.within}"
        yield _at(rule, "due-too-late", message, "lower 'due', or raise 'within'")


def _unsure(rule: Rule, effect: FollowUpEffect) -> Iterator[RuleProblem]:
    day = effect.due_on
    if day is None or (day in _AHEAD and rule.when and all(_implies_day(tests, day) for tests in rule.when)):
        return
    if day in _AHEAD:
        message = f"the rule '{rule.id}' asks for nothing when '{day}' is missing"
        yield _at(rule, "unsure-day", message, f"add '{day}|exists: true' to every block of 'when'")
    else:
        ahead = ", ".join(_AHEAD) if rule.subject == "person" else "a length of time, such as 3d"
        message = f"the rule '{rule.id}' asks for nothing after the day '{day}'"
        yield _at(rule, "unsure-day", message, f"use a day that lies ahead: {ahead}")


def _implies_day(tests: Tests, day: str) -> bool:
    """Whether tests that hold for a row imply that the row has this day."""
    return any(test.field in (day, *_AHEAD[day]) and not holds_for_nothing(test) for test in tests)


def _at(rule: Rule, code: Code, message: str, help_: str) -> RuleProblem:
    place = (rule.place.line, rule.place.column)
    return problem_at(rule.place.file, place, code, message, help_, severity="warning")
